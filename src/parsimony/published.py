"""Published values and claims: what the papers print, each with its source, and the verdict on ours.

`data/published/<table>.csv` holds a line for each cell; a cell that the sources do not give has no value.
"""

from __future__ import annotations

import csv
import statistics
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from parsimony.paths import DATA

FOLDER = DATA / "published"
CLOSE = 0.05  # relative distance that still counts as close
ERRORS = frozenset({"MSE", "MAE", "samples"})  # measures of which less is better, as of counts; of all others more is
COUNT = "parameters"  # last word of a measure that counts, such as "million parameters"


@dataclass(frozen=True)
class Cell:
    """One cell of a published table.

    Attributes:
        table: identifier, such as tab-2.
        row: method as printed.
        column: data set.
        measure: MRR, H@1, ...
        value: as a number, or None if the sources give none.
        digits: decimals printed.
        spread: published standard deviation, or None.
        source: where the value stands.
    """

    table: str
    row: str
    column: str
    measure: str
    value: float | None
    digits: int
    spread: float | None
    source: str


@dataclass(frozen=True)
class Verdict:
    """How ours stands to a published value.

    Attributes:
        kind: "reproduced", "close", "differs", "single run", "not run" or "not available".
        text: the same for a reader, with the direction where ours differs.
        tolerance: distance that counts as reproduced, or None.
    """

    kind: str
    text: str
    tolerance: float | None = None


@cache
def read_table(table: str) -> tuple[Cell, ...]:
    """Return the published cells of a table.

    Raises:
        ValueError: if there is no such table, or a line is malformed.
    """
    path = FOLDER / f"{table}.csv"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("tab-*.csv")))
        raise ValueError(f"no published values of {table!r}; data/published holds {known}.")
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(_cell(row, path, number) for number, row in enumerate(csv.DictReader(stream), start=2))


def published_tables() -> tuple[str, ...]:
    """Return the identifiers of all published tables."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


def _cell(row: dict[str, str], path: Path, number: int) -> Cell:
    try:
        value, spread = row["value"], row["spread"]
        digits = len(value.partition(".")[2])
        numbers = float(value) if value else None, float(spread) if spread else None
        return Cell(
            row["table"], row["row"], row["column"], row["measure"], numbers[0], digits, numbers[1], row["source"]
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(
            f"{path}, line {number}: {error}; expected table, row, column, measure, value, spread and source."
        ) from error


def is_error(measure: str) -> bool:
    """Tell whether less of a measure is better, also under a prefix such as "valid MSE"."""
    return measure.rpartition(" ")[2] in ERRORS


def is_count(measure: str) -> bool:
    """Tell whether a measure counts parameters: less is better, and one run is as good as many."""
    return measure.rpartition(" ")[2] == COUNT


def advantage(measure: str, ours: float, theirs: float) -> float:
    """Return by how much ours is better than theirs; negative where it is worse."""
    return theirs - ours if is_error(measure) or is_count(measure) else ours - theirs


def verdict(cell: Cell, values: Sequence[float]) -> Verdict:
    """Hold our values, one a seed, against a published cell.

    The tolerance is the larger of half a unit of the last printed decimal and twice the joint spread, the published
    spread taken as ours where none is given; with one run it is the decimal alone, which is all that a count needs.
    """
    if not values:
        return Verdict("not run", "not run")
    if cell.value is None:
        return Verdict("not available", "no published value")
    mean, digit = statistics.fmean(values), 0.5 * 10**-cell.digits
    if len(values) < 2 and not is_count(cell.measure):
        return Verdict("single run", f"single run, {_direction(mean, cell)}", digit)
    ours = statistics.stdev(values) if len(values) > 1 else 0.0
    tolerance = max(digit, 2 * (ours**2 + (ours if cell.spread is None else cell.spread) ** 2) ** 0.5)
    distance = abs(mean - cell.value)
    if distance <= tolerance:
        return Verdict("reproduced", "reproduced", tolerance)
    if distance <= CLOSE * abs(cell.value):
        return Verdict("close", f"close, {_direction(mean, cell)}", tolerance)
    return Verdict("differs", f"differs, {_direction(mean, cell)}", tolerance)


def _direction(ours: float, cell: Cell) -> str:
    """Say whether ours is better or worse; within half a unit of the last printed decimal nobody can tell."""
    gained = advantage(cell.measure, ours, cell.value)
    if abs(gained) <= 0.5 * 10**-cell.digits:
        return "equal"
    return "better" if gained > 0 else "worse"


@cache
def read_claims() -> tuple[dict[str, Any], ...]:
    """Return the claims of the two papers as tables of claims.toml.

    Raises:
        ValueError: if a claim lacks a key or two share an identifier.
    """
    with (FOLDER / "claims.toml").open("rb") as stream:
        claims = tuple(tomllib.load(stream)["claim"])
    needed = {"id", "text", "source", "kind", "dataset", "measure", "better", "worse"}
    for claim in claims:
        if missing := sorted(needed - claim.keys()):
            raise ValueError(
                f"claim {claim.get('id', '?')} lacks {', '.join(missing)}; complete data/published/claims.toml."
            )
    if len({claim["id"] for claim in claims}) != len(claims):
        raise ValueError("two claims share an identifier in data/published/claims.toml; give each its own.")
    return claims
