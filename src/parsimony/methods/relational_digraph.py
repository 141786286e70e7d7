"""The relational digraph that a trained RED-GNN reads for one query and one answer (section 5.1, Figure 7).

The digraph of (u, q, a) is the union of all relational paths of length L from u to a, in L + 1 columns of entities;
identity steps bring shorter paths to that length (RED-GNN, arXiv 2108.06040, definitions 1 and 2). A pass of the model
gives every edge of the walk its gate alpha. What remains:

    backward     from a, column by column, keep the edges that end in what is kept: the digraph
    threshold    keep the edges with alpha at or above it, then those that still lie on a path from u to a
    fallback     if none does, keep the path with the largest product of alpha (Viterbi)

The papers do not state the threshold of their figure. Shapes: M edges of a layer.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.data.fact_graph import FactGraph
from parsimony.methods.redgnn import REDGNN, AttendedEdges


class RelationalPath(NamedTuple):
    """L + 1 entities, the L relations between them, and the product of their gates."""

    entities: tuple[int, ...]
    relations: tuple[int, ...]
    weight: float


@dataclass(frozen=True, eq=False)
class RelationalDigraph:
    """Edges of L layers, each on a path from the head to the answer.

    Attributes:
        head: entity of the query.
        answer: entity it is asked about.
        layers: edges and gates of each layer; relation 2 R is the identity step.
    """

    head: int
    answer: int
    layers: tuple[AttendedEdges, ...]

    @classmethod
    def of(cls, head: int, answer: int, layers: tuple[AttendedEdges, ...]) -> RelationalDigraph:
        """Keep the edges that lie on a path from head to answer through all layers; there may be none."""
        backward = _reachable(layers[::-1], answer, along="tail")[::-1]
        return cls(head, answer, tuple(_reachable(backward, head, along="head")))

    @property
    def num_edges(self) -> tuple[int, ...]:
        """How many edges each layer has."""
        return tuple(len(one.head) for one in self.layers)

    @property
    def columns(self) -> tuple[frozenset[int], ...]:
        """The entities of each of the L + 1 columns."""
        tails = (frozenset(one.tail.tolist()) for one in self.layers)
        return frozenset(self.layers[0].head.tolist()), *tails

    @property
    def num_paths(self) -> int:
        """How many relational paths the digraph unites."""
        count = {self.head: 1}
        for layer in self.layers:
            after: dict[int, int] = defaultdict(int)
            for head, tail in zip(layer.head.tolist(), layer.tail.tolist(), strict=True):
                after[tail] += count[head]
            count = after
        return count.get(self.answer, 0)

    def best_paths(self, count: int) -> list[RelationalPath]:
        """Return the paths with the largest product of gates, best first; fewer if there are fewer."""
        found = {self.head: [RelationalPath((self.head,), (), 1.0)]}
        for layer in self.layers:
            longer = defaultdict(list)
            for head, relation, tail, alpha in zip(*(one.tolist() for one in layer), strict=True):
                longer[tail] += [_extended(path, relation, tail, alpha) for path in found[head]]
            found = {tail: heapq.nlargest(count, paths, key=_rank) for tail, paths in longer.items()}
        return found.get(self.answer, [])

    def strongest(self, threshold: float, at_most: float = math.inf) -> RelationalDigraph:
        """Return the part with gates at or above a threshold, raised until few enough edges remain.

        Args:
            threshold: where it begins.
            at_most: edges of all layers together.

        Returns:
            The part, or the best path alone if the threshold leaves none whole.
        """
        part = self._above(threshold)
        while sum(part.num_edges) > at_most:
            weakest = min(one.alpha.min().item() for one in part.layers)
            part = part._above(math.nextafter(weakest, math.inf))
        return part if part.num_paths else self._best_path_alone()

    def _above(self, threshold: float) -> RelationalDigraph:
        layers = tuple(_chosen(one, one.alpha.double() >= threshold) for one in self.layers)
        return RelationalDigraph.of(self.head, self.answer, layers)

    def _best_path_alone(self) -> RelationalDigraph:
        best = self.best_paths(1)[0]
        steps = zip(self.layers, best.entities, best.relations, best.entities[1:], strict=False)
        return RelationalDigraph(self.head, self.answer, tuple(_one_edge(*step) for step in steps))


def extract(model: REDGNN, graph: FactGraph, query: tuple[int, int], answer: int) -> RelationalDigraph:
    """Return the relational digraph of a query and an answer, with the gates of a model.

    Args:
        model: in evaluation mode.
        graph: to answer on, usually all facts of training.
        query: head and relation.
        answer: entity.

    Raises:
        ValueError: if the answer lies further away than the model has layers, or the model is in training mode.
    """
    layers = tuple(AttendedEdges(*(field.cpu() for field in one)) for one in model.attended(graph, *query))
    digraph = RelationalDigraph.of(query[0], answer, layers)
    if not digraph.num_paths:
        raise ValueError(
            f"entity {answer} lies more than {len(layers)} steps from entity {query[0]}, so their digraph is empty; "
            "expected an answer that the model's layers reach."
        )
    return digraph


def _reachable(layers: tuple[AttendedEdges, ...], start: int, along: str) -> tuple[AttendedEdges, ...]:
    """Keep edges that continue a walk from `start`, which enters each layer by that end of its edges."""
    kept, here = [], torch.tensor([start])
    for layer in layers:
        entry, leave = (layer.head, layer.tail) if along == "head" else (layer.tail, layer.head)
        mask = torch.isin(entry, here)
        kept.append(_chosen(layer, mask))
        here = leave[mask]
    return tuple(kept)


def _chosen(layer: AttendedEdges, mask: Tensor) -> AttendedEdges:
    return AttendedEdges(*(field[mask] for field in layer))


def _one_edge(layer: AttendedEdges, head: int, relation: int, tail: int) -> AttendedEdges:
    return _chosen(layer, (layer.head == head) & (layer.relation == relation) & (layer.tail == tail))


def _extended(path: RelationalPath, relation: int, tail: int, alpha: float) -> RelationalPath:
    return RelationalPath((*path.entities, tail), (*path.relations, relation), path.weight * alpha)


def _rank(path: RelationalPath) -> float:
    return path.weight
