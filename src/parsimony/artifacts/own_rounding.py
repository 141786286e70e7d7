"""What rounding the large products to bfloat16 changes: runs beside twins that round nothing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, spread_text
from parsimony.artifacts.few_shot_methods import MEASURE, METHODS
from parsimony.artifacts.names import name_of
from parsimony.records import Archive, Filed

ROUNDED, EXACT = "bfloat16", "float32"
DATASET, DIGITS = "Tox21", 4
COLUMNS = ("Method", "Products", "New properties", "Learnt properties", "Seconds", "Seeds", "Evaluations")


class Pair(NamedTuple):
    """One seed of one method, rounded and not."""

    rounded: Filed
    exact: Filed

    def rows(self) -> list[tuple[list[float], list[float]]]:
        """Return the rows that both learning curves have: iteration, loss, ROC-AUC of new and learnt properties."""
        curves = [{row[0]: row for row in one.record.measurements["curve"]} for one in self]
        return [(curves[0][at], curves[1][at]) for at in sorted(curves[0].keys() & curves[1].keys())]


def own_rounding(archive: Archive) -> Artifact:
    """Return two rows for each method that has runs of both kinds."""
    import pandas

    found = {method: pairs for method in METHODS if (pairs := pairs_of(archive, method))}
    rows = [row_of(name_of(method), pairs, side) for method, pairs in found.items() for side in (0, 1)]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "New properties": NOT_RUN}
    return Artifact(
        id="tab-own-rounding", title="Products rounded to bfloat16", caption=_caption(found),
        data=pandas.DataFrame(rows or [empty], columns=list(COLUMNS)),
        records=tuple(one for pairs in found.values() for pair in pairs for one in pair),
    )  # fmt: skip


def pairs_of(archive: Archive, method: str) -> list[Pair]:
    """Return the twins of a method on Tox21, 10-shot, seed by seed, if their curves have a row in common."""
    exact, rounded = (
        {one.record.specification.seed: one for one in archive.find(method=method, dataset=DATASET, profile="paper")
         if one.record.specification.variant == variant}
        for variant in (EXACT, "")
    )  # fmt: skip
    pairs = (Pair(rounded[seed], exact[seed]) for seed in sorted(exact.keys() & rounded.keys()))
    return [pair for pair in pairs if pair.rows()]


def row_of(name: str, pairs: Sequence[Pair], side: int) -> dict[str, Any]:
    """Return the row of one kind of products, rounded (0) or exact (1)."""
    seconds = [pair[side].record.measurements["seconds per iteration"] for pair in pairs]
    new, learnt = (spread_text(means(pairs, side, column), DIGITS) for column in (2, 3))
    cells = (
        name, (ROUNDED, EXACT)[side], new, learnt,
        f"{statistics.median(seconds):.2f}", str(len(pairs)), str(len(pairs[0].rows())),
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def means(pairs: Sequence[Pair], side: int, column: int) -> list[float]:
    """Return for each seed the mean of a column of the curve over the rows that both have."""
    return [statistics.fmean(row[side][column] for row in pair.rows()) for pair in pairs]


def _caption(found: dict[str, list[Pair]]) -> str:
    start = (
        f"{MEASURE} of the same runs on {DATASET}, 10-shot, once with the factors of the large products rounded to "
        "bfloat16, as in all archived runs, and once without: mean over the rows of the learning curve that both "
        "have, with its deviation over seeds, and seconds of one meta-iteration (median over seeds). "
    )
    if not found:
        return start + "No pair has been run yet."
    return start + " ".join(_finding(name_of(method), pairs) for method, pairs in found.items())


def _finding(name: str, pairs: Sequence[Pair]) -> str:
    """Say how far rounding moves the mean, and how far seeds do."""
    rounded, exact = (means(pairs, side, 2) for side in (0, 1))
    moved = statistics.fmean(rounded) - statistics.fmean(exact)
    text = f"Rounding moves the mean of {name} on new properties by {moved:+.{DIGITS}f}"
    if len(pairs) == 1:
        return f"{text}; one seed tells no spread."
    spread = max(map(statistics.stdev, (rounded, exact)))
    judged = "within" if abs(moved) <= spread else "beyond"
    return f"{text}, {judged} the spread of the seeds ({spread:.{DIGITS}f})."
