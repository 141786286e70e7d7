"""ColdNAS: train the supernet, keep the largest gates, train that structure anew (Table 3, Figure 4).

The number K of operations is the one thing that the gates do not say; each K of a list is trained anew and validation
users choose, as they choose the learning rate. The gates are those of the supernet's best epoch on validation users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.cold_start import Candidate, ColdStartRun, Task, choose
from parsimony.experiments.cold_start_training import Course, CourseSettings, train
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
    """

    search: CourseSettings = field(default_factory=CourseSettings)
    training: CourseSettings = field(default_factory=CourseSettings)
    sizes: Sequence[int] = (4,)
    learning_rates: Sequence[float] = (1e-4,)

    def __post_init__(self) -> None:
        for name in ("search", "training"):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, CourseSettings(**value))


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one search and the training of what it found."""
    settings = ModulationSearch(**specification.settings)
    task = Task.open(specification, checkpoint, progress, device)
    found = search(task, settings.search)
    gates = found.notes[found.epoch - 1]
    outcome = choose(
        task, ColdStartRun(model="coldnas", training=settings.training, candidates=_candidates(settings, gates))
    )
    measurements = {
        **outcome.measurements,
        "gates": found.notes,
        "search curve": found.curve,
        "search epoch": found.epoch,
        "planted": task.data.truth.get("structure"),
    }
    return Outcome(metrics=outcome.metrics, measurements=measurements, parameters=outcome.parameters)


def search(task: Task, settings: CourseSettings) -> Course:
    """Train the supernet; its notes are the gates after each epoch, [positions, 4]."""
    if kept := task.journal.get("search"):
        return Course(**kept)
    make = lambda: task.make("coldnas", {"cells": ALL.to_list(), "is_gated": True})
    found = train(
        make, task.data, settings, task.seed, task.journal,
        note="search", device=task.device, watch=lambda model: model.gates(),
    )  # fmt: skip
    task.journal.put("search", vars(found))
    return found


def _candidates(settings: ModulationSearch, gates: Any) -> list[Candidate]:
    """Return every size under every learning rate."""
    structures = [ModulationStructure.top(gates, size).to_list() for size in settings.sizes]
    return [
        Candidate(options={"cells": cells}, training={"learning_rate": rate})
        for cells in structures
        for rate in settings.learning_rates
    ]
