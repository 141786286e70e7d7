"""ColdNAS: train the supernet, keep the largest gates, train that structure anew (Table 3, Figure 4).

The number K of operations is the one thing that the gates do not say; each K of a list is trained anew and validation
users choose, as they choose the learning rate. The gates are those of the supernet's best epoch on validation users.

Where the users are generated, the structure that generated them is known. It is trained like the found one, so that a
page can tell a search that misses it from data that another structure fits as well. It is never a candidate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.cold_start.recommender import Candidate, ColdStartRun, Task, choose
from parsimony.experiments.cold_start.training import Course, CourseSettings, train
from parsimony.experiments.progress import Progress
from parsimony.methods.modulation_space import ALL, ModulationStructure
from parsimony.records import Outcome, Specification


@dataclass(frozen=True, kw_only=True)
class ModulationSearch:
    """What a search needs.

    Attributes:
        search: how the supernet is trained.
        training: how a structure is trained, but for the learning rate.
        sizes: numbers K of operations that are tried.
        learning_rates: tried for each of them.
        options: keyword arguments of supernet and structure alike, such as widths.
    """

    search: CourseSettings = field(default_factory=CourseSettings)
    training: CourseSettings = field(default_factory=CourseSettings)
    sizes: Sequence[int] = (4,)
    learning_rates: Sequence[float] = (1e-4,)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("search", "training"):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, CourseSettings(**value))

    def runs_of(self, structures: Sequence[Sequence[Sequence[str]]]) -> ColdStartRun:
        """Return the training of every structure under every learning rate."""
        candidates = [
            Candidate(options={**self.options, "cells": cells}, training={"learning_rate": rate})
            for cells in structures
            for rate in self.learning_rates
        ]
        return ColdStartRun(model="coldnas", training=self.training, candidates=candidates)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one search and the training of what it found."""
    settings = ModulationSearch(**specification.settings)
    task = Task.open(specification, checkpoint, progress, device)
    found = search(task, settings)
    gates = found.notes[found.epoch - 1]
    structures = [ModulationStructure.top(gates, size).to_list() for size in settings.sizes]
    outcome = choose(task, settings.runs_of(structures))
    measurements = {
        **outcome.measurements,
        "gates": found.notes,
        "search curve": found.curve,
        "search epoch": found.epoch,
        **planted(task, settings),
    }
    return Outcome(metrics=outcome.metrics, measurements=measurements, parameters=outcome.parameters)


def search(task: Task, settings: ModulationSearch) -> Course:
    """Train the supernet; its notes are the gates after each epoch, [positions, 4]."""
    if kept := task.journal.get("search"):
        return Course(**kept)
    options = {**settings.options, "cells": ALL.to_list(), "is_gated": True}
    found = train(
        lambda: task.make("coldnas", options), task.data, settings.search, task.seed, task.journal,
        note="search", device=task.device, watch=lambda model: model.gates(),
    )  # fmt: skip
    task.journal.put("search", vars(found))
    return found


def planted(task: Task, settings: ModulationSearch) -> dict[str, Any]:
    """Return the structure that generated the users and its error on validation users; nothing for real users."""
    if "structure" not in task.data.truth:
        return {}
    cells = task.data.truth["structure"]
    outcome = choose(task, settings.runs_of([cells]), key="planted")
    return {"planted": cells, "planted MSE": outcome.metrics["valid MSE"]}
