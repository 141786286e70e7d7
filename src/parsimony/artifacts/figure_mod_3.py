"""The scaling law in closed form and in simulation: losses against parameters, samples needed against dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.law_points import DATASET, law_runs, loss_rows, sample_rows
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, palette, say_not_run
from parsimony.evaluation.scaling_law import Law, network_losses
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ["kind", "dimension", "modules", "samples", "parameters", "quantity", "predicted", "simulated", "low", "high",
           "relative"]  # fmt: skip
COLOURS = {"2": 0, "5": 1, "9": 2}
HIGHEST = 10.0


def figure_mod_3(archive: Archive) -> Artifact:
    """Draw curves of the closed forms and simulated points with their intervals."""
    import pandas

    runs = law_runs(archive)
    rows = [*loss_rows(runs), *sample_rows(runs)] if runs else []
    figure, axes = new_mosaic(3.9, [["losses", "samples"]])
    if runs:
        curves = runs[0].record.measurements["curves"]
        draw_losses(axes["losses"], curves, rows)
        draw_samples(axes["samples"], curves, rows)
    for place in [] if runs else axes.values():
        say_not_run(place, f"checks on {DATASET}")
    return Artifact(
        id="fig-mod-3", title="Samples that one network and modules need", caption=_caption(rows, runs), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=runs,
    )  # fmt: skip


def draw_losses(axes: Axes, curves: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Draw test loss against parameters for one number of samples, with the spike where both are equal."""
    samples = curves["samples"]
    places = sorted({*curves["parameters"], *range(samples // 2, 2 * samples)})
    for dimension in curves["losses"]:
        colour = palette()[COLOURS.get(dimension, 4)]
        line = [min(network_losses(Law(), int(dimension), samples, p)["test"], HIGHEST) for p in places]
        axes.plot(places, line, color=colour, linewidth=1.8, label=f"$m = {dimension}$")
        drawn = [row for row in rows if row["quantity"] == "test loss" and row["kind"] == "network"
                 and row["samples"] == curves["samples"] and str(row["dimension"]) == dimension]  # fmt: skip
        bars(axes, [row["parameters"] for row in drawn], drawn, colour)
    axes.axvline(curves["samples"], color=INK, linestyle=(0, (2, 2)), linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.2, HIGHEST))
    axes.set_xlabel("parameters, $p$", fontsize=SIZE)
    axes.set_ylabel(f"test loss / variance, $n = {curves['samples']}$", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="upper right")


def draw_samples(axes: Axes, curves: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Draw samples needed against dimension, one line a number of parameters, and the flat line of modules."""
    networks = sorted(curves["network samples"].items(), key=lambda pair: int(pair[0]))
    for (parameters, needed), colour in zip(networks, sequence(len(networks)), strict=True):
        axes.plot(curves["dimensions"], needed, color=colour, linewidth=1.8)
        axes.annotate(f"p = {int(parameters):,}", (curves["dimensions"][-1], needed[-1]), xytext=(-2, 4), ha="right",
                      textcoords="offset points", fontsize=SIZE - 2, color=INK)  # fmt: skip
    found = [row for row in rows if row["quantity"] == "samples needed" and row["kind"].startswith("network")]
    bars(axes, [row["dimension"] for row in found], found, INK)
    flat = curves["modular samples"]
    axes.plot(curves["dimensions"], [flat] * len(curves["dimensions"]), color=palette()[1], linewidth=2.6,
              linestyle=(0, (5, 2)), label="modules")  # fmt: skip
    bars(axes, [1], [row for row in rows if row["kind"].startswith("modular samples")], palette()[1])
    axes.set_yscale("log")
    axes.set_xlabel("dimensions of the input, $m$", fontsize=SIZE)
    axes.set_ylabel("samples needed", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="upper left")


def bars(axes: Axes, x: Sequence[float], rows: Sequence[dict[str, Any]], colour: str) -> None:
    """Draw simulated values with their intervals."""
    if not rows:
        return
    y = [row["simulated"] for row in rows]
    errors = [[row["simulated"] - row["low"] for row in rows], [row["high"] - row["simulated"] for row in rows]]
    axes.errorbar(x, y, yerr=errors, fmt="o", markersize=5, color=colour, markerfacecolor="white", elinewidth=1.3,
                  capsize=2, zorder=4)  # fmt: skip


def sequence(number: int) -> list[tuple[float, float, float]]:
    """Return colours from dark to light for growing numbers."""
    import seaborn

    return seaborn.color_palette("mako", number + 2)[1:-1]


def _caption(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    start = (
        "Theorems 1 and 2 (lines) and simulation (circles with 95 % intervals). Left: expected test loss of a network "
        "against its parameters; it rises without end where they equal the samples (dotted) and falls again. Right: "
        "samples needed for a test loss of 1.05 times the variance, against the dimension, for networks of different "
        "size and for modules that see the true projections (dashed). "
    )
    if not rows:
        return start + "No check has been run yet."
    worst = max(row["relative"] for row in rows if row["predicted"] > 0)
    return (
        f"{start}Over all {len(rows)} values and {len(runs)} seed{'s' * (len(runs) > 1)}, simulation and closed form "
        f"differ by at most {100 * worst:.1f} %."
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: no check of the scaling law has been run."
    grown = [row for row in rows if row["kind"] == "network samples"]
    flat = next(row for row in rows if row["kind"] == "modular samples")
    return (
        "Left, test losses with a spike where parameters equal samples, simulated points on the curves; right, rising "
        f"curves of samples needed, for the smallest network from {grown[0]['predicted']:.0f} at "
        f"{grown[0]['dimension']} dimensions to {grown[-1]['predicted']:.0f} at {grown[-1]['dimension']}, and a level "
        f"line at {flat['predicted']:.0f} for modules."
    )
