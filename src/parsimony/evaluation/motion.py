"""Accelerations and walks against what people did.

Shapes: M moments of people, S walks, T steps.
"""

from __future__ import annotations

import torch
from torch import Tensor


def explained_variance(predicted: Tensor, true: Tensor) -> float:
    """Return R^2 = 1 - squared errors / squared deviations from the mean, both components together.

    Args:
        predicted: [M, d].
        true: [M, d].

    Returns:
        1 for a perfect prediction, 0 for that of the mean, NaN if nothing varies.

    Raises:
        ValueError: if a prediction is not finite.
    """
    if not predicted.isfinite().all():
        bad = int((~predicted.isfinite()).sum())
        raise ValueError(f"{bad} of {predicted.numel()} predictions are not finite; look at the formula's divisions.")
    true = true.double()
    spread = (true - true.mean(0)).square().sum()
    return float(1 - (predicted.double() - true).square().sum() / spread) if spread > 0 else float("nan")


def displacement_errors(walked: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and final displacement error (ADE, FDE) of each walk, [S] each, in the unit of the positions.

    Args:
        walked: positions, the first moment included, [T + 1, S, 2].
        true: the same of the recording.

    Raises:
        ValueError: if the walks are of unlike length, or have no step.
    """
    if walked.shape != true.shape or len(true) < 2:
        raise ValueError(
            f"walks of shape {list(walked.shape)} given, recordings of {list(true.shape)}; give the same moments of "
            "the same people, the first and at least one more."
        )
    distance = torch.linalg.vector_norm(walked.double() - true.double(), dim=-1)[1:]
    return distance.mean(0), distance[-1]
