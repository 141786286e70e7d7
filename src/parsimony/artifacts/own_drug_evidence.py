"""Evidence on drugs whose mechanisms are known: how much of what EmerGNN points to is the planted mechanism."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.interaction_runs import FLOW, GENERATED, TASK, origin_text
from parsimony.artifacts.run_schedule import short_notes
from parsimony.artifacts.theme import SIZE, new_figure, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = {
    "emergnn": (3, "o", "-", "contributions"), "gates": (1, "D", "-.", "mean gates"),
    "shortest path": (0, "s", "--", "shortest path"), "random": (7, "^", ":", "random"),
}  # fmt: skip
COLUMNS = ["explainer", "threshold", "precision", "recall", "precision deviation", "recall deviation", "seeds"]


def own_drug_evidence(archive: Archive) -> Artifact:
    """Draw precision against recall, one line an explainer, a dot for each number of edges or threshold."""
    import pandas

    runs = runs_with_evidence(archive)
    rows = [row for name in LOOKS for row in course(runs, name)]
    figure, (axes,) = new_figure(3.6)
    draw(axes, rows)
    return Artifact(
        id="fig-own-drug-evidence", title="Does it point to the mechanism?", caption=_caption(runs, rows),
        alt=_alt(rows), data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=figure, records=runs,
    )  # fmt: skip


def runs_with_evidence(archive: Archive) -> tuple[Filed, ...]:
    """Return the runs of EmerGNN on generated drugs that marked their evidence, one a seed, all of one variant."""
    for profile in ("paper", "quick"):
        every = archive.find(FLOW, GENERATED, profile, task=TASK)
        if holding := [one for one in every if "evidence" in one.record.measurements]:
            variant = holding[0].record.specification.variant
            return tuple(one for one in holding if one.record.specification.variant == variant)
    return ()


def course(runs: Sequence[Filed], explainer: str) -> list[dict[str, Any]]:
    """Return mean and deviation over seeds for each amount of evidence shown."""
    found = [one.record.measurements["evidence"].get(explainer, []) for one in runs]
    rows = []
    for points in zip(*found, strict=True):
        values = [[one[name] for one in points] for name in ("precision", "recall")]
        means = [*map(statistics.fmean, values), *map(spread, values)]
        rows.append(dict(zip(COLUMNS, (explainer, points[0]["threshold"], *means, len(points)), strict=True)))
    return rows


def spread(values: Sequence[float]) -> float:
    """Return the deviation over seeds."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def draw(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw all explainers, with the deviation over seeds at the best point of each."""
    if not rows:
        say_not_run(axes, "EmerGNN on generated drugs")
        return
    for name, (number, marker, line, label) in LOOKS.items():
        part = [row for row in rows if row["explainer"] == name]
        x, y = ([row[name] for row in part] for name in ("recall", "precision"))
        colour, best = palette()[number], best_of(rows, name)
        axes.plot(x, y, color=colour, marker=marker, linestyle=line, linewidth=1.5, markersize=6, label=label)
        axes.errorbar(best["recall"], best["precision"], xerr=best["recall deviation"],
                      yerr=best["precision deviation"], color=colour, elinewidth=1, capsize=3)  # fmt: skip
    axes.set(xlim=(0, 1.03), ylim=(0, 1.03))
    axes.set_xlabel("recall: share of the mechanism that is shown", fontsize=SIZE)
    axes.set_ylabel("precision: share of what is\nshown that is mechanism", fontsize=SIZE)
    axes.grid(color="#e3e8ec", linewidth=0.7)
    axes.legend(fontsize=SIZE, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def best_of(rows: Sequence[dict[str, Any]], explainer: str) -> dict[str, Any]:
    """Return the point of an explainer where the harmonic mean of precision and recall is largest."""
    return max((row for row in rows if row["explainer"] == explainer), key=harmonic)


def harmonic(row: dict[str, Any]) -> float:
    """Return the harmonic mean of precision and recall."""
    total = row["precision"] + row["recall"]
    return 2 * row["precision"] * row["recall"] / total if total else 0.0


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say precision and recall of each explainer where both are best together."""
    present = [name for name in LOOKS if any(row["explainer"] == name for row in rows)]
    said = []
    for name in present:
        best = best_of(rows, name)
        said.append(f"{LOOKS[name][3]} {best['precision']:.2f} and {best['recall']:.2f}")
    return f"Precision and recall where their harmonic mean is largest: {'; '.join(said)}."


def best_paths_text(runs: Sequence[Filed]) -> str:
    """Say for how many pairs the first path of an explainer is a whole mechanism."""
    found = [one.record.measurements["best_path"] for one in runs if "best_path" in one.record.measurements]
    if not found:
        return ""
    shares = (f"{label} {statistics.fmean(one[name] for one in found):.2f}" for name, (*_, label) in LOOKS.items())
    return f" Share of the pairs whose first path is one of their mechanisms, whole: {'; '.join(shares)}."


def _caption(runs: Sequence[Filed], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Of generated drugs the mechanism of each interaction is known: an enzyme that one inhibits and the other "
        "needs, a transporter, a shared target, a side effect, the target of a relative. Shown as evidence are the "
        "edges of all paths that reach a share of the strongest path, from all of it down to little along the line. "
        "Contributions: paths by what they add to the logit; mean gates: by the score of the paper. Precision: the "
        "share of these edges that belong to a planted mechanism; recall: the share of the mechanisms that is shown. "
        "For comparison: as many edges of all paths at random as contributions choose, and one path of fewest steps. "
    )
    if not rows:
        return start + "No run has measured it yet."
    short = "".join(f" ({note})" for note in short_notes(runs))
    pairs = sum(one.record.measurements["evidence"][FLOW][0]["pairs"] for one in runs)
    return (
        f"{start}Means, with the deviation at the best point of each, {origin_text(runs)}{short}, {pairs:,} test pairs "
        f"in all. {finding(rows)}{best_paths_text(runs)}"
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no run has compared evidence with planted mechanisms."
    return f"Precision against recall of {len({row['explainer'] for row in rows})} explainers. {finding(rows)}"
