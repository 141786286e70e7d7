"""Train a reasoner by gradient steps, and keep the weights of the epoch that is best on validation triples (Table 6).

Adam with L2 in the gradient, as in the authors' code, not decoupled; the learning rate decays after each epoch.
Every step draws from a seed made of the run's seed, the epoch and the step. So the state of a stopped training is
its weights, Adam's moments and how many batches are done, and it goes on bit for bit on any device.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from parsimony.data.fact_graph import FactGraph
from parsimony.evaluation.ranking import filtered_ranks, summarise_ranks
from parsimony.experiments.journal import Journal
from parsimony.experiments.reasoning.questions import Curriculum, Examination, Lesson
from parsimony.experiments.stopwatch import now

SEEDS_OF_A_RUN, SEEDS_OF_AN_EPOCH = 100_000, 1_000_000  # more than any run has epochs, or an epoch steps
SECONDS_BETWEEN_SAVES = 60.0  # within an epoch


class Reasoner(Protocol):
    """What the harness trains: a module that scores all entities as answers of queries on a graph."""

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the training loss of queries [B, 2] with answers [B]."""

    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Return the scores of all entities, [B, N]."""


@dataclass(frozen=True, kw_only=True)
class CourseSettings:
    """How a reasoner is trained.

    Attributes:
        epochs: passes over the questions.
        batch_size: questions of a step.
        ranked_at_once: queries whose entities are scored together in an evaluation.
        batches: of an epoch at most; 0 takes all.
        learning_rate: of Adam, in the first epoch.
        decay: factor of the learning rate after each epoch.
        weight_decay: of the L2 term.
        clip: bound of each element of the gradient; 0 leaves it as it is.
    """

    epochs: int = 50
    batch_size: int = 20
    ranked_at_once: int = 50
    batches: int = 0
    learning_rate: float = 1e-3
    decay: float = 1.0
    weight_decay: float = 0.0
    clip: float = 0.0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "ranked_at_once", "learning_rate", "decay"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")
        for name in ("batches", "weight_decay", "clip"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must not be below zero.")


@dataclass(frozen=True)
class Course:
    """What a training left behind.

    Attributes:
        epoch: with the best validation MRR.
        valid_mrr: that MRR.
        state: weights after that epoch.
        curve: epoch, mean training loss, validation MRR, seconds of training, seconds of evaluation, one row an epoch.
        passes: over all questions; fewer than rows if an epoch takes only some batches.
    """

    epoch: int = 0
    valid_mrr: float = -1.0
    state: dict[str, Tensor] = field(default_factory=dict)
    curve: list[list[float]] = field(default_factory=list)
    passes: float = 0.0


@dataclass
class Epoch:
    """How far an unfinished epoch is: its number, batches done, the sum of their losses, seconds spent."""

    number: int = 1
    done: int = 0
    loss: float = 0.0
    seconds: float = 0.0


class Training:
    """A model, its optimiser, and the epoch in progress.

    Args:
        model: to be trained, on its device.
        curriculum: what it is asked.
        settings: how it is trained.
        seed: of everything random in it.
        device: where the model lives.
    """

    def __init__(
        self, model: nn.Module, curriculum: Curriculum, settings: CourseSettings, seed: int, device: str
    ) -> None:
        self.model, self.curriculum, self.settings = model, curriculum, settings
        self.seed, self.device = seed, device
        self.optimiser = torch.optim.Adam(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.epoch = Epoch()

    def run_epoch(self, after_batch: Callable[[int], None]) -> float:
        """Finish the epoch in progress.

        Args:
            after_batch: hears how many batches the epoch has.

        Returns:
            Which share of the questions was asked.

        Raises:
            ValueError: if the loss is not finite.
        """
        settings, epoch = self.settings, self.epoch
        for group in self.optimiser.param_groups:
            group["lr"] = settings.learning_rate * settings.decay ** (epoch.number - 1)
        lesson = self._lesson()
        batches = lesson.questions.split(settings.batch_size)[: settings.batches or None]
        self.model.train()
        while epoch.done < len(batches):
            start = now(self.device)
            loss = self._step(lesson.graph, batches[epoch.done])
            epoch.done, epoch.loss = epoch.done + 1, epoch.loss + loss
            epoch.seconds += now(self.device) - start
            after_batch(len(batches))
        return sum(map(len, batches)) / len(lesson.questions)

    def _lesson(self) -> Lesson:
        generator = torch.Generator().manual_seed(self.seed * SEEDS_OF_A_RUN + self.epoch.number)
        lesson = self.curriculum.lesson(self.epoch.number, generator)
        return Lesson(lesson.graph.to(self.device), lesson.questions.to(self.device))

    def _step(self, graph: FactGraph, questions: Tensor) -> float:
        """Take one step; return the loss."""
        seed = (self.seed * SEEDS_OF_A_RUN + self.epoch.number) * SEEDS_OF_AN_EPOCH + self.epoch.done
        torch.manual_seed(seed)  # dropout reads torch's own generator
        generator = torch.Generator(self.device).manual_seed(seed)
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.model.loss(graph, questions[:, :2], questions[:, 2], generator)
        loss.backward()
        if self.settings.clip:
            nn.utils.clip_grad_value_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()
        value = loss.item()
        if not math.isfinite(value):
            raise ValueError(f"the loss is {value} in epoch {self.epoch.number}; lower the learning rate.")
        return value

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed training needs to go on alike."""
        return {
            "model": dict(self.model.state_dict()),
            "optimiser": self.optimiser.state_dict(),
            "epoch": dict(vars(self.epoch)),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch = Epoch(**state["epoch"])


def train(
    model: nn.Module, curriculum: Curriculum, settings: CourseSettings, seed: int, journal: Journal, device: str
) -> Course:
    """Train a model to the end; return its best epoch on validation triples.

    Args:
        model: with its initial weights.
        curriculum: what it is asked.
        settings: how it is trained.
        seed: of everything random in the training.
        journal: where a stopped training goes on; the key "course" belongs to this function.
        device: where the model lives.
    """
    training, course = Training(model.to(device), curriculum, settings, seed, device), Course()
    if saved := journal.get("course"):
        training.load_state_dict(saved["training"])
        course = Course(**saved["course"])
    keeper = Keeper(training, course, journal)
    while training.epoch.number <= settings.epochs:
        share = training.run_epoch(keeper.after_batch)
        keeper.course = after_epoch(keeper.course, training, share)
        training.epoch = Epoch(training.epoch.number + 1)
        keeper.keep()
    return keeper.course


class Keeper:
    """Keeps a training in the journal, after every epoch and from time to time within one.

    Args:
        training: to be kept.
        course: what its finished epochs left behind.
        journal: of the run.
    """

    def __init__(self, training: Training, course: Course, journal: Journal) -> None:
        self.training, self.course, self.journal = training, course, journal
        self._saved = time.monotonic()

    def after_batch(self, batches: int) -> None:
        """Keep the training if the last time is long ago; say how far it is."""
        epoch, epochs = self.training.epoch, self.training.settings.epochs
        if time.monotonic() - self._saved > SECONDS_BETWEEN_SAVES:
            self.keep()
        done = (epoch.number - 1) * batches + epoch.done
        self.journal.progress.update(done, epochs * batches, f"epoch {epoch.number} of {epochs}")

    def keep(self) -> None:
        """Write training and course into the journal."""
        self.journal.put("course", {"training": self.training.state_dict(), "course": vars(self.course)})
        self._saved = time.monotonic()


def after_epoch(course: Course, training: Training, share: float) -> Course:
    """Measure the validation triples after a share of all questions; keep the weights if they are the best so far."""
    start, epoch = now(training.device), training.epoch
    ranks = rank(training.model, training.curriculum.valid, training.device, training.settings.ranked_at_once)
    mrr = summarise_ranks(ranks)["MRR"]
    seconds = now(training.device) - start
    row = [float(epoch.number), epoch.loss / epoch.done, mrr, epoch.seconds, seconds]
    curve, passes = [*course.curve, row], course.passes + share
    if mrr <= course.valid_mrr:
        return replace(course, curve=curve, passes=passes)
    state = {name: one.clone() for name, one in training.model.state_dict().items()}
    return Course(epoch.number, mrr, state, curve, passes)


def rank(model: nn.Module, examination: Examination, device: str, at_once: int) -> Tensor:
    """Return filtered ranks of both directions, tails first, [Q], with the model in evaluation mode.

    Args:
        model: that scores.
        examination: what is asked.
        device: where the model lives.
        at_once: distinct queries scored together.
    """
    model.eval()
    graph = examination.graph.to(device)
    return filtered_ranks(
        lambda queries: model.scores(graph, queries.to(device)), examination.questions, examination.index, at_once
    )
