"""One PDF of the whole book: a single page from Sphinx, printed by Chromium.

`python -m parsimony.book.pdf` needs the chapters that `make book` executed; without a browser it says so and stops.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from parsimony import paths
from parsimony.book.assets import copy_mathjax
from parsimony.book.browser import OFFLINE, chromium, served
from parsimony.book.build import READY

NAME = "parsimony.pdf"
MILLISECONDS = 120_000  # that a page with all formulas may take


def main() -> int:
    """Write `_build/pdf/parsimony.pdf`; 0 also where no browser can print it."""
    program = chromium()
    if program is None:
        print("no PDF: it is printed by Chromium, which is not here; install it and try again.")
        return 0
    page = single_page()
    if page is None:
        print("no PDF: Sphinx reported the errors above.", file=sys.stderr)
        return 1
    target = paths.ROOT / "_build" / "pdf" / NAME
    print_page(program, page, target)
    print(f"The book on paper is {target} ({target.stat().st_size / 2**20:.1f} MiB)")
    return 0


def single_page() -> Path | None:
    """Build the book as one page; return it, or None if the build failed."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(paths.ROOT), "-q"]
    done = subprocess.run([*command, "--builder", "singlehtml"], env={**os.environ, READY: "1"}, check=False)
    if done.returncode:
        return None
    folder = paths.ROOT / "_build" / "singlehtml"
    copy_mathjax(folder / "_static" / "mathjax")
    page = folder / "whole.html"  # its links are relative to the root of the site, one level above its place
    shutil.copyfile(folder / "book" / "intro.html", page)
    return page


def print_page(program: str, page: Path, target: Path) -> None:
    """Print a page of a site to A4, with a table of contents for readers of PDF, aside and then in place."""
    from playwright.sync_api import sync_playwright

    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with served(page.parent) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OFFLINE)
        tab = browser.new_page(color_scheme="light")
        tab.goto(f"{address}/{page.name}", wait_until="load", timeout=MILLISECONDS)
        tab.evaluate("window.MathJax?.startup?.promise")
        margin = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
        tab.pdf(path=unfinished, format="A4", margin=margin, print_background=True, tagged=True, outline=True)
        browser.close()
    unfinished.replace(target)


if __name__ == "__main__":
    raise SystemExit(main())
