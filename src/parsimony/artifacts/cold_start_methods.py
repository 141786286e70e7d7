"""All methods for cold-start users on one data set: closed forms and trained ones side by side."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from parsimony.artifacts.cells import mean_interval, user_intervals, values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import NAMED_VARIANTS, name_of
from parsimony.records import Archive, Filed

TASKS = ("cold start", "modulation search", "rating means")
CLOSED_FORM = "rating means"
GENERATED = "Planted-users"
REFERENCE = "item-mean"


@dataclass(frozen=True)
class Method:
    """The runs of one method, in one variant, on one data set.

    Attributes:
        method: name in the records.
        variant: of the method, or an empty text.
        runs: one a seed.
    """

    method: str
    variant: str
    runs: tuple[Filed, ...]

    @property
    def name(self) -> str:
        """Name as readers know it."""
        return name_of(self.method, self.variant)

    @property
    def is_closed_form(self) -> bool:
        """Whether nothing was trained."""
        return self.runs[0].record.specification.task == CLOSED_FORM

    @property
    def profile(self) -> str:
        """Profile of the runs."""
        return self.runs[0].record.specification.profile

    def mean(self, measure: str) -> float:
        """Return the mean of a measure over seeds."""
        return statistics.fmean(values_of(self.runs, measure))

    def interval(self, measure: str) -> tuple[float, float]:
        """Return the bootstrap interval over test users, averaged over seeds."""
        return mean_interval(user_intervals(self.runs, measure))

    def measured(self, name: str) -> float:
        """Return the mean over seeds of a number that every run measured."""
        return statistics.fmean(one.record.measurements[name] for one in self.runs)


def methods_on(archive: Archive, dataset: str) -> tuple[Method, ...]:
    """Return every method that ran on a data set, least MSE first.

    Archived runs count; where a data set has none at all, the quick ones do.
    """
    for profile in ("paper", "quick"):
        names = {one.record.specification.method for task in TASKS for one in _runs(archive, dataset, task, profile)}
        if names:
            found = (
                Method(name, variant, comparable_runs(archive, name, dataset, profile, variant))
                for name in sorted(names)
                for variant in ("", *NAMED_VARIANTS)
            )
            return tuple(sorted((one for one in found if one.runs), key=lambda one: one.mean("MSE")))
    return ()


def comparable_runs(archive: Archive, method: str, dataset: str, profile: str, variant: str = "") -> tuple[Filed, ...]:
    """Return the runs of a method that may be held against those of others.

    On generated users these are the seeds that all methods share, since each seed generates other users.
    """
    found = runs_of_method(archive, method, dataset, profile, variant)
    if dataset != GENERATED:
        return found
    shared = shared_seeds(archive, dataset, profile)
    return tuple(one for one in found if one.record.specification.seed in shared)


def shared_seeds(archive: Archive, dataset: str, profile: str) -> set[int]:
    """Return the seeds with which every method ran on a data set."""
    seeds: dict[str, set[int]] = {}
    for task in TASKS:
        for one in _runs(archive, dataset, task, profile):
            asked = one.record.specification
            seeds.setdefault(asked.identity, set()).add(asked.seed)
    return set.intersection(*seeds.values()) if seeds else set()


def _runs(archive: Archive, dataset: str, task: str, profile: str) -> tuple[Filed, ...]:
    return archive.find(task=task, dataset=dataset, profile=profile)


def records_of(methods: Sequence[Method]) -> tuple[Filed, ...]:
    """Return the runs of some methods."""
    return tuple(run for one in methods for run in one.runs)


def is_reference(one: Method) -> bool:
    """Tell whether this is the item mean, which every gain is measured against."""
    return (one.method, one.variant) == (REFERENCE, "")


def reference_mse(methods: Sequence[Method]) -> float | None:
    """Return the MSE of the item mean, or None where it did not run."""
    return next((one.mean("MSE") for one in methods if is_reference(one)), None)


def best_trained(methods: Sequence[Method]) -> Method | None:
    """Return the trained method with the least MSE."""
    return next((one for one in methods if not one.is_closed_form), None)
