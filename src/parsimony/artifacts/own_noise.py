"""Does noise that passes share hold PAR back? Two runs that differ in it alone, at equal meta-iterations."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.few_shot_methods import MEASURE
from parsimony.artifacts.own_tuning import DATASET, run_of
from parsimony.records import Archive, Filed

SHARED, APART = "", "apart"  # variants
WAYS = {SHARED: "shared", APART: "apart"}
COLUMN_OF = {"Loss": 1, "New": 2}  # of a row of the curve
WINDOW = 500  # meta-iterations of a row of the table
COLUMNS = ("Meta-iterations", *(f"{name}, {way}" for name in COLUMN_OF for way in WAYS.values()))

Curve = Sequence[Sequence[float]]


def own_noise(archive: Archive) -> Artifact:
    """Return a row for each window of meta-iterations that both runs went through."""
    import pandas

    runs = {variant: run_of(archive, variant) for variant in WAYS}
    rows = rows_of(runs)
    jumps = [mean_jump(one) for one in runs.values() if one is not None]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), COLUMNS[0]: NOT_RUN}
    return Artifact(
        id="tab-own-noise", title="Noise that passes share", caption=_caption(rows, jumps),
        data=pandas.DataFrame(rows or [empty], columns=list(COLUMNS)),
        records=tuple(one for one in runs.values() if one is not None),
    )  # fmt: skip


def rows_of(runs: Mapping[str, Filed | None]) -> list[dict[str, Any]]:
    """Return the means of both runs in every whole window; nothing unless both ran."""
    if None in runs.values():
        return []
    curves = {variant: one.record.measurements["curve"] for variant, one in runs.items()}
    last = int(min(curve[-1][0] for curve in curves.values()))
    return [_row(curves, start, start + WINDOW) for start in range(0, last - WINDOW + 1, WINDOW)]


def _row(curves: Mapping[str, Curve], start: int, end: int) -> dict[str, Any]:
    values = (window_mean(curves[variant], column, start, end) for column in COLUMN_OF.values() for variant in WAYS)
    return dict(zip(COLUMNS, (f"{start + 1:,} to {end:,}", *(f"{value:.4f}" for value in values)), strict=True))


def window_mean(curve: Curve, column: int, start: int, end: int) -> float:
    """Return the mean of a column over the evaluations after `start` and up to `end`."""
    return statistics.fmean(row[column] for row in curve if start < row[0] <= end)


def mean_jump(one: Filed) -> float:
    """Return by how much the area on new properties changes from one evaluation of a run to the next, on average."""
    areas = [row[COLUMN_OF["New"]] for row in one.record.measurements["curve"]]
    return statistics.fmean(abs(after - before) for before, after in pairwise(areas))


def _caption(rows: Sequence[dict[str, Any]], jumps: Sequence[float]) -> str:
    start = (
        f"PAR on {DATASET}, 10-shot: means over the evaluations of {WINDOW} meta-iterations, of the training loss and "
        f"of {MEASURE} on new properties, for two runs from the same initial weights on the same episodes. Shared: one "
        "pass of the encoder serves both losses and all properties, one mask of a support molecule all queries. Apart: "
        "masks and batch statistics of their own for every pass, property and copy, as the authors' program draws them."
    )
    if not rows:
        return f"{start} Not run yet."
    gains = [float(row[f"New, {WAYS[APART]}"]) - float(row[f"New, {WAYS[SHARED]}"])
             for row in rows]  # fmt: skip
    return (
        f"{start} On new properties noise apart changes the means by {' and '.join(f'{gain:+.3f}' for gain in gains)}; "
        f"single evaluations jump by {max(jumps):.3f} on average from one to the next."
    )
