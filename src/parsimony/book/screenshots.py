"""The pictures of the README, taken from the built book: `make screenshots`.

Each shows what a reader meets at 1280 by 800 pixels in light mode, once what it names has been opened.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parsimony import paths
from parsimony.book.browser import OFFLINE, chromium, served
from parsimony.book.build import html_folder
from parsimony.paths import write_bytes_atomically

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = "docs"
WINDOW = {"width": 1280, "height": 800}
MOST = 150_000  # bytes of one picture


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the page, what to scroll to, and what to press before."""

    name: str
    page: str
    place: str
    pressed: str = ""


SHOTS = (
    Shot("chapter", "book/chapters/model.html", "#fig-3-explore", "#fig-3-explore .block >> nth=2"),
    Shot("claims", "book/claims.html", "#claim-autoblm-beats-distmult-umls"),
)


def take(tab: Page, address: str, shot: Shot) -> bytes:
    """Return one picture as WebP."""
    from PIL import Image

    tab.goto(f"{address}/{shot.page}", wait_until="load")
    if shot.pressed:
        tab.locator(shot.pressed).click()
    tab.locator(shot.place).first.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    tab.wait_for_timeout(800)  # late figures and formulas
    stream = io.BytesIO()
    with Image.open(io.BytesIO(tab.screenshot())) as picture:
        picture.convert("RGB").save(stream, format="WEBP", quality=82, method=6)
    return stream.getvalue()


def take_all(site: Path) -> list[Path]:
    """Take every picture of a built site.

    Raises:
        ValueError: if a picture is larger than a README should carry.
    """
    from playwright.sync_api import sync_playwright

    written = []
    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OFFLINE)
        tab = browser.new_page(viewport=WINDOW, color_scheme="light")
        for shot in SHOTS:
            content = take(tab, address, shot)
            if len(content) > MOST:
                raise ValueError(
                    f"{shot.name} has {len(content)} bytes, at most {MOST} are meant; show less of the page."
                )
            written.append(write_bytes_atomically(paths.ROOT / FOLDER / f"{shot.name}.webp", content))
        browser.close()
    return written


def main() -> int:
    """Take the pictures of the built book; 0 if they were taken."""
    if chromium() is None:
        print("no pictures taken: this needs Chromium and the Python package playwright.", file=sys.stderr)
        return 1
    for path in take_all(html_folder()):
        print(path.relative_to(paths.ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
