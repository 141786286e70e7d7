"""Figure 6: from a small knowledge graph to one relational path and to the relational digraph of a query."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.digraph_drawing import (
    ANSWER,
    DASHED,
    DOTTED,
    GREY,
    HEAD,
    SIZE,
    bends_of,
    draw_columns,
    draw_edge,
    draw_entity,
    places_in_columns,
    relation_colours,
)
from parsimony.artifacts.reasoning_digraph import (
    Edge,
    Layers,
    Path,
    best_paths,
    columns_of,
    connected,
    entity_text,
    expansion,
    name_of_relation,
    path_text,
)
from parsimony.artifacts.theme import INK, blank, new_mosaic
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A family in which no single path tells who Lee's parent is, but two that meet do.
TOY = (
    Edge("Lee", "nephew", "Max"), Edge("Max", "brother", "Sam"), Edge("Max", "father", "Ida"),
    Edge("Sam", "uncle", "Ida"), Edge("Eva", "mother", "Ida"), Edge("Eva", "wife", "Max"),
)  # fmt: skip
TOY_QUERY, TOY_ANSWER, TOY_LENGTH = ("Lee", "son"), "Sam", 3
COLUMNS = ["layer", "head", "relation", "tail", "reaches the answer"]
TOP, WIDTH, ROW = 2.3, 7.2, 0.5  # inches


@dataclass(frozen=True)
class Example:
    """A small knowledge graph with a query: what the three panels show.

    Attributes:
        facts: the graph.
        query: head and relation.
        answer: entity.
        length: steps of a path.
    """

    facts: tuple[Edge, ...]
    query: tuple[str, str]
    answer: str
    length: int

    @property
    def layers(self) -> Layers:
        """All steps from the head."""
        return expansion(self.facts, self.query[0], self.length)

    @property
    def digraph(self) -> Layers:
        """Those steps that reach the answer."""
        return connected(self.layers, self.query[0], self.answer)

    @property
    def path(self) -> Path:
        """One path: that of the fewest identity steps, the first if several have as few."""
        paths = best_paths(self.digraph, self.query[0], self.answer, sum(map(len, self.layers)) ** 2)
        return min(paths, key=lambda one: sum(edge.head == edge.tail for edge in one.edges))


FAMILY = Example(TOY, TOY_QUERY, TOY_ANSWER, TOY_LENGTH)


def figure_6(archive: Archive) -> Artifact:
    """Draw graph, path and digraph of the toy family; no run is needed."""
    import pandas

    rows = [
        (number, edge.head, edge.relation, edge.tail, edge in FAMILY.digraph[number - 1])
        for number, layer in enumerate(FAMILY.layers, start=1)
        for edge in layer
    ]
    return Artifact(
        id="fig-6", title="From graph to relational digraph", caption=_caption(FAMILY), alt=_alt(FAMILY),
        data=pandas.DataFrame(rows, columns=COLUMNS), figure=draw(FAMILY),
    )  # fmt: skip


def draw(shown: Example) -> Figure:
    """Draw graph and path side by side, and the digraph below them."""
    columns = columns_of(shown.layers)
    height = max(2.0, ROW * max(map(len, columns)))
    figure, axes = new_mosaic(
        TOP + height + 0.9, [["graph", "path"], ["digraph", "digraph"]], height_ratios=[TOP, height]
    )
    colours = relation_colours(shown.facts)
    draw_graph(axes["graph"], shown, colours)
    draw_path(axes["path"], shown, colours)
    draw_expansion(axes["digraph"], shown, columns, height, colours)
    add_key(figure, colours)
    return figure


def draw_graph(axes: Axes, shown: Example, colours: Mapping[str, str]) -> None:
    """Draw the facts between entities on an ellipse, the head to the left and the answer to the right."""
    panel(axes, "knowledge graph", WIDTH / 2, TOP)
    places = places_around(shown)
    ends = {shown.query[0]: HEAD, shown.answer: ANSWER}
    boxes = {name: draw_entity(axes, place, name, ends.get(name, "#e9eef2")) for name, place in places.items()}
    twice = {(fact.tail, fact.head) for fact in shown.facts}
    for fact, bend in zip(shown.facts, bends_of(shown.facts), strict=True):
        turned = bend or 0.15 * ((fact.head, fact.tail) in twice)
        draw_edge(axes, (boxes[fact.head], boxes[fact.tail]), fact, colours[fact.relation], turned)


def places_around(shown: Example) -> dict[str, tuple[float, float]]:
    """Return places on an ellipse; the answer stands opposite the head, neighbours of neighbours in turn."""
    names = list(dict.fromkeys(name for fact in shown.facts for name in (fact.head, fact.tail)))
    others = [name for name in names if name not in (shown.query[0], shown.answer)]
    half = len(others) // 2
    around = [shown.query[0], *others[:half], shown.answer, *others[half:]]
    angles = [math.pi * (1 - number / (half + 1)) for number in range(half + 1)]
    angles += [-math.pi * number / (len(others) - half + 1) for number in range(len(others) - half + 1)]
    return {
        name: (WIDTH / 4 + 1.35 * math.cos(angle), TOP / 2 + 0.8 * math.sin(angle))
        for name, angle in zip(around, angles, strict=True)
    }


def draw_path(axes: Axes, shown: Example, colours: Mapping[str, str]) -> None:
    """Draw one path as a chain, from top to bottom."""
    panel(axes, "one relational path", WIDTH / 2, TOP)
    names = [shown.path.edges[0].head, *(edge.tail for edge in shown.path.edges)]
    step = TOP / len(names)
    places = [(WIDTH / 4, TOP - (number + 0.5) * step) for number in range(len(names))]
    colour = {0: HEAD, len(names) - 1: ANSWER}
    boxes = [
        draw_entity(axes, place, name, colour.get(number, "#e9eef2"))
        for number, (name, place) in enumerate(zip(names, places, strict=True))
    ]
    for number, edge in enumerate(shown.path.edges):
        draw_edge(axes, (boxes[number], boxes[number + 1]), edge, colours[name_of_relation(edge)])


def draw_expansion(
    axes: Axes, shown: Example, columns: Sequence[Sequence[str]], height: float, colours: Mapping[str, str]
) -> None:
    """Draw all steps from the head: those that reach the answer in colour, the others grey."""
    panel(axes, "relational digraph", WIDTH, height)
    places = places_in_columns(columns, WIDTH, height)
    boxes = draw_columns(axes, places, (shown.query[0], shown.answer))
    for number, layer in enumerate(shown.layers):
        for edge, bend in zip(layer, bends_of(layer), strict=True):
            is_part = edge in shown.digraph[number]
            pair = boxes[number][edge.head], boxes[number + 1][edge.tail]
            colour = colours[name_of_relation(edge)] if is_part else GREY
            draw_edge(
                axes, pair, edge, colour, bend, linewidth=1.6 if is_part else 0.8, zorder=2 if is_part else 1
            )  # fmt: skip


def panel(axes: Axes, title: str, width: float, height: float) -> None:
    """Turn axes into a sheet in inches, with a title."""
    blank(axes, width, height)
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=SIZE + 1, weight="bold")


def add_key(figure: Figure, colours: Mapping[str, str]) -> None:
    """Say which colour is which relation and what a line's style means."""
    from matplotlib.lines import Line2D

    names = [name for name in colours if name != "identity"]
    lines = [Line2D([], [], color=colours[name], linewidth=1.8, label=name.replace("_", " ")) for name in names]
    lines += [
        Line2D([], [], color=INK, linestyle=DASHED, label="inverse"),
        Line2D([], [], color=INK, linestyle=DOTTED, label="identity"),
        Line2D([], [], color=GREY, label="does not reach the answer"),
    ]
    figure.legend(handles=lines, loc="outside lower center", ncols=5, fontsize=SIZE, frameon=False)


def _caption(shown: Example) -> str:
    head, relation = shown.query
    return (
        f"What a relational digraph is, for the query ({entity_text(head)}, {relation}, ?) and the answer "
        f"{entity_text(shown.answer)}. Upper left: a knowledge graph, a toy family, fixed in advance; no run is "
        f"needed. Upper right: one relational path, {path_text(shown.path)}. Below: all steps from the head; every "
        "fact may be walked backwards (dashed), and an identity step (dotted) lets a short path wait. "
        f"The {sum(map(len, shown.digraph))} coloured edges are the "
        f"digraph, the union of all paths of {len(shown.layers)} steps to the answer; the other "
        f"{sum(map(len, shown.layers)) - sum(map(len, shown.digraph))} are grey."
    )


def _alt(shown: Example) -> str:
    return (
        f"Three drawings. A knowledge graph with {len(shown.facts)} facts; the path {path_text(shown.path)}; and "
        f"{len(shown.layers) + 1} columns of entities in which {sum(map(len, shown.digraph))} of "
        f"{sum(map(len, shown.layers))} edges lead to {entity_text(shown.answer)}."
    )
