"""How well interactions of drugs are predicted: one type of many, or many types that may hold together.

One type a pair (DrugBank), over the types that occur among truths or predictions:

    macro F1     mean over types of  2 TP / (2 TP + FP + FN)
    accuracy     share of the pairs whose type is found
    kappa        (accuracy - chance) / (1 - chance),  chance = sum over types of share predicted times share true

Several types a pair (TWOSIDES), for each type over the pairs that have it and their negatives: the area under the ROC
curve, the average precision (PR-AUC), and as accuracy the precision among the better half. Equal scores may stand in
any order; accuracy is the mean over all orders, where the authors' code lets positives win.

Shapes: P pairs, C types.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.evaluation.classification import roc_auc


class TypeMeasures(NamedTuple):
    """Macro F1, accuracy and Cohen's kappa, as fractions; kappa is NaN if chance alone explains everything."""

    macro_f1: float
    accuracy: float
    kappa: float


class EffectMeasures(NamedTuple):
    """PR-AUC, ROC-AUC and accuracy of each type, NaN where no pair has it, [C] each."""

    pr_auc: Tensor
    roc_auc: Tensor
    accuracy: Tensor

    def means(self) -> tuple[float, float, float]:
        """Return the mean of each measure over the types that some pair has."""
        return tuple(float(one.nanmean()) for one in self)


def type_measures(predicted: Tensor, truth: Tensor) -> TypeMeasures:
    """Compare the types predicted [P] with the true ones [P].

    Raises:
        ValueError: if there is no pair, or the two are not of one length.
    """
    if predicted.shape != truth.shape or truth.ndim != 1 or not len(truth):
        raise ValueError(f"predictions of shape {tuple(predicted.shape)} and truths of shape {tuple(truth.shape)} "
                         "given; expected one of each a pair, and at least one pair.")  # fmt: skip
    size = int(torch.cat([predicted, truth]).max()) + 1
    table = torch.bincount(truth * size + predicted, minlength=size * size).view(size, size).double()
    hit, said, true = table.diagonal(), table.sum(0), table.sum(1)
    occurs = said + true > 0
    f1 = 2 * hit[occurs] / (said + true)[occurs]
    accuracy, chance = hit.sum() / len(truth), (said * true).sum() / len(truth) ** 2
    return TypeMeasures(float(f1.mean()), float(accuracy), float((accuracy - chance) / (1 - chance)))


def effect_measures(positive: Tensor, negative: Tensor, labels: Tensor) -> EffectMeasures:
    """Measure each type over the pairs that have it and their aligned negatives.

    Args:
        positive: scores of the pairs, [P, C].
        negative: scores of their negatives, [P, C].
        labels: 1 where a pair has the type, [P, C].

    Raises:
        ValueError: if shapes differ or a score is not finite.
    """
    if not positive.shape == negative.shape == labels.shape:
        raise ValueError(f"shapes {tuple(positive.shape)}, {tuple(negative.shape)} and {tuple(labels.shape)} given; "
                         "expected the same for pairs, negatives and labels.")  # fmt: skip
    rows = []
    for kind in range(labels.shape[1]):
        has = labels[:, kind] == 1
        score = torch.cat([positive[has, kind], negative[has, kind]])
        label = torch.arange(2).repeat_interleave(int(has.sum())).flip(0)
        found = (
            [average_precision(score, label), roc_auc(score, label), better_half(score, label)] if has.any() else None
        )
        rows.append(found or [float("nan")] * 3)
    return EffectMeasures(*torch.tensor(rows, dtype=torch.float64).unbind(1))


def average_precision(score: Tensor, label: Tensor) -> float:
    """Return the sum over distinct scores of (recall gained there) x (precision down to there), [Q] each."""
    value, place = score.unique(return_inverse=True)
    hits = torch.bincount(place, weights=label.double(), minlength=len(value)).flip(0)
    sizes = torch.bincount(place, minlength=len(value)).flip(0)
    return float((hits / hits.sum() * hits.cumsum(0) / sizes.cumsum(0)).sum())


def better_half(score: Tensor, label: Tensor) -> float:
    """Return the precision among the better half [Q / 2], the mean over all orders of equal scores."""
    half = len(score) // 2
    bound = score.sort(descending=True).values[half - 1]
    above, tied = score > bound, score == bound
    left = half - int(above.sum())
    return float((label[above].sum() + left * label[tied].double().mean()) / half)
