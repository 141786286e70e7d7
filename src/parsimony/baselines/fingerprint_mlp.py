"""MLP on fingerprints: interactions from the structures of two drugs alone (DDI-Bench, arXiv 2410.18583; Figure 11).

    logits    W2 drop(relu(W1 [x_u ; x_v] + b1)) + b2            x: 1,024 bits of a drug; width 200, dropout 0.1
    loss      mean over pairs of the cross-entropy; with several types a pair, as `nn.effect_loss`

W1 is two maps, of head and of tail; each is applied once to every drug that a batch names on that side.

Shapes: B pairs, D drugs, C types.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss


class FingerprintMLP(nn.Module):
    """The whole model; 427,086 parameters on DrugBank.

    Args:
        fingerprints: of every drug, [D, 1024].
        num_types: C.
        generator: draws all weights.
        width: of the hidden layer.
        dropout: behind it.
    """

    def __init__(
        self,
        fingerprints: Tensor,
        num_types: int,
        generator: torch.Generator,
        *,
        width: int = 200,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.register_buffer("fingerprints", fingerprints.float(), persistent=False)
        self.W1 = dense(2 * fingerprints.shape[1], width, generator)
        self.W2 = dense(width, num_types, generator)
        self.drop = nn.Dropout(dropout)

    def forward(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [B, 2], [B, C]; dropout reads torch's own generator."""
        sides = zip(pairs.unbind(1), self.W1.weight.chunk(2, dim=1), strict=True)
        head, tail = (self._side(drug, weight) for drug, weight in sides)
        return self.W2(self.drop(torch.relu(head + tail + self.W1.bias)))

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean cross-entropy of head drug, tail drug, type [B, 3]."""
        return F.cross_entropy(self(batch[:, :2]), batch[:, 2])

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` of pairs [B, 2], the types that they have [B, C], and their negatives [B, 2]."""
        return effect_loss(self(pairs), self(negatives), labels)

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], [P, C].

        Raises:
            ValueError: in training mode, where dropout would change them.
        """
        if self.training:
            raise ValueError("scores asked in training mode; call eval() first, so that dropout rests.")
        return self(pairs)

    def _side(self, drug: Tensor, weight: Tensor) -> Tensor:
        drugs, place = drug.unique(return_inverse=True)
        return (self.fingerprints[drugs] @ weight.T).index_select(0, place)
