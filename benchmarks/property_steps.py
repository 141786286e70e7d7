"""Meta-iterations of few-shot property prediction on Tox21, forward and backward, against a plain reference.

9 properties with 20 support and 16 query molecules; both sides in training mode, from the same weights.
"""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_pacia import PlainPACIA
from benchmarks.plain_par import PlainPAR, tasks_of
from benchmarks.tox21_molecules import tox21_episodes

from parsimony.methods.pacia import PACIA
from parsimony.methods.par import PAR

METHODS = {"PAR": (PAR, PlainPAR), "PACIA": (PACIA, PlainPACIA)}


def compare_steps(name: str, target: float, method: str, precision: str, pairs: int) -> dict[str, Any]:
    """Time losses and gradients; the plain reference computes in float32."""
    generator = torch.Generator().manual_seed(0)
    ours, plainly = METHODS[method]
    model, episodes = ours(generator, precision=precision), tox21_episodes(10, 16, generator)
    plain, tasks = plainly(model), tasks_of(episodes)

    def step_plainly() -> None:
        model.zero_grad()
        plain.loss(tasks).backward()

    def step() -> None:
        model.zero_grad()
        model.loss(episodes, generator).backward()

    return compare(name, target, step_plainly, step, pairs)
