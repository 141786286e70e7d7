"""Meta-training: episodes of a few properties a meta-iteration, one step on the mean of their losses (section 4).

Every meta-iteration draws properties, molecules and dropout from a seed of its own, made of the run's seed and its
number: the state of a stopped run is its weights, running statistics and AdamW's moments, and it goes on bit for bit,
also as the beginning of a longer run.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from parsimony.data.episodes import Episode, PropertyTask, draw_balanced_episode, draw_episode, draw_tasks
from parsimony.data.molecules import MoleculeSet
from parsimony.experiments.few_shot.models import FewShotModel
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.nn.molecule_episodes import Episodes

WEIGHT_DECAY, LARGEST_GRADIENT = 5e-5, 1.0
SEEDS_OF_A_RUN = 100_000  # more than any run has meta-iterations


class MetaTraining:
    """One model, its optimiser, and how far both are.

    Args:
        model: on the device of the data.
        data: the molecules.
        tasks: properties to learn from.
        settings: of the run.
        seed: of the run.

    Attributes:
        iteration: meta-iterations done.
        seconds: they took.
        losses: of those since the last `take_loss`.
    """

    def __init__(
        self, model: FewShotModel, data: MoleculeSet, tasks: Sequence[PropertyTask], settings: FewShotRun, seed: int
    ) -> None:
        self.model, self.data, self.tasks, self.settings, self.seed = model, data, tasks, settings, seed
        self.optimiser = torch.optim.AdamW(
            model.parameters(), lr=settings.learning_rate, weight_decay=WEIGHT_DECAY, fused=True
        )
        self.iteration, self.seconds = 0, 0.0
        self.losses: list[float] = []

    def step(self) -> None:
        """Do one meta-iteration.

        Raises:
            ValueError: if the loss is not finite.
        """
        start = time.perf_counter()
        generator = torch.manual_seed(self.seed * SEEDS_OF_A_RUN + self.iteration)
        episodes = self.draw(generator)
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.model.loss(episodes, generator)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        self.optimiser.step()
        self.iteration += 1
        self.losses = [*self.losses, _finite(loss.item(), self.iteration)]
        self.seconds += time.perf_counter() - start

    def draw(self, generator: torch.Generator) -> Episodes:
        """Draw the episodes of a meta-iteration as one batch."""
        drawn = draw_tasks(self.tasks, self.settings.tasks, generator)
        return as_batch(self.data, draw_training_episodes(drawn, self.settings, generator))

    def take_loss(self) -> float:
        """Return the mean of the losses, and forget them."""
        mean, self.losses = statistics.fmean(self.losses), []
        return mean

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed training needs to go on alike."""
        return {
            "model": dict(self.model.state_dict()), "optimiser": self.optimiser.state_dict(),
            "iteration": self.iteration, "seconds": self.seconds, "losses": self.losses,
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.iteration, self.seconds, self.losses = state["iteration"], state["seconds"], state["losses"]


def draw_training_episodes(
    tasks: Sequence[PropertyTask], settings: FewShotRun, generator: torch.Generator
) -> list[Episode]:
    """Draw an episode of each property, all of the same size.

    Balanced episodes have at most as many queries as the rarest class of these properties leaves beside its shots.
    """
    if not settings.is_balanced:
        return [draw_episode(one, settings.shots, settings.queries, generator) for one in tasks]
    left = min(min(len(one.inactive), len(one.active)) for one in tasks) - settings.shots
    queries = 2 * max(1, min(settings.queries // 2, left))
    return [draw_balanced_episode(one, settings.shots, queries, generator) for one in tasks]


def as_batch(data: MoleculeSet, episodes: Sequence[Episode]) -> Episodes:
    """Lay the molecules of episodes of one size out, property by property."""
    device = data.labels.device
    rows = torch.cat([torch.cat([one.support, one.query]) for one in episodes])
    label = torch.stack([one.query_label for one in episodes])
    return Episodes(data.batch(rows.to(device)), len(episodes[0].support) // 2, label.to(device))


def _finite(loss: float, iteration: int) -> float:
    if not math.isfinite(loss):
        raise ValueError(f"the loss is {loss} in meta-iteration {iteration}; lower the learning rate.")
    return loss
