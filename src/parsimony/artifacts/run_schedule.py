"""How long a run trained beside the schedule of the paper, and the verdict that a shorter run does not get."""

from __future__ import annotations

from collections.abc import Sequence

from parsimony.artifacts.cells import values_of
from parsimony.published import Cell, Verdict, is_count, verdict
from parsimony.records import Filed

SHORT = Verdict("short run", "short run, no verdict")
UNITS = ("iterations", "epochs")  # in which a schedule may be counted


def is_short(one: Filed) -> bool:
    """Tell whether a run trained for less than the paper; a run that names no schedule did not."""
    measured = one.record.measurements
    return "schedule" in measured and measured[unit_of(one)] < measured["schedule"]


def unit_of(one: Filed) -> str:
    """Return what a run counts its training in."""
    return next(unit for unit in UNITS if unit in one.record.measurements)


def has_short(runs: Sequence[Filed]) -> bool:
    """Tell whether one run of several is short, and so their mean no rerun of the published one."""
    return any(map(is_short, runs))


def verdict_of(cell: Cell, runs: Sequence[Filed]) -> Verdict:
    """Hold runs against a published cell; short ones get no verdict, unless it counts what no training changes."""
    found = verdict(cell, values_of(runs, cell.measure))
    is_compared = found.tolerance is not None and not is_count(cell.measure)
    return SHORT if is_compared and has_short(runs) else found


def iterations_text(runs: Sequence[Filed]) -> str:
    """Write iterations or epochs of some runs, and those of the paper where a run has fewer."""
    unit = unit_of(runs[0])
    pairs = [(one.record.measurements[unit], one.record.measurements["schedule"]) for one in runs]
    texts = [
        count_text(done) + (f" of {count_text(schedule)}" if done < schedule else "")
        for done, schedule in sorted(set(pairs))
    ]
    return f"{', '.join(texts)} {unit}"


def count_text(number: float) -> str:
    """Write a count, a broken one with the digits it has."""
    return f"{int(number):,}" if number == int(number) else f"{number:,}"


def short_notes(runs: Sequence[Filed]) -> list[str]:
    """Return the note that marks a mean over short runs; none for others."""
    return [iterations_text(runs)] if has_short(runs) else []
