"""The network that EmerGNN's messages flow in: interactions, biomedical facts, inverses and identity edges (section 6).

                       DrugBank, C = 86, R = 23     TWOSIDES, C = 200, R = 23
    interaction        type 0 .. 85                 0 for every type, in both directions
    biomedical         86 .. 108                    200 .. 222
    inverse            id + 109                     223 .. 245, of biomedical facts only
    identity           218                          246

A message along id r of a fact (h, r, t) flows from h to t, along its inverse from t to h. Edges that stand several
times are one edge with that weight: a pair of drugs with 20 known side effects has an edge of weight 20.

Shapes: N entities, E edges, K ids, D drugs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


class Step(NamedTuple):
    """What an id stands for: "type", "relation" or "identity", its number, and whether it leads against the fact."""

    kind: str
    number: int
    is_inverse: bool


@dataclass(frozen=True)
class RelationIds:
    """How ids are given to edges.

    Attributes:
        num_types: C.
        num_relations: R of the biomedical network.
        is_shared: whether all types share id 0 and need no inverse, as in TWOSIDES.
    """

    num_types: int
    num_relations: int
    is_shared: bool = False

    @property
    def inverse(self) -> int:
        """What is added to an id for its inverse."""
        return self.num_relations if self.is_shared else self.num_types + self.num_relations

    @property
    def identity(self) -> int:
        """Id of identity edges, the last one."""
        return self.num_types + self.num_relations + self.inverse

    @property
    def count(self) -> int:
        """K."""
        return self.identity + 1

    def step(self, number: int) -> Step:
        """Return what an id stands for."""
        if number == self.identity:
            return Step("identity", 0, False)
        is_inverse = number >= self.num_types + self.num_relations
        place = number - self.inverse if is_inverse else number
        if place < self.num_types:
            return Step("type", place, is_inverse)
        return Step("relation", place - self.num_types, is_inverse)


class Edges(NamedTuple):
    """Edges grouped by one end.

    Attributes:
        first: where the edges of each entity begin, then E, [N + 1].
        other: the end at the other side, [E].
        relation: id, [E].
        weight: how often the edge stands, [E].
    """

    first: NDArray
    other: NDArray
    relation: NDArray
    weight: NDArray

    def of(self, entity: int) -> Edges:
        """Return the edges of one entity, with `first` as its two bounds."""
        low, high = self.first[entity : entity + 2]
        return Edges(np.array([0, high - low]), *(field[low:high] for field in self[1:]))


class AugmentedNetwork:
    """All edges, by source and by target.

    Args:
        facts: head drug, tail drug, type of every known interaction, [F, 3].
        triples: head, relation, tail of the biomedical network, [T, 3].
        num_entities: N.
        num_drugs: D, which are the first entities.
        ids: how ids are given.
    """

    def __init__(self, facts: Tensor, triples: Tensor, num_entities: int, num_drugs: int, ids: RelationIds) -> None:
        self.num_entities, self.num_drugs, self.ids = num_entities, num_drugs, ids
        head, relation, tail = _augmented(facts.numpy(), triples.numpy(), num_entities, ids)
        # by target, then relation, then source, so that the sources of a target and a relation stand together
        key = (tail * ids.count + relation) * num_entities + head
        key, weight = np.unique(key, return_counts=True)
        key, self.source = np.divmod(key, num_entities)
        self.target, self.relation = np.divmod(key, ids.count)
        self.weight = weight

    @property
    def num_edges(self) -> int:
        """E; repeated ones count once."""
        return len(self.weight)

    @cached_property
    def incoming(self) -> Edges:
        """Edges by target, then relation, then source."""
        return Edges(_bounds(self.target, self.num_entities), self.source, self.relation, self.weight)

    @cached_property
    def outgoing(self) -> Edges:
        """Edges by source, then target, then relation."""
        return self._by_source(np.ones(self.num_edges, bool))

    def middle(self, steps: int) -> Edges:
        """Return the edges that lead from neighbours of drugs to where a drug is at most some steps away, by source."""
        is_target = np.zeros(self.num_entities, bool)
        is_target[: self.num_drugs] = True
        is_source = self._spread(is_target, self.source, self.target)
        for _ in range(steps):
            is_target = self._spread(is_target, self.target, self.source)
        return self._by_source(is_source[self.source] & is_target[self.target])

    @cached_property
    def incoming_counts(self) -> Edges:
        """How many edges of each id end in each entity, by entity; `other` is the entity itself."""
        key, weight = _summed(self.target * self.ids.count + self.relation, self.weight)
        entity, relation = np.divmod(key, self.ids.count)
        return Edges(_bounds(entity, self.num_entities), entity, relation, weight)

    def _spread(self, is_here: NDArray, start: NDArray, end: NDArray) -> NDArray:
        after = np.zeros_like(is_here)
        after[end[is_here[start]]] = True
        return after

    def _by_source(self, chosen: NDArray) -> Edges:
        source, target, relation = (field[chosen] for field in (self.source, self.target, self.relation))
        order = np.argsort((source * self.num_entities + target) * self.ids.count + relation)
        bounds = _bounds(source, self.num_entities)
        return Edges(bounds, target[order], relation[order], self.weight[chosen][order])


def _augmented(facts: NDArray, triples: NDArray, num_entities: int, ids: RelationIds) -> NDArray:
    """Return head, relation and tail of all edges, repeated ones too, [3, .]."""
    kind = np.zeros_like(facts[:, 2]) if ids.is_shared else facts[:, 2]
    interaction = np.stack([facts[:, 0], kind, facts[:, 1]])
    known = np.stack([triples[:, 0], triples[:, 1] + ids.num_types, triples[:, 2]])
    entity = np.arange(num_entities)
    identity = np.stack([entity, np.full_like(entity, ids.identity), entity])
    shift = np.array([[0], [ids.inverse], [0]])
    backward = interaction[::-1] + (0 if ids.is_shared else shift)
    return np.concatenate([interaction, backward, known, known[::-1] + shift, identity], axis=1)


def _bounds(sorted_or_not: NDArray, size: int) -> NDArray:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_or_not, minlength=size))])


def _summed(key: NDArray, weight: NDArray) -> tuple[NDArray, NDArray]:
    """Add up the weights of equal neighbours among sorted keys."""
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
    return key[begins], np.add.reduceat(weight, begins) if len(begins) else weight[:0]
