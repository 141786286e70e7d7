"""Train a recommender on users as tasks, and judge it on users that it never saw (Table 3).

The epoch is chosen on validation users. The test users are measured after every epoch too, so that a page can show
what choosing on them would have given; no choice here reads those numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from parsimony.data.cold_start import ColdStart, UserTasks
from parsimony.evaluation.regression import summarise_ratings
from parsimony.experiments.journal import Journal


class Recommender(Protocol):
    """What the harness trains: a module that adapts to the support set of each user.

    Attributes:
        adaptive_parameters: numbers that the support set sets for each user.
    """

    adaptive_parameters: int

    def loss(self, tasks: UserTasks, generator: torch.Generator) -> Tensor:
        """Return the training loss of some users."""

    def __call__(self, tasks: UserTasks) -> Tensor:
        """Predict the ratings of the query items, [T, Q]."""


@dataclass(frozen=True, kw_only=True)
class CourseSettings:
    """How a recommender is trained.

    Attributes:
        epochs: passes over the training users.
        batch_size: users of a step; the last short batch is left out, as in the authors' code.
        learning_rate: of Adam.
        query_items: query items of a user in a step at most, drawn anew each time; 0 takes all.
    """

    epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 1e-4
    query_items: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")
        if self.query_items < 0:
            raise ValueError(f"{self.query_items} query items given; 0 takes all, and fewer there cannot be.")


@dataclass(frozen=True)
class Course:
    """What a training left behind.

    Attributes:
        epoch: with the smallest squared error on validation users.
        valid_mse: that error.
        users: measures of each test user after that epoch, by name, [T] each.
        curve: epoch, mean training loss, valid MSE, test MSE, test MAE, test nDCG@5, one row an epoch.
        notes: what `watch` saw after each epoch.
    """

    epoch: int
    valid_mse: float
    users: dict[str, list[float]]
    curve: list[list[float]]
    notes: list[Any]


class Training:
    """One model, its optimiser and the order of the users."""

    def __init__(self, model: Recommender, data: ColdStart, settings: CourseSettings, seed: int, device: str) -> None:
        self.model, self.settings = model.to(device), settings
        self.tasks = data.train.to(device)
        if len(self.tasks) < settings.batch_size:
            raise ValueError(
                f"batch of {settings.batch_size} users asked, {data.name} has {len(self.tasks)} training users; "
                "ask for a smaller batch."
            )
        self.generator = torch.Generator().manual_seed(seed)
        self.optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)
        self.epoch = 0

    def run_epoch(self) -> float:
        """Pass once over the shuffled training users; return the mean loss of the batches."""
        self.model.train()
        order = torch.randperm(len(self.tasks), generator=self.generator)
        batches = [part for part in order.split(self.settings.batch_size) if len(part) == self.settings.batch_size]
        losses = [self.step(self.tasks[part.to(self.tasks.user.device)]) for part in batches]
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def step(self, tasks: UserTasks) -> Tensor:
        """Take one step on some users; return their loss."""
        if self.settings.query_items:
            tasks = draw_query_items(tasks, self.settings.query_items, self.generator)
        self.optimiser.zero_grad()
        loss = self.model.loss(tasks, self.generator)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed training needs to go on alike."""
        return {
            "model": dict(self.model.state_dict()), "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(), "epoch": self.epoch,
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        self.epoch = state["epoch"]


def draw_query_items(tasks: UserTasks, count: int, generator: torch.Generator) -> UserTasks:
    """Keep at most `count` query items of each user, drawn without replacement; the mean stays unbiased."""
    if tasks.query_item.shape[1] <= count:
        return tasks
    keys = torch.rand(tasks.query_item.shape, generator=generator).to(tasks.query_item.device)
    kept = keys.masked_fill(~tasks.has_query, -1.0).topk(count, dim=1).indices
    return UserTasks(
        tasks.user, tasks.support_item, tasks.support_rating,
        tasks.query_item.gather(1, kept), tasks.query_rating.gather(1, kept),
    )  # fmt: skip


@torch.no_grad()
def measure(model: Recommender, tasks: UserTasks, device: str) -> dict[str, Tensor]:
    """Return the measures of each user of a split, by name, [T] each."""
    model.eval()
    predicted = model(tasks.to(device)).cpu()
    return summarise_ratings(predicted, tasks.query_rating, tasks.has_query)


def train(
    make: Callable[[], Recommender],
    data: ColdStart,
    settings: CourseSettings,
    seed: int,
    journal: Journal,
    *,
    note: str = "",
    device: str = "cpu",
    watch: Callable[[Recommender], Any] | None = None,
) -> Course:
    """Train one model to the end and keep the epoch that is best on validation users.

    Args:
        make: builds the model, always with the same initial weights.
        data: users as tasks.
        settings: how it is trained.
        seed: of the order of the users.
        journal: where a stopped training goes on; the key "course" belongs to this function.
        note: shown beside the progress bar.
        device: where the model lives.
        watch: what to note of the model after each epoch.
    """
    training = Training(make(), data, settings, seed, device)
    course = Course(0, float("inf"), {}, [], [])
    if saved := journal.get("course"):
        training.load_state_dict(saved["training"])
        course = Course(**saved["course"])
    while training.epoch < settings.epochs:
        loss = training.run_epoch()
        course = _after_epoch(course, training, data, loss, device, watch)
        journal.progress.update(training.epoch, settings.epochs, note)
        journal.put("course", {"training": training.state_dict(), "course": vars(course)}, at_once=False)
    journal.forget("course")
    return course


def _after_epoch(
    course: Course, training: Training, data: ColdStart, loss: float, device: str, watch: Callable | None
) -> Course:
    """Measure both splits and keep the users' measures if validation improved."""
    valid, test = (measure(training.model, tasks, device) for tasks in (data.valid, data.test))
    mse = float(valid["MSE"].mean())
    means = [float(test[name].mean()) for name in ("MSE", "MAE", "nDCG@5")]
    curve = [*course.curve, [float(training.epoch), loss, mse, *means]]
    notes = [*course.notes, watch(training.model)] if watch else []
    if mse < course.valid_mse:
        return Course(training.epoch, mse, {name: part.tolist() for name, part in test.items()}, curve, notes)
    return Course(course.epoch, course.valid_mse, course.users, curve, notes)
