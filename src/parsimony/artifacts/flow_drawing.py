"""Draw a message-passing flow: layers as circles, aggregations as boxes, embedding sizes as small squares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from parsimony.artifacts.flow_text import FlowLayer, Read, parse_flow
from parsimony.artifacts.theme import INK, blank, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAINT, GREY = "#d5dbe1", "#8b97a2"
PLACES = {"E": (1.3, 10.0), "V": (1.3, 6.0), "U": (1.3, 2.0)}  # of the variables
LAYERS = {"E": (7.0, 10.0), "V": (11.5, 6.0), "U": (16.5, 2.0)}  # of the functions
BOXES = {("E", "V"): (9.3, 8.0), ("E", "U"): (16.5, 7.0), ("V", "U"): (14.0, 4.0)}  # of the aggregations
COLOURS = {"E": 0, "V": 1, "U": 2}  # places in the palette
FULL = "e1(E, V, U; 3) -> v1(sum E, V, U; 3) -> u1(sum E, sum V, U; 1)"
SIZE = 9.5  # points


def draw_flow(axes: Axes, title: str, flow: str) -> None:
    """Draw the layers of a flow; what the full block has besides stays faint."""
    blank(axes, 19, 13)
    axes.set_title(title, fontsize=SIZE + 0.5, weight="bold")
    full, kept = parse_flow(FULL), parse_flow(flow)
    used = {read.level for layer in kept.values() for read in layer.reads if _is_raw(layer, read, kept)}
    for layers, is_kept in ((full, False), (kept, True)):
        for layer in layers.values():
            _draw_reads(axes, layer, layers, is_kept=is_kept)
    for level, place in PLACES.items():
        _draw_variables(axes, level, place, is_kept=level in used)
    for level, place in LAYERS.items():
        _draw_layer(axes, level, place, kept.get(level))


def _is_raw(layer: FlowLayer, read: Read, layers: Mapping[str, FlowLayer]) -> bool:
    """Whether a layer reads variables of the data rather than an embedding."""
    return not (read.aggregator and read.level in layers and "EVU".index(read.level) < "EVU".index(layer.level))


def _draw_reads(axes: Axes, layer: FlowLayer, layers: Mapping[str, FlowLayer], *, is_kept: bool) -> None:
    colour, width = (INK, 1.4) if is_kept else (FAINT, 0.9)
    for read in layer.reads:
        start = PLACES[read.level] if _is_raw(layer, read, layers) else LAYERS[read.level]
        end = LAYERS[layer.level]
        stops = [start, *([BOXES[read.level, layer.level]] if read.aggregator else []), end]
        if (read.level, layer.level) == ("E", "U"):
            stops.insert(1, (end[0], start[1]))
        xs, ys = zip(*stops, strict=True)
        axes.plot(xs, ys, color=colour, linewidth=width, zorder=2 if is_kept else 1, solid_joinstyle="round")
        if read.aggregator:
            _draw_box(axes, BOXES[read.level, layer.level], read.aggregator if is_kept else "", is_kept=is_kept)


def _draw_box(axes: Axes, centre: tuple[float, float], text: str, *, is_kept: bool) -> None:
    style = {"boxstyle": "square,pad=0.25", "facecolor": "white", "edgecolor": INK if is_kept else FAINT}
    label = rf"$\rho$ {text}" if is_kept else r"$\rho$"
    axes.text(*centre, label, ha="center", va="center", fontsize=SIZE - 1, bbox=style, zorder=4 if is_kept else 3,
              color=INK if is_kept else FAINT)  # fmt: skip


def _draw_variables(axes: Axes, level: str, place: tuple[float, float], *, is_kept: bool) -> None:
    colour = palette()[COLOURS[level]] if is_kept else FAINT
    style = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour, "linewidth": 1.5}
    axes.text(
        *place,
        level,
        ha="center",
        va="center",
        fontsize=SIZE,
        bbox=style,
        zorder=5,
        color=INK if is_kept else GREY,
    )


def _draw_layer(axes: Axes, level: str, place: tuple[float, float], layer: FlowLayer | None) -> None:
    """Draw a function as a circle, and a square for each number that it gives."""
    colour = palette()[COLOURS[level]] if layer else "white"
    axes.scatter([place[0]], [place[1]], s=620, color=colour, edgecolors=INK if layer else FAINT, zorder=5)
    text = rf"$\phi^{{{level.lower()}}}$"
    axes.text(*place, text, ha="center", va="center", fontsize=SIZE + 1.5, zorder=6, color="white" if layer else GREY,
              weight="bold")  # fmt: skip
    for number in range(min(layer.size, 8) if layer else 0):
        axes.scatter([place[0] + 1.7 + 0.6 * number], [place[1] + 1.25], s=22, marker="s", color=colour, zorder=6,
                     edgecolors=INK, linewidths=0.6)  # fmt: skip
