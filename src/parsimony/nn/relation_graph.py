"""Relation graph: how alike a query molecule and the molecules of its support set are, and what they tell each other
(Wang et al., arXiv 2107.07994; PAR and PACIA).

Every query has a graph of its own: the n support nodes and the query node. One layer does

    similarity   s_ij = sigmoid(MLP(exp(-|x_i - x_j|))),   s_ii = 0                |.| and exp act element by element
    neighbours   A_ij = s_ij if it is among the k largest of row i, otherwise 0    among equal ones the earlier nodes
    node         x_i <- leaky(W_r [x_i ; sum_j A_ij x_j / sum_j A_ij])

The graphs overlap, and what they share is computed once: similarities are symmetric; those between support nodes of
the first layer are the same in all graphs; a last layer that is asked for queries only needs their rows alone. Support
nodes that all graphs share have a dimension P of size 1, which broadcasts. Dropout before the first layer therefore
masks a support node alike in all graphs of a task; the authors' code masks each copy on its own.

Shapes: ... tasks, Q queries (graphs), n support nodes, P = 1 or Q, D width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.rounded_product import apply_linear, require_precision

SLOPE = 0.01  # of LeakyReLU
DROPOUT = 0.2  # on the nodes before the first layer


class Nodes(NamedTuple):
    """Features of the nodes of all graphs: support [..., P, n, D] and query [..., Q, D]."""

    support: Tensor
    query: Tensor

    def every(self) -> Tensor:
        """Return graph by graph the support nodes and then the query node, [..., Q, n + 1, D]."""
        query = self.query.unsqueeze(-2)
        return torch.cat([self.support.expand(*query.shape[:-2], *self.support.shape[-2:]), query], dim=-2)


class Relations(NamedTuple):
    """Rows of A: of the support nodes [..., Q, n, n + 1], the query last, and of the query node [..., Q, n]."""

    support: Tensor
    query: Tensor


def keep_largest(s: Tensor, k: int) -> Tensor:
    """Set all but the k largest entries of each row [..., m] to 0; of equal ones the first are kept."""
    kept = s.detach().sort(dim=-1, descending=True, stable=True).indices[..., :k]
    return s * torch.zeros_like(s).scatter(-1, kept, 1.0)


def symmetric_matrix(pairs: Tensor, n: int) -> Tensor:
    """Lay out values of the pairs i < j, row by row, [..., n (n - 1) / 2], as matrices with diagonal 0, [..., n, n]."""
    i, j = torch.triu_indices(n, n, 1, device=pairs.device)
    place = torch.full((n, n), pairs.shape[-1], device=pairs.device)
    place[i, j] = place[j, i] = torch.arange(len(i), device=pairs.device)
    padded = functional.pad(pairs, (0, 1))
    return padded.index_select(-1, place.flatten()).unflatten(-1, (n, n))


class RelationLayer(nn.Module):
    """Similarity, neighbours and node update, in the order of the equations; 98,433 parameters.

    Args:
        width: D.
        generator: draws the initial weights.
        precision: of the factors of the two large products of a similarity, "float32" or "bfloat16"; the last one, the
            similarity and the nodes are not rounded, so that rounding makes no ties among neighbours.
    """

    def __init__(self, width: int, generator: torch.Generator, *, precision: str = "float32") -> None:
        super().__init__()
        self.precision = require_precision(precision)
        self.similarity = nn.Sequential(
            dense(width, 2 * width, generator, has_bias=False), nn.LeakyReLU(SLOPE, inplace=True),
            dense(2 * width, width, generator, has_bias=False), nn.LeakyReLU(SLOPE, inplace=True),
            dense(width, 1, generator),
        )  # fmt: skip
        self.W_r = dense(2 * width, width, generator, has_bias=False)

    def forward(self, nodes: Nodes, k: int) -> tuple[Nodes, Relations]:
        """Update all nodes; return them, with P = Q, and A."""
        across = self._across(nodes)
        within = self._within(nodes.support).expand(*across.shape, across.shape[-1])
        A = Relations(keep_largest(torch.cat([within, across.unsqueeze(-1)], dim=-1), k), keep_largest(across, k))
        rows = torch.cat([A.support, functional.pad(A.query, (0, 1)).unsqueeze(-2)], dim=-2)
        own = Nodes(self._own(nodes.support), self._own(nodes.query)).every()  # once for nodes that all graphs share
        x = self._update(own, rows @ nodes.every() / _total(rows))
        return Nodes(x[..., :-1, :], x[..., -1, :]), A

    def queries(self, nodes: Nodes, k: int) -> tuple[Tensor, Tensor]:
        """Update the query nodes only; return them, [..., Q, D], and their rows of A, [..., Q, n]."""
        A = keep_largest(self._across(nodes), k)
        row = (A / _total(A)).unsqueeze(-2)
        return self._update(self._own(nodes.query), (row @ nodes.support).squeeze(-2)), A

    def _across(self, nodes: Nodes) -> Tensor:
        """Compare every query with its support nodes, [..., Q, n]."""
        return self._compare(nodes.query.unsqueeze(-2), nodes.support)

    def _within(self, support: Tensor) -> Tensor:
        """Compare support nodes with each other, each pair once, [..., P, n, n]."""
        n = support.shape[-2]
        i, j = torch.triu_indices(n, n, 1, device=support.device)
        return symmetric_matrix(self._compare(support.index_select(-2, i), support.index_select(-2, j)), n)

    def _compare(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the similarity of nodes, [...] from two times [..., D]."""
        first, leaky, second, _, last = self.similarity
        near = (x - y).abs().neg_().exp_()
        for layer in (first, second):
            near = leaky(apply_linear(layer, near, self.precision))
        return last(near.to(x.dtype)).squeeze(-1).sigmoid()

    def _own(self, x: Tensor) -> Tensor:
        """Return the part of W_r [x_i ; gathered] that the node itself gives."""
        return functional.linear(x, self.W_r.weight[:, : x.shape[-1]])

    def _update(self, own: Tensor, gathered: Tensor) -> Tensor:
        """Add the other part, and return the new node."""
        return functional.leaky_relu(own + functional.linear(gathered, self.W_r.weight[:, own.shape[-1] :]), SLOPE)


