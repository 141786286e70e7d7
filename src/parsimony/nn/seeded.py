"""Tables and recurrent layers whose initial weights come from a given generator."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Recurrent = TypeVar("Recurrent", nn.LSTM, nn.GRUCell)


def normal_table(rows: int, columns: int, generator: torch.Generator) -> nn.Parameter:
    """Return a table [rows, columns] of standard normal numbers, torch's usual start of an embedding."""
    return nn.Parameter(torch.randn(rows, columns, generator=generator))


def seeded(layer: Recurrent, generator: torch.Generator) -> Recurrent:
    """Draw the weights of a recurrent layer anew, in torch's usual range, 1 / sqrt(hidden size)."""
    bound = layer.hidden_size**-0.5
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return layer
