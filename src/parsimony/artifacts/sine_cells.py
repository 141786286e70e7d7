"""What the runs on sine waves hold: errors of each cell of the grid, samples needed, similarity of projections."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsimony.artifacts.cells import SINES as DATASET
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import name_of
from parsimony.artifacts.theme import palette
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.records import Archive, Filed, Record

PROFILES = ("paper", "quick")
KINDS = {"test": "in distribution", "wide": "out of distribution"}
# Place in the palette and marker of each method, in the order of figures.
LOOKS = {
    "monolithic": (1, "s"), "modular": (2, "D"), "modular-rule": (0, "o"), "modular-true": (7, "^"),
    "linear-modules": (4, "v"),
}  # fmt: skip
METHODS = tuple(LOOKS)


@dataclass(frozen=True)
class Sweep:
    """The runs of one method over one grid, a seed each."""

    method: str
    runs: tuple[Filed, ...]

    @property
    def name(self) -> str:
        """Name as readers know it."""
        return name_of(self.method)

    @property
    def profile(self) -> str:
        """Profile of the runs."""
        return self.runs[0].record.specification.profile

    @property
    def look(self) -> dict[str, Any]:
        """Colour and marker."""
        colour, marker = LOOKS[self.method]
        return {"color": palette()[colour], "marker": marker}

    def axis(self, name: str) -> list[int]:
        """Return the values that a number of the grid takes."""
        return sorted({cell[name] for cell in cells_of(self.runs[0].record)})

    def cells(self, **asked: int) -> list[dict[str, Any]]:
        """Return the cells that have all the numbers asked, a seed after another."""
        return [one for run in self.runs for one in cells_of(run.record) if is_cell(one, asked)]

    def values(self, measure: str, **cell: int) -> list[float]:
        """Return a measure of one cell, a value a seed; seeds in which it is not defined are left out."""
        return [one[measure] for one in self.cells(**cell) if one[measure] is not None]

    def mean(self, measure: str, **cell: int) -> float:
        """Return the mean of a measure of one cell over seeds."""
        return statistics.fmean(self.values(measure, **cell))

    def interval(self, measure: str, **cell: int) -> tuple[float, float]:
        """Return the bootstrap interval of that mean."""
        return bootstrap_mean_interval(self.values(measure, **cell))


def cells_of(record: Record) -> list[dict[str, Any]]:
    """Return what a run recorded of each cell."""
    return record.measurements.get("cells", [])


def is_cell(one: Mapping[str, Any], asked: Mapping[str, int]) -> bool:
    """Tell whether a cell has all the numbers that are asked."""
    return all(one[name] == value for name, value in asked.items())


def sweeps(archive: Archive, variant: str = "", methods: Sequence[str] = METHODS) -> tuple[Sweep, ...]:
    """Return the sweeps of one variant: archived ones, or the quick ones where no method is archived."""
    return in_first_profile(methods, lambda name, profile: sweep_runs(archive, name, variant, profile))


def in_first_profile(methods: Sequence[str], runs_of: Callable[[str, str], tuple[Filed, ...]]) -> tuple[Sweep, ...]:
    """Return the methods that ran, of the first profile with any; `runs_of` takes a method and a profile."""
    for profile in PROFILES:
        found = (Sweep(name, runs_of(name, profile)) for name in methods)
        if kept := tuple(one for one in found if one.runs):
            return kept
    return ()


def sweep_runs(archive: Archive, method: str, variant: str, profile: str) -> tuple[Filed, ...]:
    """Return the runs of a method that hold a grid."""
    found = runs_of_method(archive, method, DATASET, profile, variant)
    return tuple(one for one in found if one.record.specification.task == "sine regression")


def named(found: Sequence[Sweep], method: str) -> Sweep | None:
    """Return the sweep of a method, if it ran."""
    return next((one for one in found if one.method == method), None)


def records_of(found: Sequence[Sweep]) -> tuple[Filed, ...]:
    """Return the runs of some sweeps."""
    return tuple(run for one in found for run in one.runs)
