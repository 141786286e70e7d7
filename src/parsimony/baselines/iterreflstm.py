"""IterRefLSTM: a matching network with iterative refinement (Altae-Tran et al., arXiv 1611.03199; Table 5).

Support and query molecules attend to the support, and two LSTM cells move them; with g of the molecule encoder:

    molecules    X' = tanh(W g + b) of the support,   X = tanh(W g + b) of the query
    start        z = X',  q = 0,  p = 0
    three times  r = softmax(cos(z + q, X')) X'          softmax over support molecules
                 s = softmax(cos(X + p, z)) z
                 q = LSTM_S([q; r]),   p = LSTM_Q([p; s]),   z = r
    matching     P = sum over the support of  softmax(cos(X + p, X' + q)) y
    loss         mean over queries of BCE(P, y_q),   P clipped to [1e-7, 1 - 1e-7]
    score        P

Shapes: T properties, n = 2 K support molecules, Q queries, D width of g, 128 width of X.

Queries do not see each other. The equations are those of the authors' code (deepchem, contrib/one_shot_models); the
encoder and the episodes are those of all of Table 5, theirs are a graph convolution and balanced batches. P cannot
leave 1 / (1 + e^2) to 1 / (1 + e^-2), as a cosine is between -1 and 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.support_labels import support_labels

WIDTH = 128  # of X and of the cells
ROUNDS = 3
CLIP = 1e-7


def attend(x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Return for each x [..., a, W] the values [..., b, V], weighted by softmax(cos(x, keys)), [..., a, V]."""
    cosine = functional.normalize(x, dim=-1) @ functional.normalize(keys, dim=-1).mT
    return cosine.softmax(-1) @ values


class RefinementCell(nn.Module):
    """An LSTM cell whose forget gate starts open, by a bias of 1; 197,120 parameters.

    Args:
        generator: draws the initial weights.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.gates = dense(3 * WIDTH, 4 * WIDTH, generator)  # input, forget, candidate, output
        with torch.no_grad():
            self.gates.bias.zero_()[WIDTH : 2 * WIDTH] = 1.0

    def forward(self, read: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Return the next h and c, [..., 128]; the input is [h; read], so h enters twice, as in the equations."""
        i, f, candidate, o = self.gates(torch.cat([h, read, h], dim=-1)).chunk(4, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * candidate.tanh()
        return o.sigmoid() * c.tanh(), c


class IterRefLSTM(nn.Module):
    """The whole model; 2,290,668 parameters.

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
        self.project = nn.Sequential(dense(width, WIDTH, generator), nn.Tanh())
        self.LSTM_S, self.LSTM_Q = RefinementCell(generator), RefinementCell(generator)

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        P = self._match(*episodes.split(self.encoder(episodes.molecules)))
        return functional.binary_cross_entropy(P.clamp(CLIP, 1 - CLIP), episodes.label.to(P.dtype))

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property; nothing is drawn.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: unused.

        Returns:
            Probability that each is active, [Q].
        """
        return self._match(support, query)

    def _match(self, support: Tensor, query: Tensor) -> Tensor:
        """Return P, [..., Q], from support [..., n, D] and query [..., Q, D]."""
        y = support_labels(support.shape[-2], support.device).to(support.dtype).unsqueeze(-1)
        x_s, x_q = self._refine(self.project(support), self.project(query))
        return attend(x_q, x_s, y).squeeze(-1)

    def _refine(self, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return X' + q and X + p from X' and X."""
        z = support
        q, p = c_s, c_q = torch.zeros_like(support), torch.zeros_like(query)
        for _ in range(ROUNDS):
            r, s = attend(z + q, support, support), attend(query + p, z, z)
            (q, c_s), (p, c_q) = self.LSTM_S(r, q, c_s), self.LSTM_Q(s, p, c_q)
            z = r
        return support + q, query + p
