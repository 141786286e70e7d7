"""Train a predictor by gradient steps, and keep for each setting the weights that are best on its validation pairs.

Every step draws from a seed made of the run's seed, the epoch and the step. So the state of a stopped training is its
weights, Adam's moments and how many batches are done, and it goes on bit for bit. The rate is a function of the
validation values so far, as `torch.optim.lr_scheduler.ReduceLROnPlateau` computes it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from parsimony.experiments.interactions.learners import Learner
from parsimony.experiments.interactions.measures import deciding_value
from parsimony.experiments.interactions.problem import Problem
from parsimony.experiments.interactions.settings import CourseSettings
from parsimony.experiments.journal import Journal
from parsimony.experiments.stopwatch import now

SEEDS_OF_A_RUN, SEEDS_OF_AN_EPOCH = 100_000, 1_000_000  # more than any run has epochs, or an epoch steps
SECONDS_BETWEEN_SAVES = 60.0  # within an epoch
LEAST_GAIN, FACTOR = 1e-4, 0.1  # of a plateau: relative gain that counts, and what the rate is multiplied by


@dataclass
class Best:
    """The epoch that is best on the validation pairs of a setting: its number, value and weights."""

    epoch: int = 0
    value: float = -1.0
    state: dict[str, Tensor] = field(default_factory=dict)


@dataclass
class Course:
    """What the finished epochs of a training left behind.

    Attributes:
        best: of each setting.
        curve: a row for each epoch that was looked at.
    """

    best: dict[str, Best] = field(default_factory=dict)
    curve: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Epoch:
    """How far an unfinished epoch is: its number, batches done, the sum of their losses, seconds of the whole run."""

    number: int = 1
    done: int = 0
    loss: float = 0.0
    seconds: float = 0.0


class Training:
    """A learner, its optimiser, and the epoch in progress.

    Args:
        learner: to be trained.
        settings: how.
        seed: of everything random in it.
    """

    def __init__(self, learner: Learner, settings: CourseSettings, seed: int) -> None:
        self.learner, self.settings, self.seed = learner, settings, seed
        kind = torch.optim.AdamW if settings.is_decoupled else torch.optim.Adam
        self.optimiser = kind(learner.model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self.epoch = Epoch()

    def run_epoch(self, rate: float, after_batch: Callable[[int], None]) -> None:
        """Finish the epoch in progress.

        Args:
            rate: of learning.
            after_batch: hears how many batches the epoch has.

        Raises:
            ValueError: if the loss is not finite.
        """
        epoch, start = self.epoch, now()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        generator = torch.Generator().manual_seed(self.seed * SEEDS_OF_A_RUN + epoch.number)
        batches = self.learner.batches(epoch.number, self.settings.batch_size, generator)
        self.learner.model.train()
        while epoch.done < len(batches):
            epoch.loss += self._step(batches[epoch.done])
            epoch.done += 1
            epoch.seconds, start = epoch.seconds + now() - start, now()
            after_batch(len(batches))

    def _step(self, rows: Tensor) -> float:
        """Take one step; return the mean loss of its pairs."""
        seed = (self.seed * SEEDS_OF_A_RUN + self.epoch.number) * SEEDS_OF_AN_EPOCH + self.epoch.done
        torch.manual_seed(seed)  # dropout reads torch's own generator
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.learner.loss(rows)
        loss.backward()
        self.optimiser.step()
        if not math.isfinite(value := loss.item()):
            raise ValueError(f"the loss is {value} in epoch {self.epoch.number}; lower the learning rate.")
        return value / len(rows) if self.learner.is_summed else value

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed training needs to go on alike."""
        return {
            "model": dict(self.learner.model.state_dict()),
            "optimiser": self.optimiser.state_dict(),
            "epoch": dict(vars(self.epoch)),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.learner.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch = Epoch(**state["epoch"])


def train(
    learner: Learner, problem: Problem, served: Sequence[str], settings: CourseSettings, seed: int, journal: Journal
) -> Course:
    """Train a learner to the end; return the best epoch of each setting.

    Args:
        learner: with its initial weights.
        problem: what it is asked.
        served: settings to be tested; the value of the first steers the learning rate.
        settings: how it is trained.
        seed: of everything random in the training.
        journal: where a stopped training goes on; the key "course" belongs to this function.
    """
    training = Training(learner, settings, seed)
    course = Course({setting: Best() for setting in served})
    if saved := journal.get("course"):
        training.load_state_dict(saved["training"])
        course = Course({name: Best(**best) for name, best in saved["best"].items()}, saved["curve"])
    keeper = Keeper(training, course, journal)
    while training.epoch.number <= settings.epochs:
        steering = [row[f"valid {served[0]}"] for row in course.curve]
        rate = reduced_rate(settings.learning_rate, steering, settings.patience)
        training.run_epoch(rate, keeper.after_batch)
        if settings.is_look(training.epoch.number):
            look(training, problem, course)
        training.epoch = Epoch(training.epoch.number + 1, seconds=training.epoch.seconds)
        keeper.keep()
    return course


def look(training: Training, problem: Problem, course: Course) -> None:
    """Measure the validation pairs of each setting; keep the weights where they are the best so far."""
    start, epoch, learner = now(), training.epoch, training.learner
    learner.model.eval()
    learner.use(problem.validation_view)
    row = {"epoch": epoch.number, "loss": epoch.loss / max(epoch.done, 1)}
    for setting, best in course.best.items():
        value = deciding_value(learner, problem, f"valid {setting}")
        row[f"valid {setting}"] = value
        if value > best.value:
            state = {name: one.clone() for name, one in learner.model.state_dict().items()}
            course.best[setting] = Best(epoch.number, value, state)
    epoch.seconds += now() - start
    course.curve.append({**row, "minutes": round(epoch.seconds / 60, 4)})


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
        self.journal.progress.update(min(done, epochs * batches), epochs * batches, f"epoch {epoch.number} of {epochs}")

    def keep(self) -> None:
        """Write training and course into the journal."""
        best = {setting: vars(one) for setting, one in self.course.best.items()}
        state = {"training": self.training.state_dict(), "best": best, "curve": self.course.curve}
        self.journal.put("course", state)
        self._saved = time.monotonic()


def reduced_rate(rate: float, values: Sequence[float], patience: int) -> float:
    """Return the learning rate after some validation values; it falls where more than `patience` of them gain nothing.

    Args:
        rate: at the start.
        values: greater is better.
        patience: 0 keeps the rate.
    """
    best, waited = -math.inf, 0
    for value in values if patience else ():
        best, waited = (value, 0) if value > best * (1 + LEAST_GAIN) else (best, waited + 1)
        if waited > patience:
            rate, waited = rate * FACTOR, 0
    return rate
