"""The loss of pairs of drugs that may have several types of interaction, each with a negative pair."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def effect_loss(positive: Tensor, negative: Tensor, labels: Tensor) -> Tensor:
    """Return the mean binary cross-entropy over the types of each pair, which its negative must not have.

    Args:
        positive: logits of the pairs, [B, C].
        negative: logits of their negatives, [B, C].
        labels: 1 where a pair has the type, [B, C].
    """
    has = labels.bool()
    asked = torch.cat([positive[has], -negative[has]])  # 1 - sigmoid(x) = sigmoid(-x)
    return F.softplus(-asked).mean()
