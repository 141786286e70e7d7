"""The one look of all figures: seaborn's colour-blind palette on white, sizes for a page 720 pixels wide."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2  # inches
SIZE = 10  # points, of what stands beside and above a panel
INK, SOFT = "#22303c", "#e9eef2"


def new_figure(height: float, columns: Sequence[float] = (1.0,)) -> tuple[Figure, list[Axes]]:
    """Return a figure of the page's width with axes side by side, of the given relative widths."""
    figure, axes = new_mosaic(height, [list(range(len(columns)))], width_ratios=list(columns))
    return figure, [axes[number] for number in range(len(columns))]


def new_mosaic(
    height: float, rows: Sequence[Sequence[Hashable]], **layout: object
) -> tuple[Figure, dict[Hashable, Axes]]:
    """Return a figure of the page's width whose axes are named by rows; a name that repeats is one wide panel."""
    import matplotlib.pyplot as plt
    import seaborn

    seaborn.set_theme(context="paper", style="ticks", palette="colorblind", font="DejaVu Sans", font_scale=1.05)
    plt.rcParams.update({"axes.edgecolor": INK, "text.color": INK, "axes.labelcolor": INK, "figure.facecolor": "white"})
    figure, axes = plt.subplot_mosaic(
        [list(row) for row in rows], figsize=(WIDTH, height), layout="constrained", **layout
    )
    plt.close(figure)  # shown by the book, not by the notebook
    return figure, axes


def new_panels(
    keys: Sequence[str], columns: int, row_height: float, up: str = ""
) -> tuple[Figure, dict[Hashable, Axes]]:
    """Return a figure with one panel a key, row after row, at most so many side by side; the last row may be short.

    Args:
        keys: of the panels.
        columns: panels side by side, at most.
        row_height: in inches.
        up: what the vertical axes show, written beside the first panel of each row.
    """
    columns = min(columns, len(keys))
    padded = [*keys, *["."] * (-len(keys) % columns)]  # the mosaic leaves a point empty
    rows = [padded[start : start + columns] for start in range(0, len(padded), columns)]
    figure, panels = new_mosaic(row_height * len(rows), rows)
    figure.get_layout_engine().set(h_pad=0.08)  # inches; an axis label keeps away from the title below
    for first, *_ in rows:
        panels[first].set_ylabel(up, fontsize=SIZE)
    return figure, panels


def palette() -> list[str]:
    """Return the colours as hexadecimal strings."""
    import seaborn

    return seaborn.color_palette("colorblind").as_hex()


def in_whole_decades(axes: Axes) -> None:
    """Make the horizontal axis logarithmic, from one power of ten to another, so that it always has ticks."""
    axes.set_xscale("log")
    low, high = axes.dataLim.intervalx
    room = 1.1  # so that no mark sits on the frame
    axes.set_xlim(10 ** math.floor(math.log10(low / room)), 10 ** math.ceil(math.log10(high * room)))
    axes.xaxis.set_minor_formatter("")


def say_not_run(axes: Axes, what: str) -> None:
    """Write into empty axes that the runs are missing."""
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, f"not run: {what}", ha="center", va="center", style="italic", transform=axes.transAxes, wrap=True
    )


def box(
    axes: Axes, centre: tuple[float, float], size: tuple[float, float], text: str, colour: str, **font: object
) -> None:
    """Draw a rounded box with centred text."""
    from matplotlib.patches import FancyBboxPatch

    x, y = centre[0] - size[0] / 2, centre[1] - size[1] / 2
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch((x, y), *size, boxstyle=style, facecolor=colour, edgecolor=INK, linewidth=0.8))
    axes.text(*centre, text, ha="center", va="center", linespacing=1.25, **font)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0.0) -> None:
    """Draw an arrow between two points."""
    arc = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.1, "connectionstyle": f"arc3,rad={bend}"}
    axes.annotate("", xy=end, xytext=start, arrowprops=arc)


def blank(axes: Axes, width: float, height: float) -> None:
    """Turn axes into a sheet of the given size in its own units."""
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
