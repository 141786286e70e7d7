"""Files that complete the built site: MathJax from its package, and the mark that keeps `_static` on Pages."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

MATHJAX_PARTS = (
    "startup.js", "core.js", "input/tex.js", "input/tex/extensions", "output/chtml.js", "output/chtml/fonts/tex.js",
    "output/chtml/fonts/woff-v2", "a11y/assistive-mml.js",
)  # fmt: skip
DRAWN_ICONS = re.compile(r"\s*<script[^>]*fontawesome\.js[^>]*></script>")
LEFT_OUT = ("all-packages.js",)  # holds every extension a second time


def complete_site(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax, drop the second set of icons and write `.nojekyll` when an HTML build has ended well."""
    if exception is None and app.builder.format == "html":
        out = Path(app.outdir)
        drop_drawn_icons(out)
        copy_mathjax(out / "_static" / "mathjax")
        (out / ".nojekyll").write_text("")  # without it Pages drops folders that begin with "_"


def drop_drawn_icons(site: Path) -> None:
    """Take the script that draws every icon of Font Awesome off all pages: the theme's style has them as letters.

    It is larger than everything else on most pages together, and its place in the theme's template is fixed.
    """
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (slim := DRAWN_ICONS.sub("", text)) != text:
            path.write_text(slim, encoding="utf-8")
    (site / "_static" / "scripts" / "fontawesome.js").unlink(missing_ok=True)


def copy_mathjax(target: Path) -> None:
    """Copy the parts of MathJax that pages use, out of the 24 MB that the package brings."""
    source = mathjax_folder()
    for part in MATHJAX_PARTS:
        place = source / part
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, target / part, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copyfile(place, target / part)


def mathjax_folder() -> Path:
    """Return where the package sphinx-mathjax-offline keeps MathJax.

    Raises:
        FileNotFoundError: if the package is not installed.
    """
    found = find_spec("sphinx-mathjax-offline")
    if found is None or found.origin is None:
        raise FileNotFoundError("MathJax is missing: install the book's tools with `make env`.")
    return Path(found.origin).parent / "static" / "mathjax"
