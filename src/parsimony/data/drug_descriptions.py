"""Names and descriptions of drugs from DrugBank, a table whose texts may hold line breaks between quotation marks."""

from __future__ import annotations

import csv
from typing import NamedTuple

from parsimony.data.raw_text import Place, Raw, registered, text_lines

FILE = "drug-interactions/sources/drugbank-descriptions.tsv"
COLUMNS = ("drugbank_id", "name", "description")


class Description(NamedTuple):
    """Name of a drug and what it is; the text is empty where none is known."""

    name: str
    text: str


def load_descriptions() -> dict[str, Description]:
    """Return name and description of every drug by its DrugBank number.

    Raises:
        DataError: if the file is missing, damaged or malformed.
    """
    return read_descriptions(registered(FILE))


def read_descriptions(raw: Raw) -> dict[str, Description]:
    """Read the table.

    Raises:
        DataError: at the first malformed row.
    """
    reader = csv.reader((f"{line}\n" for line in text_lines(raw)), delimiter="\t", strict=True)
    found = {}
    try:
        header = next(reader)
        if missing := [name for name in COLUMNS if name not in header]:
            raise Place(raw.label, 1).wrong(f"the header lacks {', '.join(missing)}; fetch the file again.")
        drug, name, text = (header.index(column) for column in COLUMNS)
        for row in reader:
            if len(row) != len(header):
                raise Place(raw.label, reader.line_num).wrong(f"{len(row)} fields; expected {len(header)}.")
            found[row[drug]] = Description(row[name], " ".join(row[text].split()))
    except csv.Error as error:
        raise Place(raw.label, reader.line_num).wrong(f"{error}; expected tab-separated text.") from error
    return found
