"""Tables of molecules: one SMILES a row and what was measured of it, from comma-separated text.

`torch_geometric.datasets.MoleculeNet` reads the same files, and a test holds both against each other. It is not used
here because what it keeps is a pickle, which this package never loads; because it deletes whatever stands between
quotation marks and skips rows without saying so, where here a malformed row is named; and because it makes one
Python object a molecule, which costs more than all batches of a run.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsimony.data.raw_text import Place, Raw, text_lines
from parsimony.data.registry import DataError

SMILES, NUMBER = "smiles", "mol_id"  # columns that are no property
LABEL_OF = {"": -1, "0": 0, "1": 1, "0.0": 0, "1.0": 1}


class MoleculeTable(NamedTuple):
    """Rows of one data set.

    Attributes:
        properties: names, P of them.
        smiles: of each row.
        labels: -1 not measured, 0 inactive, 1 active, [R, P] in int8.
        lines: of each row in the raw file.
    """

    properties: tuple[str, ...]
    smiles: tuple[str, ...]
    labels: NDArray
    lines: tuple[int, ...]

    def without_repeats(self) -> MoleculeTable:
        """Return the table with the first row of every SMILES only."""
        first = dict(zip(reversed(self.smiles), reversed(range(len(self.smiles))), strict=True))
        kept = sorted(first.values())
        smiles, lines = ([column[row] for row in kept] for column in (self.smiles, self.lines))
        return MoleculeTable(self.properties, tuple(smiles), self.labels[kept], tuple(lines))


def unpacked(raw: Raw) -> Raw:
    """Return what a .gz file holds; any other file as it is.

    Raises:
        DataError: if it is damaged.
    """
    if not raw.label.endswith(".gz"):
        return raw
    try:
        return Raw(raw.label, gzip.decompress(raw.content))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{raw.label} is truncated or no .gz file ({error}); fetch it again.") from error


def read_table(raw: Raw) -> MoleculeTable:
    """Read a file with a header, a column of SMILES, perhaps one of numbers, and one column a property.

    Raises:
        DataError: at the first malformed row.
    """
    rows = _rows(unpacked(raw))
    place, header = next(rows)
    columns = _property_columns(place, header)
    smiles, labels, lines = [], [], []
    for place, row in rows:
        if len(row) != len(header):
            raise place.wrong(f"{len(row)} fields; expected {len(header)}, as in the header.")
        smiles.append(row[header.index(SMILES)])
        labels.append(_labels(place, row, columns))
        lines.append(place.line)
    names = tuple(header[column] for column in columns)
    return MoleculeTable(names, tuple(smiles), np.array(labels, np.int8).reshape(-1, len(names)), tuple(lines))


def _rows(raw: Raw) -> Iterator[tuple[Place, list[str]]]:
    reader = csv.reader(text_lines(raw), strict=True)
    try:
        for row in reader:
            yield Place(raw.label, reader.line_num), row
    except csv.Error as error:
        raise Place(raw.label, reader.line_num).wrong(f"{error}; expected comma-separated text.") from error


def _property_columns(place: Place, header: Sequence[str]) -> list[int]:
    columns = [column for column, name in enumerate(header) if name not in (SMILES, NUMBER)]
    names = {header[column] for column in columns}
    if header.count(SMILES) != 1 or not names or len(names) < len(columns):
        raise place.wrong(
            f"{','.join(header)[:80]!r} found; expected a header with {SMILES!r} once and each property once."
        )
    return columns


def _labels(place: Place, row: Sequence[str], columns: Sequence[int]) -> list[int]:
    try:
        return [LABEL_OF[row[column]] for column in columns]
    except KeyError as error:
        raise place.wrong(f"{error.args[0][:40]!r} given as label; expected 0, 1, or nothing.") from None
