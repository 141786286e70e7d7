"""Losses against all entities, block by block of entities, with their exact gradients.

Scores are q . t for queries q and candidates t. Both losses are means and take the answers as pairs (row, answer):

    softmax       mean over pairs of    log sum_e exp(q . t_e) - q . t_answer
    multi-hot     mean over B x n of    log(1 + exp(q . t_e)) - y (q . t_e)

with y = (1 - s) [e answers q] + 1/n under smoothing s > 0, as in the code of ConvE and CompGCN: what is added is 1/n,
not s/n. Without smoothing y is 0 or 1. The term with y needs the scores of the answers and one sum, so no target
matrix is made.

Shapes: B queries, n entities, d width, T pairs.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from parsimony.nn.bilinear import BLOCK, SoftmaxOverEntities


class SoftmaxLoss:
    """Softmax over all entities; keeps one buffer of logits.

    Args:
        precision: type of the logits; sums and answers keep the type of the tables.
    """

    def __init__(self, precision: torch.dtype = torch.float32) -> None:
        self._softmax = SoftmaxOverEntities(precision)

    def __call__(self, q: Tensor, table: Tensor, row: Tensor, answer: Tensor) -> Tensor:
        """Return the mean loss of answers [T] to the queries row [T] of q [B, d], candidates table [n, d]."""
        return _Softmax.apply(q, table, row, answer, self._softmax)


class MultiHotLoss:
    """Binary cross-entropy of every entity with smoothed targets.

    Args:
        smoothing: s.
        precision: type of the logits.
    """

    def __init__(self, smoothing: float = 0.1, precision: torch.dtype = torch.float32) -> None:
        self._options = (smoothing, precision)

    def __call__(self, q: Tensor, table: Tensor, row: Tensor, answer: Tensor) -> Tensor:
        """Return the mean loss of queries q [B, d] whose answers are the pairs (row, answer) [T]."""
        return _MultiHot.apply(q, table, row, answer, *self._options)


class _Softmax(torch.autograd.Function):
    """The product of gradients that `SoftmaxOverEntities` already gives, with the chain rule."""

    @staticmethod
    def forward(ctx, q: Tensor, table: Tensor, row: Tensor, answer: Tensor, softmax: SoftmaxOverEntities) -> Tensor:
        length = table.norm(dim=1).max().clamp(min=1.0)  # its bound on logits is |q|, so candidates must not be longer
        found = softmax((q * length).unsqueeze(0), (table / length).unsqueeze(0), row, answer)
        count = len(row)
        ctx.save_for_backward(found.query_gradient[0] * (length / count), found.entity_gradient[0] / (length * count))
        return found.loss[0] / count

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        of_q, of_table = ctx.saved_tensors
        return gradient * of_q, gradient * of_table, None, None, None


class _MultiHot(torch.autograd.Function):
    """Loss and gradients in one pass over the entities, while each block of logits lies in the cache."""

    @staticmethod
    def forward(
        ctx, q: Tensor, table: Tensor, row: Tensor, answer: Tensor, smoothing: float, precision: torch.dtype
    ) -> Tensor:
        count, total, of_q, of_table = len(table), q.new_zeros(()), torch.zeros_like(q), torch.empty_like(table)
        low = q.to(precision)
        for block, target in zip(table.to(precision).split(BLOCK), of_table.split(BLOCK), strict=True):
            logits = low @ block.T
            total += softplus(logits).sum(dtype=q.dtype)
            probability = logits.sigmoid_()
            of_q += probability @ block
            target.copy_(probability.T @ low)
        keep, floor = 1 - smoothing, 1 / count if smoothing else 0.0
        total -= keep * (q[row] * table[answer]).sum() + floor * (q.sum(0) @ table.sum(0))
        of_q.sub_(floor * table.sum(0)).index_add_(0, row, table[answer], alpha=-keep)
        of_table.sub_(floor * q.sum(0)).index_add_(0, answer, q[row], alpha=-keep)
        size = len(q) * count
        ctx.save_for_backward(of_q / size, of_table / size)
        return total / size

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        of_q, of_table = ctx.saved_tensors
        return gradient * of_q, gradient * of_table, None, None, None, None
