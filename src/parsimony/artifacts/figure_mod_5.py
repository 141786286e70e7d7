"""Do projections point the right way: during the rule, while training, and module by module."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.sine_cells import DATASET, PROFILES, Sweep, cells_of, named, records_of, sweeps
from parsimony.artifacts.theme import SIZE, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHODS = ("modular", "modular-rule", "modular-true")
TRACED = {"rule": (0, "-"), "degree 1 removed": (2, (0, (5, 2))), "raw": (1, (0, (2, 1.5)))}
COLUMNS = ["panel", "method", "step", "similarity"]


def figure_mod_5(archive: Archive) -> Artifact:
    """Draw similarity over the rule's steps, over training, and the cosines of one seed."""
    import pandas

    found, searched = sweeps(archive, methods=METHODS), searches(archive)
    figure, axes = new_mosaic(6.0, [["rule", "training"], ["before", "after"]], height_ratios=[1, 1])
    rows = [*draw_rule(axes["rule"], searched), *draw_training(axes["training"], found)]
    shown = named(found, "modular-rule")
    for name in ("before", "after"):
        draw_cosines(axes[name], shown, name)
    return Artifact(
        id="fig-mod-5", title="Learnt and true projections", caption=_caption(rows, shown), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=(*records_of(found), *searched), published="fig-mod-5",
    )  # fmt: skip


def searches(archive: Archive) -> tuple[Filed, ...]:
    """Return the searches for projections, archived ones before quick ones."""
    found = (archive.find(task="projection search", dataset=DATASET, profile=profile) for profile in PROFILES)
    return next((runs for runs in found if runs), ())


def traces(runs: Sequence[Filed], rule: str) -> list[list[float]]:
    """Return the traces of one rule on the hardest task of each seed: the last that it lists."""
    every = [[row["trace"] for row in one.record.measurements["searches"] if row["rule"] == rule] for one in runs]
    return [rows[-1] for rows in every if rows]


def draw_rule(axes: Axes, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Draw how near the starts come to a true direction, step by step."""
    lines = {rule: found for rule in TRACED if (found := traces(runs, rule))}
    if not lines:
        say_not_run(axes, "search for projections")
        return []
    rows = []
    for rule, found in lines.items():
        mean = [statistics.fmean(values) for values in zip(*found, strict=True)]
        colour, style = TRACED[rule]
        axes.plot(mean, color=palette()[colour], linestyle=style, linewidth=2.2, label=rule)
        rows += [dict(zip(COLUMNS, ("rule", rule, step, value), strict=True)) for step, value in enumerate(mean)]
    axes.set(ylim=(0.4, 1.02))
    axes.set_xlabel("step of the rule", fontsize=SIZE)
    axes.set_ylabel("nearest true |cos|, mean", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="lower right")
    return rows


def draw_training(axes: Axes, found: Sequence[Sweep]) -> list[dict[str, Any]]:
    """Draw how well true directions are covered while the network trains, in the reference cell."""
    if not found:
        say_not_run(axes, "modular networks on sine waves")
        return []
    rows = []
    for one in found:
        lines = [line for run in one.runs if (line := reference_cell(run)["similarity"])]
        mean = [statistics.fmean(values) for values in zip(*lines, strict=True)]
        share = [number / (len(mean) - 1) for number in range(len(mean))]
        axes.plot(share, mean, linewidth=2.2, markevery=12, markersize=6, label=one.name, **one.look)
        rows += [
            dict(zip(COLUMNS, ("training", one.name, x, y), strict=True)) for x, y in zip(share, mean, strict=True)
        ]
    axes.set(ylim=(0.4, 1.02))
    axes.set_xlabel("share of the training", fontsize=SIZE)
    axes.set_ylabel("similarity of true directions", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="lower right")
    return rows


def reference_cell(run: Filed) -> dict[str, Any]:
    """Return the cell that stands for a run."""
    names = ("dimension", "modules", "samples")
    asked = run.record.measurements["reference"]
    return next(one for one in cells_of(run.record) if [one[name] for name in names] == asked)


def draw_cosines(axes: Axes, one: Sweep | None, name: str) -> None:
    """Draw |cos| of every module with every true direction as a map, for the first seed."""
    if one is None:
        say_not_run(axes, "the rule on sine waves")
        return
    grid = reference_cell(one.runs[0])[f"cosines {name}"]
    image = axes.imshow(list(zip(*grid, strict=True)), cmap="mako_r", vmin=0, vmax=1, aspect="auto")
    axes.set_title(f"{name} training", fontsize=SIZE, weight="bold")
    axes.set_xlabel("module of the network", fontsize=SIZE)
    axes.set_ylabel("true direction", fontsize=SIZE)
    axes.set_xticks(range(len(grid)), [str(number + 1) for number in range(len(grid))])
    axes.set_yticks(range(len(grid[0])), [str(number + 1) for number in range(len(grid[0]))])
    axes.tick_params(length=0)
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label("|cos|", fontsize=SIZE)


def _caption(rows: Sequence[dict[str, Any]], shown: Sweep | None) -> str:
    start = (
        "Upper left: while the rule descends, |cos| of each start with its nearest true direction, mean over starts "
        "and seeds, with parts of degree two removed from the target (rule), of degree one, or none (raw, as the rule "
        "is printed). Upper right: while the network trains, |cos| of each true direction with the nearest module, "
        "mean. Below: |cos| of all modules with all true directions in a network that starts from the rule. "
    )
    if not rows:
        return start + "Nothing has been run yet."
    reference = "" if shown is None else said_reference(shown)
    return f"{start}{reference}{_finding(rows)}"


def said_reference(one: Sweep) -> str:
    """Say which cell and seed are drawn."""
    dimension, modules, samples = one.runs[0].record.measurements["reference"]
    seed = one.runs[0].record.specification.seed
    return f"Training and maps: m = {dimension}, k = {modules}, n = {samples:,}; maps of seed {seed}. "


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say where each line starts and ends."""
    said = []
    for panel, method in dict.fromkeys((row["panel"], row["method"]) for row in rows):
        line = [row["similarity"] for row in rows if (row["panel"], row["method"]) == (panel, method)]
        said.append(f"{method} {line[0]:.2f} to {line[-1]:.2f} ({panel})")
    return f"From start to end: {'; '.join(said)}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Four empty panels: neither the rule nor a modular network has been run on sine waves."
    return f"Two panels of rising similarity and two maps of cosines. {_finding(rows)}"
