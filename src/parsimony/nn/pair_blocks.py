"""Sums over pairs of nodes of many small graphs, by blocks of graphs of nearly the same size (TIGER's attention).

A vector for each pair costs memory that is read and written several times. Where only products of the vectors of two
nodes are asked, or sums of the vectors of a node's partners, a product of matrices for each graph gives them. Graphs
whose sizes lie in one step of `STEP` nodes are padded to the largest of them, and go together.

Shapes: n nodes, E ordered pairs, G graphs, H heads, d width of a head; of a block g graphs, m nodes each, e pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

STEP = 16


class Block(NamedTuple):
    """Graphs of nearly the same size.

    Attributes:
        node: nodes of each graph, n behind the last, [g, m].
        pair: numbers of their pairs, [e].
        cell: place of each pair among all pairs of nodes of the block, row by row, [e].
    """

    node: Tensor
    pair: Tensor
    cell: Tensor


class PairBlocks:
    """The pairs of a batch of graphs.

    Args:
        first_node: where the nodes of each graph begin, then n, [G + 1].
        target: first node of each pair, counted through all graphs, [E].
        source: second node, of the same graph, [E].
    """

    def __init__(self, first_node: Tensor, target: Tensor, source: Tensor) -> None:
        self.num_nodes, self.num_pairs = int(first_node[-1]), len(target)
        sizes = first_node.diff()
        graph = torch.searchsorted(first_node, target, right=True) - 1
        kinds = sizes.add(STEP - 1).div(STEP, rounding_mode="floor")
        self.blocks = [
            self._block(first_node, sizes, graph, target, source, (kinds == kind).nonzero().squeeze(1))
            for kind in kinds.unique()
        ]

    def _block(
        self, first_node: Tensor, sizes: Tensor, graph: Tensor, target: Tensor, source: Tensor, members: Tensor
    ) -> Block:
        most = int(sizes[members].max())
        place = torch.arange(most)
        node = first_node[members].unsqueeze(1) + place
        node = node.masked_fill(place >= sizes[members].unsqueeze(1), self.num_nodes)
        number = torch.full((len(sizes),), -1).scatter(0, members, torch.arange(len(members)))
        pair = (number[graph] >= 0).nonzero().squeeze(1)
        first = first_node[graph[pair]]
        cell = (number[graph[pair]] * most + target[pair] - first) * most + source[pair] - first
        return Block(node, pair, cell)

    def products(self, q: Tensor, k: Tensor) -> Tensor:
        """Return q of the target times k of the source of each pair, [E, H], from q and k [n, H, d]."""
        q, k = _padded(q), _padded(k)
        found = []
        for node, _, cell in self.blocks:
            cells = q[node].transpose(1, 2) @ k[node].permute(0, 2, 3, 1)
            found.append(cells.permute(0, 2, 3, 1).reshape(-1, cells.shape[1]).index_select(0, cell))
        pairs = torch.cat([block.pair for block in self.blocks])
        return q.new_empty(self.num_pairs, q.shape[1]).index_copy(0, pairs, torch.cat(found))

    def gathered(self, weight: Tensor, v: Tensor) -> Tensor:
        """Return for each node the sum of v [n, H, d] of its sources, weighed by pairs [E, H], as [n, H, d]."""
        padded = _padded(v)
        sums, nodes = [], []
        for node, pair, cell in self.blocks:
            graphs, most = node.shape
            cells = weight.new_zeros(node.numel() * most, weight.shape[1])
            cells = cells.index_copy(0, cell, weight.index_select(0, pair)).view(graphs, most, most, -1)
            found = cells.permute(0, 3, 1, 2) @ padded[node].transpose(1, 2)
            is_node = node.flatten() < self.num_nodes
            sums.append(found.transpose(1, 2).flatten(0, 1)[is_node])
            nodes.append(node.flatten()[is_node])
        return torch.zeros_like(v).index_copy(0, torch.cat(nodes), torch.cat(sums))


def _padded(x: Tensor) -> Tensor:
    """Return rows and one of zeros behind them."""
    return torch.cat([x, x.new_zeros(1, *x.shape[1:])])
