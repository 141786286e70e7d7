"""Answer queries on a knowledge graph: train one reasoner, rank the test triples once, read its reasons (Table 6).

Test triples are ranked at the epoch that validation triples choose, and at no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from parsimony.baselines.rnnlogic import Budget, RNNLogic
from parsimony.evaluation.ranking import summarise_ranks
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.experiments.reasoning.questions import Curriculum
from parsimony.experiments.reasoning.reasoners import MODELS, WAY_OF
from parsimony.experiments.reasoning.reasons import reasons_of
from parsimony.experiments.reasoning.rule_course import fit_rules
from parsimony.experiments.reasoning.training import Course, CourseSettings, rank, train
from parsimony.records import Outcome, Specification

RANK_RULE = "Filtered by all splits; a shared place counts by its mean rank."


@dataclass(frozen=True, kw_only=True)
class GraphReasoning:
    """What a run of this task needs.

    Attributes:
        schedule: epochs, or passes of predictor+, of the method's own source; a run with fewer is short.
        options: keyword arguments of the model.
        training: how it is trained; of RNNLogic only `ranked_at_once` counts.
        budget: how much each stage of RNNLogic does; no other method has one.
        fact_ratio: share of the training triples that carry messages while the others are asked.
    """

    schedule: int
    options: Mapping[str, Any] = field(default_factory=dict)
    training: CourseSettings = field(default_factory=CourseSettings)
    budget: Budget | None = None
    fact_ratio: float = 0.75

    def __post_init__(self) -> None:
        if isinstance(self.training, dict):
            object.__setattr__(self, "training", CourseSettings(**self.training))
        if isinstance(self.budget, dict):
            final = tuple(tuple(one) for one in self.budget.get("final", Budget.final))
            object.__setattr__(self, "budget", Budget(**{**self.budget, "final": final}))
        if not 0 < self.fact_ratio < 1:
            raise ValueError(f"fact ratio {self.fact_ratio} given; expected a share above 0 and below 1.")


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation triples."""
    settings, method, seed = GraphReasoning(**specification.settings), specification.method, specification.seed
    curriculum = Curriculum.open(specification.dataset, WAY_OF[method], settings.fact_ratio)
    journal = Journal(checkpoint, progress)
    if method == "rnnlogic":
        model, course, more = _find_rules(curriculum, settings, seed, journal, device)
    else:
        model = MODELS[method](len(curriculum.known.relations), _generator(seed), **settings.options)
        course, more = train(model, curriculum, settings.training, seed, journal, device), {}
        model.load_state_dict(course.state)
    ranks = rank(model, curriculum.test, device, settings.training.ranked_at_once)
    return _outcome(model, curriculum, settings, course, ranks, {**more, **reasons_of(model.cpu(), curriculum)})


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _find_rules(
    curriculum: Curriculum, settings: GraphReasoning, seed: int, journal: Journal, device: str
) -> tuple[RNNLogic, Course, dict[str, Any]]:
    """Carry out the stages of RNNLogic; return it with its best predictor."""
    known = curriculum.known
    model = RNNLogic(len(known.entities), len(known.relations), _generator(seed), **settings.options)
    at_once = settings.training.ranked_at_once
    found = fit_rules(model, curriculum, settings.budget or Budget(), seed, journal, device, at_once)
    model.predictor.load_state_dict(found.course.state)
    return model, found.course, {"stages": found.stages}


def _outcome(
    model: nn.Module,
    curriculum: Curriculum,
    settings: GraphReasoning,
    course: Course,
    ranks: Tensor,
    more: Mapping[str, Any],
) -> Outcome:
    half = len(ranks) // 2
    return Outcome(
        metrics={**summarise_ranks(ranks), "valid MRR": course.valid_mrr},
        measurements={
            "ranks": {"tail": ranks[:half].tolist(), "head": ranks[half:].tolist()},
            "curve": course.curve,
            "epoch": course.epoch,
            "epochs": round(course.passes, 2),
            "schedule": settings.schedule,
            "rank rule": RANK_RULE,
            "protocol": curriculum.protocol,
            **more,
        },
        parameters=sum(one.numel() for one in model.parameters()),
    )
