"""Rows of published values beside archived and quick runs, and which runs stand behind each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from parsimony.artifacts.artifact import Behind
from parsimony.published import Cell
from parsimony.records import Archive, Filed

COLUMN_OF = {"paper": "Archived", "quick": "Quick"}  # where the runs of a profile stand

RunsOf = Callable[[Archive, Cell, str], tuple[Filed, ...]]
WriteRow = Callable[[Cell, Sequence[Filed], Sequence[Filed]], dict[str, Any]]


@dataclass
class SideBySide:
    """The rows of a table.

    Attributes:
        rows: cells of each row by column.
        behind: runs and measure of a cell by row and column; a cell without runs is left out.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    behind: dict[tuple[int, str], Behind] = field(default_factory=dict)

    @property
    def records(self) -> tuple[Filed, ...]:
        """Every run once, in the order of the table."""
        return tuple({one.path: one for cell in self.behind.values() for one in cell.runs}.values())


def side_by_side(
    archive: Archive, cells: Iterable[Cell], runs_of: RunsOf, row: WriteRow, is_shown: Callable[[Cell], bool]
) -> SideBySide:
    """Write one row a cell.

    Args:
        archive: all records.
        cells: published ones and our own, in the order of the rows.
        runs_of: chooses the runs of a profile that stand behind a cell.
        row: writes a row from a cell, its archived and its quick runs.
        is_shown: whether a cell has a row even if it was never run.
    """
    found = SideBySide()
    for cell in cells:
        runs = {profile: runs_of(archive, cell, profile) for profile in COLUMN_OF}
        if not is_shown(cell) and not any(runs.values()):
            continue
        for profile, column in COLUMN_OF.items():
            if runs[profile]:
                found.behind[len(found.rows), column] = Behind(cell.measure, runs[profile])
        found.rows.append(row(cell, runs["paper"], runs["quick"]))
    return found
