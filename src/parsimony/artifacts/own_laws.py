"""The laws that methods end with, held against the true ones: flow, form, constants, larger graphs, minutes."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, spread_text, values_of
from parsimony.artifacts.law_runs import LAWS, METHOD_OF_ROW, TITLES, archived_or_quick
from parsimony.records import Archive, Filed

DIGITS = 3
COLUMNS = ("Law", "Method", "n", "Flow", "Law found", "Error", "Larger", "Minutes")
WORTHLESS = -1.0  # R^2 below which it does not matter by how much


def own_laws(archive: Archive) -> Artifact:
    """Return a row for every law and method that ran: archived runs, or quick ones where there is none."""
    import pandas

    found = {(law, row): archived_or_quick(archive, METHOD_OF_ROW[row], law) for law in LAWS for row in METHOD_OF_ROW}
    ran = {key: runs for key, runs in found.items() if runs}
    rows = [row_of(law, method, runs) for (law, method), runs in ran.items()]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "Law": NOT_RUN}
    return Artifact(
        id="tab-own-laws", title="Formulas, held against the true laws", caption=_caption(ran),
        data=pandas.DataFrame(rows or [empty], columns=list(COLUMNS)),
        records=tuple(one for runs in ran.values() for one in runs),
    )  # fmt: skip


def row_of(law: str, method: str, runs: Sequence[Filed]) -> dict[str, Any]:
    """Return the row of one method on one law."""
    minutes = statistics.fmean(one.record.minutes for one in runs)
    cells = (
        TITLES[law], method, count_text(runs), share_text(runs, "flow"), share_text(runs, "recovered"),
        error_text(runs), larger_text(runs), f"{minutes:.1f}",
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def count_text(runs: Sequence[Filed]) -> str:
    """Write the number of runs, whether they are quick ones, and staleness."""
    notes = ["quick"] * (runs[0].record.specification.profile == "quick")
    notes += ["stale"] * any(one.state == "stale" for one in runs)
    return ", ".join([str(len(runs)), *notes])


def share_text(runs: Sequence[Filed], measure: str) -> str:
    """Write in how many of the runs something was found; a dash where it was not asked."""
    values = [one.record.metrics[measure] for one in runs if measure in one.record.metrics]
    return f"{round(sum(values))} of {len(values)}" if values else NOTHING


def error_text(runs: Sequence[Filed]) -> str:
    """Write the largest relative error of a constant over the runs that found the law."""
    errors = [one.record.metrics["constant error"] for one in runs if "constant error" in one.record.metrics]
    return f"{max(errors):.0e}" if errors and max(errors) > 0 else "0" if errors else NOTHING


def larger_text(runs: Sequence[Filed]) -> str:
    """Write the mean share of variance explained on the largest graphs; a bound where it says nothing."""
    mean = statistics.fmean(values_of(runs, larger_measure(runs)))
    return spread_text([mean], DIGITS) if mean >= WORTHLESS else f"below {WORTHLESS:g}"


def larger_measure(runs: Sequence[Filed]) -> str:
    """Return the measure on the largest graphs, of four times as many nodes."""
    return max((name for name in runs[0].record.metrics if name.startswith("R2 x")), default="R2")


def finding(ran: dict[tuple[str, str], Sequence[Filed]]) -> str:
    """Say which laws GSR finds in every archived seed, and how often it finds the others."""
    shares = {
        TITLES[law]: [one.record.metrics["recovered"] for one in runs]
        for (law, method), runs in ran.items()
        if method == "GSR" and runs[0].record.specification.profile == "paper"
    }
    always = [title for title, values in shares.items() if all(values)]
    others = [f"{title} {round(sum(values))} of {len(values)}" for title, values in shares.items() if not all(values)]
    said = f"GSR finds in every archived seed: {'; '.join(always) or 'none'}."
    return f"{said} Of the others: {'; '.join(others)}." if others else said


def _caption(ran: dict[tuple[str, str], Sequence[Filed]]) -> str:
    start = (
        "What methods end with on the generated laws, without noise; n archived runs, or quick ones where there is "
        "none. Flow: the flow found can hold the law, and nothing can be left out of it. Law found: the formula, "
        "written out on small graphs, equals the true one once its constants are fitted. Error: the largest "
        "relative one of a constant among these. Larger: share of variance explained (R²) on graphs of four times as "
        "many nodes, mean over runs. Minutes: of one core, mean over runs. Aggregates give a formula without a flow, a "
        "black box gives none. "
    )
    return start + (finding(ran) if ran else "Not run yet.")
