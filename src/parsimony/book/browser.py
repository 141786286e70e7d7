"""Open every page in Chromium, wide and narrow, light and dark.

Looked for: script errors, requests to other hosts, sideways overflow, and what axe-core calls a serious or critical
violation of WCAG 2 A or AA. A picture of each is kept.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (1280, 390)
MODES = ("light", "dark")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OFFLINE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-sandbox"]
GRAVE = ("serious", "critical")
MEASURE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def browse(folder: Path, screens: Path) -> list[str]:
    """Return one line a fault; without a browser, say so and return nothing.

    Args:
        folder: of the built site.
        screens: where one picture a page, width and mode is kept.
    """
    program = chromium()
    if program is None:
        print("browser check skipped: it needs Chromium and the Python package playwright.")
        return []
    from playwright.sync_api import sync_playwright
    from rich.progress import track

    pages = sorted(path.relative_to(folder).as_posix() for path in folder.glob("book/**/*.html"))
    with served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OFFLINE)
        looks = list(product(pages, WIDTHS, MODES))
        faults = [fault for one in track(looks, "looking at pages") for fault in look(browser, address, *one, screens)]
        browser.close()
    return faults


def chromium() -> str | None:
    """Return the browser that playwright can steer here, or None if browser or playwright is missing."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None) if find_spec("playwright") else None


def look(browser: Browser, address: str, page: str, width: int, mode: str, screens: Path) -> list[str]:
    """Open one page at one width in one mode, keep a picture, and return what is wrong."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=mode)
    tab = context.new_page()
    faults: list[str] = []
    tab.on("console", lambda one: faults.append(f"console: {one.text}") if one.type == "error" else None)
    tab.on("pageerror", lambda one: faults.append(f"script error: {one}"))
    tab.on("request", lambda one: faults.append(f"request to {one.url}") if is_foreign(one.url, address) else None)
    tab.goto(f"{address}/{page}", wait_until="load")
    tab.wait_for_timeout(300)
    if (excess := tab.evaluate(MEASURE)) > 0:
        faults.append(f"is {excess} px wider than the window")
    faults += [f"axe: {violation}" for violation in violations(tab)]
    tab.screenshot(path=screens / f"{page.replace('/', '-')}-{width}-{mode}.png", full_page=True)
    context.close()
    return [f"{page} ({width} px, {mode}): {fault}" for fault in faults]


def violations(tab: Page) -> list[str]:
    """Return rule, impact and first place of every serious or critical violation of accessibility on a page."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"], "preload": False}
    found = [one for one in Axe().run(tab, options=options).response["violations"] if one["impact"] in GRAVE]
    return [f"{one['id']} ({one['impact']}) at {one['nodes'][0]['target'][0]}" for one in found]


def is_foreign(url: str, address: str) -> bool:
    """Tell whether a request goes to another host than the one that serves the site."""
    return not url.startswith((f"{address}/", "data:", "blob:"))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line for each request."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine and yield its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
