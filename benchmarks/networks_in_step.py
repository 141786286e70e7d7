"""Steps of small networks on sine waves: all in step against one by one, forward, backward and Adam on equal rows."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_networks import PlainModular, PlainMonolithic
from torch import Tensor, nn

from parsimony.experiments.modularity.parallel_training import FitSettings, ParallelTraining, generator_for
from parsimony.nn.parallel_regressors import ModularRegressors, MonolithicRegressors

DIMENSION, SAMPLES, NETWORKS, STEPS = 9, 1000, 15, 20
MODULES, WIDTH, WIDE = 10, 32, 100


def compare_networks(name: str, target: float, kind: str, pairs: int) -> dict[str, Any]:
    """Time the same steps of 15 networks on 64 rows each."""
    generators = [generator_for("bench", number) for number in range(NETWORKS)]
    x, y = torch.randn(NETWORKS, SAMPLES, DIMENSION), torch.randn(NETWORKS, SAMPLES)
    if kind == "modular":
        networks = ModularRegressors(torch.randn(NETWORKS, DIMENSION, MODULES) / 3, WIDTH, generators)
        plain = [PlainModular(networks, number) for number in range(NETWORKS)]
    else:
        networks = MonolithicRegressors([DIMENSION] * NETWORKS, WIDE, generators)
        plain = [PlainMonolithic(networks, number) for number in range(NETWORKS)]
    training = ParallelTraining(networks, x, y, [SAMPLES] * NETWORKS, FitSettings(steps=STEPS), generators)
    optimisers = [torch.optim.Adam(one.parameters()) for one in plain]

    def one_by_one() -> None:
        for number, one in enumerate(plain):
            train(one, optimisers[number], x[number], y[number])

    def in_step() -> None:
        training.done = 0
        training.run_block()

    return compare(name, target, one_by_one, in_step, pairs)


def train(network: nn.Module, optimiser: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    """Take the steps of one network."""
    for rows in torch.randint(SAMPLES, (STEPS, FitSettings().batch_size)):
        optimiser.zero_grad()
        (network(x[rows]) - y[rows]).square().mean().backward()
        optimiser.step()
