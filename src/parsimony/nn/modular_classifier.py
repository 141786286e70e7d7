"""Classifiers of compositional images: k classes at once, from one perceptron or from a sum of modules.

    modular   logits = 1/sqrt(K) sum_j V_j relu(W_j U_j' x + b_j) + c

Shapes: B inputs of D pixels, K modules, b numbers a module, H width, k images, 10 classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from parsimony.nn.perceptron import perceptron

CLASSES = 10


class MonolithicClassifier(nn.Module):
    """One perceptron of the whole input.

    Args:
        inputs: D.
        slots: k.
        width: of both hidden layers.
        generator: draws the weights.
    """

    def __init__(self, inputs: int, slots: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.body = perceptron((inputs, width, width, CLASSES * slots), nn.ReLU, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of every image, [B, k, 10]."""
        return self.body(x).view(len(x), -1, CLASSES)


class ModularClassifier(nn.Module):
    """Modules, each behind a projection that is trained with all else.

    Args:
        projections: U to start from, [K, D, b].
        slots: k.
        width: H.
        generator: draws the other weights.
    """

    def __init__(self, projections: Tensor, slots: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        modules, _, seen = projections.shape
        self.projections = nn.Parameter(projections.clone())
        self.inner = nn.Parameter(_uniform(seen, (modules, seen, width), generator))
        self.inner_bias = nn.Parameter(_uniform(seen, (modules, 1, width), generator))
        self.outer = nn.Parameter(_uniform(width, (modules, width, CLASSES * slots), generator))
        self.constant = nn.Parameter(torch.zeros(CLASSES * slots))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of every image, [B, k, 10]."""
        modules, inputs, seen = self.projections.shape
        z = (x @ self.projections.transpose(0, 1).reshape(inputs, -1)).view(len(x), modules, seen)
        hidden = torch.baddbmm(self.inner_bias, z.transpose(0, 1), self.inner).relu()  # [K, B, H]
        flat = hidden.transpose(0, 1).flatten(1) @ self.outer.flatten(0, 1)
        return (flat * modules**-0.5 + self.constant).view(len(x), -1, CLASSES)


def _uniform(inputs: int, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.empty(shape).uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)
