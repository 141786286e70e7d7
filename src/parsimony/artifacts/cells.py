"""Text of the cells that stand beside a published value: mean and deviation, interval, difference."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from parsimony.evaluation.growth import Needed, rate_of_growth, samples_needed_for
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.published import Cell
from parsimony.records import Filed, Record

NOT_RUN, NOT_AVAILABLE, NOTHING = "not run", "not available", "–"
MILLION = 1_000_000
SINES, ASKED = "Sine-waves", 0.1  # data set of the grids, and the error whose samples are counted
GROWTH = "growth of samples"  # rate per dimension: log n against m


def values_of(runs: Sequence[Filed], measure: str) -> list[float]:
    """Return the measure of each run."""
    return [numbers_of(one.record)[measure] for one in runs]


def numbers_of(record: Record) -> dict[str, float]:
    """Return what may stand in a cell, by measure: metrics, and counts of parameters in millions."""
    counts = {"parameters": record.parameters}
    if "adaptive parameters" in record.measurements:
        counts["adaptive parameters"] = record.measurements["adaptive parameters"]
    millions = {f"million {name}": count / MILLION for name, count in counts.items()}
    return {**record.metrics, **millions, **grid_numbers(record)}


def grid_numbers(record: Record) -> dict[str, float]:
    """Return the errors of every cell of a grid on sine waves, and how the samples needed grow with the dimension."""
    if record.specification.dataset != SINES or "cells" not in record.measurements:
        return {}
    named = {"relative MSE": "test", "wide relative MSE": "wide"}
    found = {
        f"m={cell['dimension']} k={cell['modules']} n={cell['samples']} {name}": cell[kind]
        for cell in record.measurements["cells"]
        for name, kind in named.items()
    }
    needed = needed_by_dimension(record)
    if len(needed) > 1 and len({cell["samples"] for cell in record.measurements["cells"]}) > 2:
        found[GROWTH] = rate_of_growth(list(needed), [one.samples for one in needed.values()])
    return found


def needed_by_dimension(record: Record, kind: str = "test", error: float = ASKED) -> dict[int, Needed]:
    """Return the samples that a run on sine waves needs for an error in each dimension of its grid.

    Args:
        record: of the run.
        kind: "test", or "wide" for inputs out of distribution.
        error: asked, as a share of the variance of the target.
    """
    found = {}
    for dimension in sorted({cell["dimension"] for cell in record.measurements["cells"]}):
        cells = [cell for cell in record.measurements["cells"] if cell["dimension"] == dimension]
        cells.sort(key=lambda cell: cell["samples"])
        found[dimension] = samples_needed_for(
            error, [cell["samples"] for cell in cells], [cell[kind] for cell in cells]
        )
    return found


def published_text(cell: Cell) -> str:
    """Write a published value with the decimals that were printed."""
    return NOT_AVAILABLE if cell.value is None else f"{cell.value:.{cell.digits}f}"


def mean_text(runs: Sequence[Filed], measure: str, digits: int, notes: Sequence[str] = ()) -> str:
    """Write mean and deviation over seeds, their number, further notes, and staleness."""
    if not runs:
        return NOT_RUN
    stale = ["stale"] * any(one.state == "stale" for one in runs)
    return f"{spread_text(values_of(runs, measure), digits)} ({', '.join([f'n = {len(runs)}', *notes, *stale])})"


def spread_text(values: Sequence[float], digits: int) -> str:
    """Write the mean and, of several values, the deviation; what rounds to nothing has no sign."""
    deviation = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    mean = round(statistics.fmean(values), digits) or 0.0
    return f"{mean:.{digits}f}{deviation}"


def difference_text(cell: Cell, values: Sequence[float], digits: int) -> str:
    """Write ours minus published; what rounds to nothing has no sign."""
    if cell.value is None or not values:
        return NOTHING
    difference = round(statistics.fmean(values) - cell.value, digits)
    return f"{difference:+.{digits}f}" if difference else f"{0:.{digits}f}"


def interval_text(bounds: Sequence[tuple[float, float]], digits: int) -> str:
    """Write the interval whose ends are the means of those of the seeds."""
    if not bounds:
        return NOTHING
    low, high = mean_interval(bounds)
    return f"{low:.{digits}f} to {high:.{digits}f}"


def mean_interval(bounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the interval whose ends are the means of those of the seeds."""
    low, high = (statistics.fmean(side) for side in zip(*bounds, strict=True))
    return low, high


def user_intervals(runs: Sequence[Filed], measure: str) -> list[tuple[float, float]]:
    """Return for each run the bootstrap interval of a measure over its test users.

    Raises:
        ValueError: if a run did not record the measure of each user.
    """
    return [bootstrap_mean_interval(_users(one, measure)) for one in runs]


def _users(one: Filed, measure: str) -> Sequence[float]:
    users = one.record.measurements.get("users", {})
    if measure not in users:
        raise ValueError(
            f"{one.path} holds {', '.join(users) or 'nothing'} of each test user, expected {measure}; run it again."
        )
    return users[measure]
