"""Losses of monolithic networks beside the law: against modules, dimension, parameters and samples."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.sine_cells import Sweep, cells_of, records_of, sweeps
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, palette, say_not_run
from parsimony.evaluation.growth import FLOOR, Point, fit_law
from parsimony.evaluation.scaling_law import Law, network_losses
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Number on the axis, its name, the sweep that holds it, and whether the axis is logarithmic.
PANELS = {
    "modules": ("modules of the task, $k$", "modules", False), "dimension": ("dimensions of the input, $m$", "", False),
    "parameters": ("parameters, $p$", "widths", True), "samples": ("training samples, $n$", "", True),
}  # fmt: skip
LOSSES = {"test": 0, "train": 1}  # place in the palette
COLUMNS = ["panel", "dimension", "modules", "samples", "parameters", "seeds", "loss", "measured", "law"]
HIGHEST = 30.0  # of the axis; the law has a spike without end at p = n


def figure_mod_2(archive: Archive) -> Artifact:
    """Draw measured losses and one law fitted to all of them."""
    import pandas

    found = {name: one for name in ("", "modules", "widths") for one in sweeps(archive, name, ("monolithic",))}
    law = None if not found else fit_law([point_of(*pair) for one in found.values() for pair in cells(one)])
    rows = [] if law is None else [row for panel in PANELS for row in rows_of(panel, found, law)]
    figure, axes = new_mosaic(6.0, [["modules", "dimension"], ["parameters", "samples"]])
    for panel, place in axes.items():
        draw(place, panel, [row for row in rows if row["panel"] == panel])
    if rows:
        add_key(axes["samples"])
    return Artifact(
        id="fig-mod-2", title="The law and monolithic networks", caption=_caption(rows, law), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=records_of(list(found.values())),
    )  # fmt: skip


def cells(one: Sweep) -> list[tuple[Sweep, dict[str, int]]]:
    """Return a sweep with each of its cells."""
    names = ("dimension", "modules", "samples", "width", "parameters")
    return [(one, {name: cell[name] for name in names}) for cell in cells_of(one.runs[0].record)]


def point_of(one: Sweep, cell: dict[str, int]) -> Point:
    """Return the mean losses of one cell."""
    asked = {name: cell[name] for name in ("dimension", "modules", "samples", "width")}
    place = (cell["dimension"], cell["samples"], cell["parameters"])
    return Point(*place, one.mean("train", **asked), one.mean("test", **asked))


def rows_of(panel: str, found: dict[str, Sweep], law: Law) -> Iterable[dict[str, Any]]:
    """Yield what one panel draws, a row a cell and loss."""
    sweep = found.get(PANELS[panel][1])
    for one, cell in cells(sweep) if sweep else ():
        point = point_of(one, cell)
        said = network_losses(law, *point[:3])
        for loss in LOSSES:
            yield {
                "panel": panel, **{name: cell[name] for name in ("dimension", "modules", "samples", "parameters")},
                "seeds": len(one.runs), "loss": loss, "measured": getattr(point, loss), "law": said[loss],
            }  # fmt: skip


def draw(axes: Axes, panel: str, rows: Sequence[dict[str, Any]]) -> None:
    """Draw thin lines for each setting of the other numbers and thick ones for their means."""
    if not rows:
        say_not_run(axes, "monolithic networks on sine waves")
        return
    label, _, is_logarithmic = PANELS[panel]
    for loss, colour in LOSSES.items():
        part = [row for row in rows if row["loss"] == loss]
        for kind, style in (("measured", "-"), ("law", (0, (4, 2)))):
            lines = settings_of(part, panel, kind)
            for line in lines:
                axes.plot(*zip(*line, strict=True), color=palette()[colour], linewidth=0.6, alpha=0.5, linestyle=style)
            axes.plot(*zip(*mean_line(part, panel, kind), strict=True), color=palette()[colour], linewidth=2.4,
                      linestyle=style, marker="o" if kind == "measured" else None, markersize=4)  # fmt: skip
    axes.set_xlabel(label, fontsize=SIZE)
    axes.set_ylabel("loss / variance", fontsize=SIZE)
    axes.set_xscale("log" if is_logarithmic else "linear")
    axes.set_yscale("log")
    axes.set_ylim(FLOOR, HIGHEST)


def settings_of(rows: Sequence[dict[str, Any]], panel: str, kind: str) -> list[list[tuple[float, float]]]:
    """Return a line for each setting of the numbers that are not on the axis."""
    others = [name for name in ("dimension", "modules", "samples") if name != panel]
    if panel == "dimension":
        others = ["modules", "samples"]  # parameters follow the dimension
    lines: dict[tuple, list[tuple[float, float]]] = {}
    for row in rows:
        lines.setdefault(tuple(row[name] for name in others), []).append((row[panel], clipped(row[kind])))
    return [sorted(line) for line in lines.values()]


def mean_line(rows: Sequence[dict[str, Any]], panel: str, kind: str) -> list[tuple[float, float]]:
    """Return the geometric mean over the settings; parameters that differ a little with m are one place."""
    places: dict[float, list[tuple[float, float]]] = {}
    for line in settings_of(rows, panel, kind):
        for number, (x, y) in enumerate(line):
            places.setdefault(number if panel == "parameters" else x, []).append((x, math.log(y)))
    return [
        (statistics.fmean(x for x, _ in part), math.exp(statistics.fmean(y for _, y in part)))
        for _, part in sorted(places.items())
    ]


def clipped(value: float) -> float:
    """Return a loss that a logarithmic axis can show."""
    return min(max(value, FLOOR), HIGHEST)


def add_key(axes: Axes) -> None:
    """Say below all panels what colours and strokes mean."""
    from matplotlib.lines import Line2D

    keys = [
        Line2D([], [], color=palette()[colour], linewidth=2.4, linestyle=style, label=f"{loss}, {kind}")
        for kind, style in (("measured", "-"), ("law", (0, (4, 2))))
        for loss, colour in LOSSES.items()
    ]
    axes.figure.legend(handles=keys, loc="outside lower center", ncols=4, fontsize=SIZE, frameon=False, labelcolor=INK)


def _caption(rows: Sequence[dict[str, Any]], law: Law | None) -> str:
    start = (
        "Training and test loss of monolithic networks on sine waves, divided by the variance of the target (solid), "
        "beside the closed form of theorem 1 with one pair of constants fitted to all test losses (dashed). Thin: one "
        "setting of the other numbers each; thick: their geometric mean. Losses below the axis are drawn at its foot, "
        "the spike of the law at p = n at its top. "
    )
    if law is None:
        return start + "No network has been trained yet."
    seeds = max(row["seeds"] for row in rows)
    return (
        f"{start}Fitted: c = {law.variance:.2f} and Omega = {law.omega:.2f}, means over {seeds} "
        f"seed{'s' * (seeds > 1)}. {_mismatch(rows)}"
    )


def _mismatch(rows: Sequence[dict[str, Any]]) -> str:
    """Say by which factor the law misses a test loss, typically and at worst."""
    gaps = [abs(math.log(row["measured"] / row["law"])) for row in rows
            if row["loss"] == "test" and 0 < row["law"] < math.inf]  # fmt: skip
    return (
        f"The law misses a measured test loss by a factor of {math.exp(statistics.median(gaps)):.1f} in the median and "
        f"{math.exp(max(gaps)):.0f} at most."
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Four empty panels: no monolithic network has been trained on sine waves."
    return (
        "Four panels of losses against modules, dimensions, parameters and samples, measured as solid and predicted as "
        f"dashed lines. {_mismatch(rows)}"
    )
