"""What the runs on compositional images hold: accuracy by images a tuple and samples, shares of modules."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import name_of
from parsimony.artifacts.sine_cells import LOOKS, PROFILES, is_cell
from parsimony.artifacts.theme import palette
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.records import Archive, Filed

DATASET, PRINTED = "Compositional-digits", "Compositional-CIFAR-10"
METHODS = ("monolithic", "modular", "modular-rule", "modular-true")
TESTS = {"test": "clean", "unseen": "unseen combinations", "noisy": "noisy"}


@dataclass(frozen=True)
class Images:
    """The runs of one method on compositional images, a seed each."""

    method: str
    dataset: str
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

    @property
    def reference(self) -> dict[str, int]:
        """Images a tuple and samples of the cell that stands for a run."""
        slots, samples = self.runs[0].record.measurements["reference"]
        return {"slots": slots, "samples": samples}

    def cells(self, **asked: int) -> list[dict[str, Any]]:
        """Return the cells that match, a seed after another."""
        return [one for run in self.runs for one in run.record.measurements["cells"] if is_cell(one, asked)]

    def values(self, test: str, **asked: int) -> list[float]:
        """Return an accuracy of one cell, a value a seed; nothing where it is not defined."""
        return [one[test] for one in self.cells(**asked) if one[test] is not None]

    def line(self, test: str, samples: int) -> list[tuple[int, float, float, float]]:
        """Return images a tuple, mean accuracy and its interval, for one number of samples."""
        slots = sorted({one["slots"] for one in self.cells(samples=samples)})
        found = [(k, self.values(test, slots=k, samples=samples)) for k in slots]
        return [(k, statistics.fmean(values), *bootstrap_mean_interval(values)) for k, values in found if values]


def image_runs(archive: Archive, dataset: str = DATASET) -> tuple[Images, ...]:
    """Return the runs of every method: archived ones, or the quick ones where none is archived."""
    for profile in PROFILES:
        found = (Images(name, dataset, runs_of_method(archive, name, dataset, profile)) for name in METHODS)
        if kept := tuple(one for one in found if one.runs):
            return kept
    return ()


def records_of(found: Sequence[Images]) -> tuple[Filed, ...]:
    """Return the runs of some methods."""
    return tuple(run for one in found for run in one.runs)
