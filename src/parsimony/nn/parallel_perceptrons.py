"""Many small networks of one shape, trained in step: one product a layer for all of them.

Each network is a perceptron with two hidden layers,

    h1 = relu(x W1 + b1),   h2 = relu(h1 W2 + b2),   y = h2 W3

without an output bias (whoever sums outputs adds one). A network of this size spends its time on calls and on fresh
memory, not on arithmetic; so all networks share each call, and every intermediate has its place in memory for good.
That is why the backward pass is written out: it fills the same places again.

Shapes: G networks, B rows, I inputs, H width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Weights(NamedTuple):
    """Weights or their gradients: W1 [G, I, H], b1 [G, 1, H], W2 [G, H, H], b2 [G, 1, H], W3 [G, H, 1]."""

    first: Tensor
    first_bias: Tensor
    second: Tensor
    second_bias: Tensor
    last: Tensor


class ParallelPerceptrons:
    """G perceptrons with their gradients.

    Args:
        weights: of all networks; they are trained in place.

    Attributes:
        weights: as given.
        gradients: of the last backward pass, of the same shapes.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.gradients = Weights(*map(torch.zeros_like, weights))
        self._places: dict[tuple[str, tuple[int, ...]], Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs for rows [G, B, I] as [G, B, 1]; the result is overwritten by the next call."""
        w, shape = self.weights, (*x.shape[:2], self.weights.first.shape[2])
        self._x = x
        self._h1 = torch.baddbmm(w.first_bias, x, w.first, out=self._place("h1", shape)).relu_()
        self._h2 = torch.baddbmm(w.second_bias, self._h1, w.second, out=self._place("h2", shape)).relu_()
        return torch.bmm(self._h2, w.last, out=self._place("y", (*x.shape[:2], 1)))

    def backward(self, d_y: Tensor) -> None:
        """Fill `gradients` from the gradient of the outputs of the last forward pass, [G, B, 1]."""
        w, g = self.weights, self.gradients
        torch.bmm(self._h2.mT, d_y, out=g.last)
        d_h2 = self._masked(torch.bmm(d_y, w.last.mT, out=self._place("d_h2", self._h2.shape)), self._h2)
        torch.bmm(self._h1.mT, d_h2, out=g.second)
        torch.sum(d_h2, 1, keepdim=True, out=g.second_bias)
        d_h1 = self._masked(torch.bmm(d_h2, w.second.mT, out=self._place("d_h1", self._h1.shape)), self._h1)
        torch.bmm(self._x.mT, d_h1, out=g.first)
        torch.sum(d_h1, 1, keepdim=True, out=g.first_bias)
        self._d_h1 = d_h1

    def input_gradient(self) -> Tensor:
        """Return the gradient of the inputs of the last backward pass, [G, B, I]."""
        return torch.bmm(self._d_h1, self.weights.first.mT, out=self._place("d_x", self._x.shape))

    def _masked(self, gradient: Tensor, activation: Tensor) -> Tensor:
        """Stop the gradient where the activation is off; an activation is never negative, so its sign is the mask."""
        return gradient.mul_(torch.sign(activation, out=self._place("mask", activation.shape)))

    def _place(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """Return the memory of an intermediate; a batch of another size gets its own."""
        key = (name, tuple(shape))
        if key not in self._places:
            self._places[key] = self.weights.first.new_empty(shape)
        return self._places[key]
