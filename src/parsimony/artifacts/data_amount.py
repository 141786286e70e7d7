"""Score against the number of training pairs and against the number of parameters (Figure 10b)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.interaction_runs import METHODS, look_of, measure_of, runs_in, shown_set
from parsimony.artifacts.names import name_of
from parsimony.artifacts.run_schedule import has_short
from parsimony.artifacts.theme import SIZE, in_whole_decades, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SETTING = "S1"
SHARES = {"data10": 0.1, "data30": 0.3, "": 1.0}  # variants, and the share of the training pairs that they see
COLUMNS = ["dataset", "profile", "method", "share", "training pairs", "parameters", "measure", "mean", "deviation",
           "runs", "short"]  # fmt: skip


def amount_rows(archive: Archive) -> list[dict[str, Any]]:
    """Return one row a method and share of the pairs."""
    return [{"part": "amount", **row_of(method, share, runs)} for method, share, runs in groups(archive)]


def groups(archive: Archive) -> list[tuple[str, float, tuple[Filed, ...]]]:
    """Return the runs of each method on each share of the pairs."""
    place = shown_set(archive)
    every = ((method, share, runs_in(archive, method, *place, SETTING, variant))
             for method in METHODS if place for variant, share in SHARES.items())  # fmt: skip
    return [one for one in every if one[2]]


def used_runs(archive: Archive) -> tuple[Filed, ...]:
    """Return every run behind the rows."""
    return tuple(one for _, _, runs in groups(archive) for one in runs)


def row_of(method: str, share: float, runs: Sequence[Filed]) -> dict[str, Any]:
    """Return mean and deviation over seeds of one method on one share."""
    asked, first = runs[0].record.specification, runs[0].record
    measure = measure_of(asked.dataset, SETTING)
    scores = [one.record.metrics[measure] for one in runs]
    deviation = statistics.stdev(scores) if len(scores) > 1 else 0.0
    pairs = statistics.fmean(one.record.measurements["training_pairs"] for one in runs)
    found = (asked.dataset, asked.profile, method, share, pairs, first.parameters, measure, statistics.fmean(scores),
             deviation, len(runs), has_short(runs))  # fmt: skip
    return dict(zip(COLUMNS, found, strict=True))


def draw_amount(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a line a method over the number of training pairs."""
    if not rows:
        say_not_run(axes, "methods on shares of the pairs")
        return
    for method in dict.fromkeys(row["method"] for row in rows):
        part = sorted((row for row in rows if row["method"] == method), key=lambda row: row["share"])
        x, y = [row["training pairs"] for row in part], [row["mean"] for row in part]
        spread = [row["deviation"] for row in part]
        axes.errorbar(x, y, yerr=spread, linewidth=1.5, capsize=2, elinewidth=0.8, label=name_of(method),
                      markersize=5.5, **look_of(method))  # fmt: skip
    _label(axes, rows, "training pairs")


def draw_parameters(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a dot a method, trained on all pairs, over its parameters; those without any at the left."""
    whole = [row for row in rows if row["share"] == 1]
    if not whole:
        say_not_run(axes, "methods on all pairs")
        return
    for row in whole:
        place = max(row["parameters"], 1), row["mean"], row["deviation"]
        axes.errorbar(*place, capsize=2, elinewidth=0.8, markersize=8, linestyle="none", label=name_of(row["method"]),
                      **look_of(row["method"]))  # fmt: skip
    _label(axes, rows, "parameters")


def _label(axes: Axes, rows: Sequence[dict[str, Any]], across: str) -> None:
    axes.set_ylim(0, 1.08 * max(row["mean"] + row["deviation"] for row in rows))
    in_whole_decades(axes)
    axes.set_xlabel(across, fontsize=SIZE)
    axes.set_ylabel(f"{rows[0]['measure']}, {rows[0]['dataset']}", fontsize=SIZE - 0.5)
    axes.tick_params(labelsize=SIZE - 1)
    axes.grid(axis="y", color="#e3e8ec", linewidth=0.7)
    axes.set_title(f"b: score against {across}", fontsize=SIZE - 0.5, weight="bold")


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say which method is best on the fewest and on all pairs, and how many parameters it takes."""
    if not rows:
        return "No method has been run yet."
    first = rows[0]
    shares = sorted({row["share"] for row in rows})
    said = [best_text(rows, share) for share in dict.fromkeys((shares[0], shares[-1]))]
    short = " Some runs are below the published schedule." * any(row["short"] for row in rows)
    return (
        f"{first['measure']} on {first['dataset']}, {first['profile']} profile, mean and deviation over seeds: "
        f"{'; '.join(said)}.{short}"
    )


def best_text(rows: Sequence[dict[str, Any]], share: float) -> str:
    """Say which method is best on a share of the pairs, and which is second."""
    part = sorted((row for row in rows if row["share"] == share), key=lambda row: -row["mean"])
    named = [f"{name_of(row['method'])} {row['mean']:.3f}" for row in part[:2]]
    return f"with {part[0]['training pairs']:,.0f} training pairs {' before '.join(named)}"
