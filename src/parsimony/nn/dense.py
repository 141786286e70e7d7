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
