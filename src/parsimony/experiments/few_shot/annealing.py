"""Was it the learning rate? A few-shot run whose last meta-iterations have a smaller one (section 4, Table 5).

The authors train at one rate throughout. Here a run goes its whole way as theirs does, and then goes on with a fraction
of the rate; weights, running statistics and AdamW's moments stay. What the curve gains after that point, it gains by
smaller steps alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from parsimony.data.molecule_sets import load_molecules
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot.continuation import TRAINING
from parsimony.experiments.few_shot.models import method_of
from parsimony.experiments.few_shot.property_prediction import Work, report, split_properties, train, watched
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification


@dataclass(frozen=True, kw_only=True)
class AnnealedRun:
    """What a run of this task needs.

    Attributes:
        first: the run at one rate; it chooses among no candidates.
        annealed: meta-iterations after it, a multiple of its `evaluate_every`.
        factor: their learning rate as a fraction of that of the first.
    """

    first: FewShotRun
    annealed: int
    factor: float

    def __post_init__(self) -> None:
        if isinstance(self.first, Mapping):
            object.__setattr__(self, "first", FewShotRun(**self.first))
        if self.first.candidates or self.first.held_out:
            raise ValueError("candidates or held-out properties given; an annealed run chooses nothing.")
        if not 0 < self.factor < 1:
            raise ValueError(f"factor {self.factor} given; expected one between 0 and 1.")
        if self.annealed < 1 or self.annealed % self.first.evaluate_every:
            raise ValueError(
                f"{self.annealed} annealed meta-iterations with a row of the curve every {self.first.evaluate_every} "
                "given; expected a multiple, at least one."
            )

    @property
    def second(self) -> FewShotRun:
        """The settings at the end: the first ones, longer and slower."""
        iterations = self.first.iterations + self.annealed
        return replace(self.first, iterations=iterations, learning_rate=self.factor * self.first.learning_rate)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run."""
    settings, journal = AnnealedRun(**specification.settings), Journal(checkpoint, progress)
    data = load_molecules(specification.dataset).to(device)
    work = Work(data, method_of(settings.first.model), specification.seed, journal)
    split = split_properties(data, settings.first)
    exams = watched(work, split, settings.first)
    train(work, split.train, settings.first, TRAINING, "meta-training", exams)
    slow_down(journal, settings.second.learning_rate)
    training, curve = train(work, split.train, settings.second, TRAINING, "at a smaller rate", exams)
    return report(work, split, settings.second, training, curve, [])


def slow_down(journal: Journal, rate: float) -> None:
    """Give the training in the journal another learning rate; all else that it learnt stays."""
    state: dict[str, Any] = journal.get(TRAINING)
    for group in state["training"]["optimiser"]["param_groups"]:
        group["lr"] = rate
    journal.put(TRAINING, state)
