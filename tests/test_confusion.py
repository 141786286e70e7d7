"""Measures and intervals of a confusion table."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from parsimony.evaluation.confusion import MEASURES, confusion_interval, confusion_measures
from parsimony.evaluation.interactions import type_measures

CELLS = [[0, 0, 60], [0, 1, 20], [1, 1, 15], [1, 0, 5]]


def counts_of(cells: list[list[int]]) -> np.ndarray:
    return np.array([[float(count) for _, _, count in cells]])


def test_measures_by_hand() -> None:
    """F1 of the types 120/145 and 30/55; accuracy 0.75, chance 0.65 * 0.8 + 0.35 * 0.2 = 0.59, so kappa 0.16/0.41."""
    found = confusion_measures(CELLS, counts_of(CELLS))
    assert (120 / 145 + 30 / 55) / 2 == pytest.approx(found["macro F1"][0])
    assert (0.75, 0.16 / 0.41) == pytest.approx((found["accuracy"][0], found["kappa"][0]))


def test_measures_agree_with_those_of_pairs() -> None:
    """The same as from all pairs one by one, with types that occur on one side only."""
    generator = torch.Generator().manual_seed(0)
    truth, predicted = torch.randint(5, (2, 200), generator=generator)
    truth, predicted = truth + 1, torch.where(predicted == 4, 7, predicted)
    found, count = torch.stack([truth, predicted], 1).unique(dim=0, return_counts=True)
    cells = torch.cat([found, count.unsqueeze(1)], 1).tolist()
    ours = confusion_measures(cells, counts_of(cells))
    assert tuple(type_measures(predicted, truth)) == pytest.approx(tuple(ours[name][0] for name in MEASURES))


def test_the_interval_of_accuracy_is_that_of_a_share() -> None:
    """75 of 100: about two deviations of 0.0433 to either side; the same again with the same seed."""
    low, high = confusion_interval(CELLS, "accuracy", draws=4000)
    assert (0.75 - 1.96 * 0.0433, 0.75 + 1.96 * 0.0433) == pytest.approx((low, high), abs=0.01)
    assert (low, high) == confusion_interval(CELLS, "accuracy", draws=4000)


def test_the_order_of_types_does_not_matter() -> None:
    """Names of types are exchanged: every measure stays."""
    turned = [[1 - true, 1 - said, count] for true, said, count in CELLS]
    for name in MEASURES:
        assert confusion_measures(CELLS, counts_of(CELLS))[name] == pytest.approx(
            confusion_measures(turned, counts_of(turned))[name]
        )


def test_no_pairs_and_unknown_measures_are_refused() -> None:
    """The message says what was given."""
    with pytest.raises(ValueError, match="'recall' of 100 pairs"):
        confusion_interval(CELLS, "recall")
    with pytest.raises(ValueError, match="of 0 pairs"):
        confusion_interval([], "accuracy")
