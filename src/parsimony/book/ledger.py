"""The ledger: every published value with ours and the verdict, as the page shows it and as it is exported."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from parsimony.artifacts import own_drugs, own_pedestrians, own_recovery, table_2, table_3, table_4, table_5, table_6
from parsimony.artifacts.cells import numbers_of, values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.run_schedule import verdict_of
from parsimony.paths import write_text_atomically
from parsimony.published import Cell, published_tables, read_table
from parsimony.records import Archive, Filed

# The module that makes a table chooses its runs for the ledger too, or the two could tell different numbers.
TABLES = {
    "tab-2": table_2, "tab-3": table_3, "tab-4": table_4, "tab-5": table_5, "tab-6": table_6,
    "tab-own-recovery": own_recovery, "tab-own-pedestrians": own_pedestrians,
    "tab-own-drugs": own_drugs,
}  # fmt: skip
FIELDS = ("table", "row", "column", "measure", "published", "ours", "runs", "tolerance", "verdict", "said", "source")


def read_ledger(archive: Archive) -> list[dict[str, str]]:
    """Return one line a published cell, as text, with the fields of `FIELDS`."""
    return [line(cell, runs_behind(cell, archive)) for table in published_tables() for cell in read_table(table)]


def runs_behind(cell: Cell, archive: Archive) -> tuple[Filed, ...]:
    """Return the paper-profile runs that stand for a cell: those that the table itself shows.

    A run that did not record the cell's measure is left out.
    """
    table = TABLES.get(cell.table)
    choose = table.runs_of if table and cell.row in table.METHOD_OF_ROW else runs_by_name
    found = choose(archive, cell, "paper")
    return tuple(one for one in found if cell.measure in numbers_of(one.record))


def runs_by_name(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell that no table shows: those of the method as printed."""
    method = re.sub(r"[^a-z0-9]+", "-", cell.row.lower().replace("+", "-plus")).strip("-")
    return runs_of_method(archive, method, cell.column, profile)


def line(cell: Cell, runs: Sequence[Filed]) -> dict[str, str]:
    """Return one line of the ledger."""
    values, found = values_of(runs, cell.measure), verdict_of(cell, runs)
    return {
        "table": cell.table,
        "row": cell.row,
        "column": cell.column,
        "measure": cell.measure,
        "published": "not available" if cell.value is None else f"{cell.value:.{cell.digits}f}",
        "ours": ours(values, max(cell.digits, 3)),
        "runs": ", ".join(f"{count} of {name}" for name, count in identities(runs).items()),
        "tolerance": "" if found.tolerance is None else f"{found.tolerance:.4f}",
        "verdict": found.kind,
        "said": found.text,
        "source": cell.source,
    }


def identities(runs: Sequence[Filed]) -> Counter[str]:
    """Return how many runs there are of each method, data set and variant."""
    return Counter(one.record.specification.identity for one in runs)


def ours(values: Sequence[float], digits: int) -> str:
    """Write mean and deviation over seeds, or that there is no run."""
    if not values:
        return "not run"
    mean = f"{statistics.fmean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def write_ledger(lines: list[dict[str, str]], folder: Path) -> None:
    """Write the ledger as CSV and as JSON."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_text_atomically(folder / "ledger.csv", stream.getvalue())
    write_text_atomically(folder / "ledger.json", json.dumps(lines, indent=1, ensure_ascii=False) + "\n")
