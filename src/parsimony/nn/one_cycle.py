"""Training with one cycle of the learning rate: it rises to a peak, then falls to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class OneCycle:
    """Settings of a training.

    Attributes:
        steps: of Adam.
        batch_size: samples of a step.
        peak: highest learning rate.
        warm_up: share of the steps in which the rate rises.
        clip: largest norm of the gradient.
    """

    steps: int = 700
    batch_size: int = 256
    peak: float = 4e-3
    warm_up: float = 0.15
    clip: float = 1.0


def train(
    model: nn.Module,
    loss_of: Callable[[Tensor], Tensor],
    num_samples: int,
    settings: OneCycle,
    generator: torch.Generator,
    give_up: Callable[[int, float], bool] = lambda step, loss: False,
) -> list[float]:
    """Train a model; return the loss of each step.

    Args:
        model: whose parameters move.
        loss_of: loss on samples given by their numbers, [B].
        num_samples: how many there are to draw from, all once before any twice.
        settings: of the training.
        generator: draws the samples.
        give_up: asked after each step whether to stop.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.peak, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.peak, total_steps=settings.steps, pct_start=settings.warm_up
    )
    losses, waiting = [], torch.empty(0, dtype=torch.long)
    for step in range(settings.steps):
        if len(waiting) < min(settings.batch_size, num_samples):
            waiting = torch.randperm(num_samples, generator=generator)
        chosen, waiting = waiting[: settings.batch_size], waiting[settings.batch_size :]
        loss = loss_of(chosen)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if give_up(step, losses[-1]):
            break
    return losses
