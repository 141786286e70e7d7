"""Cold-start recommendation: one user is one task, known by a few rated items, asked about others.

Users of training, validation and test are disjoint, and whatever a loader chooses at random it chooses from the
split's seed. Shapes: T users (tasks) of a split, N support items, Q query items at most, W values of a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

NOTHING = -1  # fills up rows of items and of field values


@dataclass(frozen=True, eq=False)
class FeatureField:
    """One content field of all users, or of all items.

    Attributes:
        name: such as "genre".
        size: number of values it can take.
        values: the distinct values of each row, filled up with -1, [rows, W]; W is 1 unless a row may have several.
    """

    name: str
    size: int
    values: Tensor


@dataclass(frozen=True, eq=False)
class UserTasks:
    """The tasks of one split. Rows are filled up with item -1 and rating 0.

    Attributes:
        user: the user of each task, [T].
        support_item: items whose ratings are known, [T, N].
        support_rating: those ratings, on the scale of the data set, [T, N].
        query_item: items whose ratings are asked, [T, Q].
        query_rating: the true ratings, [T, Q].
    """

    user: Tensor
    support_item: Tensor
    support_rating: Tensor
    query_item: Tensor
    query_rating: Tensor

    def __len__(self) -> int:
        return len(self.user)

    def __getitem__(self, index: Tensor | slice) -> UserTasks:
        """Return some of the tasks."""
        return UserTasks(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    @property
    def has_support(self) -> Tensor:
        """True where a support item stands, [T, N]."""
        return self.support_item != NOTHING

    @property
    def has_query(self) -> Tensor:
        """True where a query item stands, [T, Q]."""
        return self.query_item != NOTHING

    def rows(self) -> Tensor:
        """Return user, item and rating of every support row, then of every query row, [M, 3] in float64."""
        return torch.cat([self.support_rows(), _rows(self.user, self.query_item, self.query_rating)])

    def support_rows(self) -> Tensor:
        """Return user, item and rating of every support row, [M, 3] in float64."""
        return _rows(self.user, self.support_item, self.support_rating)

    def to(self, device: str | torch.device) -> UserTasks:
        """Return the tasks on a device."""
        return UserTasks(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


def _rows(user: Tensor, item: Tensor, rating: Tensor) -> Tensor:
    """List what [T, N] or [T, Q] hold, without what only fills up."""
    columns = user.unsqueeze(1).expand_as(item), item, rating
    return torch.stack([column[item != NOTHING].double() for column in columns], dim=1)


@dataclass(frozen=True, eq=False)
class ColdStart:
    """A data set of users as tasks.

    Attributes:
        name: of the data set.
        scale: largest rating R; predictions lie in (0, R).
        user_fields: content fields of the users.
        item_fields: content fields of the items; the first is the item itself.
        train: tasks to learn from.
        valid: tasks to choose settings and epochs with.
        test: the cold-start users.
        others: (user, item, rating) of users that are in no task, [M, 3] in float64; no method trains on them,
            closed forms may count them where a page says so.
        truth: what generated data were made with, by name; empty for real data.
    """

    name: str
    scale: float
    user_fields: tuple[FeatureField, ...]
    item_fields: tuple[FeatureField, ...]
    train: UserTasks
    valid: UserTasks
    test: UserTasks
    others: Tensor
    truth: Mapping[str, object] = field(default_factory=dict)

    @property
    def num_items(self) -> int:
        """Number of items."""
        return len(self.item_fields[0].values)
