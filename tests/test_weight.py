"""What a page weighs, counted by hand on a small site, and the limits."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from parsimony.book import weight

PAGE = """<link rel="stylesheet" href="s.css"><script src="a.js"></script><picture><source type="image/webp"
srcset="f-1.webp 540w, f-2.webp 1080w"><img src="f.png" alt="x"></picture><img src="g.png" alt="y">"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """One page with a style that names a font, a script, a figure in two widths and a plain picture."""
    book = tmp_path / "book"
    book.mkdir()
    for name, content in {
        "intro.html": PAGE, "s.css": "@import 'b.css';@font-face{src:url(t.woff2)}", "b.css": "b", "a.js": "x" * 5000,
        "t.woff2": "t" * 700,
        "f-1.webp": "n" * 100, "f-2.webp": "w" * 300, "f.png": "p" * 900, "g.png": "g" * 40,
    }.items():  # fmt: skip
        (book / name).write_text(content)
    return tmp_path


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_a_page_by_hand(site: Path) -> None:
    """Text compressed, the wide picture instead of the narrow one and of the PNG, font and import of the style."""
    book = site / "book"
    text = sum(zipped(book / name) for name in ("intro.html", "s.css", "b.css", "a.js"))
    assert text + 700 + 300 + 40 == weight.weight_of(book / "intro.html", site)


def test_mathematics_counts_with_its_fonts_but_not_its_extensions(site: Path) -> None:
    """The parts beside the script are fetched by it."""
    parts = site / "book" / "mathjax"
    (parts / "extensions").mkdir(parents=True)
    for name, size in (("startup.js", 10), ("a.woff", 50), ("extensions/b.js", 9000)):
        (parts / name).write_text("m" * size)
    page = site / "book" / "sums.html"
    page.write_text('<script src="mathjax/startup.js"></script>')
    assert zipped(page) + zipped(parts / "startup.js") + 50 == weight.weight_of(page, site)


def test_what_is_too_heavy_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page has a limit of its own."""
    assert [] == [*weight.too_heavy(site)]
    (site / "book" / "other.html").write_text(PAGE)
    monkeypatch.setattr(weight, "MOST_FIRST", 1000)
    (fault,) = weight.too_heavy(site)
    assert fault.startswith("book/intro.html: weighs 0.00 MB") and "make its figures smaller" in fault
