"""Data cards: what each data set consists of, and the counts that a loader must find; a module for each field.

Loaders import from here, never from a module of one field: the digests of the files count in a fingerprint, not this
text. So no module here is called like anything that a loader imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from parsimony.data.cards import drugs, knowledge_graphs, modular_tasks, molecules, physics, ratings
from parsimony.data.cards.dataset_card import Card
from parsimony.data.registry import DataError, entry

_FIELDS = (knowledge_graphs, ratings, molecules, physics, drugs, modular_tasks)
DATASETS: Mapping[str, Card] = MappingProxyType({one.name: one for one in chain(*(field.CARDS for field in _FIELDS))})


def card(dataset: str) -> Card:
    """Return the card of a data set.

    Raises:
        DataError: if there is none of that name.
    """
    if dataset not in DATASETS:
        raise DataError(f"data set {dataset!r} given; known are {', '.join(DATASETS)}.")
    return DATASETS[dataset]


def require_counts(dataset: str, found: Mapping[str, int]) -> None:
    """Compare what a loader counted with the card of a data set.

    Args:
        dataset: its name.
        found: counts; those that the card leaves open, since a seed chooses them, may be anything.

    Raises:
        DataError: if a count of the card is not found.
    """
    wrong = [
        f"{found.get(key)} {key}, expected {expected}"
        for key, expected in card(dataset).counts.items()
        if found.get(key) != expected
    ]
    if wrong:
        raise DataError(f"{dataset} has {'; '.join(wrong)}: the files are not those that the papers used.")


def digests_of(dataset: str) -> dict[str, str]:
    """Return the SHA-256 of every file of a data set, by `group/path`; nothing is read for that.

    Raises:
        DataError: if no such data set is known.
    """
    return {name: entry(name).sha256 for name in card(dataset).files}
