"""ComplEx embeddings of a graph (Trouillon et al., ICML 2016), trained against facts with one end drawn anew.

    s(h, r, t) = Re sum of e_h r conj(e_t)        mean of softplus(-s) over facts + mean of softplus(s) over others

Shapes: B facts, N entities, K relations, w complex numbers an embedding, real parts first.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.nn.seeded import normal_table


class ComplExEmbedding(nn.Module):
    """Tables of entities and relations.

    Args:
        num_entities: N.
        num_relations: K.
        generator: draws both tables.
        width: w.
    """

    def __init__(self, num_entities: int, num_relations: int, generator: torch.Generator, width: int) -> None:
        super().__init__()
        self.entity = normal_table(num_entities, 2 * width, generator)
        self.relation = normal_table(num_relations, 2 * width, generator)
        with torch.no_grad():
            self.entity.mul_(width**-0.5)

    def forward(self, triples: Tensor) -> Tensor:
        """Return s of facts (head, relation, tail) [B, 3], [B]."""
        tables = (self.entity, self.relation, self.entity)
        rows = [table.index_select(0, row) for table, row in zip(tables, triples.unbind(1), strict=True)]
        (a, b), (c, d), (x, y) = (one.chunk(2, dim=1) for one in rows)
        return ((a * c - b * d) * x + (a * d + b * c) * y).sum(1)

    def loss(self, triples: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of facts [B, 3]; heads and tails are drawn anew with equal chance."""
        end = 2 * torch.randint(2, (len(triples),), generator=generator)
        wrong = triples.clone()
        wrong[torch.arange(len(triples)), end] = torch.randint(len(self.entity), (len(triples),), generator=generator)
        return F.softplus(-self(triples)).mean() + F.softplus(self(wrong)).mean()
