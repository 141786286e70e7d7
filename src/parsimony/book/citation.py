"""What to cite for one published figure or table, and how the card below it offers that."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from parsimony.citation import FORMATS, Work, of_artifact

SHOWN = {"bibtex": "BibTeX", "csl-json": "CSL-JSON", "apa": "APA"}


def published_works(sidecar: Mapping[str, Any], *, year: str, base_url: str, page: str) -> list[Work]:
    """Return an artifact under its permanent address, and the original paper.

    Args:
        sidecar: of the artifact.
        year: of the book.
        base_url: of the published book, with a slash at its end.
        page: that shows the artifact, such as "book/chapters/model".
    """
    name = sidecar["id"]
    work, paper = of_artifact(name, sidecar["title"], sidecar)
    note = f"{work['note']}; digest {sidecar['digest']}"
    address = f"{base_url}{page}.html#{name}"
    return [{**work, "issued": {"date-parts": [[int(year)]]}, "URL": address, "note": note}, paper]


def cite_panel(name: str, works: list[Work]) -> str:
    """Return the entries in every format, one shown at a time, each with a button that copies it."""
    entries = {form: (label, FORMATS[form](works)) for form, label in SHOWN.items()}
    entries["link"] = ("Link", works[0]["URL"])
    panels = "".join(
        cite_form(f"cite-{name}", form, label, entry, is_first=form == "bibtex")
        for form, (label, entry) in entries.items()
    )
    return f'<fieldset class="cite-forms"><legend>Format of the citation</legend>{panels}</fieldset>'


def cite_form(group: str, form: str, label: str, entry: str, *, is_first: bool) -> str:
    """Return one format: the radio button that shows it, and its entry; it works without scripts."""
    name, checked = f"{group}-{form}", " checked" if is_first else ""
    return (
        f'<input type="radio" name="{group}" id="{name}-choice"{checked}><label for="{name}-choice">{label}</label>'
        f'<div class="cite-form"><pre class="artifact-cite" id="{name}" tabindex="0">{escape(entry)}</pre>'
        f'<button type="button" class="artifact-copy" data-copy="{name}">Copy {label}</button></div>'
    )
