"""What the runs on compositional images hold: accuracy by images a tuple and samples, shares of modules."""

from __future__ import annotations

import statistics

from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.sine_cells import Sweep, in_first_profile
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.records import Archive

DATASET, PRINTED = "Compositional-digits", "Compositional-CIFAR-10"
METHODS = ("monolithic", "modular", "modular-rule", "modular-true")
TESTS = {"test": "clean", "unseen": "unseen combinations", "noisy": "noisy"}


def image_runs(archive: Archive, dataset: str = DATASET) -> tuple[Sweep, ...]:
    """Return the runs of every method: archived ones, or the quick ones where none is archived."""
    return in_first_profile(METHODS, lambda name, profile: runs_of_method(archive, name, dataset, profile))


def reference(one: Sweep) -> dict[str, int]:
    """Return images a tuple and samples of the cell that stands for a run."""
    slots, samples = one.runs[0].record.measurements["reference"]
    return {"slots": slots, "samples": samples}


def accuracy_line(one: Sweep, test: str, samples: int) -> list[tuple[int, float, float, float]]:
    """Return images a tuple, mean accuracy and its interval, for one number of samples; undefined ones are left out."""
    slots = sorted({cell["slots"] for cell in one.cells(samples=samples)})
    found = [(k, one.values(test, slots=k, samples=samples)) for k in slots]
    return [(k, statistics.fmean(values), *bootstrap_mean_interval(values)) for k, values in found if values]
