"""BibTeX of one figure or table, and of the paper that it reproduces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parsimony import paths

PAPERS = {"mod": "2409.05780", "": "2407.00478"}  # arXiv number by the group in an identifier such as fig-mod-1


def artifact_bibtex(sidecar: Mapping[str, Any], *, author: str, year: str, base_url: str, page: str) -> str:
    """Return the entry that cites one artifact by its permanent address.

    Args:
        sidecar: of the artifact.
        author: of the book.
        year: of the book.
        base_url: of the published book, with a slash at its end.
        page: that shows the artifact, such as "book/chapters/model".
    """
    name = sidecar["id"]
    fields = {
        "title": f"{{{sidecar['title']}}}",
        "author": author,
        "year": year,
        "version": sidecar["version"],
        **({"doi": doi} if (doi := book_doi()) else {}),
        "url": f"{base_url}{page}.html#{name}",
        "note": f"{sidecar['kind'].capitalize()} {name}, digest {sidecar['digest']}",
    }
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return f"@misc{{parsimony-{name},\n{lines}\n}}"


def book_doi() -> str:
    """Return the DOI of the book from CITATION.cff, or "" as long as it has none."""
    path = paths.ROOT / "CITATION.cff"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"^doi:\s*[\"']?(\S+?)[\"']?\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def paper_bibtex(artifact: str) -> str:
    """Return the entry of the original paper from the book's bibliography, or "" if it is not listed there."""
    number = PAPERS["mod" if artifact.split("-")[1] == "mod" else ""]
    path = paths.ROOT / "book" / "references.bib"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    entries = re.split(r"\n(?=@)", text)
    return next((entry.strip() for entry in entries if number in entry), "")
