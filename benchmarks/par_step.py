"""A meta-iteration of PAR, forward and backward: ours against the plain reference, both in training mode."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_par import PlainPAR, tasks_of
from benchmarks.synthetic_molecules import synthetic_episodes

from parsimony.methods.par import PAR

NAME = "par-step"
TARGET = 4.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Time losses and gradients of 9 properties with 20 support and 16 query molecules of 18 atoms, as in Tox21."""
    generator = torch.Generator().manual_seed(0)
    model, episodes = PAR(generator), synthetic_episodes(9, 10, 16, 18, generator)
    plain, tasks = PlainPAR(model), tasks_of(episodes)

    def step_plainly() -> None:
        model.zero_grad()
        plain.loss(tasks).backward()

    def step() -> None:
        model.zero_grad()
        model.loss(episodes, generator).backward()

    return compare(NAME, TARGET, step_plainly, step, pairs)
