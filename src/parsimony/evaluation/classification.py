"""How well scores tell active from inactive: the area under the ROC curve, task by task.

    AUC = P(score of an active > score of an inactive) + 1/2 P(both are equal)

Shapes: Q queries of a task, T tasks.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class MeanArea(NamedTuple):
    """Mean area of several tasks.

    Attributes:
        mean: over the tasks whose area is defined; NaN if there are none.
        defined: number of those.
        undefined: number of tasks with queries of one class only, which the mean leaves out.
    """

    mean: float
    defined: int
    undefined: int


def roc_auc(score: Tensor, label: Tensor) -> float:
    """Return the area under the ROC curve of one task.

    Ties are shared: with n0 inactive and n1 active queries, and r the mean rank of equal scores, it is
    (sum of r over the active - n1 (n1 + 1) / 2) / (n0 n1).

    Args:
        score: higher is more likely active, [Q].
        label: 0 inactive, 1 active, [Q].

    Returns:
        From 0 to 1; NaN if a class is missing, for then there is nothing to order.

    Raises:
        ValueError: if shapes differ, a label is neither 0 nor 1, or a score is not finite.
    """
    _require_scores(score, label)
    is_active = label == 1
    num_active, num_inactive = int(is_active.sum()), int((~is_active).sum())
    if not num_active or not num_inactive:
        return float("nan")
    above_least = float(_ranks(score)[is_active].sum()) - num_active * (num_active + 1) / 2
    return above_least / (num_active * num_inactive)


def mean_area(areas: Tensor) -> MeanArea:
    """Average areas of tasks [T]; those that are undefined are counted, never taken for 0."""
    defined = areas[~areas.isnan()]
    mean = float(defined.double().mean()) if len(defined) else float("nan")
    return MeanArea(mean, len(defined), len(areas) - len(defined))


def _ranks(score: Tensor) -> Tensor:
    """Return ranks from 1, equal scores sharing the mean of theirs, [Q] in float64."""
    _, place, count = score.unique(return_inverse=True, return_counts=True)
    return (count.cumsum(0) - (count - 1) / 2.0).double()[place]


def _require_scores(score: Tensor, label: Tensor) -> None:
    if score.shape != label.shape or score.ndim != 1:
        raise ValueError(f"scores of shape {tuple(score.shape)} and labels of shape {tuple(label.shape)} given; "
                         "expected one of each a query.")  # fmt: skip
    if not ((label == 0) | (label == 1)).all():
        raise ValueError("a label is neither 0 nor 1; leave out molecules that were not measured.")
    if not score.isfinite().all():
        bad = int((~score.isfinite()).sum())
        raise ValueError(
            f"{bad} of {len(score)} scores are not finite; an order needs real numbers. "
            "The model has diverged: lower the learning rate or look at the last losses."
        )
