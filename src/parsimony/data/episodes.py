"""Episodes of few-shot property prediction: some labelled molecules of a property are known, others are asked about.

Support set: K inactive, then K active molecules. Query set of training: drawn without replacement from all other
measured molecules of the property, so classes stand in their natural ratio. Query set of a test: all of those.
Balanced queries are for ADKF-IFT (arXiv 2205.02708), which learns from 32 of them.

All molecules of an episode are rows of the labels of the data set. The generator draws on the CPU, in this order:
inactive, active, queries. Shapes: K shots, Q queries, C molecules of a class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.data.molecules import ACTIVE, INACTIVE, MoleculeSet


class PropertyTask(NamedTuple):
    """One property and the molecules that were measured for it.

    Attributes:
        name: of the property.
        column: of the labels.
        inactive: molecules, [C].
        active: molecules, [C].
    """

    name: str
    column: int
    inactive: Tensor
    active: Tensor


class Episode(NamedTuple):
    """One draw of a task.

    Attributes:
        column: of the property in the labels.
        support: K inactive, then K active molecules, [2 K].
        query: molecules asked about, [Q].
        query_label: 0 inactive, 1 active, [Q].
    """

    column: int
    support: Tensor
    query: Tensor
    query_label: Tensor

    @property
    def support_label(self) -> Tensor:
        """0 inactive, 1 active, [2 K]."""
        return torch.arange(2).repeat_interleave(len(self.support) // 2)


class _Draw(NamedTuple):
    """Molecules of a task in random order: those known, then those left of each class."""

    support: Tensor
    inactive: Tensor
    active: Tensor


def property_tasks(data: MoleculeSet, columns: Iterable[int]) -> tuple[PropertyTask, ...]:
    """Return the tasks of some properties, usually `data.train_properties` or `data.test_properties`."""
    labels = data.labels.cpu()
    return tuple(
        PropertyTask(data.properties[column], column, *(_having(labels[:, column], one) for one in (INACTIVE, ACTIVE)))
        for column in columns
    )


def draw_tasks(tasks: Sequence[PropertyTask], at_most: int, generator: torch.Generator) -> tuple[PropertyTask, ...]:
    """Draw tasks without replacement; all of them, in random order, if there are no more than `at_most`."""
    return tuple(tasks[place] for place in torch.randperm(len(tasks), generator=generator)[:at_most].tolist())


def draw_episode(task: PropertyTask, shots: int, num_queries: int, generator: torch.Generator) -> Episode:
    """Draw a training episode with queries in the natural ratio.

    Args:
        task: the property.
        shots: K, support molecules of each class.
        num_queries: Q.
        generator: of the draws.

    Raises:
        ValueError: if the task has too few molecules.
    """
    drawn = _draw(task, shots, generator)
    left = torch.cat([drawn.inactive, drawn.active])
    if not 0 < num_queries <= len(left):
        raise ValueError(
            f"{num_queries} queries asked, but task {task.name} has {len(left)} molecules beside its support set; "
            "ask for at least 1 and at most as many, or leave the task out"
        )
    chosen = torch.randperm(len(left), generator=generator)[:num_queries]
    return Episode(task.column, drawn.support, left[chosen], (chosen >= len(drawn.inactive)).long())


def draw_balanced_episode(task: PropertyTask, shots: int, num_queries: int, generator: torch.Generator) -> Episode:
    """Draw a training episode with as many active as inactive queries.

    A class with fewer than half of the queries left gives all it has, and the other class gives as many, so the query
    set may be smaller than asked.

    Args:
        task: the property.
        shots: K, support molecules of each class.
        num_queries: Q at most, an even number.
        generator: of the draws.

    Raises:
        ValueError: if the task has too few molecules, or the number of queries is odd.
    """
    if num_queries < 2 or num_queries % 2:
        raise ValueError(f"{num_queries} balanced queries asked; ask for an even number of at least 2")
    drawn = _draw(task, shots, generator)
    each = min(num_queries // 2, len(drawn.inactive), len(drawn.active))
    if not each:
        rare = "active" if len(drawn.active) < len(drawn.inactive) else "inactive"
        raise ValueError(
            f"balanced queries asked, but the {shots} shots take all {rare} molecules of task {task.name}; "
            f"ask for at most {shots - 1} or leave the task out"
        )
    query = torch.cat([drawn.inactive[:each], drawn.active[:each]])
    return Episode(task.column, drawn.support, query, torch.arange(2).repeat_interleave(each))


def draw_test_episodes(task: PropertyTask, shots: int, draws: int, seed: int) -> tuple[Episode, ...]:
    """Draw test episodes, whose queries are all molecules beside the support set, in their order in the data set.

    A draw depends on seed, name of the property and number of the draw only, so a property has the same episodes
    whichever others are tested, and for every method.

    Args:
        task: the property.
        shots: K, support molecules of each class.
        draws: number of episodes.
        seed: of the run.

    Raises:
        ValueError: if the task has too few molecules.
    """
    return tuple(_test_episode(task, shots, _generator(seed, task.name, number)) for number in range(draws))


def _test_episode(task: PropertyTask, shots: int, generator: torch.Generator) -> Episode:
    drawn = _draw(task, shots, generator)
    query, order = torch.cat([drawn.inactive, drawn.active]).sort()
    return Episode(task.column, drawn.support, query, (order >= len(drawn.inactive)).long())


def _generator(seed: int, name: str, number: int) -> torch.Generator:
    """Return a generator of its own for every seed, property and draw."""
    digest = hashlib.sha256(f"{seed}/{name}/{number}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))


def _having(labels: Tensor, value: int) -> Tensor:
    return (labels == value).nonzero().flatten()


def _draw(task: PropertyTask, shots: int, generator: torch.Generator) -> _Draw:
    _require_shots(task, shots)
    inactive, active = (
        molecules[torch.randperm(len(molecules), generator=generator)] for molecules in (task.inactive, task.active)
    )
    return _Draw(torch.cat([inactive[:shots], active[:shots]]), inactive[shots:], active[shots:])


def _require_shots(task: PropertyTask, shots: int) -> None:
    if shots < 1:
        raise ValueError(f"{shots} shots asked; a support set has at least one molecule of each class")
    for name, molecules in (("inactive", task.inactive), ("active", task.active)):
        if len(molecules) < shots:
            raise ValueError(
                f"{shots} shots asked, but task {task.name} has only {len(molecules)} {name} molecules; "
                f"ask for at most {len(molecules)} or leave the task out"
            )
