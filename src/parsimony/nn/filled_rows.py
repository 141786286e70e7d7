"""Means over rows of unlike length that were filled up to one tensor.

Shapes: ... leading dimensions such as users, P rows, D width.
"""

from __future__ import annotations

from torch import Tensor


def mean_of_rows(values: Tensor, is_row: Tensor) -> Tensor:
    """Average the rows that are rows; without any, the mean is zero.

    Args:
        values: [..., P, D].
        is_row: False where a row only fills up, [..., P].

    Returns:
        Means, [..., D].
    """
    weight = is_row.to(values.dtype).unsqueeze(-1)
    return (values * weight).sum(-2) / weight.sum(-2).clamp(min=1)


def mean_squared_error(prediction: Tensor, truth: Tensor, is_row: Tensor) -> Tensor:
    """Average the squared errors of the rows that are rows, [...] from three times [..., P]."""
    return mean_of_rows((prediction - truth).square().unsqueeze(-1), is_row).squeeze(-1)
