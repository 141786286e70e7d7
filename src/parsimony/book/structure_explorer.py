"""Grids of structures that readers compare: choose data set and structure, read what a cell multiplies.

Everything stands in the page; the script only chooses and highlights. Without it the first grid stands there with its
formula and the relations that it models, and all structures are a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from parsimony.artifacts.structure_reading import SIZE, chunk, formula, modelled, signed, term_in_words, terms_of

Structure = Mapping[str, Any]
HINT = "Point at a cell, or go to it with Tab, to read what it multiplies; press it to keep it."


def structure_explorer(name: str, explanation: Mapping[str, Any]) -> str:
    """Return the HTML of the explorer.

    Args:
        name: identifier of the figure.
        explanation: data sets with their structures, as `artifacts.explorable_structures` makes them.
    """
    datasets = explanation["datasets"]
    shown = "".join(
        one_structure(f"{name}-structure-{place}-{number}", one, data["name"], is_first=place == number == 0)
        for place, data in enumerate(datasets)
        for number, one in enumerate(data["structures"])
    )
    return (
        f'<section class="explorer structures" id="{name}-explore" aria-label="Explore the structures of {name}">'
        f'{controls(datasets)}{shown}<p class="explorer-said" role="status">{HINT}</p>{all_structures(datasets)}'
        "</section>"
    )


def controls(datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return the two choices; the second holds the structures of every data set, one group each."""
    names = "".join(f'<option value="{place}">{escape(one["name"])}</option>' for place, one in enumerate(datasets))
    groups = "".join(
        f'<select aria-label="Structure on {escape(data["name"])}" data-dataset="{place}"{" hidden" if place else ""}>'
        + "".join(f'<option value="{n}">{escape(one["name"])}</option>' for n, one in enumerate(data["structures"]))
        + "</select>"
        for place, data in enumerate(datasets)
    )
    return (
        f'<div class="explorer-controls" hidden><label>Data set <select class="of-dataset">{names}</select></label>'
        f"<span>Structure {groups}</span></div>"
    )


def one_structure(name: str, structure: Structure, dataset: str, *, is_first: bool) -> str:
    """Return one grid with its note, its formula and the relations that it models."""
    entries = structure["entries"]
    facts = "".join(f"<li>{escape(one)}</li>" for one in modelled(entries))
    hidden = "" if is_first else " hidden"
    return (
        f'<div class="explorer-structure" id="{name}"{hidden}><p><strong>{escape(structure["name"])} on '
        f"{escape(dataset)}</strong> {escape(structure['note'])}</p>"
        f'<div class="structure-both"><div class="structure-pad">{grid(structure)}</div><div>'
        f'<p class="structure-formula">f(h, r, t) = {marked_formula(entries)}</p><ul>{facts}</ul></div></div></div>'
    )


def grid(structure: Structure) -> str:
    """Return the table of cells; a cell that holds a term is a button that says what it multiplies."""
    heads = "".join(f'<th scope="col">{chunk("t", number)}</th>' for number in range(1, SIZE + 1))
    cells = [*grid_cells(structure["entries"])]
    rows = "".join(
        f'<tr><th scope="row">{chunk("h", row + 1)}</th>{"".join(cells[SIZE * row : SIZE * (row + 1)])}</tr>'
        for row in range(SIZE)
    )
    label = escape(f"Grid of {structure['name']}: rows are parts of the head, columns parts of the tail")
    return (
        f'<table class="structure-grid" aria-label="{label}"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def grid_cells(entries: Sequence[int]) -> Iterator[str]:
    """Yield the 16 cells, row by row."""
    terms = {one["place"]: one for one in terms_of(entries)}
    for place, value in enumerate(entries):
        if term := terms.get(place):
            words = escape(term_in_words(entries, term))
            yield (
                f'<td><button type="button" class="block part-{abs(value)}" data-place="{place}" aria-pressed="false" '
                f'title="{words}">{signed(value)}</button></td>'
            )
        else:
            yield "<td></td>"


def marked_formula(entries: Sequence[int]) -> str:
    """Return the score with each term marked by the place of its cell."""
    terms = zip(formula(entries), terms_of(entries), strict=True)
    return " ".join(f'<span data-place="{one["place"]}">{escape(text)}</span>' for text, one in terms)


def all_structures(datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return every structure as a row of a table that opens on demand."""
    rows = "".join(
        f"<tr><td>{escape(data['name'])}</td><td>{escape(one['name'])}</td><td>{' '.join(formula(one['entries']))}</td>"
        f"<td>{escape(one['note'])}</td></tr>"
        for data in datasets
        for one in data["structures"]
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Data set", "Structure", "Score", "How it did"))
    number = sum(len(data["structures"]) for data in datasets)
    return (
        f"<details><summary>All {number} structures as a table</summary>"
        '<div class="explorer-table" tabindex="0" role="region" aria-label="All structures"><table class="runs wraps">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
