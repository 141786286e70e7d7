"""Table 4: parameters in all and parameters adapted to a property, published beside counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import MILLION, NOT_AVAILABLE, NOT_RUN, NOTHING, values_of
from parsimony.artifacts.few_shot_methods import DATASETS, ROWS, SHOTS, Setting, encoder_note, runs_in
from parsimony.artifacts.names import name_of
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.published import Cell, read_table, verdict
from parsimony.records import Archive, Filed

METHOD_OF_ROW = {row: method for row, (method, _) in ROWS.items()}
MEASURES = {"million parameters": "in all", "million adaptive parameters": "adaptive"}
COLUMN = "any data set"
BINARY_MILLION = 2**20

# What is adapted to a property, and how.
ADAPTED = {
    "PAR": "embedding and classifier, by one gradient step",
    "PACIA": "scale and shift of the atoms after every encoder layer, made by hypernetworks and stored nowhere",
    "PACIA, compact": "the same numbers as PACIA",
    "MAML": "the whole model, by one gradient step",
    "ADKF-IFT": "length-scale, output scale and noise of a Gaussian process",
}
# Why a count differs from the published one.
REASONS = {
    "PAR": "no itemised count is published; ours has every trainable number of the released program, which is "
    "{binary:.2f} where a million is 2^20",
    "PACIA": "the released program has two hypernetworks for each of five layers; the published count needs smaller "
    "or shared ones",
    "PACIA, compact": "our guess at the published count: one hypernetwork for all layers, which makes scale and shift "
    "together",
}


def table_4(archive: Archive) -> Artifact:
    """Return the counts of every method: published, of archived and of quick runs, with the reason they differ."""
    import pandas

    found = side_by_side(archive, cells(), runs_of, _row, lambda cell: cell.value is not None)
    return Artifact(
        id="tab-4", title="Parameters in all and adapted", caption=_caption(found.rows, found.records),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-4", behind=found.behind,
    )  # fmt: skip


def cells() -> list[Cell]:
    """Return the published cells, and one without a value for each other method, method by method."""
    printed = {(cell.row, cell.measure): cell for cell in read_table("tab-4")}
    keys = [(row, measure) for row in ROWS for measure in MEASURES]
    return [printed.get(key) or Cell("tab-4", key[0], COLUMN, key[1], None, 2, None, "our own row") for key in keys]


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method on all data sets, since no data set changes a count."""
    settings = [Setting(dataset, shots) for dataset in DATASETS for shots in SHOTS]
    found = (runs_in(archive, *ROWS[cell.row], setting, profile) for setting in settings)
    return tuple(one for runs in found for one in runs)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    return {
        "Method": cell.row,
        "Parameters": MEASURES[cell.measure],
        "Published": NOT_AVAILABLE if cell.value is None else f"{round(MILLION * cell.value):,}",
        "Archived": counts_text(paper, cell.measure),
        "Difference": difference_text(cell, paper),
        "Verdict": verdict(cell, values_of(paper, cell.measure)).text,
        "Quick": counts_text(quick, cell.measure),
        "Remark": remark(cell, paper),
    }


def counts_of(runs: Sequence[Filed], measure: str) -> list[int]:
    """Return the different counts of some runs, least first."""
    return sorted({round(MILLION * value) for value in values_of(runs, measure)})


def counts_text(runs: Sequence[Filed], measure: str) -> str:
    """Write the count of some runs and how many they are; all counts where they differ."""
    if not runs:
        return NOT_RUN
    notes = [f"n = {len(runs)}", *["stale"] * any(one.state == "stale" for one in runs)]
    return f"{' or '.join(f'{count:,}' for count in counts_of(runs, measure))} ({', '.join(notes)})"


def difference_text(cell: Cell, runs: Sequence[Filed]) -> str:
    """Write ours minus published."""
    counts = counts_of(runs, cell.measure)
    if cell.value is None or not counts:
        return NOTHING
    return " or ".join(f"{count - round(MILLION * cell.value):+,}" for count in counts)


def remark(cell: Cell, runs: Sequence[Filed]) -> str:
    """Say what is adapted, in a variant what its method adapts, or why a total differs."""
    if MEASURES[cell.measure] == "adaptive":
        own = ADAPTED.get(cell.row) or ADAPTED.get(name_of(METHOD_OF_ROW[cell.row]))
        return own or "nothing is adapted: the support set enters as input"
    counts = counts_of(runs, cell.measure)
    return REASONS.get(cell.row, NOTHING).format(binary=counts[0] / BINARY_MILLION) if counts else NOTHING


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    return (
        "Numbers that training sets, in all, and numbers that differ between two properties (adaptive). The paper "
        "prints two or three digits; ours are counted in the model of each run, and a count is "
        "reproduced if it rounds to the printed one. Archived runs on every data set count, since the model is the "
        f"same.{encoder_note(records)} {archived} of {len(rows)} cells have an archived run; the table rests on "
        f"{len(records)} records. Rows without a published value are ours, in the same harness."
    )
