"""BibTeX of one published figure or table, and of the paper that it reproduces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsimony.citation import as_bibtex, of_artifact


def artifact_bibtex(sidecar: Mapping[str, Any], *, year: str, base_url: str, page: str) -> tuple[str, str]:
    """Return the entry that cites one artifact by its permanent address, and that of the original paper.

    Args:
        sidecar: of the artifact.
        year: of the book.
        base_url: of the published book, with a slash at its end.
        page: that shows the artifact, such as "book/chapters/model".
    """
    name = sidecar["id"]
    work, paper = of_artifact(name, sidecar["title"], sidecar)
    address = f"{base_url}{page}.html#{name}"
    note = f"{work['note']}; digest {sidecar['digest']}"
    dated = {**work, "issued": {"date-parts": [[int(year)]]}, "URL": address, "note": note}
    return as_bibtex([dated]), as_bibtex([paper])
