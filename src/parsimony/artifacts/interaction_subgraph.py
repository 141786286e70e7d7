"""The best paths between two drugs as a drawing: one row a path, the drugs as poles, arrows as messages flow."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parsimony.artifacts.digraph_drawing import SIZE, draw_edge, label_edge, point_of
from parsimony.artifacts.interaction_drawing import colour_of, draw_named
from parsimony.artifacts.interaction_explanation import Explanation, NamedPath, label_of, prediction_text, sentence
from parsimony.artifacts.theme import INK, blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, ROW, MARGIN = 7.0, 0.52, 0.55  # inches
LINE = 0.17  # inches from line to line of a sentence
CHARACTERS = 78  # of such a line
HEADS = ("path", "adds", "all like it", "gate", "read as a sentence")
STOPS = (0.0, 0.38, 0.92, 1.8, 2.17)  # where these columns begin, in inches
NEAR = {2: 0.62, 3: 0.53}  # where an outer edge is labelled, by steps: nearer to what is between than to the drug
FAN = 0.15  # how much further out entities stand, from row to row
TITLE, TITLE_CHARACTERS = 0.45, 80  # inches; characters of a line


def height_of(paths: Sequence[NamedPath]) -> float:
    """Return the height of the drawing in inches."""
    return ROW * max(3, len(paths))


def draw_paths(axes: Axes, shown: Explanation, colours: Mapping[str, str]) -> None:
    """Draw the paths between head (left) and tail (right), each in its row."""
    height = height_of(shown.paths)
    blank(axes, WIDTH, height)
    axes.set_aspect("equal")
    head, tail = shown.pair
    ends = {head: (MARGIN, height / 2), tail: (WIDTH - MARGIN, height / 2)}
    poles = {name: draw_named(axes, place, name, shown.kinds[name], is_asked=True) for name, place in ends.items()}
    for number, row in enumerate(rows_of(shown.paths)):
        draw_path(axes, number, row, (shown, ends, poles), colours)


def rows_of(paths: Sequence[NamedPath]) -> list[int]:
    """Return the row of each path: short ones in the middle, where their edges are flat, the strongest first."""
    middle = (len(paths) - 1) / 2
    free = sorted(range(len(paths)), key=lambda row: (abs(row - middle), row))
    order = sorted(range(len(paths)), key=lambda number: (len(paths[number].edges), number))
    return [row for _, row in sorted(zip(order, free, strict=True))]


def write_title(axes: Axes, shown: Explanation) -> None:
    """Write the true type that is explained and what EmerGNN thinks of it, a line each where they are short."""
    blank(axes, WIDTH, TITLE)
    thought = f"EmerGNN gives this probability {shown.raw['probability']:.2f} and rank {shown.raw['rank_of_type']}"
    asked = f"a: {prediction_text(shown)}"
    text = (
        f"{asked}\n{thought}"
        if len(asked) <= TITLE_CHARACTERS
        else textwrap.fill(f"{asked}; {thought}", TITLE_CHARACTERS)
    )
    axes.text(WIDTH / 2, TITLE / 2, text, fontsize=SIZE + 1, weight="bold", ha="center", va="center")


def draw_path(axes: Axes, number: int, row: int, around: tuple, colours: Mapping[str, str]) -> None:
    """Draw one path in its row, from pole to pole, with its number."""
    shown, ends, poles = around
    path = shown.paths[number]
    names = [path.edges[0].head, *(edge.tail for edge in path.edges)]
    places, boxes = [ends[names[0]]], [poles[names[0]]]
    y = height_of(shown.paths) - ROW * (row + 0.5)
    for position, name in enumerate(names[1:-1], start=1):
        share = fanned(position / len(path.edges), row, len(shown.paths))
        x = MARGIN + (WIDTH - 2 * MARGIN) * (share if names[0] == shown.pair[0] else 1 - share)
        places.append((x, y))
        boxes.append(draw_named(axes, (x, y), name, shown.kinds[name]))
    places.append(ends[names[-1]])
    boxes.append(poles[names[-1]])
    for step, edge in enumerate(path.edges):
        draw_edge(axes, (boxes[step], boxes[step + 1]), edge, colour_of(edge, colours))
        share = label_share(step, len(path.edges))
        label_edge(axes, point_of(*places[step : step + 2], 0.0, share), label_of(edge))
    if len(path.edges) > 1:
        leftmost = min(range(1, len(boxes) - 1), key=lambda place: places[place][0])
        corner = boxes[leftmost].get_x() - 0.08, y + 0.12
        axes.text(*corner, str(number + 1), fontsize=SIZE - 1, weight="bold", color=INK, ha="center", zorder=6)


def fanned(share: float, row: int, rows: int) -> float:
    """Return how far from pole to pole an entity stands: nearer to its pole in outer rows, clear of other edges."""
    return 0.5 + (share - 0.5) * (1 + FAN * abs(row - (rows - 1) / 2))


def label_share(step: int, steps: int) -> float:
    """Return how far along an edge its label stands: away from the poles, where edges meet."""
    if steps == 1 or 0 < step < steps - 1:
        return 0.5
    return NEAR[steps] if step == 0 else 1 - NEAR[steps]


def write_sentences(axes: Axes, shown: Explanation, most: int) -> None:
    """Write the best paths as sentences, with what they and all like them add, and the mean of their gates."""
    lines = [HEADS, *sentence_lines(shown, most)]
    blank(axes, WIDTH, LINE * len(lines))
    for number, cells in enumerate(lines):
        y = LINE * (len(lines) - number - 0.5)
        for x, text in zip(STOPS, cells, strict=True):
            axes.text(x, y, text, fontsize=SIZE - 0.5, va="center", weight="normal" if number else "bold")


def sentence_lines(shown: Explanation, most: int) -> list[tuple[str, ...]]:
    """Return the cells of each line; a long sentence goes on in the next."""
    lines: list[tuple[str, ...]] = []
    for number, path in enumerate(shown.paths[:most], start=1):
        first, *rest = textwrap.wrap(sentence(path), CHARACTERS)
        like = f"{path.together:+.2f} ({path.alike:,})"
        lines.append((str(number), f"{path.added:+.2f}", like, f"{path.gate:.2f}", first))
        lines += [("", "", "", "", text) for text in rest]
    return lines
