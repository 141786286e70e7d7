"""The area under the ROC curve: a plain definition, scikit-learn, values by hand, what cannot be measured."""

import math

import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from parsimony.evaluation.classification import mean_area, roc_auc


def plain_area(score: list[float], label: list[int]) -> float:
    """Count the pairs in the right order, pair by pair; ties count half."""
    active = [one for one, is_active in zip(score, label, strict=True) if is_active]
    inactive = [one for one, is_active in zip(score, label, strict=True) if not is_active]
    right = sum((a > b) + (a == b) / 2 for a in active for b in inactive)
    return right / (len(active) * len(inactive))


def some_task(seed: int, num_scores: int) -> tuple[Tensor, Tensor]:
    """60 queries, one in ten active, with few distinct scores if `num_scores` is small."""
    generator = torch.Generator().manual_seed(seed)
    label = (torch.rand(60, generator=generator) < 0.1).long()
    label[:2] = torch.tensor([0, 1])
    return torch.randint(num_scores, (60,), generator=generator).float(), label


@pytest.mark.parametrize("num_scores", [1, 2, 7, 100000])
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_counting_and_with_scikit_learn(seed: int, num_scores: int) -> None:
    """With many ties, few, and none."""
    score, label = some_task(seed, num_scores)
    expected = plain_area(score.tolist(), label.tolist())
    assert expected == pytest.approx(roc_auc(score, label), abs=1e-12)
    assert roc_auc_score(label, score) == pytest.approx(roc_auc(score, label), abs=1e-12)


def test_area_by_hand() -> None:
    """Of four pairs two are right, one is tied, one is wrong: (2 + 1/2) / 4."""
    assert 0.625 == roc_auc(torch.tensor([0.9, 0.3, 0.3, 0.5]), torch.tensor([1, 1, 0, 0]))


def test_only_the_order_counts() -> None:
    """A rising function changes nothing, the opposite order gives the complement, and a permutation changes nothing."""
    score, label = some_task(0, 7)
    area, order = roc_auc(score, label), torch.randperm(60, generator=torch.Generator().manual_seed(1))
    assert area == roc_auc(score.exp(), label) == roc_auc(score[order], label[order])
    assert 1 - area == pytest.approx(roc_auc(-score, label), abs=1e-12)


def test_single_precision_keeps_large_tasks_exact() -> None:
    """Ranks are summed in double precision: 20,000 queries in perfect order give exactly 1."""
    label = (torch.arange(20000) >= 10000).long()
    assert 1.0 == roc_auc(torch.arange(20000).float(), label)


def test_one_class_is_undefined_and_counted() -> None:
    """Never 0, and the mean leaves it out."""
    areas = torch.tensor([roc_auc(torch.rand(3), torch.ones(3)), 0.5, 0.75, roc_auc(torch.rand(2), torch.zeros(2))])
    assert (0.625, 2, 2) == mean_area(areas)
    mean, defined, undefined = mean_area(torch.tensor([math.nan]))
    assert math.isnan(mean) and (0, 1) == (defined, undefined)


@pytest.mark.parametrize(
    ("score", "label", "said"),
    [
        ([0.1, math.nan, math.inf], [0, 1, 1], "2 of 3 scores are not finite"),
        ([0.1, 0.2], [0, -1], "neither 0 nor 1; leave out"),
        ([0.1, 0.2], [0, 1, 1], r"shape \(2,\) and labels of shape \(3,\)"),
    ],
)
def test_what_cannot_be_measured_is_named(score: list[float], label: list[int], said: str) -> None:
    """A diverged model, a molecule that was not measured, and lists of unlike length."""
    with pytest.raises(ValueError, match=said):
        roc_auc(torch.tensor(score), torch.tensor(label))
