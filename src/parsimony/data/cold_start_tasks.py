"""From rows (user, item, rating) to one task a user, by the protocol of TaNP (Lin et al., arXiv 2103.06137).

1. Users, in the order of their first rows, are shuffled and parted 7:1:2 into training, validation and test.
2. Rows of validation and test users with an item that no training user has are deleted.
3. A user left with fewer than `least` or more than `most` rows becomes no task.
4. Of each other user 20 rows, drawn at random, are the support set; all further rows are the query set.

All draws come from the seed, in this order. Shapes: M rows, T tasks, N support rows, Q query rows at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from parsimony.data.cold_start import NOTHING, ColdStart, FeatureField, UserTasks

SUPPORT = 20


@dataclass(frozen=True, eq=False)
class RatingTable:
    """All ratings of a data set before its users become tasks.

    Attributes:
        rows: user, item and rating, [M, 3] in float64; users and items are indices of the rows of their fields.
        user_fields: content of the users.
        item_fields: content of the items, the item itself first.
    """

    rows: Tensor
    user_fields: tuple[FeatureField, ...]
    item_fields: tuple[FeatureField, ...]

    def counts(self) -> dict[str, int]:
        """Return the numbers of users, items and rows, as a data card has them."""
        return {
            "users": len(self.user_fields[0].values),
            "items": len(self.item_fields[0].values),
            "ratings": len(self.rows),
        }


class Episode(NamedTuple):
    """Rows (user, item, rating) of one user: those known, [N, 3], and those asked, [Q, 3]."""

    support: Tensor
    query: Tensor


def identity_field(name: str, size: int) -> FeatureField:
    """Return the field whose value is the row itself."""
    return FeatureField(name, size, torch.arange(size).unsqueeze(1))


def value_field(name: str, size: int, values: Iterable[Sequence[int]]) -> FeatureField:
    """Return a field of rows with none, one or several values."""
    rows = [torch.tensor(row, dtype=torch.long) for row in values]
    padded = pad_sequence(rows, batch_first=True, padding_value=NOTHING)
    if not padded.shape[1]:  # no row has a value: one column of nothing
        padded = torch.full((len(rows), 1), NOTHING)
    return FeatureField(name, size, padded)


def vocabulary_field(name: str, vocabulary: Sequence[str], rows: Iterable[Sequence[str]]) -> FeatureField:
    """Return a field of named values, each once a row; a value that the vocabulary lacks is left out."""
    number = {value: index for index, value in enumerate(vocabulary)}
    listed = (dict.fromkeys(number[value] for value in row if value in number) for row in rows)
    return value_field(name, len(vocabulary), map(list, listed))


def distinct(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return every value once, in the order of first appearance."""
    return list(dict.fromkeys(value for row in rows for value in row))


def gather_tasks(episodes: Sequence[Episode]) -> UserTasks:
    """Set the rows of users side by side, filled up with item -1 and rating 0."""
    support, query = zip(*episodes, strict=True)
    user = torch.stack([rows[0, 0] for rows in support]).long()
    return UserTasks(user, *_columns(support), *_columns(query))


def _columns(parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    items = pad_sequence([rows[:, 1].long() for rows in parts], batch_first=True, padding_value=NOTHING)
    return items, pad_sequence([rows[:, 2].float() for rows in parts], batch_first=True)


def task_counts(splits: Sequence[UserTasks]) -> dict[str, int]:
    """Return the numbers of tasks and of rows of training, validation and test, as a data card has them."""
    named = dict(zip(("train", "valid", "test"), splits, strict=True))
    tasks = {f"{name} tasks": len(split) for name, split in named.items()}
    return tasks | {f"{name} rows": len(split.rows()) for name, split in named.items()}


def split_into_tasks(name: str, table: RatingTable, scale: float, least: int, most: int, seed: int) -> ColdStart:
    """Part users into splits, and the rows of each into support and query set.

    Args:
        name: of the data set.
        table: its ratings.
        scale: largest rating.
        least: fewest rows of a user that becomes a task.
        most: most rows of such a user.
        seed: of the draws.
    """
    generator = torch.Generator().manual_seed(seed)
    by_user = rows_by_user(table.rows)
    splits = shuffled_splits(len(by_user), generator)
    seen = torch.zeros(len(table.item_fields[0].values), dtype=torch.bool)
    seen[torch.cat([by_user[place] for place in splits[0]])[:, 1].long()] = True
    kept = [[by_user[place] for place in splits[0]]]
    kept += [[_of_items(by_user[place], seen) for place in split] for split in splits[1:]]
    episodes = [[_draw(rows, generator) for rows in split if least <= len(rows) <= most] for split in kept]
    tasks = [gather_tasks(split) for split in episodes]
    others = rows_of_others(table.rows, tasks)
    return ColdStart(name, scale, table.user_fields, table.item_fields, *tasks, others)


def rows_by_user(rows: Tensor) -> tuple[Tensor, ...]:
    """Part rows by user; users come in the order of their first rows, the rows of each in their own order."""
    user = rows[:, 0].long()
    first = torch.full((int(user.max()) + 1,), len(rows)).scatter_reduce(0, user, torch.arange(len(rows)), "amin")
    order = torch.argsort(first[user], stable=True)
    _, lengths = torch.unique_consecutive(user[order], return_counts=True)
    return rows[order].split(lengths.tolist())


def shuffled_splits(num_users: int, generator: torch.Generator) -> tuple[list[int], list[int], list[int]]:
    """Shuffle users and part them 7:1:2."""
    order = torch.randperm(num_users, generator=generator).tolist()
    first, second = num_users * 7 // 10, num_users * 8 // 10
    return order[:first], order[first:second], order[second:]


def rows_of_others(rows: Tensor, tasks: Sequence[UserTasks]) -> Tensor:
    """Return the rows of users that are in no task."""
    return rows[~torch.isin(rows[:, 0], torch.cat([split.user for split in tasks]))]


def _of_items(rows: Tensor, seen: Tensor) -> Tensor:
    return rows[seen[rows[:, 1].long()]]


def _draw(rows: Tensor, generator: torch.Generator) -> Episode:
    order = torch.randperm(len(rows), generator=generator)
    return Episode(rows[order[:SUPPORT]], rows[order[SUPPORT:]])
