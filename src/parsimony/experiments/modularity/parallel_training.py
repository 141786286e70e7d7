"""Train many regressors of one shape in step: one batch of products a step for all of them.

Each network has rows, targets and generator of its own, so what becomes of it does not depend on the others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parsimony.experiments.journal import Journal
from parsimony.nn.parallel_regressors import Regressors

BLOCK = 100  # steps whose rows are drawn at once
WARM = 0.3  # share of the steps in which the rate rises
LOWEST = 0.01  # rate at both ends, as a share of the highest


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How networks are trained.

    Attributes:
        steps: of Adam.
        batch_size: rows of a step, drawn with replacement.
        learning_rate: the highest; it rises and falls along a cosine.
    """

    steps: int = 4800
    batch_size: int = 64
    learning_rate: float = 3e-3

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")

    def rate(self, step: int) -> float:
        """Return the learning rate of a step."""
        warm = max(1.0, WARM * self.steps)
        share = step / warm if step < warm else (self.steps - step) / max(1.0, self.steps - warm)
        return self.learning_rate * (LOWEST + (1 - LOWEST) * (1 - math.cos(math.pi * share)) / 2)


def generator_for(*parts: object) -> torch.Generator:
    """Return a generator seeded by some words and numbers; other words, other draws."""
    digest = hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:6], "big"))


class ParallelTraining:
    """Networks, their data and their optimiser.

    Args:
        networks: E regressors.
        x: inputs of each, filled up with zeros to [E, N, M].
        y: targets, [E, N].
        rows: how many rows each network has; it never sees those behind, [E].
        settings: of the training.
        generators: draw the rows of each step, one a network.
    """

    def __init__(
        self, networks: Regressors, x: Tensor, y: Tensor, rows: Sequence[int], settings: FitSettings,
        generators: Sequence[torch.Generator],
    ) -> None:  # fmt: skip
        self.networks, self.settings, self.generators = networks, settings, list(generators)
        self.x, self.y, self.rows = x.flatten(0, 1), y.flatten(), list(rows)
        self.first = torch.arange(len(x)).unsqueeze(1) * x.shape[1]
        for weight, gradient in zip(networks.weights, networks.gradients, strict=True):
            weight.grad = gradient
        self.optimiser = torch.optim.Adam(networks.weights, lr=settings.learning_rate, fused=True)
        self.done = 0

    def run_block(self) -> None:
        """Take some steps: as many as a block has, or as are left."""
        steps = min(BLOCK, self.settings.steps - self.done)
        shape = (steps, self.settings.batch_size)
        drawn = [torch.randint(n, shape, generator=g) for n, g in zip(self.rows, self.generators, strict=True)]
        for chosen in torch.stack(drawn, dim=1):  # [E, B]
            self._step(chosen + self.first)

    def _step(self, place: Tensor) -> None:
        self.optimiser.param_groups[0]["lr"] = self.settings.rate(self.done)
        x = self.x.index_select(0, place.flatten()).view(*place.shape, -1)
        self.networks.step(x, self.y.take(place))
        self.optimiser.step()
        self.done += 1

    def state_dict(self) -> dict[str, object]:
        """Return all that a resumed training needs to go on alike."""
        return {
            "weights": list(self.networks.weights), "optimiser": self.optimiser.state_dict(),
            "generators": [one.get_state() for one in self.generators], "done": self.done,
        }  # fmt: skip

    def load_state_dict(self, state: dict) -> None:
        """Go back to a saved state."""
        for weight, saved in zip(self.networks.weights, state["weights"], strict=True):
            weight.copy_(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        for one, saved in zip(self.generators, state["generators"], strict=True):
            one.set_state(saved)
        self.done = state["done"]


def train_in_step(
    training: ParallelTraining, journal: Journal, key: str, watch: Callable[[], Any] = lambda: None
) -> list[Any]:
    """Train to the end, going on where an earlier start stopped.

    Args:
        training: networks and data.
        journal: keeps the state under `key` and shows how far it is.
        key: of this training.
        watch: is called at the start and after every block; what it returns is kept.

    Returns:
        What `watch` returned, a JSON value each.
    """
    saved = journal.get(key)
    notes = [watch()]
    if saved is not None:
        training.load_state_dict(saved["training"])
        notes = saved["notes"]
    while training.done < training.settings.steps:
        training.run_block()
        notes = [*notes, watch()]
        journal.put(key, {"training": training.state_dict(), "notes": notes}, at_once=False)
        journal.progress.update(training.done, training.settings.steps, "networks in step")
    return notes
