"""The relation graph in the order of the official code: every query has all its pairs, in both directions.

The equations are those of `parsimony.nn.relation_graph`; nothing is shared with it but the weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.relation_graph import RelationGraph, RelationLayer


def similarities(layer: RelationLayer, x: Tensor) -> Tensor:
    """Compare all nodes of all graphs, [Q, m, m] from [Q, m, D]; a node and itself are 0."""
    pairs = torch.exp(-torch.abs(x.unsqueeze(2) - x.unsqueeze(1))).transpose(1, 3)  # channels first, for convolutions
    hidden = functional.leaky_relu(_convolve(layer.similarity[0], pairs), 0.01)
    hidden = functional.leaky_relu(_convolve(layer.similarity[2], hidden), 0.01)
    s = torch.sigmoid(_convolve(layer.similarity[4], hidden)).squeeze(1)
    return s * (1 - torch.eye(x.shape[1]).to(s))


def _convolve(layer: nn.Linear, x: Tensor) -> Tensor:
    """Apply a linear layer to the channels of images [Q, channels, m, m], as the official code does."""
    return functional.conv2d(x, layer.weight[:, :, None, None], layer.bias)


def keep(s: Tensor, k: int) -> Tensor:
    """Keep the k largest entries of every row."""
    _, order = torch.topk(s, k, dim=-1)
    return s * torch.zeros_like(s).scatter(-1, order, 1.0)


def nodes_of(support: Tensor, query: Tensor) -> Tensor:
    """Copy the support nodes [n, D] into the graph of every query [Q, D], query last, [Q, n + 1, D]."""
    return torch.cat([support.unsqueeze(0).repeat(len(query), 1, 1), query.unsqueeze(1)], dim=1)


def refine_plainly(graph: RelationGraph, x: Tensor, k: int) -> list[tuple[Tensor, Tensor]]:
    """Return nodes [Q, n + 1, D] and A [Q, n + 1, n + 1] after every layer for one task."""
    x = functional.dropout(x, 0.2, graph.training)
    found = []
    for layer in graph.layers:
        A = keep(similarities(layer, x), k)
        gathered = torch.bmm(functional.normalize(A, p=1, dim=-1), x)
        x = functional.leaky_relu(torch.cat([x, gathered], dim=-1) @ layer.W_r.weight.T, 0.01)
        found.append((x, A))
    return found
