"""Measures of motion: by hand, against plain loops, and what is refused."""

import math

import pytest
import torch

from parsimony.evaluation.motion import displacement_errors, explained_variance


def test_explained_variance_by_hand() -> None:
    """Errors 1 and 0 of targets 0, 2 (mean 1) and 5, 5: 1 - 1 / 2."""
    true = torch.tensor([[0.0, 5.0], [2.0, 5.0]])
    assert 0.5 == explained_variance(torch.tensor([[1.0, 5.0], [2.0, 5.0]]), true)
    assert (1.0, 0.0) == (explained_variance(true, true), explained_variance(true.mean(0).expand(2, 2), true))
    assert math.isnan(explained_variance(true[:1], true[:1]))


def test_a_prediction_without_a_number_is_refused() -> None:
    """A formula that divides by zero gets no R^2."""
    with pytest.raises(ValueError, match=r"1 of 2 predictions are not finite; look at the formula's divisions"):
        explained_variance(torch.tensor([[math.inf, 0.0]]), torch.zeros(1, 2))


def test_displacement_errors_by_hand() -> None:
    """Away by 3 and 4 at the first step, by 6 and 8 at the second: means 5 and 10, 7.5 on average."""
    true = torch.zeros(3, 1, 2)
    walked = torch.tensor([[[0.0, 0.0]], [[3.0, 4.0]], [[6.0, 8.0]]])
    assert [[7.5], [10.0]] == [one.tolist() for one in displacement_errors(walked, true)]
    with pytest.raises(ValueError, match=r"walks of shape \[1, 1, 2\] given"):
        displacement_errors(walked[:1], true[:1])
