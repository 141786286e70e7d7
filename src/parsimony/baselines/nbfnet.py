"""NBFNet: neural Bellman-Ford networks (Zhu et al., NeurIPS 2021, arXiv 2106.06935; Table 6).

A query (u, q, ?) spreads from u over the whole graph. With the boundary h_v^0 = 1[v = u] q of the query's vector q,
each layer computes

    message      m_e = h_s * w_r                              every edge (s, r, v); DistMult
    statistics   F_v = [mean | max | min | std]               over the messages into v and the boundary of v
    scale        s_v = log(deg_v + 1) / (its mean over v)
    update       x_v = W [h_v | F_v | s_v F_v | F_v / max(s_v, 0.01)] + b
    state        h_v' = h_v + relu(LayerNorm(x_v))

    score        f(u, q, v) = MLP([h_v | q])

w_r is a free table of each layer, or a linear map of q (`is_dependent`), as published for FB15k-237.

Loss: binary cross-entropy of the answer and of strict negatives, entities that the graph does not give as answers;
each negative has the weight softmax(logit / temperature) among those of its query. The authors corrupt heads in half
of each batch and ask them by the inverse relation: give half of the queries with relations r + R.
During training the edges that join a query with its answer are taken from the graph, for the whole batch.

The scales commute with W: one product of F_v with the three stacked blocks of W serves all of them, and the twelve
statistics are never stored. Queries go through the network a few at a time, so that messages stay near the
processor, and are computed anew in the backward pass: one part of the batch is in memory at a time.

Shapes: B queries, C candidates, N entities, E edges, R relations without inverses, c queries at a time, D width.
Departure: the authors rank ties pessimistically; scores are handed out, and the ranks here are means over ties.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.checkpoint import checkpoint

from parsimony.baselines.expansion import inverse_of, joining, known_answers, require_evaluation
from parsimony.data.fact_graph import FactGraph
from parsimony.nn.dense import dense
from parsimony.nn.perceptron import perceptron
from parsimony.nn.seeded import normal_table

NUMBERS_AT_A_TIME = 2**22  # of the messages of c queries; more take memory and save no time


class Incoming(NamedTuple):
    """The edges of a graph as messages, in the order of the entities that receive them.

    Attributes:
        sender: s of each edge, [E].
        relation: r, [E].
        receiver: v, [E].
        count: messages into each entity with its own boundary, deg + 1, [N, 1, 1].
        scale: s_v, [N, 1, 1].
    """

    sender: Tensor
    relation: Tensor
    receiver: Tensor
    count: Tensor
    scale: Tensor

    @classmethod
    def of(cls, graph: FactGraph, is_hidden: Tensor | None = None) -> Incoming:
        """File the edges of a graph, without those hidden, [E].

        What leaves an entity is, read backwards, what enters it, so the order of the graph serves without a sort.
        The hidden edges are hidden in both directions.
        """
        edges = graph.tail, inverse_of(graph.relation, graph), graph.head
        sender, relation, receiver = edges if is_hidden is None else (one[~is_hidden] for one in edges)
        count = 1 + torch.bincount(receiver, minlength=graph.num_entities).float().view(-1, 1, 1)
        scale = count.log()
        return cls(sender, relation, receiver, count, scale / scale.mean().clamp(min=1e-6))


class Statistics(torch.autograd.Function):
    """Sum, sum of squares, largest and smallest of what enters each entity: products h_s * w_r and its own boundary.

    Messages are made again in the backward pass instead of being kept. The gradient of a maximum is shared by all
    that attain it, as many do: entities not yet reached have equal states.
    """

    @staticmethod
    def forward(
        ctx, h: Tensor, w: Tensor, boundary: Tensor, sender: Tensor, relation: Tensor, receiver: Tensor
    ) -> tuple[Tensor, ...]:
        """Return the four statistics [N, columns] of rows h and boundary [N, columns], and w [2R, columns]."""
        m = h.index_select(0, sender) * w.index_select(0, relation)
        target = receiver.unsqueeze(1).expand_as(m)  # an index of equal columns has a path of its own, and a fast one
        largest = boundary.scatter_reduce(0, target, m, "amax")
        smallest = boundary.scatter_reduce(0, target, m, "amin")
        total = boundary.index_add(0, receiver, m)
        square = boundary.square().index_add_(0, receiver, m.square_())
        ctx.save_for_backward(h, w, boundary, sender, relation, receiver, largest, smallest)
        return total, square, largest, smallest

    @staticmethod
    def backward(ctx, g_total: Tensor, g_square: Tensor, *g_extremes: Tensor) -> tuple[Tensor | None, ...]:
        h, w, boundary, sender, relation, receiver, *extremes = ctx.saved_tensors
        h_s, w_r = h.index_select(0, sender), w.index_select(0, relation)
        m = h_s * w_r
        g = g_square.index_select(0, receiver).mul_(m).mul_(2).add_(g_total.index_select(0, receiver))
        g_boundary = torch.addcmul(g_total, g_square, boundary, value=2)
        for extreme, g_extreme in zip(extremes, g_extremes, strict=True):
            attains = (m == extreme.index_select(0, receiver)).to(m.dtype)
            is_boundary = (boundary == extreme).to(m.dtype)
            share = g_extreme / is_boundary.index_add(0, receiver, attains)
            g.addcmul_(attains, share.index_select(0, receiver))
            g_boundary.addcmul_(is_boundary, share)
        g_h = torch.zeros_like(h).index_add_(0, sender, g * w_r)
        g_w = torch.zeros_like(w).index_add_(0, relation, g.mul_(h_s))
        return g_h, g_w, g_boundary, None, None, None


class BellmanFordLayer(nn.Module):
    """One iteration: messages, their statistics, update.

    Args:
        num_relations: R.
        width: D.
        is_dependent: whether w_r is a linear map of the query's vector.
        generator: of the initial weights.
    """

    def __init__(self, num_relations: int, width: int, is_dependent: bool, generator: torch.Generator) -> None:
        super().__init__()
        self.width = width
        self.map = dense(width, 2 * num_relations * width, generator) if is_dependent else None
        self.w = None if is_dependent else normal_table(2 * num_relations, width, generator)
        self.W = dense(13 * width, width, generator)
        self.norm = nn.LayerNorm(width)

    def forward(self, h: Tensor, boundary: Tensor, q: Tensor, edges: Incoming) -> Tensor:
        """Iterate once.

        Args:
            h: states, [N, c, D].
            boundary: h of layer 0, [N, c, D].
            q: vectors of the queries, [c, D].
            edges: of the graph.

        Returns:
            New states, [N, c, D].
        """
        own, *blocks = self.W.weight.split([self.width] + 3 * [4 * self.width], dim=1)
        features = self._features(h, boundary, q, edges)
        plain, amplified, attenuated = (features @ torch.cat(blocks).T).chunk(3, dim=-1)
        x = h @ own.T + self.W.bias + plain + edges.scale * amplified + attenuated / edges.scale.clamp(min=0.01)
        return h + torch.relu(self.norm(x))

    def _features(self, h: Tensor, boundary: Tensor, q: Tensor, edges: Incoming) -> Tensor:
        """Return F, [N, c, 4 D]."""
        found = Statistics.apply(h.flatten(1), self._relations(q).flatten(1), boundary.flatten(1), *edges[:3])
        total, square, largest, smallest = (one.view_as(h) for one in found)
        mean = total / edges.count
        deviation = (square / edges.count - mean.square()).clamp(min=1e-6).sqrt()
        return torch.cat([mean, largest, smallest, deviation], dim=-1)

    def _relations(self, q: Tensor) -> Tensor:
        """Return w of every query, [2R, c, D]."""
        if self.map is None:
            return self.w.unsqueeze(1).expand(-1, len(q), -1)
        return self.map(q).unflatten(1, (-1, self.width)).transpose(0, 1)


class NBFNet(nn.Module):
    """Bellman-Ford iterations from the head of a query, and a score of every entity's last state.

    Args:
        num_relations: R, without inverses.
        generator: of the initial weights.
        num_layers: iterations.
        width: D.
        is_dependent: whether the relations of a layer depend on the query.
        num_negatives: entities that each query is contrasted with.
        temperature: of the weights of the negatives; 1 published for WN18RR, 0.5 for FB15k-237.
        hides_one_hop: whether all edges between a query's head and its candidates are hidden in training, instead of
            those of the asked relation; published for FB15k-237.
    """

    def __init__(
        self,
        num_relations: int,
        generator: torch.Generator,
        *,
        num_layers: int = 6,
        width: int = 32,
        is_dependent: bool = False,
        num_negatives: int = 32,
        temperature: float = 1.0,
        hides_one_hop: bool = False,
    ) -> None:
        super().__init__()
        self.num_negatives, self.temperature, self.hides_one_hop = num_negatives, temperature, hides_one_hop
        self.query = normal_table(2 * num_relations, width, generator)
        self.layers = nn.ModuleList(
            BellmanFordLayer(num_relations, width, is_dependent, generator) for _ in range(num_layers)
        )
        self.mlp = perceptron((2 * width, 2 * width, 1), nn.ReLU, generator)

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the weighted cross-entropy of the answers and of drawn negatives, mean over queries.

        Args:
            graph: all training facts, those of the batch included; they are hidden here.
            queries: head and relation, 0 to 2R - 1, [B, 2].
            answers: [B].
            generator: of the negatives.
        """
        negatives = strict_negatives(graph, queries, answers, self.num_negatives, generator)
        candidates = torch.cat([answers.unsqueeze(1), negatives], 1)
        is_hidden = joining(graph, queries, candidates, has_any_relation=self.hides_one_hop)
        edges, logits = Incoming.of(graph, is_hidden), []
        for part in self._parts(queries, edges):
            # keeping all states of a batch would take gigabytes; one part of it is kept at a time
            logits.append(checkpoint(self._logits, edges, queries[part], candidates[part], use_reentrant=False))
        return contrast(torch.cat(logits), self.temperature)

    @torch.no_grad()
    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity.

        Args:
            graph: facts that may be used.
            queries: head and relation, [B, 2].

        Returns:
            Logits, [B, N].

        Raises:
            ValueError: in training mode.
        """
        require_evaluation(self)
        edges, everyone = Incoming.of(graph), torch.arange(graph.num_entities, device=queries.device)
        parts = [queries[part] for part in self._parts(queries, edges)]
        return torch.cat([self._logits(edges, part, everyone.expand(len(part), -1)) for part in parts])

    def _parts(self, queries: Tensor, edges: Incoming) -> list[slice]:
        """Divide a batch into as many queries at a time as their messages allow."""
        size = max(1, NUMBERS_AT_A_TIME // ((len(edges.sender) + len(edges.count)) * self.query.shape[1]))
        return [slice(begin, begin + size) for begin in range(0, len(queries), size)]

    def _logits(self, edges: Incoming, queries: Tensor, candidates: Tensor) -> Tensor:
        """Score candidates [c, C] of queries [c, 2]."""
        q = self.query[queries[:, 1]]
        row = torch.arange(len(q), device=q.device)
        boundary = q.new_zeros(len(edges.count), *q.shape).index_put((queries[:, 0], row), q)
        h = boundary
        for layer in self.layers:
            h = layer(h, boundary, q, edges)
        states = h[candidates, row.unsqueeze(1)]
        return self.mlp(torch.cat([states, q.unsqueeze(1).expand_as(states)], -1)).squeeze(-1)


def strict_negatives(
    graph: FactGraph, queries: Tensor, answers: Tensor, count: int, generator: torch.Generator
) -> Tensor:
    """Draw entities, with repetition, that no fact of the graph gives as answers to queries [B, 2]; [B, count]."""
    weight = torch.ones(len(queries), graph.num_entities, device=queries.device)
    weight[known_answers(graph, queries)] = 0.0
    weight[torch.arange(len(answers), device=answers.device), answers] = 0.0
    return torch.multinomial(weight, count, replacement=True, generator=generator)


def contrast(logits: Tensor, temperature: float) -> Tensor:
    """Return the loss of logits [B, 1 + negatives], the answer's first: the more a negative misleads, the heavier."""
    target = torch.zeros_like(logits)
    target[:, 0] = 1.0
    hardness = torch.softmax(logits[:, 1:].detach() / temperature, 1)
    weight = torch.cat([target[:, :1], hardness], 1)
    each = binary_cross_entropy_with_logits(logits, target, reduction="none")
    return ((weight * each).sum(1) / weight.sum(1)).mean()
