"""Fit bilinear structures to a graph, keep the best epoch on validation triples, tune, and rank the test triples.

A fit can be stopped at any moment: its `Journal` lies in the run's checkpoint, so that a second start loses at
most the epoch in progress and ends in the same numbers, bit for bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from parsimony.data.knowledge_graph import KnowledgeGraph, load_knowledge_graph, with_inverses
from parsimony.evaluation.ranking import FilterIndex, filtered_ranks, summarise_ranks
from parsimony.experiments.bilinear_training import BilinearTraining, TrainingSettings
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.progress import Progress

SECONDS_BETWEEN_SAVES = 2.0


class Journal:
    """What a run has finished so far, kept in its checkpoint."""

    def __init__(self, checkpoint: Checkpoint, progress: Progress) -> None:
        self._checkpoint, self.progress = checkpoint, progress
        self._state: dict[str, Any] = checkpoint.load() or {}
        self._saved = time.monotonic()

    def get(self, key: str, default: Any = None) -> Any:
        """Return what was kept under `key`."""
        return self._state.get(key, default)

    def put(self, key: str, value: Any, *, at_once: bool = True) -> None:
        """Keep `value`; with `at_once` false, write only if the last write is some seconds old."""
        self._state[key] = value
        if at_once or time.monotonic() - self._saved > SECONDS_BETWEEN_SAVES:
            self._checkpoint.save(self._state)
            self._saved = time.monotonic()

    def forget(self, key: str) -> None:
        """Drop `key`; the next write carries that to the disk, together with what replaces it."""
        self._state.pop(key, None)


@dataclass(frozen=True)
class Task:
    """A graph with its filter, the seed of everything trained on it, and the device."""

    graph: KnowledgeGraph
    index: FilterIndex
    seed: int
    device: str = "cpu"

    @classmethod
    def open(cls, dataset: str, seed: int, device: str = "cpu") -> Task:
        """Load a graph and file its known answers."""
        graph = load_knowledge_graph(dataset)
        relations = len(graph.relations)
        index = FilterIndex.of(with_inverses(graph.all_triples(), relations), 2 * relations)
        return cls(graph, index, seed, device)

    def rank(self, training: BilinearTraining, structure: int, triples: Tensor) -> Tensor:
        """Return filtered ranks of both directions, tails first, [2 N]."""
        asked = with_inverses(triples, len(self.graph.relations))
        return filtered_ranks(lambda queries: training.score(structure, queries.to(self.device)), asked, self.index)


@dataclass(frozen=True)
class Fit:
    """One fitted structure: its best epoch on validation triples, the way there, and the embeddings of that epoch."""

    valid_mrr: float
    epoch: int
    curve: list[list[float]]  # epoch, mean loss per triple, validation MRR
    tables: dict[str, Tensor]


def fit(
    task: Task,
    structures: Sequence[Sequence[int]],
    settings: TrainingSettings | Sequence[TrainingSettings],
    journal: Journal,
    note: str = "",
) -> list[Fit]:
    """Train structures side by side; return the best epoch of each, chosen on validation triples.

    Args:
        task: graph, filter and seed.
        structures: S structures of 16 entries.
        settings: of all, or one for each.
        journal: where a stopped fit goes on; the key "fit" belongs to this function.
        note: shown beside the progress bar.

    Returns:
        S fits in the order of the structures.
    """
    training = BilinearTraining(task.graph, structures, settings, task.seed, task.device)
    fits: list[Fit | None] = [None] * len(structures)
    curves: list[list[list[float]]] = [[] for _ in structures]
    if saved := journal.get("fit"):
        training.load_state_dict(saved["training"])
        fits, curves = [Fit(**one) if one else None for one in saved["fits"]], saved["curves"]
    one = training.settings
    while training.epoch < one.epochs:
        loss = training.run_epoch()
        if not loss.isfinite().all():
            raise ValueError(f"the loss is {loss.tolist()} in epoch {training.epoch}; lower the learning rate.")
        if training.epoch % one.evaluate_every == 0 or training.epoch == one.epochs:
            _evaluate(task, training, loss, fits, curves)
        journal.progress.update(training.epoch, one.epochs, note)
        state = {"training": training.state_dict(), "fits": [vars(f) if f else None for f in fits], "curves": curves}
        journal.put("fit", state, at_once=False)
    journal.forget("fit")
    return [best for best in fits if best is not None]


def _evaluate(
    task: Task, training: BilinearTraining, loss: Tensor, fits: list[Fit | None], curves: list[list[list[float]]]
) -> None:
    """Add one point to each curve and keep the embeddings of each structure that improved."""
    for s in range(len(fits)):
        mrr = summarise_ranks(task.rank(training, s, task.graph.valid))["MRR"]
        curves[s].append([float(training.epoch), float(loss[s]), mrr])
        best = fits[s]
        improved = best is None or mrr > best.valid_mrr
        tables = {name: table[s].clone() for name, table in training.tables().items()} if improved else best.tables
        epoch = training.epoch if improved else best.epoch
        fits[s] = Fit(mrr if improved else best.valid_mrr, epoch, curves[s], tables)


def test_ranks(task: Task, structure: Sequence[int], settings: TrainingSettings, tables: dict[str, Tensor]) -> Tensor:
    """Return the filtered ranks of the test triples, both directions, under given embeddings, [2 N]."""
    training = BilinearTraining(task.graph, [structure], settings, task.seed, task.device)
    training.entities, training.relations = tables["entities"].unsqueeze(0), tables["relations"].unsqueeze(0)
    return task.rank(training, 0, task.graph.test)


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
