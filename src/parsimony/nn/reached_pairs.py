"""The relational digraphs of many queries at once, layer by layer: which (query, entity) pairs a walk has reached.

Layer l of a query holds the edges that leave the entities reached in at most l - 1 steps (RED-GNN, arXiv 2108.06040,
section 4.2). Pairs are numbered as they are reached and never renumbered, and every pair brings the edges that leave
it once, so the edges of layer l are a prefix of those of layer l + 1 and no state ever moves. The identity step
(relation 2 R) is the last edge of each pair; the graph of facts does not hold it.

Two ways to the same numbers:

    ReachedPairs    grows outwards from the heads; work follows what is reached
    every_pair      all B N pairs and all their edges, laid out once; what is not reached is masked

Shapes: B queries, N entities, K = 2 R + 1 relations, n pairs, M edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


class Edges(Protocol):
    """A graph of facts and inverses, grouped by the entity that each edge leaves."""

    num_relations: int
    first: Tensor
    relation: Tensor
    tail: Tensor


class Steps(NamedTuple):
    """Every step out of each entity, the identity step last: begin [N + 1], relation [E + N], tail [E + N]."""

    first: Tensor
    relation: Tensor
    tail: Tensor

    @classmethod
    def of(cls, graph: Edges) -> Steps:
        """Add the identity step of every entity to the edges of a graph."""
        entity = torch.arange(len(graph.first) - 1, device=graph.first.device)
        size = len(graph.tail) + len(entity)
        place = torch.arange(len(graph.tail), device=entity.device)
        place += entity.repeat_interleave(graph.first.diff(), output_size=len(place))
        relation, tail = entity.new_full((size,), 2 * graph.num_relations), entity.new_empty(size)
        relation[place], tail[place] = graph.relation, graph.tail
        tail[graph.first[1:] + entity] = entity
        first = graph.first + torch.arange(len(graph.first), device=entity.device)
        return cls(first, relation, tail)

    @property
    def num_entities(self) -> int:
        """N."""
        return len(self.first) - 1

    @property
    def num_relations(self) -> int:
        """K, read off the identity step of the last entity."""
        return int(self.relation[-1]) + 1


class Grouping(NamedTuple):
    """Edges in the order of a key: where each of G groups begins [G + 1], and which edges follow [M]."""

    first: Tensor
    order: Tensor

    @classmethod
    def by(cls, key: Tensor, groups: int) -> Grouping:
        """Group edges by a key below `groups`; int32 keys sort by radix."""
        count = torch.bincount(key, minlength=groups).cumsum(0, dtype=torch.int32)
        return cls(torch.cat([count.new_zeros(1), count]), torch.sort(key, stable=True).indices.int())


@dataclass(frozen=True, eq=False)
class Layer:
    """The edges of one layer of B relational digraphs; all indices are int32.

    Attributes:
        first: where the edges of each source pair begin, [n_s + 1]; the edges are in that order.
        source: pair that each edge leaves, [M].
        target: pair that it reaches, [M].
        question: query times K plus relation, [M].
        relation: [M].
        num_targets: n_t.
        num_questions: B K.
    """

    first: Tensor
    source: Tensor
    target: Tensor
    question: Tensor
    relation: Tensor
    num_targets: int
    num_questions: int

    @property
    def num_sources(self) -> int:
        """n_s; these pairs are the first n_s of the targets as well."""
        return len(self.first) - 1

    @cached_property
    def by_target(self) -> Grouping:
        """The edges that end in each pair."""
        return Grouping.by(self.target, self.num_targets)

    @cached_property
    def by_question(self) -> Grouping:
        """The edges of each query and relation; only gradients need it."""
        return Grouping.by(self.question, self.num_questions)


class ReachedPairs:
    """The pairs that walks from some heads reach, numbered as they are reached.

    Args:
        steps: of the graph.
        heads: entity where each query begins, [B]; pair b is the head of query b.
    """

    def __init__(self, steps: Steps, heads: Tensor) -> None:
        self.steps = steps
        self.query, self.entity = torch.arange(len(heads), device=heads.device), heads
        self._num_relations = steps.num_relations
        self._num_questions = len(heads) * steps.num_relations
        self._pair_of = heads.new_full((len(heads) * steps.num_entities,), -1, dtype=torch.int32)
        self._pair_of[self._flat(self.query, heads)] = self.query.int()
        self._edges = tuple(heads.new_empty(0, dtype=torch.int32) for _ in range(4))
        self._first = heads.new_zeros(1, dtype=torch.int32)

    def __len__(self) -> int:
        return len(self.entity)

    @property
    def place(self) -> Tensor:
        """Where each pair stands in a table [B, N] laid out flat, [n]."""
        return self._flat(self.query, self.entity)

    def num_next_edges(self) -> int:
        """Return how many edges the next layer has, over all queries."""
        return int((self.steps.first[self.entity + 1] - self.steps.first[self.entity]).sum())

    def expand(self) -> Layer:
        """Reach one step further and return the layer of that step."""
        source, step = self._steps_of_new_pairs()
        query, relation, tail = self.query[source], self.steps.relation[step], self.steps.tail[step]
        target = self._number(source, self._flat(query, tail), tail)
        question = query * self._num_relations + relation
        new = (source, target, question, relation)
        self._edges = tuple(torch.cat([old, one.int()]) for old, one in zip(self._edges, new, strict=True))
        return Layer(self._first, *self._edges, len(self), self._num_questions)

    def _flat(self, query: Tensor, entity: Tensor) -> Tensor:
        return query * self.steps.num_entities + entity

    def _steps_of_new_pairs(self) -> tuple[Tensor, Tensor]:
        """Return source pair and step of every edge that leaves the pairs reached last."""
        begin_pair = len(self._first) - 1
        entity = self.entity[begin_pair:]
        begin = self.steps.first[entity]
        count = self.steps.first[entity + 1] - begin
        ends = count.cumsum(0)
        self._first = torch.cat([self._first, (ends + self._first[-1]).int()])
        size = int(ends[-1]) if len(ends) else 0
        shift = torch.repeat_interleave(begin - ends + count, count, output_size=size)
        pair = torch.arange(begin_pair, len(self), device=entity.device)
        source = torch.repeat_interleave(pair, count, output_size=size)
        return source, shift + torch.arange(size, device=entity.device)

    def _number(self, source: Tensor, flat: Tensor, tail: Tensor) -> Tensor:
        """Return the pair each edge reaches; pairs not seen before get the next numbers.

        Each edge into an unseen pair writes its own position there; the edge that reads its own back speaks for
        the pair. That settles duplicates without a sort; on a CPU the last edge speaks, so numbers are reproducible.
        """
        target = self._pair_of[flat]
        unseen = (target < 0).nonzero().squeeze(1)
        asked = flat[unseen]
        position = torch.arange(len(asked), dtype=torch.int32, device=flat.device)
        self._pair_of.scatter_(0, asked, position)
        speaker = self._pair_of[asked] == position
        chosen, asked_once = unseen[speaker], asked[speaker]
        number = torch.arange(len(self), len(self) + len(chosen), dtype=torch.int32, device=flat.device)
        self._pair_of[asked_once] = number
        self.query = torch.cat([self.query, self.query[source[chosen]]])
        self.entity = torch.cat([self.entity, tail[chosen]])
        target[unseen] = self._pair_of[asked]
        return target


def every_pair(steps: Steps, num_queries: int) -> Layer:
    """Lay out all pairs of B queries and N entities, pair b N + v; one layer serves every depth and every batch."""
    n, k = steps.num_entities, steps.num_relations
    head = torch.arange(n, device=steps.first.device).repeat_interleave(steps.first.diff())
    strides = {"source": (head, n), "target": (steps.tail, n), "question": (steps.relation, k)}
    edges = {name: _blocks(index, stride, num_queries) for name, (index, stride) in strides.items()}
    first = torch.cat(
        [_blocks(steps.first[:-1], len(head), num_queries), edges["source"].new_tensor([len(head) * num_queries])]
    )
    return Layer(
        first,
        **edges,
        relation=_blocks(steps.relation, 0, num_queries),
        num_targets=n * num_queries,
        num_questions=k * num_queries,
    )


def spread(layer: Layer, is_reached: Tensor) -> Tensor:
    """Return 1 for each pair that some edge from a reached pair [n_s, 1] ends in, else 0, [n_t, 1]."""
    return bag(is_reached, layer.source[layer.by_target.order], layer.by_target.first).sign()


def bag(rows: Tensor, index: Tensor, first: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the (weighted) sum of the indexed rows of each group, [G, d], without a copy of every row.

    Args:
        rows: table, [n, d].
        index: row of each entry, group after group, [M].
        first: where each group begins, and M, [G + 1].
        weight: of each entry, [M].
    """
    return F.embedding_bag(index, rows, first, mode="sum", per_sample_weights=weight, include_last_offset=True)


def _blocks(index: Tensor, stride: int, count: int) -> Tensor:
    """Return an index array repeated `count` times, each time moved on by `stride`, int32."""
    shift = torch.arange(count, device=index.device).unsqueeze(1) * stride
    return (index + shift).flatten().int()
