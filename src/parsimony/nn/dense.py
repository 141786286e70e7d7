"""Linear layers whose initial weights come from a given generator."""

from __future__ import annotations

import torch
from torch import nn


def dense(inputs: int, outputs: int, generator: torch.Generator, *, has_bias: bool = True) -> nn.Linear:
    """Return a linear layer with torch's usual initial range, 1 / sqrt(inputs) for weights and biases."""
    layer = nn.Linear(inputs, outputs, bias=has_bias)
    bound = inputs**-0.5
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return layer


def redraw(module: nn.Module, spread: float, generator: torch.Generator) -> None:
    """Draw every parameter of a module anew from a normal distribution with mean 0."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0.0, spread, generator=generator)
