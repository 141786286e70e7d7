"""Errors on sine waves and samples needed: modules beside one network, in and out of distribution."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import ASKED as ERROR
from parsimony.artifacts.cells import needed_by_dimension
from parsimony.artifacts.sine_cells import KINDS, Sweep, cells_of, named, records_of, sweeps
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, say_not_run
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ["panel", "method", "dimension", "samples", "mean", "low", "high", "seeds", "beyond"]
HIGH = 9  # the dimension whose errors are drawn, or the largest below it


def figure_mod_4(archive: Archive) -> Artifact:
    """Draw errors against samples in a high dimension, and samples needed against the dimension."""
    import pandas

    found = sweeps(archive)
    rows = [row for one in found for row in (*error_rows(one), *needed_rows(one))]
    figure, axes = new_mosaic(6.4, [["test", "wide"], ["needed test", "needed wide"]])
    for panel, place in axes.items():
        draw(place, panel, found, [row for row in rows if row["panel"] == panel])
    if found:
        handles, labels = axes["test"].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    return Artifact(
        id="fig-mod-4", title="Samples needed, measured", caption=_caption(found, rows), alt=_alt(found, rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=records_of(found), published="fig-mod-4",
    )  # fmt: skip


def high_dimension(one: Sweep) -> int:
    """Return the dimension whose errors are drawn."""
    return max(m for m in one.axis("dimension") if m <= HIGH)


def error_rows(one: Sweep) -> list[dict[str, Any]]:
    """Return the errors of one method in the high dimension, with intervals over seeds."""
    dimension = high_dimension(one)
    return [
        row_of(kind, one, dimension, samples, one.mean(kind, dimension=dimension, samples=samples),
               one.interval(kind, dimension=dimension, samples=samples))
        for kind in KINDS
        for samples in one.axis("samples")
    ]  # fmt: skip


def needed_rows(one: Sweep) -> list[dict[str, Any]]:
    """Return the samples that one method needs, with intervals of their geometric mean over seeds."""
    rows = []
    for kind in KINDS if len(one.axis("samples")) > 2 else ():
        by_seed = [needed_by_dimension(run.record, kind) for run in one.runs]
        for dimension in by_seed[0]:
            found = [seed[dimension] for seed in by_seed]
            logs = [math.log(each.samples) for each in found]
            low, high = map(math.exp, bootstrap_mean_interval(logs))
            beyond = sum(each.beyond for each in found)
            rows.append(row_of(f"needed {kind}", one, dimension, None, math.exp(statistics.fmean(logs)),
                               (low, high), beyond))  # fmt: skip
    return rows


def row_of(
    panel: str, one: Sweep, dimension: int, samples: int | None, mean: float, interval: tuple[float, float],
    beyond: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Return one row of the data; `beyond` counts seeds above the grid, or below it if negative."""
    values = (panel, one.name, dimension, samples, mean, *interval, len(one.runs), beyond)
    return dict(zip(COLUMNS, values, strict=True))


def draw(axes: Axes, panel: str, found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> None:
    """Draw one line a method with its interval."""
    if not rows:
        say_not_run(axes, "networks on sine waves")
        return
    is_needed = panel.startswith("needed")
    across = "dimension" if is_needed else "samples"
    for one in found:
        part = [row for row in rows if row["method"] == one.name]
        if not part:
            continue
        x = [row[across] for row in part]
        axes.plot(x, [row["mean"] for row in part], linewidth=1.8, markersize=6, label=one.name, **one.look)
        low, high = ([row[side] for row in part] for side in ("low", "high"))
        axes.fill_between(x, low, high, color=one.look["color"], alpha=0.18, linewidth=0)
        for row in part:
            if row["beyond"] > 0:
                axes.annotate("↑", (row["dimension"], row["mean"]), xytext=(0, 4), textcoords="offset points",
                              ha="center", fontsize=SIZE + 1, color=one.look["color"])  # fmt: skip
    kind = KINDS[panel.rpartition(" ")[2]]
    axes.set_yscale("log")
    if is_needed:
        axes.set_ylabel(f"samples for error {ERROR:g}", fontsize=SIZE)
        axes.set_xlabel("dimensions of the input, $m$", fontsize=SIZE)
    else:
        axes.set_xscale("log")
        axes.axhline(ERROR, color=INK, linestyle=(0, (4, 3)), linewidth=0.8)
        axes.set_ylabel(f"error / variance, $m = {rows[0]['dimension']}$", fontsize=SIZE)
        axes.set_xlabel("training samples, $n$", fontsize=SIZE)
    axes.set_title(kind, fontsize=SIZE, weight="bold")


def _caption(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Sine waves with five modules. Above: mean squared error divided by the variance of the target, against "
        f"training samples; dashed: {ERROR:g}. Below: samples needed for that error (geometric mean over seeds), "
        "against the dimension of the input; an arrow marks a point of which some seed lies above the grid, where its "
        "largest number stands in. Right: inputs 1.5 times as wide. Bands: 95 % bootstrap interval over seeds. "
    )
    if not found:
        return start + "No network has been trained yet."
    return f"{start}{_sizes(found)} Runs of the {found[0].profile} profile. {_finding(found, rows)}"


def _sizes(found: Sequence[Sweep]) -> str:
    """Say in which dimensions networks were trained, and how large they are."""
    dimensions = sorted({m for one in found for m in one.axis("dimension")})
    sizes = {one.name: sorted({cell["parameters"] for run in one.runs for cell in cells_of(run.record)})
             for one in found}  # fmt: skip
    each = "; ".join(f"{name} {few[0]:,} to {few[-1]:,}" for name, few in sizes.items())
    return f"m = {', '.join(map(str, dimensions))}. Trainable parameters: {each}."


def _finding(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    """Say what one network and the rule need in the lowest and in the highest dimension."""
    said = []
    for method in ("monolithic", "modular", "modular-rule"):
        one = named(found, method)
        part = [row for row in rows if one and row["method"] == one.name and row["panel"] == "needed test"]
        if part:
            said.append(f"{one.name} {needed_text(part[0])} at m = {part[0]['dimension']} and "
                        f"{needed_text(part[-1])} at m = {part[-1]['dimension']}")  # fmt: skip
    return (
        f"Samples needed in distribution: {'; '.join(said)}." if said else "The grid is too small for samples needed."
    )


def needed_text(row: dict[str, Any]) -> str:
    """Write samples needed, with a sign where the grid ends."""
    sign = "more than " if row["beyond"] > 0 else "at most " if row["beyond"] < 0 else ""
    return f"{sign}{row['mean']:,.0f}"


def _alt(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    if not found:
        return "Four empty panels: no network has been trained on sine waves."
    return f"Errors against samples, and samples needed against dimensions, a line a method. {_finding(found, rows)}"
