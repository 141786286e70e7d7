"""Table 1: each method's knowledge space, function space, and the link between the two."""

from __future__ import annotations

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.sections import METHODS
from parsimony.records import Archive


def table_1(archive: Archive) -> Artifact:
    """Return the overview of methods; it needs no run."""
    import pandas

    names = {
        "name": "Method", "section": "Section", "axis": "Parsimony of", "knowledge": "Knowledge space",
        "function": "Function space", "link": "Link", "shown": "Shown in",
    }  # fmt: skip
    rows = [{label: getattr(method, key) for key, label in names.items()} for method in METHODS]
    caption = (
        f"The {len(METHODS)} methods of the first paper, in its order. Each ties a space of symbolic knowledge to a "
        "space of neural functions; the link is what the method searches, learns or reads off. In our words, after "
        "Yao et al., arXiv 2407.00478, sections 2 to 6."
    )
    return Artifact(
        id="tab-1", title="Knowledge, function and their link", caption=caption, data=pandas.DataFrame(rows)
    )
