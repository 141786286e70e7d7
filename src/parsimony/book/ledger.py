"""The ledger: every published value with ours and the verdict."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from parsimony.paths import write_text_atomically
from parsimony.records import Archive

FIELDS = ("table", "row", "column", "measure", "published", "ours", "runs", "tolerance", "verdict", "source")


def read_ledger(archive: Archive) -> list[dict[str, str]]:
    """Return one line a published cell, as text, with the fields of `FIELDS`."""
    return []


def write_ledger(lines: list[dict[str, str]], folder: Path) -> None:
    """Write the ledger as CSV and as JSON."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_text_atomically(folder / "ledger.csv", stream.getvalue())
    write_text_atomically(folder / "ledger.json", json.dumps(lines, indent=1, ensure_ascii=False) + "\n")
