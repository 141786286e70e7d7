"""Evidence: how much of what the attention points to is the planted reason, and how much of the reason it finds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.reasoning_runs import profiles_of, runs_with
from parsimony.artifacts.run_schedule import short_notes
from parsimony.artifacts.theme import SIZE, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEASURES = ("precision", "recall")
LOOKS = {"attention": (3, "o", "-"), "shortest path": (0, "s", "--"), "random": (7, "^", ":")}
COLUMNS = ["dataset", "explainer", "threshold", "measure", "mean", "deviation", "seeds"]


def own_evidence(archive: Archive) -> Artifact:
    """Draw precision and recall of the evidence against the threshold, one line an explainer."""
    import pandas

    runs = runs_with(archive, "evidence", "redgnn")
    rows = [row for name in LOOKS for measure in MEASURES for row in course(runs, name, measure)]
    figure, axes = new_mosaic(3.4, [list(MEASURES)], sharey=True)
    for measure in MEASURES:
        draw(axes[measure], measure, rows)
    if rows:
        handles, names = axes["precision"].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    return Artifact(
        id="fig-own-evidence", title="Is the evidence the reason?", caption=_caption(runs, rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=runs,
    )  # fmt: skip


def course(runs: Sequence[Filed], explainer: str, measure: str) -> list[dict[str, Any]]:
    """Return mean and deviation over seeds at each threshold; where nothing is shown a precision is undefined."""
    found = [one.record.measurements["evidence"] for one in runs]
    rows = []
    for number, threshold in enumerate(found[0]["thresholds"] if found else ()):
        every = [one[measure][explainer][number] for one in found]
        values = [value for value in every if value is not None]
        if values:
            deviation = statistics.stdev(values) if len(values) > 1 else 0.0
            numbers = (threshold, measure, statistics.fmean(values), deviation, len(values))
            dataset = runs[0].record.specification.dataset
            rows.append(dict(zip(COLUMNS, (dataset, explainer, *numbers), strict=True)))
    return rows


def draw(axes: Axes, measure: str, rows: Sequence[dict[str, Any]]) -> None:
    """Draw one measure of all explainers, with a band of the deviation over seeds."""
    if not rows:
        say_not_run(axes, "RED-GNN on generated families")
        return
    for name, (number, marker, line) in LOOKS.items():
        part = [row for row in rows if (row["explainer"], row["measure"]) == (name, measure)]
        x, y = [row["threshold"] for row in part], [row["mean"] for row in part]
        colour = palette()[number]
        axes.plot(x, y, color=colour, marker=marker, linestyle=line, markersize=4.5, linewidth=1.5, label=name)
        low, high = ([row["mean"] + side * row["deviation"] for row in part] for side in (-1, 1))
        axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel("least attention that is shown", fontsize=SIZE)
    axes.set_ylabel(f"{measure} of the evidence", fontsize=SIZE)


def at_best(rows: Sequence[dict[str, Any]], explainer: str) -> dict[str, Any]:
    """Return threshold, precision, recall and their harmonic mean where the last is largest."""
    by_threshold: dict[float, dict[str, float]] = {}
    for row in rows:
        if row["explainer"] == explainer:
            by_threshold.setdefault(row["threshold"], {})[row["measure"]] = row["mean"]
    both = [{"threshold": key, **pair} for key, pair in by_threshold.items() if len(pair) == len(MEASURES)]
    for one in both:
        total = one["precision"] + one["recall"]
        one["F1"] = 2 * one["precision"] * one["recall"] / total if total else 0.0
    return max(both, key=lambda one: one["F1"])


def best_text(rows: Sequence[dict[str, Any]], explainer: str) -> str:
    """Write an explainer with precision and recall where their harmonic mean is largest."""
    best = at_best(rows, explainer)
    return f"{explainer} {best['precision']:.2f} and {best['recall']:.2f}"


def _caption(runs: Sequence[Filed], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "In generated families the reason of a fact is known: the steps of all its proofs, chains of two or three "
        "known facts. Precision: the share of the steps shown as evidence that belong to the reason; recall: the share "
        "of the reason that is shown. Evidence by attention: the steps of the relational digraph with at least the "
        "threshold that lie on a path. For comparison: as many steps of the digraph at random, and those of one "
        "shortest path. "
    )
    if not rows:
        return start + "No run has measured it yet."
    queries = sum(one.record.measurements["evidence"]["queries"] for one in runs)
    short = short_notes(runs)
    return (
        f"{start}Line and band: mean and deviation over {len(runs)} seed{'s' * (len(runs) > 1)} of the "
        f"{profiles_of(runs)} profile on {rows[0]['dataset']}, {queries:,} queries"
        f"{f' ({short[0]})' if short else ''}. Precision and recall where their harmonic mean is largest: "
        f"{'; '.join(best_text(rows, name) for name in LOOKS)}."
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: no run has compared evidence with planted reasons."
    best = at_best(rows, "attention")
    return (
        f"Precision and recall against the threshold for {len(LOOKS)} explainers. At a threshold of "
        f"{best['threshold']:g} the attention reaches a precision of {best['precision']:.2f} and a recall of "
        f"{best['recall']:.2f}; at their best thresholds: {'; '.join(best_text(rows, name) for name in LOOKS)}."
    )
