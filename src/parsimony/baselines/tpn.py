"""TPN: transductive propagation network (Liu et al., arXiv 1805.10002; Table 5).

Labels of the support molecules spread over a graph of all molecules of an episode; with g of the molecule encoder:

    scale        sigma_i = softplus(MLP(g_i))                                       learnt, one number per molecule
    similarity   W_ij = exp(-|g_i / sigma_i - g_j / sigma_j|^2 / 2 D),   W_ii = 0
    neighbours   W_ij stays if it is among the k largest of row i or of row j, otherwise 0
    propagation  S = R^(-1/2) W R^(-1/2),  R = diagonal of the row sums of W
                 F = (I - alpha S)^(-1) Y,  Y_ic = 1 for a support molecule i of class c, otherwise 0
    loss         mean over queries of CE(F_q)
    score        F_q1 - F_q0

Shapes: T properties, n = 2 K support molecules, Q queries, m = n + Q, D width of g.

A query's score depends on the queries beside it. At test they come in groups as large as in training, put together at
random; in one group of thousands, labels would have to travel paths that no training episode has.

As in the authors' code the squared distance is divided by D, and a pair stays if either finds the other near. Three
departures: sigma is kept positive; a molecule is no neighbour of itself; the loss reads queries only (theirs support
molecules, too).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.relation_graph import keep_largest
from parsimony.nn.support_labels import support_labels

HIDDEN = 128  # of the MLP
QUERIES_TOGETHER = 16  # in one group at test, as in training
GROUPS_AT_ONCE = 64  # at test; bounds memory


def draw_groups(num_queries: int, size: int, generator: torch.Generator) -> Tensor:
    """Put queries together at random.

    Args:
        num_queries: Q.
        size: of a group, no larger than Q.
        generator: of the draw.

    Returns:
        Every query once, group by group, then some of the first ones again to fill the last group, [groups, size].
    """
    order = torch.randperm(num_queries, generator=generator, device=generator.device)
    return torch.cat([order, order[: -num_queries % size]]).view(-1, size)


class TPN(nn.Module):
    """The whole model; 1,896,557 parameters.

    Args:
        generator: draws the initial weights.
        width: D.
        neighbours: k, or all others if there are fewer.
        alpha: share of F that comes from the neighbours, between 0 and 1.

    Attributes:
        adaptive_parameters: none.
    """

    adaptive_parameters = 0

    def __init__(
        self, generator: torch.Generator, *, width: int = 300, neighbours: int = 10, alpha: float = 0.99
    ) -> None:
        super().__init__()
        if not 0 < alpha < 1:
            raise ValueError(f"alpha {alpha} given; labels spread with a share between 0 and 1 (the authors: 0.99).")
        if neighbours < 1:
            raise ValueError(f"{neighbours} neighbours given; labels spread to at least 1. Ask for 1 or more.")
        self.neighbours, self.alpha = neighbours, alpha
        self.encoder = MoleculeEncoder(generator, width=width)
        self.scale = nn.Sequential(
            dense(width, HIDDEN, generator), nn.ReLU(), dense(HIDDEN, 1, generator), nn.Softplus()
        )

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        F = self._propagate(*episodes.split(self.encoder(episodes.molecules)))
        return functional.cross_entropy(F.flatten(0, 1), episodes.label.flatten())

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: puts queries together if there are more than 16.

        Returns:
            How much more of the active label reaches each, [Q].
        """
        groups = draw_groups(len(query), min(QUERIES_TOGETHER, len(query)), generator).to(query.device)
        F = torch.cat(
            [self._propagate(support.expand(len(some), -1, -1), query[some]) for some in groups.split(GROUPS_AT_ONCE)]
        )
        found = (F[..., 1] - F[..., 0]).flatten()[: len(query)]
        return torch.empty_like(found).scatter_(0, groups.flatten()[: len(query)], found)

    def _propagate(self, support: Tensor, query: Tensor) -> Tensor:
        """Return F of the queries, [T, Q, 2], from support [T, n, D] and query [T, Q, D]."""
        W = self._similarity(torch.cat([support, query], dim=1))
        n, m = support.shape[1], W.shape[-1]
        spread = W.sum(-1).clamp(min=1e-12).rsqrt()
        S = spread.unsqueeze(-1) * W * spread.unsqueeze(-2)
        known = functional.one_hot(support_labels(n, W.device), 2).to(W.dtype)
        Y = functional.pad(known, (0, 0, 0, m - n)).expand(len(W), -1, -1)
        return torch.linalg.solve(torch.eye(m, dtype=W.dtype, device=W.device) - self.alpha * S, Y)[:, n:]

    def _similarity(self, g: Tensor) -> Tensor:
        """Return W of the neighbours, [T, m, m], from molecules [T, m, D]."""
        x = g / self.scale(g)
        W = (-(x.unsqueeze(-2) - x.unsqueeze(-3)).square().mean(-1) / 2).exp()
        W = W * (1 - torch.eye(W.shape[-1], dtype=W.dtype, device=W.device))
        near = keep_largest(W, min(self.neighbours, W.shape[-1] - 1))
        return torch.maximum(near, near.mT)
