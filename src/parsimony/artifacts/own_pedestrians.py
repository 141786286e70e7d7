"""Laws of recorded pedestrians: how much of people's accelerations each explains, and how far its walks go astray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, difference_text, mean_text, published_text, spread_text, values_of
from parsimony.artifacts.law_runs import WALKERS
from parsimony.artifacts.law_runs import runs_of as runs_of_variant
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.published import Cell, read_table, verdict
from parsimony.records import Archive, Filed

METHOD_OF_ROW = {row: method for row, (method, _) in WALKERS.items()}
DATASETS = ("corridor-uni", "corridor-bi", "ETH-UCY")
DIGITS = 2
MEASURES = {"R², 1 s": "R2 1 s", "ADE, m": "ADE", "FDE, m": "FDE"}


def own_pedestrians(archive: Archive) -> Artifact:
    """Return explained variance over 2 s and 1 s and the errors of walks, for every law of walking."""
    import pandas

    found = side_by_side(archive, cells(), runs_of, _row, lambda cell: cell.column != "ETH-UCY")
    return Artifact(
        id="tab-own-pedestrians", title="Laws of pedestrians in numbers", caption=_caption(found.rows, found.records),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-own-pedestrians", behind=found.behind,
    )  # fmt: skip


def cells() -> list[Cell]:
    """Return the published cells, and one without a value for each other law of walking."""
    printed = {(cell.column, cell.row): cell for cell in read_table("tab-own-pedestrians")}
    keys = [(dataset, row) for dataset in DATASETS for row in WALKERS]
    return [
        printed.get(key) or Cell("tab-own-pedestrians", key[1], key[0], "R2", None, DIGITS, None, "") for key in keys
    ]


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell."""
    method, variant = WALKERS[cell.row]
    return runs_of_variant(archive, method, cell.column, profile, variant)


def _row(cell: Cell, runs: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    """Write a row; people were recorded, so there is no quick run."""
    values = values_of(runs, "R2")
    return {
        "Data": cell.column,
        "Law": cell.row,
        "Published": published_text(cell),
        "Archived": mean_text(runs, "R2", DIGITS),
        **{
            title: spread_text(values_of(runs, measure), DIGITS) if runs else NOT_RUN
            for title, measure in MEASURES.items()
        },
        "Difference": difference_text(cell, values, DIGITS),
        "Verdict": verdict(cell, values).text,
    }


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    return (
        "Recorded people in corridors (one direction, two directions) and on squares and streets: variance of the mean "
        "acceleration over the next 2 s, and over 1 s, that each law explains for "
        "people who were not used (R²; archived: 2 s); mean and "
        "final displacement error (ADE, FDE) of their simulated walks of 4.8 s among everyone else's recorded tracks. "
        "Mean and deviation over n folds, in each of which another fourth of the people is tested. Published: Figure 9 "
        "of arXiv 2407.00478, which states neither the quantity behind R² nor time step or smoothing, so differences "
        "are to be expected. GSR is our own search; the two rows below it fit the formulas of the paper by least "
        "squares. Destination and desired speed, known to every law here, look into the future of the same person. "
        f"{archived} of {len(rows)} rows have archived runs; the table rests on {len(records)} records."
    )
