"""The two networks of the sine task, E of each at once: one that sees the whole input, and one made of modules.

    monolithic  y = perceptron(x) + c
    modular     y = 1/sqrt(K) sum_j perceptron_j(u_j' x) + c

The projections u_j are trained with all else. Networks for inputs of fewer than M dimensions get them filled up with
zeros, which take no part: their weights have no gradient.

Shapes: E networks, B rows, M largest input, K modules, H width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from parsimony.nn.parallel_perceptrons import ParallelPerceptrons, Weights


class Regressors(Protocol):
    """Networks that are trained in step.

    Attributes:
        weights: everything that is trained.
        gradients: of the last step, in the same order.
    """

    weights: Sequence[Tensor]
    gradients: Sequence[Tensor]

    def predict(self, x: Tensor) -> Tensor:
        """Return the outputs for rows [E, B, M] as [E, B]."""

    def step(self, x: Tensor, y: Tensor) -> None:
        """Fill the gradients of each network's mean squared error on its rows [E, B, M] and targets [E, B]."""


class MonolithicRegressors:
    """E perceptrons of the whole input.

    Args:
        dimensions: of the input of each network, [E].
        width: H.
        generators: draw the weights, one a network, so that none depends on the others.
    """

    def __init__(self, dimensions: Sequence[int], width: int, generators: Sequence[torch.Generator]) -> None:
        drawn = [draw_perceptron(m, width, g) for m, g in zip(dimensions, generators, strict=True)]
        largest = max(dimensions)
        first = [torch.cat([one.first, one.first.new_zeros(1, largest - m, width)], 1)
                 for m, one in zip(dimensions, drawn, strict=True)]  # fmt: skip
        parts = zip(*(one._replace(first=w) for one, w in zip(drawn, first, strict=True)), strict=True)
        self.body = ParallelPerceptrons(Weights(*map(torch.cat, parts)))
        self.constant = torch.zeros(len(drawn), 1)
        self.constant_gradient = torch.zeros_like(self.constant)

    @property
    def weights(self) -> Sequence[Tensor]:
        """Everything that is trained."""
        return [*self.body.weights, self.constant]

    @property
    def gradients(self) -> Sequence[Tensor]:
        """Gradients of the last step."""
        return [*self.body.gradients, self.constant_gradient]

    def predict(self, x: Tensor) -> Tensor:
        """Return the outputs for rows [E, B, M] as [E, B]."""
        return self.body.forward(x)[..., 0] + self.constant

    def step(self, x: Tensor, y: Tensor) -> None:
        """Fill the gradients of each network's mean squared error on its rows [E, B, M] and targets [E, B]."""
        d_y = (self.predict(x) - y).mul_(2 / y.shape[1])
        torch.sum(d_y, 1, keepdim=True, out=self.constant_gradient)
        self.body.backward(d_y.unsqueeze(2))


class ModularRegressors:
    """E networks of K modules each.

    Args:
        projections: u_j of every module, filled up with zeros, [E, M, K].
        width: H of a module.
        generators: draw the weights of the modules, one a network.
    """

    def __init__(self, projections: Tensor, width: int, generators: Sequence[torch.Generator]) -> None:
        self.projections = projections.clone()
        self.projection_gradient = torch.zeros_like(projections)
        self.modules = projections.shape[2]
        drawn = [draw_module(width, g) for g in generators for _ in range(self.modules)]
        self.body = ParallelPerceptrons(Weights(*map(torch.cat, zip(*drawn, strict=True))))
        self.constant = torch.zeros(len(projections), 1)
        self.constant_gradient = torch.zeros_like(self.constant)

    @property
    def weights(self) -> Sequence[Tensor]:
        """Everything that is trained."""
        return [self.projections, *self.body.weights, self.constant]

    @property
    def gradients(self) -> Sequence[Tensor]:
        """Gradients of the last step."""
        return [self.projection_gradient, *self.body.gradients, self.constant_gradient]

    def predict(self, x: Tensor) -> Tensor:
        """Return the outputs for rows [E, B, M] as [E, B]."""
        networks, rows = x.shape[:2]
        z = torch.bmm(self.projections.mT, x.mT)  # [E, K, B]
        y = self.body.forward(z.view(networks * self.modules, rows, 1))
        return y.view(networks, self.modules, rows).sum(1).mul_(self.modules**-0.5).add_(self.constant)

    def step(self, x: Tensor, y: Tensor) -> None:
        """Fill the gradients of each network's mean squared error on its rows [E, B, M] and targets [E, B]."""
        d_y = (self.predict(x) - y).mul_(2 / y.shape[1])
        torch.sum(d_y, 1, keepdim=True, out=self.constant_gradient)
        shared = d_y.mul_(self.modules**-0.5).unsqueeze(1).expand(-1, self.modules, -1)
        self.body.backward(shared.reshape(-1, y.shape[1], 1))
        d_z = self.body.input_gradient().view(*shared.shape)
        torch.bmm(x.mT, d_z.mT, out=self.projection_gradient)


def draw_perceptron(inputs: int, width: int, generator: torch.Generator) -> Weights:
    """Draw a perceptron in torch's usual range, 1/sqrt(inputs) of each layer, with G = 1."""

    def uniform(inputs: int, *shape: int) -> Tensor:
        return torch.empty(shape).uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator)

    return Weights(
        uniform(inputs, 1, inputs, width), uniform(inputs, 1, 1, width),
        uniform(width, 1, width, width), uniform(width, 1, 1, width), uniform(width, 1, width, 1),
    )  # fmt: skip


BIAS_RANGE = 2.0  # most of a standard normal projection lies within it, so the kinks cover what a module sees


def draw_module(width: int, generator: torch.Generator) -> Weights:
    """Draw a module of one input, whose first biases spread the kinks over the range of a projection."""
    drawn = draw_perceptron(1, width, generator)
    spread = torch.empty(1, 1, width).uniform_(-BIAS_RANGE, BIAS_RANGE, generator=generator)
    return drawn._replace(first_bias=spread)
