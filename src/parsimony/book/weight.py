"""How much a reader's browser fetches for a page, as a web host sends it: text compressed, the rest as it is.

Counted are the page, every script, style and picture that it names (of a figure in two widths the wide one), the fonts
and styles that its styles name, and MathJax where there is mathematics: never less than what a browser asks for.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from parsimony.book.page_addresses import is_elsewhere, read_page

MOST_FIRST, MOST = 1_500_000, 3_000_000  # bytes: of the page that a reader meets first, of any other
FIRST = "book/intro.html"
COMPRESSED = (".html", ".css", ".js", ".json", ".svg")
NAMED = re.compile(r"(?:url\(|@import\s*)[\"']?([^)\"'?]+\.(?:woff2|css))")
MATHJAX = "mathjax"


def too_heavy(folder: Path) -> Iterator[str]:
    """Yield one line for each page of a site that weighs more than it may."""
    for remembered in (read_page, named_by, mathjax_files, sent):
        remembered.cache_clear()
    for path in sorted(folder.glob("book/**/*.html")):
        name = path.relative_to(folder).as_posix()
        most, found = (MOST_FIRST if name == FIRST else MOST), weight_of(path, folder)
        if found > most:
            size = f"{found / 1e6:.2f} MB, at most {most / 1e6:.1f} MB are meant"
            yield f"{name}: weighs {size}; make its figures smaller."


def weight_of(path: Path, folder: Path) -> int:
    """Return the bytes that a browser fetches for a page, at most."""
    return sum(map(sent, {path, *files_of(path, folder)}))


def files_of(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the files that a page makes a browser fetch."""
    page = read_page(path)
    for address in page.loads:
        if is_elsewhere(address) or address.startswith("data:") or address in page.spare:
            continue
        target = (path.parent / unquote(urlsplit(address).path)).resolve()
        if target.suffix == ".css":
            yield from named_by(target)
        if MATHJAX in target.parts:
            yield from mathjax_files(target.parent)
        yield target


@cache
def named_by(style: Path) -> tuple[Path, ...]:
    """Return the fonts that a style names and the styles that it imports."""
    named = NAMED.findall(style.read_text(encoding="utf-8"))
    found = ((style.parent / unquote(urlsplit(one).path)).resolve() for one in named)
    return tuple(path for path in found if path.is_file())


@cache
def mathjax_files(folder: Path) -> tuple[Path, ...]:
    """Return the parts of MathJax, without the extensions that hardly a page asks for."""
    return tuple(one for one in folder.rglob("*") if one.is_file() and "extensions" not in one.parts)


@cache
def sent(path: Path) -> int:
    """Return the bytes of a file as a host sends it."""
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in COMPRESSED else len(content)
