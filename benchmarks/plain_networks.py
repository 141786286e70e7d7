"""The networks of the sine task as one writes them first: one module of torch for each, differentiated by torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from parsimony.nn.parallel_regressors import ModularRegressors, MonolithicRegressors


def perceptron_of(weights: list[Tensor]) -> nn.Sequential:
    """Return a perceptron with given weights: W1 [I, H], b1 [1, H], W2 [H, H], b2 [1, H], W3 [H, 1]."""
    inputs, width = weights[0].shape
    layers = nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1, bias=False)
    )
    with torch.no_grad():
        for parameter, given in zip(layers.parameters(), weights, strict=True):
            parameter.copy_(given.T.reshape(parameter.shape))
    return layers


class PlainMonolithic(nn.Module):
    """One network of several."""

    def __init__(self, networks: MonolithicRegressors, number: int) -> None:
        super().__init__()
        self.body = perceptron_of([one[number] for one in networks.body.weights])
        self.constant = nn.Parameter(networks.constant[number].clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of rows [B, M] as [B]."""
        return self.body(x).squeeze(1) + self.constant

    def gradients(self) -> list[Tensor]:
        """Return the gradients in the order and the shapes of the parallel networks."""
        found = [one.grad.T.contiguous() if one.grad.dim() > 1 else one.grad for one in self.body.parameters()]
        return [*found, self.constant.grad]


class PlainModular(nn.Module):
    """One network of several, a module of torch for each of its modules."""

    def __init__(self, networks: ModularRegressors, number: int) -> None:
        super().__init__()
        first = number * networks.modules
        self.projections = nn.Parameter(networks.projections[number].clone())
        self.bodies = nn.ModuleList(
            perceptron_of([one[first + j] for one in networks.body.weights]) for j in range(networks.modules)
        )
        self.constant = nn.Parameter(networks.constant[number].clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs of rows [B, M] as [B]."""
        z = x @ self.projections
        summed = sum(body(z[:, j : j + 1]) for j, body in enumerate(self.bodies))
        return summed.squeeze(1) * len(self.bodies) ** -0.5 + self.constant

    def gradients(self) -> list[Tensor]:
        """Return the gradients in the order and the shapes of the parallel networks."""
        columns = zip(*(body.parameters() for body in self.bodies), strict=True)
        stacked = [torch.stack([one.grad.T if one.grad.dim() > 1 else one.grad for one in part]) for part in columns]
        return [self.projections.grad, *stacked, self.constant.grad]
