"""Table 5: few-shot property prediction, published beside archived beside live, for all methods of one harness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, difference_text, mean_text, published_text, values_of
from parsimony.artifacts.few_shot_methods import (
    MEASURE,
    PRINTED,
    ROWS,
    SETTINGS,
    SHOTS,
    Setting,
    encoder_note,
    runs_in,
    shots_of,
)
from parsimony.artifacts.run_schedule import has_short, short_notes, verdict_of
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.published import Cell, read_table
from parsimony.records import Archive, Filed

METHOD_OF_ROW = {row: method for row, (method, _) in ROWS.items()}
DIGITS = 4


def table_5(archive: Archive) -> Artifact:
    """Return the ROC-AUC of every method in every setting with verdicts; runs below the schedule get none."""
    import pandas

    found = side_by_side(archive, cells(), runs_of, _row, lambda cell: bool(cell.source))
    return Artifact(
        id="tab-5", title="Few-shot property prediction: ROC-AUC", caption=_caption(found.rows, found.records),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-5", behind=found.behind,
    )  # fmt: skip


def cells() -> list[Cell]:
    """Return the published cells, and one without value and source for each other method, setting by setting."""
    printed = {(cell.column, cell.row): cell for cell in read_table("tab-5")}
    keys = [(column_of(setting), row) for setting in SETTINGS for row in ROWS]
    return [printed.get(key) or Cell("tab-5", key[1], key[0], MEASURE, None, DIGITS, None, "") for key in keys]


def column_of(setting: Setting) -> str:
    """Return the column of a setting: ten shots go without saying."""
    return setting.dataset if setting.shots == SHOTS[0] else setting.label


def setting_of(cell: Cell) -> Setting:
    """Return the setting of a cell."""
    return next(one for one in SETTINGS if column_of(one) == cell.column)


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method, in its variant, in its setting."""
    return runs_in(archive, *ROWS[cell.row], setting_of(cell), profile)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    setting, values, runs = setting_of(cell), values_of(paper, MEASURE), paper or quick
    return {
        "Data": setting.dataset,
        "Shots": shots_of(runs) if runs else setting.shots,
        "Method": cell.row,
        "Published": published_text(cell) + (f" ± {cell.spread:.{cell.digits}f}" if cell.spread is not None else ""),
        "Archived": mean_text(paper, MEASURE, DIGITS, short_notes(paper)),
        "Difference": NOTHING if has_short(paper) else difference_text(cell, values, DIGITS),
        "Verdict": verdict_of(cell, paper).text,
        "Quick": mean_text(quick, MEASURE, DIGITS, short_notes(quick)),
    }


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    short = sum(row["Verdict"].startswith("short run") for row in rows)
    return (
        "ROC-AUC of properties never seen in training, the mean over the test properties of the mean over several "
        "draws of the support set, at the last iteration; shots are known molecules of either class. All values are "
        f"fractions; the sources print a hundred times them. Published are the rows without pre-training on "
        f"{', '.join(PRINTED)} (PAR's slides); the pre-trained rows (Pre-GNN, Meta-MGNN, Pre-PAR) need weights that no "
        "source at hand holds and are not rerun, and for ADKF-IFT and PACIA no value is available. The published "
        "values are the best of many evaluations on the test properties. Archived and quick: mean and deviation over n "
        f"seeds.{encoder_note(records)} {archived} of {len(rows)} cells have an archived run; {short} of them are "
        f"short runs below the published schedule, marked with their iterations, without difference and verdict. The "
        f"table rests on {len(records)} records. Rows without a published value are ours, in the same harness."
    )
