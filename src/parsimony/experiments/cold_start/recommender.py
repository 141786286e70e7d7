"""Train one recommender for cold-start users, choose its settings on validation users, measure test users (Table 3)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from parsimony.baselines.mamo import MAMO
from parsimony.baselines.melu import MeLU
from parsimony.baselines.tanp import TaNP
from parsimony.data.cold_start import ColdStart
from parsimony.data.cold_start_sets import load_cold_start
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.cold_start.training import Course, CourseSettings, Recommender, train
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.methods.coldnas import ColdNAS
from parsimony.records import Outcome, Specification

MODELS: Mapping[str, Callable[..., Recommender]] = {"coldnas": ColdNAS, "tanp": TaNP, "melu": MeLU, "mamo": MAMO}
TIMINGS = 5  # of which the median counts


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Settings that are tried: keyword arguments of the model, and changes of the training.

    Attributes:
        options: of the model.
        training: of `CourseSettings`.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ColdStartRun:
    """What a run of this task needs.

    Attributes:
        model: one of `MODELS`.
        training: how every candidate is trained, but for its own changes.
        candidates: what is tried; the least squared error on validation users decides.
    """

    model: str
    training: CourseSettings = field(default_factory=CourseSettings)
    candidates: Sequence[Candidate] = (Candidate(),)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"model {self.model!r} given; known are {', '.join(MODELS)}.")
        if not self.candidates:
            raise ValueError("no candidate given; a run tries at least one, such as {}.")
        if isinstance(self.training, dict):
            object.__setattr__(self, "training", CourseSettings(**self.training))
        made = tuple(one if isinstance(one, Candidate) else Candidate(**one) for one in self.candidates)
        object.__setattr__(self, "candidates", made)


@dataclass(frozen=True)
class Task:
    """Users as tasks, the seed of everything trained on them, the device and the journal."""

    data: ColdStart
    seed: int
    device: str
    journal: Journal

    @classmethod
    def open(cls, specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Task:
        """Load the data of a run; its seed splits the users, draws the weights and orders the training."""
        data = load_cold_start(specification.dataset, specification.seed)
        return cls(data, specification.seed, device, Journal(checkpoint, progress))

    def make(self, model: str, options: Mapping[str, Any]) -> Recommender:
        """Build a model; the same options give the same initial weights."""
        return MODELS[model](self.data, torch.Generator().manual_seed(self.seed), **options)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run."""
    settings = ColdStartRun(**specification.settings)
    return choose(Task.open(specification, checkpoint, progress, device), settings)


def choose(task: Task, settings: ColdStartRun, key: str = "courses") -> Outcome:
    """Train every candidate; report the one with the least squared error on validation users.

    Args:
        task: data, seed and journal.
        settings: the candidates.
        key: under which the journal keeps those that are finished.
    """
    courses = [_course(task, settings, number, key) for number in range(len(settings.candidates))]
    best = min(range(len(courses)), key=lambda number: courses[number].valid_mse)
    candidate, course = settings.candidates[best], courses[best]
    model = task.make(settings.model, candidate.options).to(task.device)
    least = min(course.curve, key=lambda row: row[3])
    means = {name: statistics.fmean(values) for name, values in course.users.items()}
    extra = {"valid MSE": course.valid_mse, "best-test MSE": least[3], "best-test MAE": least[4]}
    return Outcome(
        metrics={**means, **extra},
        measurements={
            "users": course.users,
            "curve": course.curve,
            "epoch": course.epoch,
            "chosen": vars(candidate),
            "tried": [
                {**vars(one), "valid MSE": found.valid_mse, "epoch": found.epoch}
                for one, found in zip(settings.candidates, courses, strict=True)
            ],
            "adaptive parameters": model.adaptive_parameters,
            "milliseconds per user": milliseconds_per_user(model, task),
        },
        parameters=sum(one.numel() for one in model.parameters()),
    )


def _course(task: Task, settings: ColdStartRun, number: int, key: str) -> Course:
    """Train one candidate, or take from the journal what an earlier start finished."""
    finished: list[dict] = task.journal.get(key, [])
    if number < len(finished):
        return Course(**finished[number])
    candidate = settings.candidates[number]
    training = replace(settings.training, **candidate.training)
    note = f"candidate {number + 1} of {len(settings.candidates)}"
    make = lambda: task.make(settings.model, candidate.options)
    course = train(make, task.data, training, task.seed, task.journal, note=note, device=task.device)
    task.journal.put(key, [*finished, vars(course)])
    return course


@torch.no_grad()
def milliseconds_per_user(model: Recommender, task: Task) -> float:
    """Time the prediction of all test users at once, adaptation included; return the median share of one."""
    model.eval()
    tasks, seconds = task.data.test.to(task.device), []
    model(tasks)
    for _ in range(TIMINGS):
        start = time.perf_counter()
        model(tasks).sum().item()  # .item() waits for an accelerator
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds) / len(tasks)
