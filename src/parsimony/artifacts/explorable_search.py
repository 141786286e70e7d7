"""A search of a flow as readers step through it below Figure 8: each candidate in words, and the formula at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parsimony.artifacts.flow_text import Read, parse_layer
from parsimony.records import Filed

MAKERS = {"E": "Each edge", "V": "Each node", "U": "The whole graph"}
GATHERED = {"E": "the edges", "V": "the nodes"}  # what an aggregator runs over
STEPS = {
    "blocks": "begin with full blocks", "layers": "leave out a function", "inputs": "leave out a level that is read",
    "variables": "leave out a variable", "aggregators": "try another aggregation", "sizes": "give fewer numbers",
    "readers": "read messages linearly",
    "receivers": "let nodes read what messages read of their receiver",
}  # fmt: skip


def explorable_search(one: Filed, title: str, note: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one search.

    Args:
        one: its run.
        title: of the law.
        note: which run it is.
        rows: its candidates in order, as the log of Figure 8 lists them.

    Returns:
        title, note, candidates {number, step, flow, words, complexity, loss, kept, front}, the flow settled on (which
        joins the sizes found one by one, so that it need not be a candidate), formulas (of each function, as text) and
        equations (TeX).
    """
    measured = one.record.measurements
    return {
        "title": title,
        "note": note,
        "candidates": [*map(candidate, rows)],
        "settled": measured["flow"],
        "formulas": [*named_formulas(measured["formulas"])],
        "equations": list(measured["equations"]),
    }


def candidate(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one candidate with its flow in words."""
    return {
        "number": row["number"] + 1,
        "step": row["step"],
        "flow": row["flow"],
        "words": flow_in_words(row["flow"]),
        "complexity": row["complexity"],
        "loss": round(row["loss"], 5),
        "kept": row["kept"],
        "front": row["on the front"],
    }


def named_formulas(formulas: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield each formula behind the name of what it computes, such as "e1 = (V_i - V_j)**2/R"."""
    for layer, found in formulas.items():
        for place, formula in enumerate(found):
            yield f"{layer}{f'_{place}' if found[1:] else ''} = {formula}"


def flow_in_words(flow: str) -> str:
    """Read a flow aloud, one sentence a layer.

    Raises:
        ValueError: if the text is no flow.
    """
    return " ".join(map(layer_in_words, flow.split(" -> ")))


def layer_in_words(text: str) -> str:
    """Read one layer aloud, such as "e1(E: R, V: V_i V_j; 1)"."""
    layer = parse_layer(text)
    sources = [read_in_words(one, layer.level) for one in layer.reads]
    listed = f"{'; '.join(sources[:-1])}; and {sources[-1]}" if sources[1:] else sources[0]
    return f"{MAKERS[layer.level]} gives {layer.size} number{'s' * (layer.size != 1)} from {listed}."


def read_in_words(read: Read, reader: str) -> str:
    """Read one input aloud: variables of the data, or what an earlier function gave, linearly or not."""
    return f"{source_in_words(read, reader)}{', linearly' * read.is_linear}"


def source_in_words(read: Read, reader: str) -> str:
    """Name the variables of the data, or the giver of what is read."""
    named = ", ".join(read.variables)
    if read.aggregator:
        over = GATHERED[read.level]
        return f"the {read.aggregator} of " + (f"{named} over {over}" if named else f"what {over} give")
    if named:
        return named
    if (read.level, reader) == ("V", "E"):
        return "the numbers of its two nodes"
    return f"the numbers of {own(read.level, reader)}"


def own(level: str, reader: str) -> str:
    """Name the giver of earlier numbers as its reader sees it."""
    return (
        "the whole graph"
        if level == "U"
        else f"this {'edge' if level == 'E' else 'node'}" + ("" if level == reader else " itself")
    )
