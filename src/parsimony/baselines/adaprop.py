"""AdaProp: RED-GNN that keeps only promising entities (Zhang et al., KDD 2023, arXiv 2205.15319; beyond Table 6).

The layer is RED-GNN's. From the entities V of a query (u, q, ?), at first u alone, every edge (s, r, o) that leaves
one of them, and an identity edge from each to itself, carry a message:

    attention   alpha = sigmoid(w . relu(W_s h_s + W_r R_r + W_q R_q + b) + b_w)
    gathered    x_o = act(W_h  sum of alpha (h_s + R_r))              over the edges into o
    state       h_o = GRU(dropout(x_o), h_o one layer earlier or 0)
    score       f(u, q, o) = w_out . h_o                              exactly 0 for an entity that is not in V

Between x and h stands the sampler: entities already in V stay, and of the newly reached ones each query keeps k,

    probability p = softmax((w_samp . x_o + Gumbel noise) / temperature)       over the new entities of the query
    kept        the k largest p; in training their x is multiplied by 1 - p.detach() + p, one with a gradient

without noise when answering. Only entities that are kept send messages in the next layer.
This is the authors' transductive model. In their inductive folder the product falls on a copy, so that the sampler
learns nothing; here it does in both settings.

Loss: softmax over all entities, those not reached with score 0, mean over queries.

The sum of alpha (h_s + R_r) is one weighted bag of rows of the table [h; R] for each o, without a row for each edge;
the attention reads A numbers of each edge's ends instead of multiplying D.

Shapes: B queries, N entities, P pairs (query, entity) in V, M edges with the identity, K = 2R + 1 relations, D width,
A width of the attention.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, embedding_bag

from parsimony.baselines.expansion import distinct, joining, leaving, require_evaluation
from parsimony.data.fact_graph import FactGraph
from parsimony.nn.dense import dense
from parsimony.nn.seeded import normal_table, seeded


class Frontier(NamedTuple):
    """One step outwards from the pairs of V, a pair being written query * N + entity.

    Attributes:
        source: place in V of each edge's head, [M].
        relation: of each edge, [M].
        query: row in the batch of each edge, [M].
        target: place in `reached` of each edge's tail, [M].
        reached: pairs at the end of edges, in rising order, [P'].
        old: places in `reached` of the pairs of V, [P].
    """

    source: Tensor
    relation: Tensor
    query: Tensor
    target: Tensor
    reached: Tensor
    old: Tensor

    @classmethod
    def of(cls, graph: FactGraph, pair: Tensor, num_queries: int, is_hidden: Tensor | None) -> Frontier:
        """Leave the pairs of V [P], along all edges but the hidden ones, [E]."""
        entity, size = pair % graph.num_entities, graph.num_entities
        source, edge = leaving(graph, entity)
        if is_hidden is not None:
            source, edge = source[~is_hidden[edge]], edge[~is_hidden[edge]]
        target = torch.cat([(pair - entity)[source] + graph.tail[edge], pair])
        source = torch.cat([source, torch.arange(len(pair), device=pair.device)])
        relation = torch.cat([graph.relation[edge], torch.full_like(pair, 2 * graph.num_relations)])
        reached, place = distinct(target, num_queries * size)
        return cls(source, relation, (pair // size)[source], place, reached, place[len(edge) :])


class AdaPropLayer(nn.Module):
    """Attention, messages and the sampler of one layer.

    Args:
        num_relations: R.
        width: D.
        attention_width: A.
        activation: of the gathered messages.
        generator: of the initial weights.
    """

    def __init__(
        self,
        num_relations: int,
        width: int,
        attention_width: int,
        activation: Callable[[Tensor], Tensor],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.R = normal_table(2 * num_relations + 1, width, generator)
        self.W_s = dense(width, attention_width, generator, has_bias=False)
        self.W_r = dense(width, attention_width, generator, has_bias=False)
        self.W_q = dense(width, attention_width, generator)
        self.w = dense(attention_width, 1, generator)
        self.W_h = dense(width, width, generator, has_bias=False)
        self.w_samp = dense(width, 1, generator, has_bias=False)

    def gather(self, h: Tensor, q: Tensor, edges: Frontier) -> Tensor:
        """Return x of the reached pairs [P', D], from states h [P, D] and query relations q [B]."""
        alpha = self.attention(h, q, edges)
        order = torch.argsort(edges.target, stable=True)
        count = torch.bincount(edges.target, minlength=len(edges.reached))
        rows = torch.stack([edges.source, edges.relation + len(h)], 1)[order].flatten()
        bags = 2 * (count.cumsum(0) - count)
        weights = alpha[order].repeat_interleave(2)
        table = torch.cat([h, self.R])
        return self.activation(self.W_h(embedding_bag(rows, table, bags, mode="sum", per_sample_weights=weights)))

    def attention(self, h: Tensor, q: Tensor, edges: Frontier) -> Tensor:
        """Return alpha of each edge, [M]."""
        asked = self.W_r(self.R) + self.W_q(self.R[q]).unsqueeze(1)  # [B, K, A]
        code = edges.query * len(self.R) + edges.relation
        parts = self.W_s(h).index_select(0, edges.source) + asked.flatten(0, 1).index_select(0, code)
        return torch.sigmoid(self.w(torch.relu(parts))).squeeze(-1)


class AdaProp(nn.Module):
    """Layers of attention, each of which keeps only the k best of the entities that it newly reaches.

    Args:
        num_relations: R, without inverses.
        generator: of the initial weights.
        num_layers: steps from the head.
        width: D.
        attention_width: A.
        top_k: new entities that a query keeps in each layer.
        dropout: on the gathered messages.
        activation: of the gathered messages.
        temperature: of the sampler's softmax.
        hides_one_hop: whether all edges between a query's head and its answer are hidden in training.
    """

    def __init__(
        self,
        num_relations: int,
        generator: torch.Generator,
        *,
        num_layers: int = 8,
        width: int = 48,
        attention_width: int = 5,
        top_k: int = 100,
        dropout: float = 0.0,
        activation: Callable[[Tensor], Tensor] = torch.relu,
        temperature: float = 1.0,
        hides_one_hop: bool = False,
    ) -> None:
        super().__init__()
        self.top_k, self.temperature, self.hides_one_hop = top_k, temperature, hides_one_hop
        self.layers = nn.ModuleList(
            AdaPropLayer(num_relations, width, attention_width, activation, generator) for _ in range(num_layers)
        )
        self.dropout = nn.Dropout(dropout)
        self.gru = seeded(nn.GRUCell(width, width), generator)
        self.w_out = dense(width, 1, generator, has_bias=False)

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the cross-entropy of the answers among all entities, mean over queries.

        Args:
            graph: facts, without those that the batch asks for.
            queries: head and relation, 0 to 2R - 1, [B, 2].
            answers: [B].
            generator: of the Gumbel noise.
        """
        is_hidden = None
        if self.hides_one_hop:
            is_hidden = joining(graph, queries, answers.unsqueeze(1), has_any_relation=True)
        return cross_entropy(self._propagate(graph, queries, is_hidden, generator), answers)

    @torch.no_grad()
    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity.

        Args:
            graph: facts that may be used.
            queries: head and relation, [B, 2].

        Returns:
            f, 0 for entities that are not kept, [B, N].

        Raises:
            ValueError: in training mode.
        """
        require_evaluation(self)
        return torch.cat([self._propagate(graph, part, None, None) for part in queries.split(64)])

    def _propagate(
        self, graph: FactGraph, queries: Tensor, is_hidden: Tensor | None, generator: torch.Generator | None
    ) -> Tensor:
        """Return f, [B, N]; the sampler draws noise if there is a generator."""
        size, q = graph.num_entities, queries[:, 1]
        pair = torch.arange(len(queries), device=queries.device) * size + queries[:, 0]
        h = self.w_out.weight.new_zeros(len(queries), self.w_out.in_features)
        for layer in self.layers:
            edges = Frontier.of(graph, pair, len(queries), is_hidden)
            x = layer.gather(h, q, edges)
            earlier = h.new_zeros(len(x), h.shape[1]).index_copy(0, edges.old, h)
            kept, x = self._keep(layer, x, edges, size, generator)
            pair, h = edges.reached[kept], self.gru(self.dropout(x), earlier[kept])
        f = h.new_zeros(len(queries) * size).index_put((pair,), self.w_out(h).squeeze(1))
        return f.view(len(queries), size)

    def _keep(
        self, layer: AdaPropLayer, x: Tensor, edges: Frontier, size: int, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor]:
        """Return the places in `edges.reached` that are kept, in rising order, and their x."""
        is_kept = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        is_kept[edges.old] = True
        new = (~is_kept).nonzero().squeeze(1)
        logit, row = layer.w_samp(x[new]).squeeze(1), edges.reached[new] // size
        if generator is not None:
            logit = (logit + gumbel(logit, generator)) / self.temperature
        is_chosen = best_of_rows(logit.detach(), row, self.top_k)
        is_kept[new[is_chosen]] = True
        kept = is_kept.nonzero().squeeze(1)
        if generator is None:
            return kept, x[kept]
        p = softmax_of_rows(logit, row)
        factor = x.new_ones(len(x)).index_put((new,), 1 - p.detach() + p)
        return kept, x[kept] * factor[kept].unsqueeze(1)


def gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw noise - log(- log uniform) for each number of a tensor."""
    uniform = torch.rand(like.shape, generator=generator, device=like.device).clamp(min=1e-20)
    return -(-uniform.log()).clamp(min=1e-20).log()


def best_of_rows(value: Tensor, row: Tensor, k: int) -> Tensor:
    """Tell which values [P] are among the k largest of their row [P]; rows are in rising order."""
    by_value = torch.argsort(value, descending=True, stable=True)
    order = by_value[torch.argsort(row[by_value], stable=True)]
    count = torch.bincount(row)
    position = torch.arange(len(row), device=row.device) - (count.cumsum(0) - count)[row]
    chosen = torch.zeros(len(row), dtype=torch.bool, device=row.device)
    chosen[order] = position < k
    return chosen


def softmax_of_rows(value: Tensor, row: Tensor) -> Tensor:
    """Return the softmax of values [P] within each row [P]."""
    rows = int(row.max()) + 1 if len(row) else 0
    largest = value.new_full((rows,), -torch.inf).scatter_reduce(0, row, value.detach(), "amax")
    power = (value - largest[row]).exp()
    return power / power.new_zeros(rows).index_add(0, row, power)[row]
