"""A linear map, an activation, dropout and a GRU cell over the pairs of a layer, in blocks that stay in the cache.

    x_o = drop(act(W_h a_o))                                   RED-GNN, arXiv 2108.06040, equation 5, and its code
    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)                 z likewise
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
    h_o = (1 - z) * n + z * h

Pairs reached just now have h = 0, so W_h* is left out for them. The backward pass makes the gates anew: what stays
is a, the old states (which the sum before holds as well) and the dropout mask.

tanh y is written 2 sigmoid(2 y) - 1, which costs a tenth on a CPU.

Shapes: n_t pairs, the first n_s of them old, d width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

BLOCK = 2048  # pairs whose gates stay in the cache


class Activation(NamedTuple):
    """An activation that may overwrite its argument, and its derivative as a function of its value."""

    value: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor | float]


def _tanh_(y: Tensor) -> Tensor:
    return y.mul_(2).sigmoid_().mul_(2).sub_(1)


ACTIVATIONS: Mapping[str, Activation] = {
    "relu": Activation(torch.relu_, torch.sign),
    "tanh": Activation(_tanh_, lambda value: 1 - value.square()),
    "identity": Activation(lambda y: y, lambda value: 1.0),
}


def recurrent_update(
    a: Tensor, h: Tensor, W_h: Tensor, gru: nn.GRUCell, activation: Activation, dropout: float = 0.0
) -> Tensor:
    """Return the states after a layer.

    Args:
        a: summed messages, [n_t, d].
        h: states before it; pairs beyond its rows have none yet, [n_s, d].
        W_h: [d, d].
        gru: the cell, shared by all layers.
        activation: act.
        dropout: probability, 0 in evaluation; the mask comes from torch's own generator.

    Returns:
        States, [n_t, d].
    """
    kept = torch.empty_like(a, dtype=torch.bool).bernoulli_(1 - dropout) if dropout else None
    weights = (W_h, gru.weight_ih, gru.weight_hh, gru.bias_ih, gru.bias_hh)
    return _Update.apply(a, h, *weights, activation, kept, 1 / (1 - dropout))


class _Gates(NamedTuple):
    """What one block of rows computes, each [m, d]; `memory` is W_hn h + b_hn."""

    value: Tensor
    x: Tensor
    r: Tensor
    z: Tensor
    n: Tensor
    memory: Tensor


class _Cell:
    """The equations of one block and their gradients, which add up over the blocks."""

    def __init__(self, weights: tuple[Tensor, ...], activation: Activation, scale: float) -> None:
        self.W_h, W_i, W_r, b_i, b_r = weights
        self.W_i, self.W_r, self.b_i, self.b_r = (one.chunk(3) for one in (W_i, W_r, b_i, b_r))
        self.activation, self.scale = activation, scale

    def gates(self, a: Tensor, h: Tensor | None, kept: Tensor | None) -> _Gates:
        """Run forward up to the new content n."""
        value = self.activation.value(a @ self.W_h.T)
        x = value if kept is None else (value * kept).mul_(self.scale)
        r, z = (self._gate(k, x, h).sigmoid_() for k in (0, 1))
        memory = self.b_r[2].expand_as(x) if h is None else torch.addmm(self.b_r[2], h, self.W_r[2].T)
        n = torch.addmm(self.b_i[2], x, self.W_i[2].T).addcmul_(r, memory)
        return _Gates(value, x, r, z, _tanh_(n), memory)

    def _gate(self, k: int, x: Tensor, h: Tensor | None) -> Tensor:
        logits = torch.addmm(self.b_i[k] + self.b_r[k], x, self.W_i[k].T)
        return logits if h is None else logits.addmm_(h, self.W_r[k].T)

    def slopes(self, g: Tensor, h: Tensor | None, made: _Gates) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the gradients before the sigmoids of r and z, before tanh, and of the memory, [m, d] each."""
        drop_n = g * (1 - made.z) * (1 - made.n.square())
        drop_memory = drop_n * made.r
        drop_r = drop_memory * made.memory * (1 - made.r)
        drop_z = g * ((-made.n if h is None else h - made.n) * made.z * (1 - made.z))
        return drop_r, drop_z, drop_n, drop_memory

    def into_a(self, slopes: tuple[Tensor, ...], made: _Gates, kept: Tensor | None) -> Tensor:
        """Return the gradient before the activation, [m, d]."""
        into_x = (slopes[0] @ self.W_i[0]).addmm_(slopes[1], self.W_i[1]).addmm_(slopes[2], self.W_i[2])
        if kept is not None:
            into_x.mul_(kept).mul_(self.scale)
        return into_x.mul_(self.activation.derivative(made.value))

    def into_h(self, slopes: tuple[Tensor, ...], g: Tensor, made: _Gates) -> Tensor:
        """Return the gradient of old states, [m, d]."""
        recurrent = (slopes[0], slopes[1], slopes[3])
        return sum((one @ W for one, W in zip(recurrent, self.W_r, strict=True)), g * made.z)