class RelationGraph(nn.Module):
    """Layers one after the other, each with parameters of its own.

    Args:
        generator: draws the initial weights.
        num_layers: iterations.
        width: D.
        precision: of the factors of similarities, "float32" or "bfloat16".
    """

    def __init__(
        self, generator: torch.Generator, num_layers: int, *, width: int = 128, precision: str = "float32"
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(RelationLayer(width, generator, precision=precision) for _ in range(num_layers))

    def forward(self, support: Tensor, query: Tensor, k: int) -> list[tuple[Nodes, Relations]]:
        """Refine all nodes.

        Args:
            support: [..., n, D].
            query: [..., Q, D].
            k: neighbours that a node keeps.

        Returns:
            Nodes and A after every layer.
        """
        nodes, found = self._start(support, query, k), []
        for layer in self.layers:
            nodes, A = layer(nodes, k)
            found.append((nodes, A))
        return found

    def queries(self, support: Tensor, query: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Refine as `forward` does, but return only the last query nodes, [..., Q, D], and rows of A, [..., Q, n]."""
        nodes = self._start(support, query, k)
        for layer in self.layers[:-1]:
            nodes, _ = layer(nodes, k)
        return self.layers[-1].queries(nodes, k)

    def _start(self, support: Tensor, query: Tensor, k: int) -> Nodes:
        n = support.shape[-2]
        if not 1 <= k <= n:
            raise ValueError(f"{k} neighbours asked; a node has {n} others. Ask for 1 to {n}.")
        drop = (functional.dropout(x, DROPOUT, self.training) for x in (support.unsqueeze(-3), query))
        return Nodes(*drop)


def _total(A: Tensor) -> Tensor:
    """Return the sum of each row, which no similarity lets vanish unless it underflows."""
    return A.sum(-1, keepdim=True).clamp(min=1e-12)
