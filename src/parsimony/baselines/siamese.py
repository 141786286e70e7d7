"""Siamese network: are two molecules of the same class? (Koch et al., ICML deep learning workshop 2015; Table 5)

With g of the molecule encoder, which both molecules of a pair share:

    similarity  s_qj = sigmoid(w . |g_q - g_j| + b)                            |.| element by element
    loss        mean over the pairs of a query and a support molecule of  BCE(s_qj, [y_q = y_j])
    score       mean of s_qj over the active support molecules - mean over the inactive ones

Shapes: T properties, n = 2 K support molecules, Q queries, D width of g.

The pairs are those that the score reads, half of them of the same class, in episodes as all of Table 5 has them; the
paper draws pairs from a whole training set. The encoder runs once for all properties, so its normalisation sees one
batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.set_hypernetwork import class_means
from parsimony.nn.support_labels import support_labels

QUERIES_AT_ONCE = 512  # at test; bounds memory


class Siamese(nn.Module):
    """The whole model; 1,858,201 parameters.

    Args:
        generator: draws the initial weights.
        width: D.

    Attributes:
        adaptive_parameters: none.
    """

    adaptive_parameters = 0

    def __init__(self, generator: torch.Generator, *, width: int = 300) -> None:
        super().__init__()
        self.encoder = MoleculeEncoder(generator, width=width)
        self.w = dense(width, 1, generator)

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        logits = self._compare(*episodes.split(self.encoder(episodes.molecules)))
        is_same = episodes.label.unsqueeze(-1) == support_labels(logits.shape[-1], logits.device)
        return functional.binary_cross_entropy_with_logits(logits, is_same.to(logits.dtype))

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property; nothing is drawn.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: unused.

        Returns:
            How much more similar each is to the active ones, [Q].
        """
        s = torch.cat([self._compare(support, part).sigmoid() for part in query.split(QUERIES_AT_ONCE)])
        inactive, active = class_means(s.unsqueeze(-1)).squeeze(-1).unbind(-1)
        return active - inactive

    def _compare(self, support: Tensor, query: Tensor) -> Tensor:
        """Return the logits of s, [..., Q, n], from support [..., n, D] and query [..., Q, D]."""
        return self.w((query.unsqueeze(-2) - support.unsqueeze(-3)).abs()).squeeze(-1)
