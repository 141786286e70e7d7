"""Files that complete the built site: MathJax from its package, and the mark that keeps `_static` on Pages."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

MATHJAX_PARTS = ("tex-mml-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
LEFT_OUT = ("all-packages.js",)  # holds every extension a second time


def complete_site(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax and write `.nojekyll` when an HTML build has ended well."""
    if exception is None and app.builder.format == "html":
        out = Path(app.outdir)
        copy_mathjax(out / "_static" / "mathjax")
        (out / ".nojekyll").write_text("")  # without it Pages drops folders that begin with "_"


def copy_mathjax(target: Path) -> None:
    """Copy the 1.9 MB of MathJax that pages use, out of the 24 MB that the package brings."""
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
