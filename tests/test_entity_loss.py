"""The losses against all entities equal torch's own, with their gradients."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from parsimony.nn.entity_loss import MultiHotLoss, SoftmaxLoss

QUERIES, ENTITIES, WIDTH = 5, 4100, 8  # three blocks of entities
ROW, ANSWER = torch.tensor([0, 0, 1, 2, 3, 4, 4]), torch.tensor([3, 4099, 2050, 0, 17, 17, 5])


def tables(scale: float = 1.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    q, t = (scale * torch.randn(rows, WIDTH, generator=generator) for rows in (QUERIES, ENTITIES))
    return q.requires_grad_(), t.requires_grad_()


def have_equal_gradients(expected: Tensor, found: Tensor, given: tuple[Tensor, Tensor]) -> bool:
    gradients = [torch.autograd.grad(3 * loss, given) for loss in (expected, found)]
    return all(torch.allclose(one, other, rtol=1e-4, atol=1e-7) for one, other in zip(*gradients, strict=True))


@pytest.mark.parametrize("scale", [1.0, 12.0])
def test_softmax_equals_cross_entropy(scale: float) -> None:
    """Also where the exponentials of the scores would overflow."""
    q, t = given = tables(scale)
    expected, found = cross_entropy((q @ t.T)[ROW], ANSWER), SoftmaxLoss()(q, t, ROW, ANSWER)
    assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    assert have_equal_gradients(expected, found, given)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_multi_hot_equals_binary_cross_entropy(smoothing: float) -> None:
    """Targets are (1 - s) y + 1/n, or y without smoothing, written out in full."""
    q, t = given = tables()
    y = torch.zeros(QUERIES, ENTITIES).index_put((ROW, ANSWER), torch.tensor(1.0))
    expected = binary_cross_entropy_with_logits(q @ t.T, (1 - smoothing) * y + (1 / ENTITIES if smoothing else 0.0))
    found = MultiHotLoss(smoothing)(q, t, ROW, ANSWER)
    assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    assert have_equal_gradients(expected, found, given)


def test_multi_hot_by_hand() -> None:
    """One query, two entities, scores 0 and 2, the second true, no smoothing: (ln 2 + ln(1 + e^2) - 2) / 2."""
    q, t = torch.tensor([[2.0]]), torch.tensor([[0.0], [1.0]])
    found = MultiHotLoss(0.0)(q, t, torch.tensor([0]), torch.tensor([1]))
    assert (0.693147 + 2.126928 - 2) / 2 == pytest.approx(found.item(), abs=1e-5)


@pytest.mark.parametrize("loss", [SoftmaxLoss, MultiHotLoss])
def test_bfloat16_stays_close(loss: type) -> None:
    """Logits of half the size move the loss by less than one percent."""
    q, t = tables()
    exact = loss()(q, t, ROW, ANSWER)
    assert exact.item() == pytest.approx(loss(precision=torch.bfloat16)(q, t, ROW, ANSWER).item(), rel=1e-2)
