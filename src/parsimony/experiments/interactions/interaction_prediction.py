"""Predict interactions of drugs by EmerGNN (Figures 10 and 11).

EmerGNN is trained for one setting at a time, since the facts and the training pairs of an epoch are drawn apart, so
that these pairs look like test pairs of that setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions.evidence import measure_evidence
from parsimony.experiments.interactions.explanations import Explainer
from parsimony.experiments.interactions.harness import opened, trained
from parsimony.experiments.interactions.learners import PairLearner
from parsimony.experiments.interactions.measures import Answers
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.methods.emergnn import EmerGNN
from parsimony.records import Outcome, Specification


class FlowLearner(PairLearner):
    """EmerGNN.

    Args:
        model: EmerGNN.
        problem: what it learns.
        setting: whose test pairs the training pairs of an epoch look like.
    """

    def __init__(self, model: EmerGNN, problem: Problem, setting: str) -> None:
        super().__init__(model, problem)
        self.setting, self.is_summed = setting, not problem.pairs.is_multilabel

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Draw facts and training pairs of an epoch; let messages flow over these facts."""
        lesson = self.problem.lesson(self.setting, generator)
        self.use(lesson.view)
        return lesson.asked.split(size)

    def use(self, view: View) -> None:
        """Let messages flow in the network of a view."""
        self.model.use(self.problem.augmented(view))


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation pairs.

    Raises:
        ValueError: if the device is not the processor.
    """
    settings, problem = opened(specification, device)
    generator = torch.Generator().manual_seed(specification.seed)
    model = EmerGNN(problem.pairs.fingerprints, problem.ids, generator, **settings.options)
    learner, journal = FlowLearner(model, problem, settings.served[0]), Journal(checkpoint, progress)
    return trained(learner, problem, settings, specification.seed, journal, partial(reasons_of, model))


def reasons_of(model: EmerGNN, problem: Problem, setting: str, answers: Answers) -> dict[str, Any]:
    """Return what EmerGNN bases its answers on; nothing if states have a bias or a pair has several types."""
    if model.has_bias or problem.pairs.is_multilabel:
        return {}
    explainer = Explainer(model, problem, problem.augmented(problem.test_view(setting)), answers)
    found = {"explanations": explainer.explanations()}
    return {**found, **measure_evidence(explainer)} if problem.reasons else found
