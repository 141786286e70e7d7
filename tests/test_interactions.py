"""Measures of interactions: by hand, against scikit-learn, ties in every order."""

import itertools
import math

import pytest
import torch
from sklearn import metrics

from parsimony.evaluation.interactions import average_precision, better_half, effect_measures, type_measures


def test_type_measures_by_hand() -> None:
    """Types 0, 0, 1 said 0, 2, 1: F1 2/3, 1 and 0; accuracy 2/3; chance (1*2 + 1*1 + 1*0) / 9, kappa 1/2."""
    found = type_measures(torch.tensor([0, 2, 1]), torch.tensor([0, 0, 1]))
    assert found == pytest.approx(((2 / 3 + 1 + 0) / 3, 2 / 3, (2 / 3 - 1 / 3) / (1 - 1 / 3)))


def test_type_measures_agree_with_scikit_learn() -> None:
    """On random types of which some are never predicted and some never true."""
    generator = torch.Generator().manual_seed(0)
    said, true = (
        torch.randint(1, 9, (200,), generator=generator),
        torch.randint(12, (200,), generator=generator) // 2 * 2,
    )
    expected = (
        metrics.f1_score(true, said, average="macro"),
        metrics.accuracy_score(true, said),
        metrics.cohen_kappa_score(true, said),
    )
    assert type_measures(said, true) == pytest.approx(expected)


def test_renaming_types_changes_nothing() -> None:
    """Measures do not see the numbers of types."""
    generator = torch.Generator().manual_seed(1)
    said, true = torch.randint(6, (2, 50), generator=generator)
    name = torch.randperm(6, generator=generator)
    assert type_measures(said, true) == pytest.approx(type_measures(name[said], name[true]))


def test_effects_agree_with_scikit_learn() -> None:
    """Type by type with ties; a type that no pair has is NaN and left out of the mean."""
    generator = torch.Generator().manual_seed(0)
    positive, negative = torch.randint(8, (2, 30, 4), generator=generator).float()
    labels = torch.randint(2, (30, 4), generator=generator)
    labels[:, 2] = 0
    found = effect_measures(positive, negative, labels)
    for kind in (0, 1, 3):
        has = labels[:, kind] == 1
        score, label = (
            torch.cat([positive[has, kind], negative[has, kind]]),
            [1] * int(has.sum()) + [0] * int(has.sum()),
        )
        assert metrics.average_precision_score(label, score) == pytest.approx(found.pr_auc[kind].item())
        assert metrics.roc_auc_score(label, score) == pytest.approx(found.roc_auc[kind].item())
    assert all(math.isnan(one[2]) for one in found)
    assert found.means()[0] == pytest.approx(found.pr_auc[[0, 1, 3]].mean().item())


def test_average_precision_by_hand() -> None:
    """Order 1, 0, 1: precision 1 at recall 1/2, then 2/3 at recall 1."""
    assert (1 + 2 / 3) / 2 == pytest.approx(average_precision(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1, 0, 1])))


def test_ties_of_the_better_half_stand_in_every_order() -> None:
    """The mean over all orders of the tied, counted one by one."""
    score, label = torch.tensor([3.0, 1.0, 1.0, 1.0, 1.0, 0.0]), torch.tensor([1, 1, 0, 0, 1, 1])
    orders = itertools.permutations([1, 0, 0, 1])
    counts = [(1 + sum(order[:2])) / 3 for order in orders]
    assert sum(counts) / len(counts) == pytest.approx(better_half(score, label))


def test_wrong_shapes_are_refused() -> None:
    """The message says what was given."""
    with pytest.raises(ValueError, match=r"\(2,\) and truths of shape \(3,\)"):
        type_measures(torch.zeros(2).long(), torch.zeros(3).long())
    with pytest.raises(ValueError, match="the same for pairs"):
        effect_measures(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(3, 3))
