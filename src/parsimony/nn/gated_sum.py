"""Attention and aggregation of a relational digraph's layer, without a vector for any edge.

For an edge e = (s, r, o) of query b (RED-GNN, arXiv 2108.06040, equations 5 and 6):

    gate       alpha_e = sigmoid(w . relu(P_s + T_br) + c)         P = H W_s',  T_br = R_r W_r' + R_q(b) W_q' + b_q
    message    m_e = alpha_e (H_s + R_r)
    sum        a_o = sum over the edges that end in o of  m_e  =  (A H + C R)_o

A [n_t, n_s] holds alpha by target and source, C [n_t, K] by target and relation: two sparse products. Likewise back,
with g the gradient of a:

    H          A' g                    edges by source, the order in which they are stored
    R          C' g                    edges by query and relation
    alpha_e    g_o . (H_s + R_r)       two sampled dense-dense products
    P, T       sums of A numbers for each edge, by source and by query and relation

What stays for the backward pass is one number for each edge, beside the rows that others hold anyway.

Shapes: n_s sources, n_t targets, M edges, B queries, K relations, d width, A attention width.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.nn.reached_pairs import Layer, bag

CHUNK = 32_768  # edges whose attention vectors stay in the cache


class Attention(NamedTuple):
    """What the gates are made of.

    Attributes:
        P: part of each source pair, [n_s, A].
        T: part of each query and relation, [B K, A].
        w: attention vector, [A].
        c: its bias, [1].
    """

    P: Tensor
    T: Tensor
    w: Tensor
    c: Tensor


def gated_sum(h: Tensor, R: Tensor, attention: Attention, layer: Layer, is_source: Tensor | None = None) -> Tensor:
    """Sum the gated messages that reach each pair.

    Args:
        h: states H of the source pairs, [n_s, d].
        R: relation table, [K, d].
        attention: parts of the gates.
        layer: the edges.
        is_source: 0 where a source pair is not reached, which shuts its gates, else 1, [n_s, 1]; None if all are.

    Returns:
        a, [n_t, d].
    """
    return _GatedSum.apply(h, R, *attention, layer, is_source)


def gates(attention: Attention, layer: Layer, is_source: Tensor | None = None) -> Tensor:
    """Return alpha of every edge, [M], without a gradient; arguments as in `gated_sum`."""
    alpha = attention.P.new_empty(len(layer.source))
    for part in _parts(len(alpha)):
        torch.mv(_hidden(attention, layer, part), attention.w, out=alpha[part])
    alpha.add_(attention.c).sigmoid_()
    return alpha if is_source is None else alpha.mul_(is_source[:, 0].index_select(0, layer.source))


def _hidden(attention: Attention, layer: Layer, part: slice) -> Tensor:
    """Return relu(P_s + T_br) of some edges, [m, A]."""
    hidden = attention.P.index_select(0, layer.source[part])
    return hidden.add_(attention.T.index_select(0, layer.question[part])).relu_()


def _parts(size: int) -> list[slice]:
    return [slice(begin, min(begin + CHUNK, size)) for begin in range(0, size, CHUNK)]


class _GatedSum(torch.autograd.Function):
    """a = A H + C R, and every gradient as a sparse product."""

    @staticmethod
    def forward(ctx, h, R, P, T, w, c, layer, is_source):
        attention = Attention(P, T, w, c)
        alpha = gates(attention, layer, is_source)
        first, order = layer.by_target
        weight = alpha.index_select(0, order)
        a = bag(h, layer.source.index_select(0, order), first, weight)
        a += bag(R, layer.relation.index_select(0, order), first, weight)
        ctx.layer = layer
        ctx.save_for_backward(h, R, *attention, alpha)
        return a

    @staticmethod
    def backward(ctx, g):
        h, R, P, T, w, c, alpha = ctx.saved_tensors
        layer, g = ctx.layer, g.contiguous()
        first, order = layer.by_question
        target = layer.target.index_select(0, order)
        per_question = bag(g, target, first, alpha.index_select(0, order))
        slope = _slope(h, R, g, layer, target).mul_(alpha).mul_(1 - alpha)  # before the sigmoid; 0 at a shut gate
        return (
            bag(g, layer.target, layer.first, alpha) if ctx.needs_input_grad[0] else None,
            per_question.view(-1, *R.shape).sum(0),
            *_attention_gradients(Attention(P, T, w, c), slope, layer),
            None,
            None,
        )


def _slope(h: Tensor, R: Tensor, g: Tensor, layer: Layer, target: Tensor) -> Tensor:
    """Return g_o . (h_s + R_r) of every edge, [M]; `target` is in the order of the questions."""
    first, order = layer.by_question
    slope = _sampled_product(h, g, layer.first, layer.target)
    every_question = R.repeat(layer.num_questions // len(R), 1)
    return slope.index_add_(0, order, _sampled_product(every_question, g, first, target))


def _sampled_product(left: Tensor, right: Tensor, first: Tensor, column: Tensor) -> Tensor:
    """Return left_i . right_j for the entries (i, j) of a matrix in compressed rows, [M]."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        pattern = torch.sparse_csr_tensor(
            first, column, left.new_zeros(len(column)), (len(left), len(right)), check_invariants=False
        )
        return torch.sparse.sampled_addmm(pattern, left, right.T, beta=0.0).values()


def _attention_gradients(attention: Attention, slope: Tensor, layer: Layer) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of P, T, w and c from those before the sigmoid, [M]."""
    each, dw = slope.new_empty(len(slope), attention.P.shape[1]), torch.zeros_like(attention.w)
    for part in _parts(len(slope)):
        hidden = _hidden(attention, layer, part)
        dw += hidden.T @ slope[part]
        torch.mul(slope[part].unsqueeze(1), hidden.sign_().mul_(attention.w), out=each[part])
    edge = torch.arange(len(slope), dtype=torch.int32, device=slope.device)
    by_question = bag(each, layer.by_question.order, layer.by_question.first)
    return bag(each, edge, layer.first), by_question, dw, slope.sum().view(1)
