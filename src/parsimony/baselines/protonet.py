"""ProtoNet: prototypical networks (Snell et al., arXiv 1703.05175; Table 5).

With g of the molecule encoder, a class is the mean of its support molecules, and a query belongs to the nearest:

    prototypes  c_k = mean of g_i over the support molecules of class k
    logits      o_k = -|g_q - c_k|^2
    loss        mean over queries of CE(o)
    score       o_1 - o_0

Shapes: T properties, n = 2 K support molecules, Q queries, D width of g.

The encoder runs once for all properties, so its normalisation sees one batch. Queries stand in their natural ratio,
as in all of Table 5; the paper draws as many of each class.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.set_hypernetwork import class_means


class ProtoNet(nn.Module):
    """The whole model; 1,857,900 parameters, all of the encoder.

    Args:
        generator: draws the initial weights.
        width: D.

    Attributes:
        adaptive_parameters: none; prototypes are data.
    """

    adaptive_parameters = 0

    def __init__(self, generator: torch.Generator, *, width: int = 300) -> None:
        super().__init__()
        self.encoder = MoleculeEncoder(generator, width=width)

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        o = self._logits(*episodes.split(self.encoder(episodes.molecules)))
        return functional.cross_entropy(o.flatten(0, 1), episodes.label.flatten())

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property; nothing is drawn.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: unused.

        Returns:
            How much nearer each is to the active ones, [Q].
        """
        o = self._logits(support, query)
        return o[:, 1] - o[:, 0]

    def _logits(self, support: Tensor, query: Tensor) -> Tensor:
        """Return o, [..., Q, 2], from support [..., n, D] and query [..., Q, D]."""
        return -(query.unsqueeze(-2) - class_means(support).unsqueeze(-3)).square().sum(-1)
