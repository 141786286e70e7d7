"""Predictor that ranks candidate structures before any is trained (AutoBLM, arXiv 2107.00184, upper level).

A network 20 - 2 - 1 (ReLU) maps symmetry features to validation MRR; L1 loss, plain SGD with learning rate 0.01
and weight decay 0.1; it is never initialised again. AutoBLM+ uses one network and 200 steps of batch 12 a round.
The greedy search uses the mean of five; network k continues with 200 k steps on a random 80 % of what is known, input
dropout 0.3. Departure: the greedy code has an older set of 22 features; here both searches share the 20.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

HIDDEN = 2
STEPS = 200


class StructurePredictor:
    """Mean of small networks, trained further after each round.

    Args:
        generator: source of all randomness.
        networks: 1 for AutoBLM+, 5 for AutoBLM.
    """

    def __init__(self, generator: np.random.Generator, networks: int = 1) -> None:
        self._generator = generator
        self._networks = [_network(generator) for _ in range(networks)]

    def learn(self, features: np.ndarray, scores: np.ndarray) -> None:
        """Continue the training on all structures trained so far.

        Args:
            features: symmetry features, [N, 20].
            scores: validation MRR, [N].
        """
        for number, network in enumerate(self._networks, start=1):
            if len(self._networks) == 1:
                self._train(network, features, scores, STEPS, batch_size=12, dropout=0.0)
                continue
            part = self._generator.permutation(len(scores))[: max(1, int(0.8 * len(scores)))]
            batch = max(1, len(part) // 8)
            self._train(network, features[part], scores[part], STEPS * number, batch, dropout=0.3)

    def _train(
        self, network: nn.Module, features: np.ndarray, scores: np.ndarray, steps: int, batch_size: int, dropout: float
    ) -> None:
        optimiser = torch.optim.SGD(network.parameters(), lr=0.01, weight_decay=0.1)
        picks = self._generator.integers(len(scores), size=(steps, min(batch_size, len(scores))))
        keep = self._generator.random((*picks.shape, features.shape[1])) >= dropout
        inputs = torch.from_numpy((features[picks] * keep / (1 - dropout)).astype(np.float32))
        targets = torch.from_numpy(scores[picks].astype(np.float32))
        for x, y in zip(inputs, targets, strict=True):
            optimiser.zero_grad()
            (network(x).squeeze(1) - y).abs().mean().backward()
            optimiser.step()

    @torch.no_grad()
    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the predicted validation MRR of structures, [N]."""
        inputs = torch.from_numpy(features.astype(np.float32))
        return torch.stack([network(inputs).squeeze(1) for network in self._networks]).mean(0).numpy()

    def state_dict(self) -> dict[str, Any]:
        """Return the weights."""
        return {str(k): dict(network.state_dict()) for k, network in enumerate(self._networks)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to saved weights."""
        for k, network in enumerate(self._networks):
            network.load_state_dict(state[str(k)])


def _network(generator: np.random.Generator) -> nn.Sequential:
    """Return a network with torch's usual initial range, drawn from `generator`."""
    network = nn.Sequential(nn.Linear(20, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
    with torch.no_grad():
        for layer in (network[0], network[2]):
            bound = layer.in_features**-0.5
            for parameter in layer.parameters():
                parameter.copy_(_uniform(generator, parameter.shape, bound))
    return network


def _uniform(generator: np.random.Generator, shape: torch.Size, bound: float) -> Tensor:
    return torch.from_numpy(generator.uniform(-bound, bound, tuple(shape)).astype(np.float32))
