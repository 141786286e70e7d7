"""Go through the stages of RNNLogic, and keep the predictor of the pass that is best on validation triples (Table 6).

The stages before the last one choose nothing on validation triples. Rules and optimisers of a stage live inside it, so
a stopped run goes through all stages again, from the same seed to the same numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import torch

from parsimony.baselines.rnnlogic import Budget, RNNLogic
from parsimony.evaluation.ranking import summarise_ranks
from parsimony.experiments.journal import Journal
from parsimony.experiments.reasoning.questions import Curriculum
from parsimony.experiments.reasoning.training import Course, rank


@dataclass(frozen=True)
class RuleCourse:
    """What the stages left behind.

    Attributes:
        course: passes of predictor+ in the place of epochs; the weights are predictor+'s.
        stages: name, number, mean loss and seconds of every finished part.
    """

    course: Course = field(default_factory=Course)
    stages: list[list[Any]] = field(default_factory=list)


def fit_rules(
    model: RNNLogic, curriculum: Curriculum, budget: Budget, seed: int, journal: Journal, device: str, at_once: int
) -> RuleCourse:
    """Go through all stages.

    Args:
        model: with the initial weights of its generator.
        curriculum: what it is asked.
        budget: how much each stage does.
        seed: of everything drawn.
        journal: whose watcher hears of every finished part.
        device: where the model lives.
        at_once: distinct queries ranked together.
    """
    model.to(device)
    generator = torch.Generator(device).manual_seed(seed)
    torch.manual_seed(seed)
    total, found = 2 + 2 * budget.iterations + budget.passes, RuleCourse()
    start = time.perf_counter()
    for done, part in enumerate(model.fit(curriculum.valid.graph.to(device), generator, budget), start=1):
        seconds = time.perf_counter() - start
        found = RuleCourse(found.course, [*found.stages, [part.stage, part.number, part.loss, seconds]])
        if part.stage == "predictor+":
            found = _after_pass(found, model, curriculum, device, at_once)
        journal.progress.update(done, total, part.stage)
        start = time.perf_counter()
    return found


def _after_pass(found: RuleCourse, model: RNNLogic, curriculum: Curriculum, device: str, at_once: int) -> RuleCourse:
    """Measure the validation triples and keep predictor+ if it is better than before."""
    (_, number, loss, trained), course = found.stages[-1], found.course
    start = time.perf_counter()
    mrr = summarise_ranks(rank(model, curriculum.valid, device, at_once))["MRR"]
    curve = [*course.curve, [float(number), loss, mrr, trained, time.perf_counter() - start]]
    if mrr <= course.valid_mrr:
        return RuleCourse(Course(course.epoch, course.valid_mrr, course.state, curve), found.stages)
    state = {name: one.clone() for name, one in model.predictor.state_dict().items()}
    return RuleCourse(Course(number, mrr, state, curve), found.stages)
