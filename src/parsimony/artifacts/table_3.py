"""Table 3: ratings of cold-start users, published beside archived beside live, for all methods of one harness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import (
    NOT_RUN,
    NOTHING,
    difference_text,
    interval_text,
    mean_text,
    published_text,
    spread_text,
    user_intervals,
    values_of,
)
from parsimony.artifacts.cold_start_methods import GENERATED, comparable_runs
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.published import Cell, read_table, verdict
from parsimony.records import Archive, Filed

# Method and variant behind each row: the printed ones first in the order of the paper, then ours in the same harness.
ROWS = {
    "MAMO": ("mamo", ""), "TaNP": ("tanp", ""), "ColdNAS": ("coldnas", ""),
    "ColdNAS, released structure": ("coldnas", "released"), "MeLU": ("melu", ""),
    "MeLU, second order": ("melu", "second-order"), "FiLM": ("film", ""), "No modulation": ("no-modulation", ""),
}  # fmt: skip
METHOD_OF_ROW = {row: method for row, (method, _) in ROWS.items()}
PRINTED = ("MovieLens-1M", "Book-Crossing", "Last.fm")
COLUMNS = (*PRINTED, GENERATED)
MEASURES = ("MSE", "MAE")
LEAST_DIGITS = 3


def table_3(archive: Archive) -> Artifact:
    """Return MSE and MAE of every method on every data set, with intervals over test users and verdicts."""
    import pandas

    found = side_by_side(archive, cells(), runs_of, _row, lambda cell: cell.column in PRINTED)
    return Artifact(
        id="tab-3", title="Cold-start users: MSE and MAE", caption=_caption(found.rows, found.records),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-3", behind=found.behind,
    )  # fmt: skip


def cells() -> list[Cell]:
    """Return the published cells, and one without a value for each other method, data set by data set."""
    printed = {(cell.column, cell.measure, cell.row): cell for cell in read_table("tab-3")}
    keys = [(column, measure, row) for column in COLUMNS for measure in MEASURES for row in ROWS]
    return [printed.get(key) or _own_cell(*key) for key in keys]


def _own_cell(column: str, measure: str, row: str) -> Cell:
    return Cell("tab-3", row, column, measure, None, digits_of(column), None, "our own row")


def digits_of(column: str) -> int:
    """Return the decimals that tell two methods apart: ratings up to ten need fewer than ratings up to one."""
    return LEAST_DIGITS if column == "Book-Crossing" else LEAST_DIGITS + 1


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method, in its variant, on its data set."""
    method, variant = ROWS[cell.row]
    return comparable_runs(archive, method, cell.column, profile, variant)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    values, digits = values_of(paper, cell.measure), digits_of(cell.column)
    return {
        "Data": cell.column,
        "Measure": cell.measure,
        "Method": cell.row,
        "Published": _published(cell),
        "Archived": mean_text(paper, cell.measure, digits),
        "95 % interval": interval_text(user_intervals(paper, cell.measure), digits),
        "Difference": difference_text(cell, values, digits),
        "Verdict": verdict(cell, values).text,
        "Best test epoch": best_test_text(paper, cell.measure, digits),
        "Quick": mean_text(quick, cell.measure, digits),
    }


def _published(cell: Cell) -> str:
    return published_text(cell) + (f" ± {cell.spread:.{cell.digits}f}" if cell.spread is not None else "")


def best_test_text(runs: Sequence[Filed], measure: str, digits: int) -> str:
    """Write what choosing the epoch on the test users would have given."""
    name = f"best-test {measure}"
    values = [one.record.metrics[name] for one in runs if name in one.record.metrics]
    return spread_text(values, digits) if values else NOTHING


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    return (
        "Error of predicted ratings of cold-start users, the mean over test users with equal weight; less is better. "
        "All errors stand on the scale of the ratings: the paper prints 100 times these values for MovieLens and "
        "Last.fm and plain values for Book-Crossing. Archived: mean and deviation over n seeds of the paper profile, "
        "the epoch chosen on validation users. Interval: bootstrap over the test users. Best test epoch: the error "
        "if the epoch were chosen on the test users, as in the authors' program; for comparison only. Quick: the runs "
        f"made with this book. {archived} of {len(rows)} cells have an archived run; the table rests on "
        f"{len(records)} records. Rows without a published value are ours, in the same harness; on "
        f"{GENERATED} only the seeds that all methods share count, since each seed generates other users."
    )
