"""The update in blocks against torch's own linear map and GRU cell."""

import pytest
import torch
from torch import Tensor, nn

from parsimony.nn import recurrent_update as module
from parsimony.nn.recurrent_update import ACTIVATIONS, recurrent_update

PLAIN = {"relu": torch.relu, "tanh": torch.tanh, "identity": lambda y: y}


def inputs(rows: int = 7, old: int = 3, width: int = 4) -> tuple[Tensor, Tensor, Tensor, nn.GRUCell]:
    torch.manual_seed(0)
    tensors = [torch.randn(size, width, dtype=torch.float64, requires_grad=True) for size in (rows, old, width)]
    return *tensors, nn.GRUCell(width, width).double()


def plain_update(a: Tensor, h: Tensor, W_h: Tensor, gru: nn.GRUCell, name: str, mask: Tensor | float = 1.0) -> Tensor:
    memory = torch.cat([h, h.new_zeros(len(a) - len(h), h.shape[1])])
    return gru(PLAIN[name](a @ W_h.T) * mask, memory)


@pytest.mark.parametrize("old", [0, 3, 7])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_states_and_gradients_equal_the_plain_form(name: str, old: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row old, some, all; blocks of two rows; values and all gradients to 1e-12."""
    monkeypatch.setattr(module, "BLOCK", 2)
    a, h, W_h, gru = inputs(old=old)
    expected, found = plain_update(a, h, W_h, gru, name), recurrent_update(a, h, W_h, gru, ACTIVATIONS[name])
    assert torch.allclose(expected, found, atol=1e-12)
    weight, leaves = torch.randn_like(a), [a, h, W_h, *gru.parameters()]
    pairs = [torch.autograd.grad((one * weight).sum(), leaves) for one in (expected, found)]
    for one, other in zip(*pairs, strict=True):
        assert torch.allclose(one, other, atol=1e-12)


def test_dropout_keeps_its_mask_for_the_gradient() -> None:
    """Torch's generator gives the mask; values and gradients are those of that mask, scaled by 1 / (1 - p)."""
    a, h, W_h, gru = inputs()
    torch.manual_seed(5)
    mask = torch.empty_like(a, dtype=torch.bool).bernoulli_(0.6) / 0.6
    expected = plain_update(a, h, W_h, gru, "tanh", mask)
    torch.manual_seed(5)
    found = recurrent_update(a, h, W_h, gru, ACTIVATIONS["tanh"], 0.4)
    assert torch.allclose(expected, found, atol=1e-12)
    for one, other in zip(*(torch.autograd.grad(x.sum(), [a, h, W_h]) for x in (expected, found)), strict=True):
        assert torch.allclose(one, other, atol=1e-12)
    assert 0 < (mask == 0).sum() < mask.numel()
