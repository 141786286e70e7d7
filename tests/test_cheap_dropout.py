"""Dropout of two random bytes a number: masks, frequencies and means; its gradient; wrong inputs."""

import pytest
import torch

from parsimony.nn.cheap_dropout import cheap_dropout


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_numbers_are_dropped_as_often_as_asked(p: float) -> None:
    """Each becomes 0 or x / (1 - p); the share of zeros is p within four standard deviations, in every row and column.

    The rounding of p to 16 bits moves 1 / (1 - p) by less than 10^-4 of itself.
    """
    torch.manual_seed(0)
    y = cheap_dropout(torch.full((400, 401), 3.0), p, True)
    kept = y[y != 0]
    assert torch.allclose(kept, torch.full_like(kept, 3 / (1 - p)), rtol=1e-4)
    for share, numbers in ((y == 0).double().mean().view(1), y.numel()), ((y == 0).double().mean(0), 400):
        assert ((share - p).abs() < 4.5 * (p * (1 - p) / numbers) ** 0.5).all()


def test_gradient_has_the_mask_of_the_values() -> None:
    """Of the first order and, since it is a product with constants, of the second."""
    x = torch.ones(7, 3, dtype=torch.float64, requires_grad=True)
    y = cheap_dropout(x, 0.5, True)
    (slope,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
    assert torch.equal(slope, 2 * y * y)
    (curve,) = torch.autograd.grad(slope.sum(), x)
    assert torch.equal(curve, 2 * y * y)


def test_masks_differ_from_call_to_call_and_follow_the_seed() -> None:
    x = torch.ones(50)
    torch.manual_seed(1)
    first, second = cheap_dropout(x, 0.5, True), cheap_dropout(x, 0.5, True)
    torch.manual_seed(1)
    assert not torch.equal(first, second)
    assert torch.equal(first, cheap_dropout(x, 0.5, True))


def test_nothing_happens_outside_training() -> None:
    """Nor without dropout, nor to no number at all."""
    x = torch.randn(5)
    assert cheap_dropout(x, 0.5, False) is x
    assert cheap_dropout(x, 0.0, True) is x
    assert (0, 3) == cheap_dropout(torch.empty(0, 3), 0.5, True).shape


@pytest.mark.parametrize("p", [-0.1, 1.0])
def test_impossible_shares_are_named(p: float) -> None:
    with pytest.raises(ValueError, match=f"dropout of {p} given; expected at least 0 and less than 1"):
        cheap_dropout(torch.ones(2), p, True)
