"""Labels of a support set, which every method of few-shot property prediction lays out alike."""

from __future__ import annotations

import torch
from torch import Tensor


def support_labels(num_molecules: int, device: torch.device) -> Tensor:
    """Return 0 for the first half of a support set, the inactive molecules, and 1 for the other, [n].

    Raises:
        ValueError: if the two classes cannot be equally large.
    """
    if num_molecules % 2 or not num_molecules:
        raise ValueError(f"a support set of {num_molecules} molecules given; expected K of class 0, then K of class 1.")
    return torch.arange(2, device=device).repeat_interleave(num_molecules // 2)
