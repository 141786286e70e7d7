"""EGNN: an edge-labelling graph neural network (Kim et al., arXiv 1905.01436; Table 5).

Every query has a graph with its n support molecules. An edge (i, j) holds the probability e_ij1 that both are of the
same class and e_ij2 = 1 - e_ij1; a node starts as g of the molecule encoder. Three layers, each with its own f:

    start      e_ij1 = [y_i = y_j] between support molecules, 1/2 at the query;   e_ii = 0 in both channels, always
    node       v_i <- f_v[v_i ; sum_j e_ij1 v_j / sum_j e_ij1 ; sum_j e_ij2 v_j / sum_j e_ij2]
    edge       f_ij = f_e(|v_i - v_j|),   |.| element by element
               e_ij1 <- f_ij e_ij1 / (sum_k f_ik e_ik1 / sum_k e_ik1)
               e_ij2 <- (1 - f_ij) e_ij2 / (sum_k (1 - f_ik) e_ik2 / sum_k e_ik2)
               and both are divided by their sum
    loss       mean over queries and support molecules of  BCE(e_qj1, [y_q = y_j]),  layers weighted 1/2, 1/2 and 1
    score      o_1 - o_0,   o_c = sum over the support molecules of class c of e_qj1

Shapes: ... tasks, Q queries (graphs), n support nodes, m = n + 1 with the query last, D width of the nodes.

The loss reads the edges that the score reads, q to j; the authors' code takes j to q as well. Support edges stay as
they start, since 0 stays 0. The last layer therefore needs the row of the query only. Its f are the authors', without
batch normalisation over the nodes and without dropout, as in the relation graph of PAR, which is this block without a
memory of edges.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.relation_graph import symmetric_matrix
from parsimony.nn.support_labels import support_labels

SLOPE = 0.01  # of LeakyReLU
WIDTH = 128  # of the nodes behind the first layer
LAYER_WEIGHTS = (0.5, 0.5, 1.0)  # in the loss
QUERIES_AT_ONCE = 256  # at test; bounds memory


class Edges(NamedTuple):
    """Both channels, of all nodes [..., m, m] or of the query [..., n]; 0 on the diagonal, elsewhere their sum is 1."""

    same: Tensor
    differ: Tensor

    def updated(self, f: Tensor) -> Edges:
        """Return the edges behind a layer that finds similarities f, of the same shape."""
        same, differ = _reweighted(self.same, f), _reweighted(self.differ, 1 - f)
        total = (same + differ).clamp(min=1e-12)
        return Edges(same / total, differ / total)


def starting_edges(x: Tensor) -> Edges:
    """Return the edges before the first layer, [m, m], for graphs of support nodes x [..., n, D]."""
    label = support_labels(x.shape[-2], x.device)
    is_same = (label.unsqueeze(1) == label).to(x.dtype)
    same = functional.pad(is_same, (0, 1, 0, 1), value=0.5)
    other = 1 - torch.eye(len(same), dtype=x.dtype, device=x.device)
    return Edges(same * other, (1 - same) * other)


class EdgeLayer(nn.Module):
    """Node and edge update, in the order of the equations.

    Args:
        inputs: width of the nodes that enter.
        generator: draws the initial weights.
    """

    def __init__(self, inputs: int, generator: torch.Generator) -> None:
        super().__init__()
        self.f_v = nn.Sequential(*_hidden(3 * inputs, generator))
        self.f_e = nn.Sequential(*_hidden(WIDTH, generator), dense(WIDTH, 1, generator), nn.Sigmoid())

    def nodes(self, v: Tensor, edges: Edges) -> Tensor:
        """Update all nodes [..., m, D], [..., m, 128]."""
        return self.f_v(torch.cat([v, *(_normalised(channel) @ v for channel in edges)], dim=-1))

    def edges(self, v: Tensor, edges: Edges) -> Edges:
        """Update all edges of updated nodes; a pair is compared once."""
        i, j = torch.triu_indices(v.shape[-2], v.shape[-2], 1, device=v.device)
        return edges.updated(symmetric_matrix(self._compare(v[..., i, :], v[..., j, :]), v.shape[-2]))

    def query_edges(self, v: Tensor, edges: Edges) -> Edges:
        """Update the edges of the query only."""
        f = self._compare(v[..., -1:, :], v[..., :-1, :])
        return Edges(*(channel[..., -1, :-1] for channel in edges)).updated(f)

    def _compare(self, x: Tensor, y: Tensor) -> Tensor:
        return self.f_e((x - y).abs()).squeeze(-1)


class EGNN(nn.Module):
    """The whole model; 2,580,207 parameters.

    Args:
        generator: draws the initial weights.
        width: of g.

    Attributes:
        adaptive_parameters: none.
    """

    adaptive_parameters = 0

    def __init__(self, generator: torch.Generator, *, width: int = 300) -> None:
        super().__init__()
        self.encoder = MoleculeEncoder(generator, width=width)
        self.layers = nn.ModuleList(EdgeLayer(inputs, generator) for inputs in (width, WIDTH, WIDTH))

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        found = self._query_edges(*episodes.split(self.encoder(episodes.molecules)))
        label = support_labels(found[0].shape[-1], found[0].device)
        is_same = (episodes.label.unsqueeze(-1) == label).to(found[0].dtype)
        losses = [functional.binary_cross_entropy(e, is_same) for e in found]
        return sum(weight * loss for weight, loss in zip(LAYER_WEIGHTS, losses, strict=True))

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property; nothing is drawn.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: unused.

        Returns:
            How much more edges say that each is active, [Q], between -n/2 and n/2.
        """
        e = torch.cat([self._query_edges(support, part)[-1] for part in query.split(QUERIES_AT_ONCE)])
        inactive, active = e.unflatten(-1, (2, -1)).sum(-1).unbind(-1)
        return active - inactive

    def _query_edges(self, support: Tensor, query: Tensor) -> list[Tensor]:
        """Return e_qj1 behind every layer, [..., Q, n], from support [..., n, D] and query [..., Q, D]."""
        *graphs, width = query.shape
        v = torch.cat([support.unsqueeze(-3).expand(*graphs, -1, width), query.unsqueeze(-2)], dim=-2)
        edges, found = starting_edges(support), []
        for layer in self.layers[:-1]:
            v = layer.nodes(v, edges)
            edges = layer.edges(v, edges)
            found.append(edges.same[..., -1, :-1])
        last = self.layers[-1]
        return [*found, last.query_edges(last.nodes(v, edges), edges).same]


def _hidden(inputs: int, generator: torch.Generator) -> list[nn.Module]:
    """Return two layers without bias, to 256 and 128, each with a LeakyReLU."""
    first, second = (dense(a, b, generator, has_bias=False) for a, b in ((inputs, 2 * WIDTH), (2 * WIDTH, WIDTH)))
    return [first, nn.LeakyReLU(SLOPE), second, nn.LeakyReLU(SLOPE)]


def _normalised(e: Tensor) -> Tensor:
    """Divide rows by their sums; a row of zeros, as in channel 1 of a class of one, stays."""
    return e / e.sum(-1, keepdim=True).clamp(min=1e-12)


def _reweighted(e: Tensor, f: Tensor) -> Tensor:
    """Weight the edges of each row with f and bring them back to their sum."""
    weighted = f * e
    return weighted * (e.sum(-1, keepdim=True) / weighted.sum(-1, keepdim=True).clamp(min=1e-12))
