"""Errors and order of predicted ratings, user by user; every measure of a table is their plain mean over users.

Shapes: T users, Q query items; rows are filled up where `is_item` is False.
"""

from __future__ import annotations

import torch
from torch import Tensor


def squared_error(predicted: Tensor, rating: Tensor, is_item: Tensor) -> Tensor:
    """Return the mean squared error of each user, [T], in float64."""
    return _mean_over_items((predicted.double() - rating.double()).square(), predicted, is_item)


def absolute_error(predicted: Tensor, rating: Tensor, is_item: Tensor) -> Tensor:
    """Return the mean absolute error of each user, [T], in float64."""
    return _mean_over_items((predicted.double() - rating.double()).abs(), predicted, is_item)


def ndcg(predicted: Tensor, rating: Tensor, is_item: Tensor, k: int) -> Tensor:
    """Return the normalised discounted cumulative gain of the k items predicted highest, [T].

    Gain 2^rating - 1, discount 1 / log2(rank + 1); the ideal order sorts by rating. A user with fewer than k items
    is judged on all of them; one whose ratings are all 0 gets 1. Ties of predictions keep the order of the items.

    Args:
        predicted: predicted ratings, [T, Q].
        rating: true ratings, at least 0, [T, Q].
        is_item: False where a row is filled up, [T, Q].
        k: items of the list, from 1.

    Raises:
        ValueError: if k is below 1, a prediction is not finite, or a user has no item.
    """
    if k < 1:
        raise ValueError(f"nDCG@{k} asked; a list has at least one item.")
    _require_predictions(predicted, is_item)
    gain = (2.0 ** rating.double() - 1).masked_fill(~is_item, 0.0)
    order = predicted.double().masked_fill(~is_item, -torch.inf).argsort(dim=1, descending=True, stable=True)
    reached, ideal = _discounted(gain.gather(1, order), k), _discounted(gain.sort(dim=1, descending=True).values, k)
    return torch.where(ideal > 0, reached / ideal.clamp(min=1e-300), 1.0)


def summarise_ratings(predicted: Tensor, rating: Tensor, is_item: Tensor) -> dict[str, Tensor]:
    """Return MSE, MAE, nDCG@3 and nDCG@5 of each user, [T] each."""
    return {
        "MSE": squared_error(predicted, rating, is_item),
        "MAE": absolute_error(predicted, rating, is_item),
        "nDCG@3": ndcg(predicted, rating, is_item, 3),
        "nDCG@5": ndcg(predicted, rating, is_item, 5),
    }


def _mean_over_items(values: Tensor, predicted: Tensor, is_item: Tensor) -> Tensor:
    _require_predictions(predicted, is_item)
    return values.masked_fill(~is_item, 0.0).sum(1) / is_item.sum(1)


def _discounted(gain: Tensor, k: int) -> Tensor:
    """Sum the gains of the first k places, each divided by log2(rank + 1), [T]."""
    first = gain[:, :k]
    ranks = torch.arange(1, first.shape[1] + 1, dtype=gain.dtype, device=gain.device)
    return (first / (ranks + 1).log2()).sum(1)


def _require_predictions(predicted: Tensor, is_item: Tensor) -> None:
    if not predicted[is_item].isfinite().all():
        bad = int((~predicted[is_item].isfinite()).sum())
        raise ValueError(
            f"{bad} of {int(is_item.sum())} predictions are not finite; an error needs real numbers. "
            "The model has diverged: lower the learning rate or look at the last losses."
        )
    if not is_item.any(1).all():
        raise ValueError(f"{int((~is_item.any(1)).sum())} users without a query item; leave them out of the split.")