class _Update(torch.autograd.Function):
    """Forward block by block; backward makes every block's gates again."""

    @staticmethod
    def forward(ctx, a, h, W_h, W_i, W_r, b_i, b_r, activation, kept, scale):
        cell, out = _Cell((W_h, W_i, W_r, b_i, b_r), activation, scale), torch.empty_like(a)
        for rows, old in _blocks(len(a), h):
            made = cell.gates(a[rows], old, None if kept is None else kept[rows])
            memory = torch.zeros_like(made.n) if old is None else old
            torch.lerp(made.n, memory, made.z, out=out[rows])
        ctx.save_for_backward(a, h, W_h, W_i, W_r, b_i, b_r)
        ctx.activation, ctx.kept, ctx.scale = activation, kept, scale
        return out

    @staticmethod
    def backward(ctx, g):
        a, h, *weights = ctx.saved_tensors
        cell, into_a, into_h = (
            _Cell(tuple(weights), ctx.activation, ctx.scale),
            torch.empty_like(a),
            torch.empty_like(h),
        )
        totals = [torch.zeros_like(one) for one in weights]
        for rows, old in _blocks(len(a), h):
            kept = None if ctx.kept is None else ctx.kept[rows]
            made = cell.gates(a[rows], old, kept)
            slopes = cell.slopes(g[rows], old, made)
            before = cell.into_a(slopes, made, kept)
            torch.mm(before, cell.W_h, out=into_a[rows])
            if old is not None:
                into_h[rows] = cell.into_h(slopes, g[rows], made)
            _add_weight_gradients(totals, before, a[rows], slopes, made.x, old)
        return into_a, into_h, *totals, None, None, None


def _add_weight_gradients(
    totals: list[Tensor], before: Tensor, a: Tensor, slopes: tuple[Tensor, ...], x: Tensor, h: Tensor | None
) -> None:
    """Add what one block gives to W_h, W_i, W_r, b_i and b_r."""
    W_h, *gru = totals
    W_h.addmm_(before.T, a)
    of_input, of_memory = slopes[:3], (slopes[0], slopes[1], slopes[3])
    parts = [one.chunk(3) for one in gru]
    for k in range(3):
        parts[0][k].addmm_(of_input[k].T, x)
        parts[2][k].add_(of_input[k].sum(0))
        parts[3][k].add_(of_memory[k].sum(0))
        if h is not None:
            parts[1][k].addmm_(of_memory[k].T, h)


def _blocks(size: int, h: Tensor) -> Iterator[tuple[slice, Tensor | None]]:
    """Yield rows of each block and their old states; a block holds old rows or new ones, never both."""
    for begin in range(0, len(h), BLOCK):
        rows = slice(begin, min(begin + BLOCK, len(h)))
        yield rows, h[rows]
    for begin in range(len(h), size, BLOCK):
        yield slice(begin, min(begin + BLOCK, size)), None
