"""What the figure of all methods shows: the archived methods of each data set, their scores, their learning curves."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parsimony.artifacts.names import CLOSED_FORMS, NAMED_VARIANTS, name_of
from parsimony.artifacts.run_schedule import has_short
from parsimony.published import is_error
from parsimony.records import Archive, Filed

MEASURES = (  # the first that a record has
    "MRR", "MSE", "ROC-AUC", "relative MSE", "accuracy", "R2", "S1 macro F1", "S1 PR-AUC",
)  # fmt: skip
PARSIMONIOUS = ("autoblm", "autoblm-plus", "coldnas", "par", "pacia", "redgnn", "gsr", "emergnn", "modular-rule")
NO_METHODS = {*CLOSED_FORMS, "closed-form", "modular-true"}  # nothing trained, or told the truth
# Variants that are no methods of their own.
SWEEPS = (
    "modules", "widths", "raw", "search", "float32", "tuned", "annealed", "slow", "shallow", "together",
    "shallow-annealed", "apart", "data10", "data30",
)  # fmt: skip
ADAPTIVE = "adaptive parameters"
CURVES = ("monolithic", "modular-rule")  # learning curves: what is parsimonious, and its large rival
SLOTS = 4  # images a tuple of the learning curve on images


@dataclass(frozen=True)
class Method:
    """The archived runs of one method on one data set."""

    dataset: str
    method: str
    variant: str
    measure: str
    runs: tuple[Filed, ...]

    @property
    def name(self) -> str:
        """Name as readers know it."""
        return name_of(self.method, self.variant)

    @property
    def score(self) -> float:
        """Mean of the main measure over seeds."""
        return statistics.fmean(one.record.metrics[self.measure] for one in self.runs)

    @property
    def is_adaptive(self) -> bool:
        """Whether the count is of what changes with a user or a property, not of all that is trained."""
        return ADAPTIVE in self.runs[0].record.measurements

    @property
    def parameters(self) -> int:
        """Adaptive parameters where a method adapts, else trainable ones."""
        one = self.runs[0].record
        return one.measurements[ADAPTIVE] if self.is_adaptive else one.parameters

    @property
    def is_parsimonious(self) -> bool:
        """Whether a paper of this book presents it as parsimonious."""
        return self.method in PARSIMONIOUS


def benchmarks(archive: Archive) -> dict[str, tuple[Method, ...]]:
    """Return the methods of each data set on which a parsimonious one and another are archived."""
    groups: dict[tuple[str, str, str], list[Filed]] = {}
    for one in archive.find(profile="paper"):
        asked = one.record.specification
        if asked.method not in NO_METHODS and asked.variant not in SWEEPS and main_measure(one):
            groups.setdefault((asked.dataset, asked.method, asked.variant), []).append(one)
    by_set: dict[str, list[Method]] = {}
    for (dataset, method, variant), runs in sorted(groups.items()):
        if not has_short(runs):  # an interrupted schedule says nothing about a method
            kept = variant if variant in NAMED_VARIANTS else ""
            by_set.setdefault(dataset, []).append(Method(dataset, method, kept, main_measure(runs[0]), tuple(runs)))
    return {
        name: tuple(methods) for name, methods in by_set.items() if len({one.is_parsimonious for one in methods}) == 2
    }


def main_measure(one: Filed) -> str:
    """Return the measure that stands for a run, or nothing."""
    return next((name for name in MEASURES if name in one.record.metrics), "")


def normalised(scores: Mapping[Any, float], measure: str) -> dict[Any, float]:
    """Return scores between 0 for the worst and 1 for the best."""
    signed = {key: -value if is_error(measure) else value for key, value in scores.items()}
    low, high = min(signed.values()), max(signed.values())
    return {key: (value - low) / (high - low) if high > low else 1.0 for key, value in signed.items()}


def curve_runs(archive: Archive) -> tuple[Filed, ...]:
    """Return the archived runs that recorded scores for several numbers of training samples."""
    found = (one for one in archive.find(profile="paper") if not one.record.specification.variant)
    return tuple(one for one in found if curve_of(one) and one.record.specification.method in CURVES)


def curve_of(one: Filed) -> dict[int, float]:
    """Return the score by training samples around the cell that stands for a run; nothing if it has but one."""
    measured = one.record.measurements
    cells, reference = measured.get("cells", []), measured.get("reference")
    if not cells or not reference:
        return {}
    names = ("dimension", "modules") if "dimension" in cells[0] else ("slots",)
    at = tuple(SLOTS if name == "slots" else value for name, value in zip(names, reference, strict=False))
    found = {cell["samples"]: cell["test"] for cell in cells if tuple(cell[name] for name in names) == at}
    return dict(sorted(found.items())) if len(found) > 1 else {}
