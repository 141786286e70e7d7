"""KG-DDI: embeddings of a knowledge graph, then a convolutional LSTM on the two drugs (Karim et al., 2019; Figure 11).

    1. embeddings    ComplEx on known interactions and biomedical facts: s(h, r, t) = Re sum of e_h r conj(e_t),
                     mean of softplus(-s) over facts + mean of softplus(s) over facts with a random head or tail
    2. types         [e_u, e_v], a sequence of two:  convolution, maximum, LSTM, dense; embeddings are tuned along

The facts of emerging drugs must be among those of 1, else they have no embedding. Layer sizes of the original are not
available: 100 filters of width 4 that keep the length, pooling over 4, so over both places, an LSTM of 100, which
therefore takes one step.

Shapes: B pairs or facts, N entities, K relations, C types, w complex numbers an embedding.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss
from parsimony.nn.seeded import normal_table

FILTERS, FILTER_WIDTH, HIDDEN = 100, 4, 100
PLACES = 2


class KGDDI(nn.Module):
    """Both parts.

    Args:
        num_entities: N; the drugs come first.
        num_relations: K; types of interaction and relations of the network.
        num_types: C.
        generator: draws all weights.
        width: w.
    """

    def __init__(
        self, num_entities: int, num_relations: int, num_types: int, generator: torch.Generator, *, width: int = 50
    ) -> None:
        super().__init__()
        self.entity = normal_table(num_entities, 2 * width, generator)
        self.relation = normal_table(num_relations, 2 * width, generator)
        with torch.no_grad():
            self.entity.mul_(width**-0.5)
        self.taps = dense(FILTER_WIDTH * 2 * width, FILTERS, generator)  # filters [100, 4 places x 2w]
        self.gates = dense(FILTERS, 4 * HIDDEN, generator)  # of an LSTM whose state before is zero
        self.out = dense(HIDDEN, num_types, generator)

    def embedding_loss(self, triples: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of facts (head, relation, tail) [B, 3], each against one with an end drawn anew."""
        end = 2 * torch.randint(2, (len(triples),), generator=generator)
        wrong = triples.clone()
        wrong[torch.arange(len(triples)), end] = torch.randint(len(self.entity), (len(triples),), generator=generator)
        return F.softplus(-self.plausibility(triples)).mean() + F.softplus(self.plausibility(wrong)).mean()

    def plausibility(self, triples: Tensor) -> Tensor:
        """Return s of facts [B, 3], [B]."""
        head, relation, tail = triples.unbind(1)
        (a, b), (c, d), (x, y) = (
            table.index_select(0, row).chunk(2, dim=1)
            for table, row in ((self.entity, head), (self.relation, relation), (self.entity, tail))
        )
        return ((a * c - b * d) * x + (a * d + b * c) * y).sum(1)

    def forward(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [B, 2], [B, C]."""
        sequence = self.entity[pairs]  # [B, 2, 2w]
        padded = F.pad(sequence, (0, 0, FILTER_WIDTH // 2 - 1, FILTER_WIDTH // 2))
        windows = padded.unfold(1, FILTER_WIDTH, 1).transpose(2, 3).flatten(2)  # [B, 2, 4 places x 2w]
        pooled = torch.relu(self.taps(windows)).amax(1)
        given, _, new, out = self.gates(pooled).chunk(4, dim=1)  # nothing to forget
        return self.out(torch.sigmoid(out) * torch.tanh(torch.sigmoid(given) * torch.tanh(new)))

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean cross-entropy of head drug, tail drug, type [B, 3]."""
        return F.cross_entropy(self(batch[:, :PLACES]), batch[:, PLACES])

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` of pairs [B, 2], the types that they have [B, C], and their negatives [B, 2]."""
        return effect_loss(self(pairs), self(negatives), labels)

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], [P, C]."""
        return self(pairs)
