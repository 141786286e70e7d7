"""Search a bilinear structure, tune it, train it, rank the test triples (AutoBLM and AutoBLM+; Table 2, Figure 3).

The search trains the candidates of a round side by side and sees validation triples only. The known models are
trained once under the very settings of a candidate, so that the search can be compared with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parsimony.experiments.bilinear_training import TrainingSettings
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fitting import Task, fit
from parsimony.experiments.journal import Journal
from parsimony.experiments.link_prediction import LinkPrediction, finish
from parsimony.experiments.progress import Progress
from parsimony.methods.autoblm import ProgressiveSearch
from parsimony.methods.autoblm_plus import EvolutionarySearch
from parsimony.methods.bilinear_structure import KNOWN, Structure, symmetry_features
from parsimony.records import Outcome, Specification

SEARCHES = {"autoblm": ProgressiveSearch, "autoblm-plus": EvolutionarySearch}


@dataclass(frozen=True, kw_only=True)
class StructureSearch:
    """What a search needs.

    Attributes:
        budget: keyword arguments of the search (its rounds, or the number of structures to train).
        candidate: settings under which every candidate is trained.
        training: settings of the final training.
        tuning_trials: settings tried for the found structure before it.
        tuning_epochs: epochs of a trial.
    """

    budget: Mapping[str, Any] = field(default_factory=dict)
    candidate: TrainingSettings = field(default_factory=TrainingSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    tuning_trials: int = 0
    tuning_epochs: int = 60

    def __post_init__(self) -> None:
        for name in ("candidate", "training"):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, TrainingSettings(**value))


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one search and the final training of what it found."""
    settings = StructureSearch(**specification.settings)
    task = Task.open(specification.dataset, specification.seed, device)
    journal = Journal(checkpoint, progress)
    known = train_known(task, settings.candidate, journal)
    search = carry_out(SEARCHES[specification.method](seed=task.seed, **settings.budget), task, settings, journal)
    found, _ = search.best
    final = LinkPrediction(
        structure=found.entries,
        training=settings.training,
        tuning_trials=settings.tuning_trials,
        tuning_epochs=settings.tuning_epochs,
    )
    outcome = finish(task, found.entries, final, journal)
    trajectory = [{**step, **describe(step["structure"])} for step in search.trajectory]
    measurements = {**outcome.measurements, "trajectory": trajectory, "known": known}
    return Outcome(metrics=outcome.metrics, measurements=measurements, parameters=outcome.parameters)


def train_known(task: Task, candidate: TrainingSettings, journal: Journal) -> list[dict[str, Any]]:
    """Train DistMult, ComplEx, SimplE and Analogy as candidates; return their validation MRR."""
    if kept := journal.get("known"):
        return kept
    fits = fit(task, [known.entries for known in KNOWN.values()], candidate, journal, "known models")
    known = [
        {"name": name, "structure": list(one.entries), "score": found.valid_mrr, **describe(one.entries)}
        for (name, one), found in zip(KNOWN.items(), fits, strict=True)
    ]
    journal.put("known", known)
    return known


def carry_out(
    search: ProgressiveSearch | EvolutionarySearch, task: Task, settings: StructureSearch, journal: Journal
) -> ProgressiveSearch | EvolutionarySearch:
    """Train what the search asks for until its budget is spent; return the search."""
    kept = journal.get("search") or {"asked": None}
    if kept["asked"] is not None:
        search.load_state_dict(kept["state"])
    while not search.finished:
        asked = kept["asked"] or [list(one.entries) for one in search.ask()]
        journal.put("search", {"state": search.state_dict(), "asked": asked}, at_once=False)
        note = f"{len(search.trajectory)} structures trained"
        fits = fit(task, asked, settings.candidate, journal, note)
        search.tell([Structure(tuple(one)) for one in asked], [found.valid_mrr for found in fits])
        kept = {"state": search.state_dict(), "asked": []}
        journal.put("search", kept)
    return search


def describe(structure: Sequence[int]) -> dict[str, Any]:
    """Count the cells and say which kinds of relation the structure can express exactly."""
    features = symmetry_features(Structure(tuple(structure)))
    half = len(features) // 2
    kinds = [name for name, part in (("symmetric", features[:half]), ("skew", features[half:])) if any(part)]
    return {
        "cells": sum(value != 0 for value in structure),
        "symmetry": "both" if len(kinds) == 2 else (kinds or ["neither"])[0],
    }
