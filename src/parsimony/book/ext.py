"""The Sphinx extension of the book.

Before Sphinx lists its files, the notebooks are brought up to date and `build/site` is filled, so that a plain
`jupyter-book build .` works from a fresh clone. `make book` has done that already and says so in the environment
variable `PARSIMONY_BOOK_READY`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from parsimony import __version__
from parsimony.book.assets import complete_site
from parsimony.book.build import READY
from parsimony.book.directives import ArtifactDirective, ValueRole
from parsimony.book.glossary import GlossaryList, link_terms
from parsimony.book.indexes import ArtifactIndex, ClaimsSummary, ClaimsTable, DataCards, DriftTable, Ledger, RunsTable
from parsimony.book.metadata import choose_picture
from parsimony.book.page import adapt_page, drop_thebe_nodes


def prepare(app: Sphinx, config: Config) -> None:
    """Run the quick experiments and the notebooks that are not current, and fill the site's folder.

    Raises:
        ExtensionError: if a step fails; its own message stands above.
    """
    if os.environ.get(READY):
        return
    code = subprocess.run([sys.executable, "-m", "parsimony.book.build", "--prepare"], check=False).returncode
    if code:
        raise ExtensionError("the chapters could not be brought up to date; the reason is printed above.")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, the role and the handlers."""
    app.connect("config-inited", prepare, priority=1)
    for name, directive in {
        "artifact": ArtifactDirective,
        "artifact-index": ArtifactIndex,
        "ledger": Ledger,
        "claims-summary": ClaimsSummary,
        "claims-table": ClaimsTable,
        "drift-table": DriftTable,
        "glossary-list": GlossaryList,
        "runs-table": RunsTable,
        "data-cards": DataCards,
    }.items():
        app.add_directive(name, directive)
    app.add_role("val", ValueRole())
    app.connect("doctree-resolved", drop_thebe_nodes, priority=900)
    app.connect("doctree-resolved", link_terms, priority=950)
    app.connect("html-page-context", choose_picture, priority=400)  # before the tags of Open Graph are written
    app.connect("html-page-context", adapt_page, priority=900)
    app.connect("build-finished", complete_site)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
