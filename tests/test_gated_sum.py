"""Sparse sums of gated messages against a sum edge by edge, forward and back."""

import pytest
import torch
from torch import Tensor

from parsimony.nn import gated_sum as module
from parsimony.nn.gated_sum import Attention, gated_sum, gates
from parsimony.nn.reached_pairs import Layer

LAYER = Layer(
    first=torch.tensor([0, 2, 5, 5], dtype=torch.int32),
    source=torch.tensor([0, 0, 1, 1, 1], dtype=torch.int32),
    target=torch.tensor([3, 0, 3, 1, 0], dtype=torch.int32),
    question=torch.tensor([0, 1, 4, 5, 4], dtype=torch.int32),
    relation=torch.tensor([0, 1, 1, 2, 1], dtype=torch.int32),
    num_targets=5,
    num_questions=6,
)  # three sources, the last without edges; two queries, three relations


def random_inputs(seed: int = 0) -> list[Tensor]:
    """Return h [3, 4], R [3, 4], P [3, 2], T [6, 2], w [2] and c [1] in float64."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((3, 4), (3, 4), (3, 2), (6, 2), (2,), (1,))
    return [torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_() for shape in shapes]


def plain_sum(h: Tensor, R: Tensor, P: Tensor, T: Tensor, w: Tensor, c: Tensor, is_source: list[float]) -> Tensor:
    """Follow the equations, edge after edge."""
    a = [h.new_zeros(4) for _ in range(5)]
    fields = (LAYER.source, LAYER.target, LAYER.question, LAYER.relation)
    for s, o, b, r in zip(*(one.tolist() for one in fields), strict=True):
        alpha = torch.sigmoid(w @ torch.relu(P[s] + T[b]) + c) * is_source[s]
        a[o] = a[o] + alpha * (h[s] + R[r])
    return torch.stack(a)


@pytest.mark.parametrize("chunk", [2, 100])
@pytest.mark.parametrize("is_source", [None, [1.0, 0.0, 1.0]])
def test_sum_and_gradients_equal_the_plain_form(
    is_source: list[float] | None, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values and the gradients of all six inputs to 1e-12, with a shut source and over several chunks."""
    monkeypatch.setattr(module, "CHUNK", chunk)
    inputs = random_inputs()
    weight = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    mask = None if is_source is None else torch.tensor(is_source, dtype=torch.float64).unsqueeze(1)
    expected = plain_sum(*inputs, is_source or [1.0] * 3)
    found = gated_sum(*inputs[:2], Attention(*inputs[2:]), LAYER, mask)
    assert torch.allclose(expected, found, atol=1e-12)
    pairs = [torch.autograd.grad((one * weight).sum(), inputs) for one in (expected, found)]
    for one, other in zip(*pairs, strict=True):
        assert torch.allclose(one, other, atol=1e-12)


def test_sum_by_hand() -> None:
    """Closed attention vectors and c = 0 make every gate 1/2: target 3 gets (1 + 10 + 2 + 20) / 2."""
    h, R = torch.tensor([[1.0], [2.0], [5.0]]), torch.tensor([[10.0], [20.0], [30.0]])
    attention = Attention(torch.zeros(3, 2), torch.full((6, 2), -1.0), torch.ones(2), torch.zeros(1))
    assert [0.5] * 5 == gates(attention, LAYER).tolist()
    expected = [[(1 + 20 + 2 + 20) / 2], [(2 + 30) / 2], [0.0], [(1 + 10 + 2 + 20) / 2], [0.0]]
    assert expected == gated_sum(h, R, attention, LAYER).tolist()
