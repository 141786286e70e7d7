"""What a few-shot run is asked: model, episodes, length, evaluations, candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

AT_LEAST_ONE = (
    "shots", "iterations", "schedule", "learning_rate", "tasks", "queries", "candidate_iterations", "evaluate_every",
    "draws", "curve_draws",
)  # fmt: skip
FROM_ZERO = ("held_out", "test_queries", "curve_queries")
CHANGEABLE = {"options", "learning_rate"}


@dataclass(frozen=True, kw_only=True)
class FewShotRun:
    """What a run of this task needs.

    Attributes:
        model: one of `models.MODELS`.
        options: keyword arguments of the model.
        shots: K, support molecules of each class, in training and test alike.
        iterations: meta-iterations, a multiple of `evaluate_every`, so that a longer run has the same curve as far.
        schedule: meta-iterations of the published run; a run with fewer is short.
        learning_rate: of AdamW.
        tasks: properties of a meta-iteration, or all if there are fewer.
        queries: query molecules of a training episode.
        is_balanced: whether they are half active; else they stand in their natural ratio.
        held_out: meta-training properties, the last ones, that serve as validation properties.
        candidates: changes {"options": ..., "learning_rate": ...}. Each is trained without the validation properties,
            the best on these is then trained on all meta-training properties. With none, the one training leaves the
            validation properties out.
        candidate_iterations: meta-iterations of a candidate.
        evaluate_every: meta-iterations from one row of the curve to the next.
        draws: support sets of each property in the test.
        curve_draws: support sets of each property in a row of the curve.
        test_queries: queries of a test episode at most, half of each class; 0 takes all.
        curve_queries: the same for the curve and for validation.
    """

    model: str
    options: Mapping[str, Any] = field(default_factory=dict)
    shots: int = 10
    iterations: int = 500
    schedule: int = 5000
    learning_rate: float = 1e-3
    tasks: int = 9
    queries: int = 16
    is_balanced: bool = False
    held_out: int = 0
    candidates: Sequence[Mapping[str, Any]] = ()
    candidate_iterations: int = 50
    evaluate_every: int = 50
    draws: int = 5
    curve_draws: int = 1
    test_queries: int = 0
    curve_queries: int = 0

    def __post_init__(self) -> None:
        for names, least in ((AT_LEAST_ONE, 1), (FROM_ZERO, 0)):
            for name in names:
                _require_number(name, getattr(self, name), least)
        if self.iterations % self.evaluate_every:
            raise ValueError(
                f"{self.iterations} iterations with a row of the curve every {self.evaluate_every} given; "
                "ask for a multiple, so that the last row is the end of the run."
            )
        if self.candidates and not self.held_out:
            raise ValueError("candidates given, but held_out is 0; hold meta-training properties out to choose on.")
        for change in self.candidates:
            if unknown := set(change) - CHANGEABLE:
                raise ValueError(f"candidate changes {sorted(unknown)}; expected {sorted(CHANGEABLE)} only.")

    @property
    def is_short(self) -> bool:
        """Tell whether the published run is longer."""
        return self.iterations < self.schedule

    def changed(self, change: Mapping[str, Any]) -> FewShotRun:
        """Return these settings with the changes of a candidate."""
        return replace(self, **{**change, "options": {**self.options, **change.get("options", {})}})


def _require_number(name: str, value: float, least: int) -> None:
    """Refuse what is too small; only a learning rate may be a fraction."""
    if name == "learning_rate":
        if not value > 0:
            raise ValueError(f"learning_rate {value} given; it must be above zero.")
    elif isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} {value!r} given; expected a whole number from {least}.")
