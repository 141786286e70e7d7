"""Searches of a flow that readers step through: each candidate in words, its place among the others, the formula.

The list of candidates stands in the page; the script shows one of them at a time and marks its point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from parsimony.artifacts.explorable_search import STEPS, flow_in_words
from parsimony.book.search_plot import search_plot

Search = Mapping[str, Any]
SHOWN = {"all": "every candidate", "kept": "those the search went on from", "front": "those on the Pareto front"}


def search_explorer(name: str, explanation: Mapping[str, Any]) -> str:
    """Return the HTML of the explorer.

    Args:
        name: identifier of the figure.
        explanation: searches, as `artifacts.explorable_search` makes them.
    """
    searches = explanation["searches"]
    shown = "".join(one_search(f"{name}-search-{place}", one, place) for place, one in enumerate(searches))
    return (
        f'<section class="explorer searches" id="{name}-explore" aria-label="Step through the searches of {name}">'
        f"{controls(searches)}{shown}</section>"
    )


def controls(searches: Sequence[Search]) -> str:
    """Return the choice of search and of candidates, the slider and its two buttons."""
    titles = "".join(f'<option value="{place}">{escape(one["title"])}</option>' for place, one in enumerate(searches))
    kinds = "".join(f'<option value="{name}">{text}</option>' for name, text in SHOWN.items())
    return (
        f'<div class="explorer-controls" hidden><label>Search <select class="of-search">{titles}</select></label>'
        f'<label>Step through <select class="of-kind">{kinds}</select></label>'
        '<span class="stepper"><button type="button" class="opens-panel" data-by="-1">Previous</button>'
        '<input type="range" min="0" value="0" step="1" aria-label="Candidate" /><output></output>'
        '<button type="button" class="opens-panel" data-by="1">Next</button></span></div>'
    )


def one_search(name: str, search: Search, place: int) -> str:
    """Return one search with plot, reading, candidates and formula; all but the first are hidden until chosen."""
    hidden = " hidden" if place else ""
    number = len(search["candidates"])
    label = escape(f"{number} candidates of the search on {search['title']} by complexity and loss", quote=True)
    items = "".join(map(one_candidate, search["candidates"]))
    return (
        f'<div class="explorer-search" id="{name}"{hidden}><p><strong>{escape(search["title"].capitalize())}.</strong> '
        f'{escape(search["note"])}</p><div class="search-both"><div class="search-pad">'
        f'{search_plot(search["candidates"], label)}</div><div class="explorer-said" role="status"></div></div>'
        f"<details open><summary>All {number} candidates</summary>"
        f'<ol class="explorer-table" tabindex="0" aria-label="Candidates">{items}</ol></details>'
        f"{formulas(search)}</div>"
    )


def one_candidate(one: Mapping[str, Any]) -> str:
    """Return one candidate as an item of the list."""
    kinds = " ".join(["all", *(kind for kind in ("kept", "front") if one[kind])])
    facts = [
        f"complexity {one['complexity']}",
        f"loss {one['loss']:.4g}",
        "kept" if one["kept"] else "dropped",
        *(["on the Pareto front"] if one["front"] else []),
    ]
    return (
        f'<li data-number="{one["number"]}" data-kinds="{kinds}"><strong>{STEPS[one["step"]].capitalize()}</strong>: '
        f"{', '.join(facts)}. {arrows(one['flow'])} {escape(one['words'])}</li>"
    )


def formulas(search: Search) -> str:
    """Return the formula of each function of the flow that the search settled on, and the cascade."""
    parts = "".join(f"<li><code>{escape(one)}</code></li>" for one in search["formulas"])
    typeset = '<div class="math notranslate nohighlight">\\[{}\\]</div>'
    whole = "".join(typeset.format(escape(one)) for one in search["equations"])
    settled = f"{arrows(search['settled'])} {escape(flow_in_words(search['settled']))}"
    return (
        f"<p><strong>Settled on</strong>: {settled}</p><p>Its formula, function by function and together:</p>"
        f"<ul>{parts}</ul>{whole}"
    )


def arrows(flow: str) -> str:
    """Write a flow as code, each layer on one line where there is room."""
    return " → ".join(f'<code class="layer">{escape(one)}</code>' for one in flow.split(" -> "))
