"""Ratings predicted by means: what any method for cold-start users must beat (companion rows of Table 3).

    constant         y = m                                       mean of all counted rows
    support mean     y = mean of the user's support ratings
    item mean        y = m + b_i,         b_i = sum (y - m) / (n_i + s)           over the n_i counted rows of item i
    item and user    y = m + b_i + b_u,   b_u = sum (y - m - b_i) / (N + s')      over the N support rows of the user
    half ones        y = a_u + b_i - mean of b_i over the query set,   a_u = (n_u / 2 - ones in the support) / Q

The last knows that half of the n_u rows of a user are ones, as in the authors' episodes of Last.fm, so that the
support set gives away the mean of the query set; without b_i it is the constant of each user. Shrinkages s and s' are
those with the least mean squared error on the validation tasks. Predictions stay within 0 and the largest rating.

Shapes: T tasks, Q query rows, M counted rows, I items.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from parsimony.data.cold_start import ColdStart, UserTasks

SHRINKAGES = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)


class Means(Protocol):
    """A predictor that was fitted by counting."""

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return a rating for each query row, [T, Q] in float64; anything where no row stands."""


@dataclass(frozen=True)
class Constant:
    """One rating for all."""

    rating: float

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return the constant."""
        return torch.full(tasks.query_item.shape, self.rating, dtype=torch.float64)


@dataclass(frozen=True)
class SupportMean:
    """The mean of the ratings that the user gave."""

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return the mean of each user; nothing is fitted."""
        mean = tasks.support_rating.double().sum(1) / tasks.has_support.sum(1)
        return mean.unsqueeze(1).expand(tasks.query_item.shape)


@dataclass(frozen=True, eq=False)
class ItemMean:
    """The mean of all ratings, and how far each item lies from it.

    Attributes:
        mean: m.
        offset: b_i, [I]; 0 for an item never counted.
        scale: largest rating.
    """

    mean: float
    offset: Tensor
    scale: float

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return the shrunken mean of each item."""
        return (self.mean + self.of(tasks.query_item)).clamp(0, self.scale)

    def of(self, items: Tensor) -> Tensor:
        """Return b_i of items, 0 where none stands."""
        return torch.where(items >= 0, self.offset[items.clamp(min=0)], 0.0)


@dataclass(frozen=True, eq=False)
class ItemAndUserMean:
    """Item means, moved by how far the user's support ratings lie from them.

    Attributes:
        items: means of items.
        shrinkage: s' of the user.
    """

    items: ItemMean
    shrinkage: float

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return m + b_i + b_u."""
        known = tasks.support_rating.double() - self.items.mean - self.items.of(tasks.support_item)
        user = (known * tasks.has_support).sum(1) / (tasks.has_support.sum(1) + self.shrinkage)
        return (self.items.mean + self.items.of(tasks.query_item) + user.unsqueeze(1)).clamp(0, self.items.scale)


@dataclass(frozen=True, eq=False)
class HalfOnes:
    """What is known before any item is looked at, if half of the rows of each user are ones."""

    items: ItemMean

    def predict(self, tasks: UserTasks) -> Tensor:
        """Return the share of ones left for the query set, moved by the items."""
        known, asked = tasks.has_support.sum(1), tasks.has_query.sum(1)
        ones = (known + asked) / 2 - tasks.support_rating.double().sum(1)
        offset = self.items.of(tasks.query_item)
        moved = offset + ((ones - offset.sum(1)) / asked).unsqueeze(1)
        return moved.clamp(0, self.items.scale)


Fitted = TypeVar("Fitted", bound=Means)


def counted_rows(data: ColdStart) -> Tensor:
    """Return the rows that a closed form may count: those of training tasks, and of users in no task, [M, 3]."""
    return torch.cat([data.train.rows(), data.others])


def fit_constant(rows: Tensor) -> Constant:
    """Take the mean of rows (user, item, rating), [M, 3]."""
    return Constant(float(rows[:, 2].mean()))


def fit_item_mean(data: ColdStart, rows: Tensor) -> ItemMean:
    """Fit item means, shrunken as the validation tasks like best.

    Args:
        data: the data set.
        rows: what to count, [M, 3]: `data.train.rows()` or `counted_rows(data)`.
    """
    return _best(data.valid, _item_means(data, rows))


def fit_item_and_user_mean(data: ColdStart, rows: Tensor) -> ItemAndUserMean:
    """Fit item and user means, both shrunken as the validation tasks like best; arguments as `fit_item_mean`."""
    found = [ItemAndUserMean(items, shrinkage) for items in _item_means(data, rows) for shrinkage in SHRINKAGES]
    return _best(data.valid, found)


def fit_half_ones(data: ColdStart, rows: Tensor) -> HalfOnes:
    """Fit item means beside the constant of each user; arguments as `fit_item_mean`."""
    return _best(data.valid, map(HalfOnes, _item_means(data, rows)))


def fit_half_ones_alone(data: ColdStart) -> HalfOnes:
    """Return the constant of each user without items."""
    return HalfOnes(ItemMean(0.5, torch.zeros(data.num_items, dtype=torch.float64), data.scale))


def _item_means(data: ColdStart, rows: Tensor) -> list[ItemMean]:
    """Return the item means of each shrinkage."""
    mean, item = rows[:, 2].mean(), rows[:, 1].long()
    count = torch.bincount(item, minlength=data.num_items).double()
    total = torch.zeros_like(count).index_add_(0, item, rows[:, 2] - mean)
    divided = [total / (count + shrinkage).clamp(min=1) for shrinkage in SHRINKAGES]  # 0 / 1 of an item never counted
    return [ItemMean(float(mean), offset, data.scale) for offset in divided]


def _best(tasks: UserTasks, candidates: Iterable[Fitted]) -> Fitted:
    return min(candidates, key=lambda one: _squared_error(one.predict(tasks), tasks))


def _squared_error(prediction: Tensor, tasks: UserTasks) -> float:
    """Return the mean squared error of each user's query rows, averaged over users."""
    error = torch.where(tasks.has_query, prediction - tasks.query_rating, 0.0).square()
    return float((error.sum(1) / tasks.has_query.sum(1)).mean())
