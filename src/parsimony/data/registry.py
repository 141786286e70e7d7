"""The registry of raw files: where each comes from, under which licence, and the digest that it must have.

`data/registry.tsv` lists them. A file is looked for in `PARSIMONY_MIRROR` (a folder or a URL that holds the same
groups and paths), then at its public address; it is read only under its digest. What was downloaded stays in the
user's cache, which is read before any address is asked: a copy under its digest is the same wherever it came from.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from parsimony.paths import DATA

EMBEDDED = "embedded"
PACKAGE = "package:"
DISTRIBUTION = {"sklearn": "scikit-learn"}  # where pip knows a package under another name


class DataError(Exception):
    """A raw file is missing, damaged or malformed; the message names file, expected, found and what to do."""


@dataclass(frozen=True)
class Entry:
    """One raw file.

    Attributes:
        group: folder of the mirror, or "embedded" for a file inside an installed package.
        path: path below the group.
        sha256: digest that the file must have.
        bytes: its size.
        url: public address, pinned by commit; `package:NAME` for an embedded file.
        licence: licence or terms.
        citation: who made it.
    """

    group: str
    path: str
    sha256: str
    bytes: int
    url: str
    licence: str
    citation: str

    @property
    def name(self) -> str:
        """Group and path."""
        return f"{self.group}/{self.path}"


@cache
def entries(registry: Path = DATA / "registry.tsv") -> Mapping[str, Entry]:
    """Return every entry of a registry by its name `group/path`.

    Raises:
        DataError: if it is missing, a row has not seven fields, or a size is no number.
    """
    if not registry.is_file():
        raise DataError(f"{registry} is missing; restore it from the repository: git checkout -- data.")
    with registry.open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    found = {}
    for number, row in enumerate(rows, start=2):
        if len(row) != 7 or not row[3].isdigit():
            raise DataError(f"{registry}, line {number}: {len(row)} fields; expected 7, the fourth a number of bytes.")
        entry = Entry(*row[:3], int(row[3]), *row[4:])
        found[entry.name] = entry
    return found


def entry(name: str) -> Entry:
    """Return the entry of a file.

    Raises:
        DataError: if the registry does not list it.
    """
    if name not in entries():
        raise DataError(f"{name} is not in data/registry.tsv; `parsimony data list` shows what is.")
    return entries()[name]


def fetch(wanted: Entry) -> Path:
    """Return the path of a verified copy of a file, fetching it if necessary.

    Raises:
        DataError: if it cannot be had, or has another digest.
    """
    if wanted.group == EMBEDDED:
        return verify(_embedded_path(wanted), wanted)
    mirror = os.environ.get("PARSIMONY_MIRROR", "")
    is_address = "://" in mirror
    cached = cache_folder() / wanted.group / wanted.path
    folders = [Path(mirror) / wanted.group / wanted.path, cached] if mirror and not is_address else [cached]
    for path in folders:
        if path.is_file():
            return verify(path, wanted)
    mirrored = f"{mirror.rstrip('/')}/{quote(wanted.name)}"
    return _download(wanted, folders, [mirrored, wanted.url] if is_address else [wanted.url])


def cache_folder() -> Path:
    """Return where fetched files are kept: `PARSIMONY_CACHE`, or the user's cache folder."""
    import pooch

    return Path(os.environ.get("PARSIMONY_CACHE") or pooch.os_cache("parsimony"))


def verify(path: Path, wanted: Entry) -> Path:
    """Return `path` if it has the size and the digest of its entry.

    Raises:
        DataError: if not.
    """
    size = path.stat().st_size
    if size != wanted.bytes:
        kind = "truncated" if size < wanted.bytes else "too long"
        raise DataError(f"{path} is {kind}: {size} bytes, expected {wanted.bytes}. {_remedy(wanted)}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != wanted.sha256:
        raise DataError(f"{path} has SHA-256 {digest}, expected {wanted.sha256}. {_remedy(wanted)}")
    return path


def _remedy(wanted: Entry) -> str:
    if wanted.group == EMBEDDED:
        package = wanted.url.removeprefix(PACKAGE)
        return f"Install the pinned version: pip install -c constraints.txt {DISTRIBUTION.get(package, package)}."
    return f"Replace or delete the file, then fetch it again: parsimony data fetch {wanted.name}."


def _embedded_path(wanted: Entry) -> Path:
    """Find a file inside an installed package without importing the package."""
    package = wanted.url.removeprefix(PACKAGE)
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise DataError(f"{wanted.name} comes inside the package {package}, which is not installed; pip install it.")
    path = Path(found.origin).parent.parent / wanted.path
    if not path.is_file():
        raise DataError(f"{path} is missing from the package {package}. {_remedy(wanted)}")
    return path


def _download(wanted: Entry, sought: Sequence[Path], urls: Sequence[str]) -> Path:
    """Download from the first address that answers into the cache, the last of the places already sought.

    A file reaches its place in the cache only whole and verified.
    """
    target, failures = sought[-1], [f"{path} does not exist" for path in sought]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        for url in urls:
            try:
                os.replace(_retrieve(wanted, url, folder), target)
                return target
            except OSError as error:  # unreachable, or not there: the next address may have it
                failures.append(f"{url} gives {error}")
    raise DataError(
        f"{wanted.name} is missing: {'; '.join(failures)}. Expected {wanted.bytes} bytes with SHA-256 {wanted.sha256}. "
        "Connect to the network, or set PARSIMONY_MIRROR to a folder or address that holds it."
    )


def _retrieve(wanted: Entry, url: str, folder: str) -> str:
    """Download a file and let pooch compare its digest; errors of the connection pass through."""
    import pooch

    try:
        return pooch.retrieve(url, known_hash=f"sha256:{wanted.sha256}", path=folder, fname="part")
    except OSError:
        raise
    except ValueError as error:  # pooch: another digest, or an address it cannot read
        raise DataError(
            f"{wanted.name} cannot be taken from {url}: {error} Nothing was kept. "
            "Fetch it again later, or set PARSIMONY_MIRROR to a folder or address that holds the right file."
        ) from error
