"""The registry of raw files: where each comes from, under which licence, and the digest that it must have.

`data/registry.tsv` lists them. A file is looked for in the user's cache, in `PARSIMONY_MIRROR` (a folder or a URL
that holds the same groups and paths), and at its public address, in this order; it is read only under its digest.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from parsimony.paths import DATA

EMBEDDED = "embedded"
PACKAGE = "package:"


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
    cached = cache_folder() / wanted.group / wanted.path
    if cached.is_file():
        return verify(cached, wanted)
    mirror = os.environ.get("PARSIMONY_MIRROR", "")
    if mirror and "://" not in mirror:
        mirrored = Path(mirror) / wanted.group / wanted.path
        return verify(mirrored, wanted) if mirrored.is_file() else _download(wanted, cached, wanted.url)
    url = f"{mirror.rstrip('/')}/{wanted.group}/{quote(wanted.path)}" if mirror else wanted.url
    return _download(wanted, cached, url)


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
        return "Install the pinned version of the package: pip install -c constraints.txt pykeen."
    return f"Delete the file and fetch it again: parsimony data fetch {wanted.name}."


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


def _download(wanted: Entry, target: Path, url: str) -> Path:
    """Download to a side folder, verify, then move into the cache."""
    import pooch

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        try:
            fetched = Path(pooch.retrieve(url, known_hash=None, path=folder, fname="part", progressbar=False))
        except Exception as error:  # whatever the connection says
            raise DataError(
                f"{wanted.name} is neither in the cache ({target}) nor to be had from {url}: {error}. "
                "Connect to the network, or set PARSIMONY_MIRROR to a folder that holds it."
            ) from error
        shutil.move(verify(fetched, wanted), target)
    return target
