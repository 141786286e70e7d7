"""Check the built pages: nothing loads from another host, and every link inside the book leads somewhere.

`python -m parsimony.book.checks` reads the files; with `--browser` it also opens every page in Chromium.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from parsimony import paths
from parsimony.book.page_addresses import is_elsewhere, read_page
from parsimony.book.weight import too_heavy


def check_site(folder: Path) -> list[str]:
    """Return one line a fault of the built site; empty if it is whole.

    Raises:
        FileNotFoundError: if there is no page to check.
    """
    read_page.cache_clear()
    pages = sorted(path for path in folder.rglob("*.html") if "_static" not in path.relative_to(folder).parts)
    if not pages:
        raise FileNotFoundError(f"{folder} holds no page; build the book first: make book.")
    return [f"{path.relative_to(folder)}: {fault}" for path in pages for fault in check_page(path, folder)]


def check_page(path: Path, folder: Path) -> Iterator[str]:
    """Yield what is wrong with one page."""
    page = read_page(path)
    for address in page.loads:
        if is_elsewhere(address):
            yield f"loads {address}, which is on another host; keep a copy in the site."
        elif fault := check_address(address, path, folder):
            yield fault
    for address in page.links:
        if not is_elsewhere(address) and (fault := check_address(address, path, folder)):
            yield fault


def check_address(address: str, path: Path, folder: Path) -> str:
    """Return what is wrong with an address inside the site, or an empty text."""
    parts = urlsplit(address)
    if parts.scheme == "data":
        return ""
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    if not target.is_relative_to(folder.resolve()) and parts.path:
        return f"{address} leads out of the site."
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return f"{address} leads to {target.name}, which does not exist."
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in read_page(target).anchors:
        return f"{address}: {target.name} has no anchor {anchor!r}."
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the built book; 0 if it is whole."""
    parser = argparse.ArgumentParser(prog="python -m parsimony.book.checks", description="Check the built book.")
    parser.add_argument("folder", nargs="?", type=Path, default=paths.ROOT / "_build" / "html")
    parser.add_argument("--browser", action="store_true", help="open every page in Chromium as well")
    asked = parser.parse_args(arguments)
    try:
        faults = [*check_site(asked.folder), *too_heavy(asked.folder)]
    except FileNotFoundError as error:
        faults = [str(error)]
    if asked.browser and not faults:
        from parsimony.book.browser import browse

        faults = browse(asked.folder, paths.BUILD / "screens")
    print("\n".join(faults) if faults else "pages: no fault", file=sys.stderr if faults else sys.stdout)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
