"""Layers one after the other, with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn

from parsimony.nn.dense import dense


def perceptron(widths: Sequence[int], activation: Callable[[], nn.Module], generator: torch.Generator) -> nn.Sequential:
    """Return linear layers from the first width to the last; the activation stands between them, not at the end."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [dense(inputs, outputs, generator), activation()]
    return nn.Sequential(*layers[:-1])
