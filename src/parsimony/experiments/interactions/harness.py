"""What all runs on drug interactions share: the problem opened, a learner trained and tested, what records keep.

A method that is trained by gradient steps is tested on each setting with the weights that were best on the validation
pairs of that setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from torch import Tensor

from parsimony.experiments.interactions.learners import Learner
from parsimony.experiments.interactions.measures import Answers, ask, metrics_of, split_report
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.experiments.interactions.settings import InteractionRun
from parsimony.experiments.interactions.training import train
from parsimony.experiments.journal import Journal
from parsimony.records import Outcome, Specification

Reasons = Callable[[Problem, str, Answers], dict[str, Any]]  # of the answers in a setting, by name


class Predictor(Protocol):
    """What is tested."""

    def use(self, view: View) -> None:
        """Answer with what may be known now."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return a score of each type for pairs (head, tail) [P, 2], [P, C]."""


def opened(specification: Specification, device: str) -> tuple[InteractionRun, Problem]:
    """Return the settings of a run and its problem.

    Raises:
        ValueError: if the device is not the processor, where the tables of flows and the counts of paths are made.
    """
    if device != "cpu":
        raise ValueError(f"device {device!r} given; runs on drug interactions work on the processor: use 'cpu'.")
    settings = InteractionRun(**specification.settings)
    return settings, Problem.open(specification.dataset, specification.seed, settings.share)


def no_reasons(problem: Problem, setting: str, answers: Answers) -> dict[str, Any]:
    """Return nothing: most methods do not say what an answer rests on."""
    return {}


def trained(
    learner: Learner,
    problem: Problem,
    settings: InteractionRun,
    seed: int,
    journal: Journal,
    reasons_of: Reasons = no_reasons,
) -> Outcome:
    """Train by gradient steps, and test with the best weights of each setting; `reasons_of` sees these weights."""
    course = train(learner, problem, settings.served, settings.training, seed, journal)
    learner.model.eval()
    answers: dict[str, Answers] = {}
    reasons: dict[str, Any] = {}
    for setting, best in course.best.items():
        learner.model.load_state_dict(best.state)
        answers[setting] = tested(learner, problem, setting)
        reasons = reasons_of(problem, setting, answers[setting])
    parameters = sum(one.numel() for one in learner.model.parameters())
    return outcome_of(problem, settings, answers, parameters, is_logit=True, more={
        "curve": course.curve,
        "chosen_epochs": {setting: best.epoch for setting, best in course.best.items()},
        "epochs": settings.training.epochs,
        **reasons,
    })  # fmt: skip


def tested(predictor: Predictor, problem: Problem, setting: str) -> Answers:
    """Ask the test pairs of a setting."""
    predictor.use(problem.test_view(setting))
    return ask(predictor, problem, f"test {setting}")


def outcome_of(
    problem: Problem,
    settings: InteractionRun,
    answers: Mapping[str, Answers],
    parameters: int,
    is_logit: bool,
    more: Mapping[str, Any],
) -> Outcome:
    """Return metrics and measurements.

    Args:
        problem: that was asked.
        settings: of the run.
        answers: to the test pairs of each setting.
        parameters: numbers that were learned.
        is_logit: whether scores are logits; else they are shares of votes.
        more: measurements besides, among them the "curve" with the validation values.
    """
    network, row = problem.network, more["curve"]
    metrics = {f"{name} {key}": value for name, one in answers.items() for key, value in metrics_of(one).items()}
    best = {f"valid {name}": max(looked[f"valid {name}"] for looked in row) for name in answers}
    return Outcome(
        metrics={**metrics, **best},
        measurements={
            "parameters": parameters,
            "training_pairs": len(problem.train),
            "schedule": settings.schedule,
            "network": {
                "name": network.name, "entities": network.num_entities, "relations": len(network.relations),
                "triples": len(network.triples),
            },
            **more,
            **split_report(answers, problem, is_logit),
        },
        parameters=parameters,
    )  # fmt: skip
