"""Tune the training of one bilinear structure on validation triples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from parsimony.experiments.bilinear_training import TrainingSettings
from parsimony.experiments.fitting import Task, fit
from parsimony.experiments.journal import Journal

BATCH_SIZES = (512, 128, 1024, 256)  # of one eight of trials after the other
TRIALS_TOGETHER = 8


def tune(task: Task, structure: Sequence[int], base: TrainingSettings, trials: int, journal: Journal) -> list[dict]:
    """Tune learning rate, regulariser, decay and batch size of one structure on validation triples.

    Tree-structured Parzen estimator with the ranges of the authors' code: learning rate in (0, 1), lambda in
    10^(-5..0), decay in (0.99, 1), batch size 128 to 1024. Eight trials train side by side, so they share the
    batch size, which takes its four values in turn. The estimator is made anew from the finished trials for each
    eight, so that a resumed run proposes the same.

    Returns:
        The trials in order, {"settings": changed settings, "valid MRR": fraction}.
    """
    finished: list[dict] = journal.get("trials", [])
    while len(finished) < trials:
        batch = BATCH_SIZES[len(finished) // TRIALS_TOGETHER % len(BATCH_SIZES)]
        proposals = _propose(finished, batch, min(TRIALS_TOGETHER, trials - len(finished)), task.seed)
        note = f"tuning {len(finished)} of {trials}"
        fits = fit(task, [structure] * len(proposals), [replace(base, **one) for one in proposals], journal, note)
        finished = finished + [
            {"settings": one, "valid MRR": found.valid_mrr} for one, found in zip(proposals, fits, strict=True)
        ]
        journal.put("trials", finished)
    return finished


def _propose(finished: list[dict], batch_size: int, count: int, seed: int) -> list[dict]:
    """Ask the estimator for the next settings, given the finished trials."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {
        "learning_rate": optuna.distributions.FloatDistribution(0.001, 1.0),
        "exponent": optuna.distributions.FloatDistribution(-5.0, 0.0),
        "decay": optuna.distributions.FloatDistribution(0.99, 1.0),
    }
    sampler = optuna.samplers.TPESampler(seed=1000 * seed + len(finished), n_startup_trials=16, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for trial in finished:
        study.add_trial(
            optuna.trial.create_trial(
                params=_to_space(trial["settings"]), distributions=space, value=trial["valid MRR"]
            )
        )
    asked = [study.ask(space).params for _ in range(count)]
    return [
        {
            "learning_rate": one["learning_rate"],
            "regulariser": 10 ** one["exponent"] / batch_size,
            "decay": one["decay"],
            "batch_size": batch_size,
        }
        for one in asked
    ]


def _to_space(settings: dict) -> dict:
    """Return the point of the search space that gave these settings."""
    exponent = math.log10(settings["regulariser"] * settings["batch_size"])
    return {
        "learning_rate": settings["learning_rate"],
        "exponent": min(0.0, max(-5.0, exponent)),
        "decay": settings["decay"],
    }


def best_settings(base: TrainingSettings, trials: list[dict]) -> TrainingSettings:
    """Return `base` with the changes of the best trial, or `base` itself without trials."""
    if not trials:
        return base
    return replace(base, **max(trials, key=lambda trial: trial["valid MRR"])["settings"])
