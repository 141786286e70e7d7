"""Figure 10: the idea of EmerGNN on real facts about one pair of drugs, and what data and parameters buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.data_amount import COLUMNS, amount_rows, draw_amount, draw_parameters, finding, used_runs
from parsimony.artifacts.digraph_drawing import SIZE, bends_of, draw_edge, label_edge, places_in_columns, point_of
from parsimony.artifacts.interaction_drawing import (
    colour_of,
    colours_of,
    draw_key,
    draw_named,
    group_of,
    is_interaction,
    verb_of,
)
from parsimony.artifacts.reasoning_digraph import (
    IDENTITY,
    INVERSE,
    Edge,
    Layers,
    columns_of,
    connected,
    expansion,
    path_text,
)
from parsimony.artifacts.reasoning_digraph import best_paths as walks_of
from parsimony.artifacts.theme import INK, blank, new_mosaic
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A few of the facts around a test pair; a test finds each of them in the data. #64 counts types from 1.
FACTS = (
    Edge("Tapentadol", "CbG", "CYP2D6"), Edge("Dolasetron", "CbG", "CYP2D6"), Edge("Citalopram", "CbG", "CYP2D6"),
    Edge("Tapentadol", "CbG", "SLC6A4"), Edge("Citalopram", "CbG", "SLC6A4"),
    Edge("Citalopram", "#64", "Dolasetron"), Edge("Tapentadol", "CcSE", "Constipation"),
    Edge("Dolasetron", "CcSE", "Constipation"), Edge("Metaraminol", "CrC", "Tapentadol"),
    Edge("Hyoscyamine", "CrC", "Dolasetron"),
)  # fmt: skip
KINDS = {"CYP2D6": "Gene", "SLC6A4": "Gene", "Constipation": "Side Effect"}  # of what is no drug
PAIR, LENGTH = ("Tapentadol", "Dolasetron"), 3
PLACES = {  # of the entities in the first panel, in inches
    "Tapentadol": (1.25, 1.15), "Dolasetron": (5.25, 1.15), "CYP2D6": (3.25, 1.57), "Constipation": (3.25, 0.67),
    "SLC6A4": (2.1, 2.25), "Citalopram": (4.4, 2.25), "Metaraminol": (0.6, 0.3), "Hyoscyamine": (5.9, 0.3),
}  # fmt: skip
WIDTH, TOP, FLOW, KEY, BOTTOM = 6.5, 2.4, 1.85, 0.45, 2.6  # inches


def figure_10(archive: Archive) -> Artifact:
    """Draw network, both flows, and the score against training pairs and parameters."""
    import pandas

    rows = amount_rows(archive)
    every = [*fact_rows(), *rows]
    return Artifact(
        id="fig-10", title="Flows between two drugs, and what data buy", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(every, columns=["part", "layer", "head", "relation", "tail", *COLUMNS]),
        figure=draw(rows), records=used_runs(archive),
    )  # fmt: skip


def fact_rows() -> list[dict[str, Any]]:
    """Return the facts, and the edges of both flows."""
    rows = [{"part": "facts", **_named(edge)} for edge in FACTS]
    for start, end in (PAIR, PAIR[::-1]):
        rows += [
            {"part": f"{start} to {end}", "layer": number, **_named(edge)}
            for number, layer in enumerate(flow(start, end), start=1)
            for edge in layer
        ]
    return rows


def _named(edge: Edge) -> dict[str, str]:
    return {"head": edge.head, "relation": edge.relation, "tail": edge.tail}


def flow(start: str, end: str) -> Layers:
    """Return the edges of all walks from one drug to the other, layer by layer."""
    return connected(expansion(FACTS, start, LENGTH), start, end)


def draw(rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw all panels."""
    figure, axes = new_mosaic(
        TOP + 2 * FLOW + KEY + BOTTOM + 1.8,
        [["facts"] * 2, ["forth"] * 2, ["back"] * 2, ["key"] * 2, ["pairs", "parameters"]],
        height_ratios=[TOP, FLOW, FLOW, KEY, BOTTOM],
    )  # fmt: skip
    colours = colours_of([*FACTS, *(edge for layer in flow(*PAIR) for edge in layer)])
    draw_facts(axes["facts"], colours)
    draw_flow(axes["forth"], *PAIR, colours)
    draw_flow(axes["back"], *PAIR[::-1], colours)
    draw_key(axes["key"], {group_of(kind_of(name)) for name in PLACES}, colours)
    draw_amount(axes["pairs"], rows)
    draw_parameters(axes["parameters"], rows)
    if rows:
        named = axes["parameters"].get_legend_handles_labels()
        figure.legend(*named, loc="outside lower center", ncols=5, fontsize=SIZE, frameon=False)
    return figure


