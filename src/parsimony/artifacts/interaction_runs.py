"""Runs on interactions of drugs: what is measured on which data, which runs stand for a method, how it looks.

S0  both drugs are known      S1  one of them is emerging      S2  both are
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.theme import palette
from parsimony.records import Archive, Filed

Bin = TypeVar("Bin")

TASK = "drug interactions"
SETTINGS = {"S1": "one drug emerging", "S2": "both drugs emerging", "S0": "both drugs known"}
DRUGBANK, TWOSIDES, GENERATED = "DrugBank", "TWOSIDES", "Planted-drugs"
MEASURES = {  # of each data set, the one that chooses an epoch first
    DRUGBANK: ("macro F1", "accuracy", "kappa"),
    TWOSIDES: ("PR-AUC", "ROC-AUC", "accuracy"),
    GENERATED: ("macro F1", "accuracy", "kappa"),
}
FLOW = "emergnn"
# Place in the palette and marker of each method; the strongest colour is that of EmerGNN.
LOOKS = {
    FLOW: (3, "o"), "csmddi": (0, "s"), "hin-ddi": (1, "^"), "kg-ddi": (2, "v"), "decagon": (4, "P"),
    "deeplgf": (5, "X"), "tiger": (6, "D"), "text-ddi-lite": (8, "*"), "fingerprint-mlp": (9, "h"),
}  # fmt: skip
METHODS = tuple(LOOKS)


def measure_of(dataset: str, setting: str) -> str:
    """Return the measure that a data set is judged by in a setting, such as "S1 macro F1"."""
    return f"{setting} {MEASURES[dataset][0]}"


def runs_in(
    archive: Archive, method: str, dataset: str, profile: str, setting: str, variant: str = ""
) -> tuple[Filed, ...]:
    """Return the runs that stand for a method in a setting, one a seed."""
    return runs_of_method(archive, method, dataset, profile, variant, measure_of(dataset, setting))


def shown_set(archive: Archive) -> tuple[str, str] | None:
    """Return data set and profile of the runs that figures show: the first archived ones, or else quick ones."""
    places = ((DRUGBANK, "paper"), (TWOSIDES, "paper"), (GENERATED, "paper"), (GENERATED, "quick"))
    return next((place for place in places if archive.find(FLOW, *place, task=TASK)), None)


def runs_with(archive: Archive, measured: str, setting: str, method: str = FLOW) -> tuple[Filed, ...]:
    """Return the runs of a method, in the data set shown, that hold a measurement of a setting."""
    place = shown_set(archive)
    found = runs_in(archive, method, *place, setting) if place else ()
    return tuple(one for one in found if setting in one.record.measurements.get(measured, {}))


def pooled(
    runs: Sequence[Filed], measured: str, setting: str, bin_of: Callable[[Mapping[str, Any]], Bin]
) -> dict[Bin, tuple[int, int]]:
    """Return the number of pairs asked and of those answered rightly over all runs, in bins of `bin_of`."""
    sums: dict[Bin, tuple[int, int]] = {}
    for line in (line for one in runs for line in one.record.measurements[measured][setting]):
        asked, hits = sums.get(bin_of(line), (0, 0))
        sums[bin_of(line)] = asked + line["pairs"], hits + line["hits"]
    return sums


def best_rival(archive: Archive, setting: str) -> str | None:
    """Return the method besides EmerGNN with the highest mean of the main measure in the data set shown."""
    place = shown_set(archive)
    if place is None:
        return None
    measure, means = measure_of(place[0], setting), {}
    for method in METHODS[1:]:
        if runs := runs_in(archive, method, *place, setting):
            means[method] = statistics.fmean(one.record.metrics[measure] for one in runs)
    return max(means, key=lambda name: means[name], default=None)


def look_of(method: str) -> dict[str, str]:
    """Return colour and marker of a method."""
    number, marker = LOOKS[method]
    return {"color": palette()[number], "marker": marker}


def origin_text(runs: Sequence[Filed]) -> str:
    """Say which profile, data set and how many seeds some runs are of."""
    first = runs[0].record.specification
    seeds = len({one.record.specification.seed for one in runs})
    return f"{first.profile} profile on {first.dataset}, {seeds} seed{'s' * (seeds > 1)}"
