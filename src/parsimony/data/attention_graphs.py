"""Small graphs in which every node attends to every node that a path leads to, itself included (TIGER; section 6).

Two nodes joined by an edge relate by the relation of that edge, the smallest if there are several; others by how many
steps are between them: number of relations + steps, at most `MOST_STEPS`.

Shapes: G graphs, n nodes of all, E ordered pairs of nodes, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST_STEPS = 31


class AttentionGraphs(NamedTuple):
    """Graphs one behind the other.

    Attributes:
        first_node: where the nodes of each graph begin, then n, [G + 1].
        node: features [n, F], or numbers of entities [n].
        degree: edges of each node, [n].
        first_pair: where the pairs of each graph begin, then E, [G + 1].
        target: node that attends, counted within its graph, [E].
        source: node that it attends to, likewise, [E].
        relation: of the pair, [E].
        steps: of a shortest path, [E].
    """

    first_node: Tensor
    node: Tensor
    degree: Tensor
    first_pair: Tensor
    target: Tensor
    source: Tensor
    relation: Tensor
    steps: Tensor

    def of(self, graphs: Tensor) -> AttentionGraphs:
        """Return some graphs [g]; target and source are counted through all their nodes from then on."""
        first_node, node = _rows(self.first_node, graphs)
        first_pair, pair = _rows(self.first_pair, graphs)
        shift = first_node[:-1].repeat_interleave(first_pair.diff())
        target, source = self.target[pair] + shift, self.source[pair] + shift
        fields = (self.relation[pair], self.steps[pair])
        return AttentionGraphs(first_node, self.node[node], self.degree[node], first_pair, target, source, *fields)

    @property
    def graph_of_node(self) -> Tensor:
        """Return which graph each node belongs to, [n]."""
        return torch.arange(len(self.first_node) - 1).repeat_interleave(self.first_node.diff())


class SmallGraph(NamedTuple):
    """One graph: features or numbers of its nodes, and edges one, other, relation [e, 3], each listed in both ways."""

    node: NDArray
    edges: NDArray


def attention_graphs(graphs: Sequence[SmallGraph], num_relations: int) -> AttentionGraphs:
    """Find what attends to what.

    Args:
        graphs: each with at least one node.
        num_relations: of edges, numbered from 0.
    """
    pairs = [_pairs(one, num_relations) for one in graphs]
    fields = (np.concatenate(column) for column in zip(*pairs, strict=True))
    degree = [np.bincount(one.edges[:, 0], minlength=len(one.node)) for one in graphs]
    return AttentionGraphs(
        _bounds([len(one.node) for one in graphs]),
        torch.from_numpy(np.concatenate([one.node for one in graphs])),
        torch.from_numpy(np.concatenate(degree)),
        _bounds([len(target) for target, *_ in pairs]),
        *(torch.from_numpy(field) for field in fields),
    )


def _pairs(graph: SmallGraph, num_relations: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return target, source, relation and steps of the pairs of one graph."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    size, (one, other, kind) = len(graph.node), graph.edges.T
    adjacency = csr_matrix((np.ones(len(one)), (one, other)), shape=(size, size))
    steps = shortest_path(adjacency, directed=False, unweighted=True)
    target, source = np.nonzero(np.isfinite(steps))
    between = np.minimum(steps[target, source], MOST_STEPS).astype(np.int64)
    direct = np.full((size, size), num_relations + MOST_STEPS + 1)
    np.minimum.at(direct, (one, other), kind)
    relation = np.minimum(direct[target, source], num_relations + between)
    return target, source, relation, between


def _bounds(sizes: Sequence[int]) -> Tensor:
    return torch.tensor([0, *np.cumsum(sizes)])


def _rows(first: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """Return bounds and places of the rows of some groups."""
    sizes = first[chosen + 1] - first[chosen]
    ends = sizes.cumsum(0)
    place = torch.arange(int(sizes.sum())) + (first[chosen] - (ends - sizes)).repeat_interleave(sizes)
    return torch.cat([ends.new_zeros(1), ends]), place
