"""Embedding of content fields: one table for each field, set side by side.

A row of a field may name one value or several; several are averaged, none gives the field's bias alone. The authors
of ColdNAS and TaNP multiply one-hot rows with a linear layer; a lookup plus bias is the same function.

Shapes: F fields of d numbers, W values of a row at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional


class Field(Protocol):
    """A content field: how many values there are, and those of each row, filled up with -1, [rows, W]."""

    size: int
    values: Tensor


class FieldEmbedding(nn.Module):
    """Tables of several fields of the same rows (all users, or all items).

    Args:
        fields: F fields.
        width: d, of each field.
        spread: standard deviation of the initial tables; biases start at zero.
        generator: draws the initial tables.
    """

    def __init__(self, fields: Sequence[Field], width: int, spread: float, generator: torch.Generator) -> None:
        super().__init__()
        self.width = width * len(fields)
        tables = [torch.randn(field.size, width, generator=generator) * spread for field in fields]
        self.tables = nn.ParameterList(nn.Parameter(table) for table in tables)
        self.bias = nn.Parameter(torch.zeros(self.width))
        for number, field in enumerate(fields):
            self.register_buffer(f"values_{number}", field.values, persistent=False)

    def forward(self, rows: Tensor) -> Tensor:
        """Embed rows given by index; a row of -1, which only fills up, is embedded as row 0.

        Args:
            rows: indices, any shape.

        Returns:
            Embeddings, [..., F d].
        """
        rows = rows.clamp(min=0)
        if len(self.tables) == 1:
            return self._fields(rows.flatten()).view(*rows.shape, self.width)
        distinct, place = torch.unique(rows, return_inverse=True)  # content is gathered once for each row
        return functional.embedding(place, self._fields(distinct))

    def _fields(self, rows: Tensor) -> Tensor:
        """Embed rows [M], [M, F d]."""
        fields = [self._mean(table, self.get_buffer(f"values_{k}")[rows]) for k, table in enumerate(self.tables)]
        return torch.cat(fields, dim=-1) + self.bias

    def _mean(self, table: Tensor, values: Tensor) -> Tensor:
        """Average the rows of a table that `values` [M, W] names, [M, d]."""
        if values.shape[1] == 1:  # one value each: a plain lookup
            return functional.embedding(values[:, 0], table)
        is_value = (values >= 0).to(table.dtype)
        weights = is_value / is_value.sum(1, keepdim=True).clamp(min=1)
        return functional.embedding_bag(values.clamp(min=0), table, mode="sum", per_sample_weights=weights)
