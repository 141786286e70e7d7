"""The registry: every way in which a raw file can be wrong has an error that says what to do."""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from parsimony.data import registry
from parsimony.data.biomedical_network import VERSION_1
from parsimony.data.cards import DATASETS
from parsimony.data.registry import DataError, Entry, entries, entry, fetch

MIRROR = os.environ.get("PARSIMONY_MIRROR", "")
needs_mirror = pytest.mark.skipif(not MIRROR, reason="PARSIMONY_MIRROR is not set, so the raw files are not here")
CONTENT = b"head\trelation\ttail\n"


def listed(path: str = "small.txt", content: bytes = CONTENT, url: str = "http://127.0.0.1:9/small.txt") -> Entry:
    return Entry("group", path, hashlib.sha256(content).hexdigest(), len(content), url, "MIT", "nobody")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARSIMONY_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mirror" / "group").mkdir(parents=True)
    return tmp_path / "mirror" / "group"


def test_a_file_of_the_mirror_is_returned(mirror: Path) -> None:
    """The mirror is asked first."""
    (mirror / "small.txt").write_bytes(CONTENT)
    assert CONTENT == fetch(listed()).read_bytes()


def test_a_wrong_digest_is_refused(mirror: Path) -> None:
    """A file of the right size with other content is named with both digests."""
    (mirror / "small.txt").write_bytes(CONTENT[::-1])
    with pytest.raises(DataError, match=r"SHA-256 .* expected .* parsimony data fetch group/small.txt"):
        fetch(listed())


def test_a_truncated_file_is_refused(mirror: Path) -> None:
    """A file that is too short is named with both sizes."""
    (mirror / "small.txt").write_bytes(CONTENT[:5])
    with pytest.raises(DataError, match="truncated: 5 bytes, expected 19"):
        fetch(listed())


def test_a_missing_file_without_network_says_what_to_do(mirror: Path) -> None:
    """Neither cache nor mirror nor address: the message names all and the way out."""
    with pytest.raises(DataError, match=r"is missing: .*mirror.* does not exist.*cache.*127.0.0.1.*PARSIMONY_MIRROR"):
        fetch(listed())


class Quiet(SimpleHTTPRequestHandler):
    """A server that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the local address under which it is served."""
    folder = tmp_path / "served"
    (folder / "group").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder / "group", f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and no mirror."""
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PARSIMONY_MIRROR", raising=False)
    return tmp_path / "cache"


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_download_lands_in_the_cache(served: tuple[Path, str], cache: Path) -> None:
    """A file of its public address is kept whole, and read again without the network."""
    folder, address = served
    (folder / "small.txt").write_bytes(CONTENT)
    first = fetch(listed(url=f"{address}/group/small.txt"))
    (folder / "small.txt").unlink()
    assert [first] == files_of(cache)
    assert CONTENT == fetch(listed(url=f"{address}/group/small.txt")).read_bytes()


@pytest.mark.parametrize("damaged", [CONTENT[:7], CONTENT[::-1]], ids=["truncated", "other content"])
def test_a_download_is_kept_only_whole(served: tuple[Path, str], cache: Path, damaged: bytes) -> None:
    """A file that arrives damaged never reaches the cache."""
    folder, address = served
    (folder / "small.txt").write_bytes(damaged)
    with pytest.raises(DataError, match=r"cannot be taken from .*Nothing was kept"):
        fetch(listed(url=f"{address}/group/small.txt"))
    assert [] == files_of(cache)


def test_a_mirror_may_be_an_address(served: tuple[Path, str], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror that is a URL is asked before the public address."""
    folder, address = served
    (folder / "small.txt").write_bytes(CONTENT)
    monkeypatch.setenv("PARSIMONY_MIRROR", f"{address}/")
    assert CONTENT == fetch(listed()).read_bytes()


def test_what_the_mirror_lacks_comes_from_its_public_address(
    served: tuple[Path, str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror need not hold every file."""
    folder, address = served
    (folder / "small.txt").write_bytes(CONTENT)
    monkeypatch.setenv("PARSIMONY_MIRROR", f"{address}/elsewhere")
    assert CONTENT == fetch(listed(url=f"{address}/group/small.txt")).read_bytes()


def test_the_mirror_goes_before_the_cache(mirror: Path, tmp_path: Path) -> None:
    """With a copy in both, the mirror's is read."""
    (mirror / "small.txt").write_bytes(CONTENT)
    (tmp_path / "cache" / "group").mkdir(parents=True)
    (tmp_path / "cache" / "group" / "small.txt").write_bytes(b"damaged")
    assert mirror / "small.txt" == fetch(listed())


def test_a_malformed_registry_is_named_with_its_line(tmp_path: Path) -> None:
    """A row without a number of bytes is refused with file and line."""
    path = tmp_path / "registry.tsv"
    path.write_text("group\tpath\tsha256\tbytes\turl\tlicence\tcitation\ng\tp\tabc\tmany\tu\tl\tc\n")
    with pytest.raises(DataError, match=r"registry.tsv, line 2"):
        entries(path)


def test_an_unknown_file_is_named() -> None:
    """A name that is not registered is refused."""
    with pytest.raises(DataError, match=r"no/such is not in data/registry\.tsv"):
        entry("no/such")


def test_embedded_files_have_their_digest() -> None:
    """The files inside PyKEEN, RDKit and scikit-learn are those that the registry lists."""
    found = [fetch(one) for one in entries().values() if one.group == registry.EMBEDDED]
    assert 9 + 2 + 1 == len(found)


def test_every_file_of_a_card_is_registered() -> None:
    """Cards name registered files only, each with a pinned address and terms."""
    names = {name for card in DATASETS.values() for name in card.files}
    assert set() == names - set(entries())
    assert all(one.url and one.licence and one.citation and len(one.sha256) == 64 for one in entries().values())


@needs_mirror
def test_the_mirror_holds_every_registered_file() -> None:
    """Each file lies in the mirror with its digest, but for all of Hetionet and photographs, which no run reads."""
    expected = [one for name, one in entries().items() if name != VERSION_1 and one.group != "images"]
    assert len(entries()) - 2 == len([fetch(one) for one in expected])