def kind_of(name: str) -> str:
    """Return the kind of an entity of the facts."""
    return KINDS.get(name, "Compound")


def draw_facts(axes: Axes, colours: Mapping[str, str]) -> None:
    """Draw the facts around the pair, and the question between them."""
    sheet(axes, "a: known interactions and biomedical facts around two drugs", TOP)
    boxes = {name: draw_named(axes, PLACES[name], name, kind_of(name), is_asked=name in PAIR) for name in PLACES}
    for fact in FACTS:
        draw_edge(axes, (boxes[fact.head], boxes[fact.tail]), fact, colour_of(fact, colours))
        if is_interaction(fact):
            label_edge(axes, point_of(PLACES[fact.head], PLACES[fact.tail], 0.0, 0.5), fact.relation)
    asked = Edge(PAIR[0], "?", PAIR[1])
    draw_edge(axes, tuple(boxes[name] for name in PAIR), asked, INK, 0.0, linewidth=1.2, zorder=1)
    label_edge(axes, point_of(PLACES[PAIR[0]], PLACES[PAIR[1]], 0.0, 0.5), "which interaction?")


def draw_flow(axes: Axes, start: str, end: str, colours: Mapping[str, str]) -> None:
    """Draw one flow in columns from left to right."""
    sheet(axes, f"flow from {start} to {end}", FLOW)
    layers = flow(start, end)
    places = places_in_columns(columns_of(layers), WIDTH, FLOW)
    boxes = [{name: draw_named(axes, place, name, kind_of(name), is_asked=name in PAIR) for name, place in one.items()}
             for one in places]  # fmt: skip
    for number, layer in enumerate(layers):
        for edge, bend in zip(layer, bends_of(layer), strict=True):
            pair = boxes[number][edge.head], boxes[number + 1][edge.tail]
            draw_edge(axes, pair, edge, colour_of(edge, colours), bend)
            if is_interaction(edge):
                ends = places[number][edge.head], places[number + 1][edge.tail]
                label_edge(axes, point_of(*ends, bend, 0.5), edge.relation.removeprefix(INVERSE))


def sheet(axes: Axes, title: str, height: float) -> None:
    """Turn axes into a sheet in inches, with a title."""
    blank(axes, WIDTH, height)
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=SIZE + 1, weight="bold")


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start, end = PAIR
    sizes = " + ".join(str(len(layer)) for layer in flow(start, end))
    shortest = min(walks_of(flow(start, end), start, end, 1000), key=_changes)
    return (
        f"Above: a few of the facts around {start}, of which no interaction is known, and {end}; real ones, from the "
        "assembled network and the training pairs of DrugBank, chosen by hand. Grey arrows with a number are known "
        f"interactions by their type. Middle: the same facts as EmerGNN reads them, {LENGTH} steps from drug to drug "
        "and back; every fact may be walked against its direction (dashed), and an identity step (dotted) lets a short "
        f"path wait. The flow from {start} has {sizes} edges; what leads to no {end}, such as Metaraminol, is not in "
        f"it. Its shortest path is {path_text_of(shortest)}. Below: score against training pairs and against "
        f"parameters. {finding(rows)}"
    )


def path_text_of(path: Any) -> str:
    """Write a path without its identity steps, with what each relation says."""
    edges = [edge for edge in path.edges if edge.relation != IDENTITY]
    said = [edge._replace(relation=edge.relation.replace(_name(edge), verb_of(_name(edge)))) for edge in edges]
    return path_text(path._replace(edges=tuple(said)))


def _name(edge: Edge) -> str:
    return edge.relation.removeprefix(INVERSE)


def _changes(path: Any) -> int:
    return sum(edge.relation != IDENTITY for edge in path.edges)


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    start, end = PAIR
    return (
        f"A network of {len(FACTS)} facts around {start} and {end}, two layered drawings of the walks between them in "
        f"{LENGTH} steps, and two panels of scores. {finding(rows)}"
    )
