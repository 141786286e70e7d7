"""Predict interactions of drugs: train or fit one method, test it once on each setting it serves (Figures 10 and 11).

A method that is trained by gradient steps is tested on each setting with the weights that were best on the validation
pairs of that setting. EmerGNN is trained for one setting at a time, since the pairs of its epochs are drawn to look
like test pairs; the others are trained once for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions.estimators import ESTIMATORS, Estimator
from parsimony.experiments.interactions.evidence import measure_evidence
from parsimony.experiments.interactions.explanations import Explainer
from parsimony.experiments.interactions.learners import LEARNERS, Learner
from parsimony.experiments.interactions.measures import Answers, ask, deciding_value, metrics_of, split_report
from parsimony.experiments.interactions.problem import Problem
from parsimony.experiments.interactions.settings import InteractionRun
from parsimony.experiments.interactions.training import train
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.experiments.stopwatch import now
from parsimony.methods.emergnn import EmerGNN
from parsimony.records import Outcome, Specification

METHODS = (*LEARNERS, *ESTIMATORS)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation pairs.

    Raises:
        ValueError: if the device is not the processor, where the tables of flows and the counts of paths are made.
    """
    if device != "cpu":
        raise ValueError(f"device {device!r} given; runs on drug interactions work on the processor: use 'cpu'.")
    settings, method = InteractionRun(**specification.settings), specification.method
    problem = Problem.open(specification.dataset, specification.seed, settings.share)
    journal = Journal(checkpoint, progress)
    if method in ESTIMATORS:
        return _fitted(method, problem, settings, specification.seed, journal)
    generator = torch.Generator().manual_seed(specification.seed)
    learner = LEARNERS[method](problem, settings.served, generator, **settings.options)
    return trained(learner, problem, settings, specification.seed, journal)


def trained(learner: Learner, problem: Problem, settings: InteractionRun, seed: int, journal: Journal) -> Outcome:
    """Train by gradient steps, and test with the best weights of each setting."""
    course = train(learner, problem, settings.served, settings.training, seed, journal)
    learner.model.eval()
    answers: dict[str, Answers] = {}
    reasons: dict[str, Any] = {}
    for setting, best in course.best.items():
        learner.model.load_state_dict(best.state)
        answers[setting] = _tested(learner, problem, setting)
        reasons = reasons_of(learner, problem, setting, answers[setting])
    parameters = sum(one.numel() for one in learner.model.parameters())
    return _outcome(problem, settings, answers, parameters, is_logit=True, more={
        "curve": course.curve,
        "chosen_epochs": {setting: best.epoch for setting, best in course.best.items()},
        "epochs": settings.training.epochs,
        **reasons,
    })  # fmt: skip


def _fitted(method: str, problem: Problem, settings: InteractionRun, seed: int, journal: Journal) -> Outcome:
    """Fit once; validation pairs are measured, but have nothing to choose."""
    start, generator = now(), torch.Generator().manual_seed(seed)
    estimator = ESTIMATORS[method](problem, generator, **settings.options)
    journal.progress.update(0, 1, "fitting")
    estimator.fit(generator)
    estimator.use(problem.validation_view)
    row = {f"valid {one}": deciding_value(estimator, problem, f"valid {one}") for one in settings.served}
    curve = [{"epoch": 1, **row, "minutes": round((now() - start) / 60, 4)}]
    answers = {setting: _tested(estimator, problem, setting) for setting in settings.served}
    more = {"curve": curve, "chosen_epochs": dict.fromkeys(settings.served, 1), "epochs": 1}
    return _outcome(problem, settings, answers, estimator.num_parameters, is_logit=False, more=more)


def reasons_of(learner: Learner, problem: Problem, setting: str, answers: Answers) -> dict[str, Any]:
    """Return what EmerGNN bases its answers on, if a pair has one type and states have no bias; of others nothing."""
    model = learner.model
    if not isinstance(model, EmerGNN) or model.has_bias or problem.pairs.is_multilabel:
        return {}
    explainer = Explainer(model, problem, problem.augmented(problem.test_view(setting)), answers)
    found = {"explanations": explainer.explanations()}
    return {**found, **measure_evidence(explainer)} if problem.reasons else found


def _tested(predictor: Learner | Estimator, problem: Problem, setting: str) -> Answers:
    predictor.use(problem.test_view(setting))
    return ask(predictor, problem, f"test {setting}")


def _outcome(
    problem: Problem,
    settings: InteractionRun,
    answers: Mapping[str, Answers],
    parameters: int,
    is_logit: bool,
    more: Mapping[str, Any],
) -> Outcome:
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
