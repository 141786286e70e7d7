"""How a relational digraph is drawn: entities in columns, a colour a relation, inverse dashed, identity dotted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from parsimony.artifacts.reasoning_digraph import IDENTITY, Edge, entity_text, is_inverse, name_of_relation
from parsimony.artifacts.theme import INK, SOFT, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

Place = tuple[float, float]
GREY = "#c9d2da"
SIZE = 8.5  # points
MARGIN = 0.45  # inches from the middle of the outer columns to the edge of the sheet
BEND = 0.14  # of the outer one of two parallel edges
DASHED, DOTTED = (0, (4, 2)), (0, (1, 1.6))


def relation_colours(edges: Iterable[Edge]) -> dict[str, str]:
    """Return a colour for each relation in the order of its first edge; identity steps are ink."""
    names = dict.fromkeys(name_of_relation(edge) for edge in edges if edge.relation != IDENTITY)
    colours = palette()
    return {IDENTITY: INK, **{name: colours[number % len(colours)] for number, name in enumerate(names)}}


def places_in_columns(columns: Sequence[Sequence[str]], width: float, height: float) -> list[dict[str, Place]]:
    """Spread columns from margin to margin and the entities of each from top to bottom."""
    step = (width - 2 * MARGIN) / (len(columns) - 1)
    return [
        {
            entity: (MARGIN + number * step, height * (1 - (row + 0.5) / len(column)))
            for row, entity in enumerate(column)
        }
        for number, column in enumerate(columns)
    ]


def draw_entity(axes: Axes, place: Place, name: str, colour: str = SOFT, ink: str = INK) -> FancyBboxPatch:
    """Write an entity into a rounded box and return the box, so that edges can end at it."""
    from matplotlib.patches import FancyBboxPatch

    text = entity_text(name)
    width, height = 0.14 + 0.072 * len(text), 0.24
    corner = place[0] - width / 2, place[1] - height / 2
    box = FancyBboxPatch(
        corner, width, height, boxstyle="round,pad=0,rounding_size=0.08", facecolor=colour, edgecolor=ink,
        linewidth=0.8, zorder=4,
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(*place, text, ha="center", va="center", fontsize=SIZE, color=ink, zorder=5)
    return box


def line_style(edge: Edge) -> object:
    """Return dotted for an identity step, dashed for an inverse relation, else solid."""
    return DOTTED if edge.relation == IDENTITY else DASHED if is_inverse(edge) else "solid"


def draw_edge(
    axes: Axes, ends: tuple[FancyBboxPatch, FancyBboxPatch], edge: Edge, colour: str, bend: float = 0.0, **line: float
) -> None:
    """Draw an arrow from box to box."""
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(
        centre_of(ends[0]), centre_of(ends[1]), patchA=ends[0], patchB=ends[1], shrinkA=0.5, shrinkB=1,
        connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=8, color=colour,
        linestyle=line_style(edge), **{"linewidth": 1.4, "zorder": 2, **line},
    )  # fmt: skip
    axes.add_patch(arrow)


def centre_of(box: FancyBboxPatch) -> Place:
    """Return the middle of a box."""
    return box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2


def point_of(start: Place, end: Place, bend: float, share: float) -> Place:
    """Return the point at a share of the way along a bent edge, a quadratic curve as the arrows are."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    middle = (start[0] + end[0]) / 2 + bend * dy, (start[1] + end[1]) / 2 - bend * dx
    weights = (1 - share) ** 2, 2 * share * (1 - share), share**2
    x, y = (
        sum(weight * point[axis] for weight, point in zip(weights, (start, middle, end), strict=True))
        for axis in (0, 1)
    )
    return x, y


def label_edge(axes: Axes, place: Place, text: str) -> None:
    """Write on an edge, on white."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9}
    axes.text(*place, text, ha="center", va="center", fontsize=SIZE - 1, zorder=3, bbox=ground)


def bends_of(edges: Sequence[Edge]) -> list[float]:
    """Return how far each edge bends, so that those between the same two entities lie apart."""
    parallel: Mapping[tuple[str, str], list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        parallel[edge.head, edge.tail].append(number)
    bends = [0.0] * len(edges)
    for numbers in parallel.values():
        for order, number in enumerate(numbers):
            bends[number] = 2 * BEND * (order - (len(numbers) - 1) / 2)
    return bends


def draw_columns(axes: Axes, places: Sequence[Mapping[str, Place]], ends: tuple[str, str]) -> list[dict]:
    """Draw the entities of all columns, head and answer in colour, and return their boxes."""
    last = len(places) - 1
    return [
        {
            entity: draw_entity(axes, place, entity, end_colour(number, last, entity, ends))
            for entity, place in column.items()
        }
        for number, column in enumerate(places)
    ]


def end_colour(column: int, last: int, entity: str, ends: tuple[str, str]) -> str:
    """Return the colour of head and answer in their columns, else that of all others."""
    return HEAD if (column, entity) == (0, ends[0]) else ANSWER if (column, entity) == (last, ends[1]) else SOFT


HEAD, ANSWER = "#fbe3bd", "#bfe6d8"
