"""RED-GNN: reasoning on relational digraphs (Zhang and Yao, WWW 2022, arXiv 2108.06040; section 5.1, Table 6).

A query (u, q, ?) spreads from the entity u. Layer l holds every edge that leaves what l - 1 steps have reached, so one
pass encodes the relational digraphs of all candidate answers at once:

    attention   alpha = sigmoid(w . relu(W_s h_s + W_r R_r + W_q R_q + b_q) + c)     of every edge (s, r, o)
    message     m = alpha (h_s + R_r)
    sum         a_o = sum of m over the edges that end in o
    state       h_o = GRU(drop(act(W_h a_o)), h_o one layer earlier)                 0 where o is reached just now
    score       f(u, q, o) = v . h_o after layer L                                   exactly 0 where o is never reached
    loss        sum over queries of  -f(answer) + log sum over all entities of exp f

R, W and w are each layer's own; GRU and v are shared. h_u = 0 before layer 1. No parameter belongs to an entity. The
edges of a graph are its facts, their inverses and one identity step for each entity, relation 2 R.

Beyond the equations, as in the authors' code: the GRU cell, b_q and c, dropout before the cell, and the zeros of the
entities that are not reached stay in the softmax. Their loss is, by an addition of a column to a row, B times the sum
above; it moves the balance with the L2 term of the optimiser. `is_official_scale` does the same; else the loss is the
mean over queries.

Nothing with a row for every edge and a column for every unit is made: `nn.gated_sum` says how. Where two steps already
reach most edges of the graph, all pairs of queries and entities are laid out once and the unreached are masked, which
gives the same numbers (`nn.reached_pairs`).

Shapes: B queries, N entities, K = 2 R + 1 relations, n pairs (query, entity), d width, A attention width.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.data.fact_graph import FactGraph
from parsimony.nn.dense import dense
from parsimony.nn.gated_sum import Attention, gated_sum, gates
from parsimony.nn.reached_pairs import Layer, ReachedPairs, Steps, every_pair, spread
from parsimony.nn.recurrent_update import ACTIVATIONS, Activation, recurrent_update

EDGES_AT_ONCE = 4_000_000  # of all queries scored together


class Hop(NamedTuple):
    """Edges of a layer and, if they stand for all pairs, 1 where sources and targets are reached, [n, 1]."""

    edges: Layer
    is_source: Tensor | None = None
    is_target: Tensor | None = None


class Walk(NamedTuple):
    """L hops, and where the pairs reached last stand in a flat table [B N]."""

    hops: list[Hop]
    place: Tensor


class AttendedEdges(NamedTuple):
    """The edges of one layer of one query's walk and their gates, [M] each; relation 2 R is the identity step."""

    head: Tensor
    relation: Tensor
    tail: Tensor
    alpha: Tensor


class RelationalDigraphLayer(nn.Module):
    """One step outwards.

    Args:
        num_relations: K.
        width: d.
        attention: A.
        generator: draws the weights.
    """

    def __init__(self, num_relations: int, width: int, attention: int, generator: torch.Generator) -> None:
        super().__init__()
        self.R = nn.Parameter(torch.randn(num_relations, width, generator=generator))
        self.W_s, self.W_r = (dense(width, attention, generator, has_bias=False) for _ in range(2))
        self.W_q = dense(width, attention, generator)
        self.w = dense(attention, 1, generator)
        self.W_h = dense(width, width, generator, has_bias=False)

    def attention(self, h: Tensor, q: Tensor) -> Attention:
        """Return the parts of the gates of sources h [n, d] under the relations asked q [B]."""
        T = self.W_r(self.R).unsqueeze(0) + self.W_q(self.R.index_select(0, q)).unsqueeze(1)
        return Attention(self.W_s(h), T.flatten(0, 1), self.w.weight[0], self.w.bias)

    def forward(
        self, h: Tensor, q: Tensor, hop: Hop, gru: nn.GRUCell, activation: Activation, dropout: float
    ) -> Tensor:
        """Reach one step further.

        Args:
            h: states of the source pairs, [n_s, d].
            q: relation asked by each query, [B].
            hop: the edges.
            gru: shared cell.
            activation: act.
            dropout: its probability, 0 in evaluation.

        Returns:
            States of the target pairs, [n_t, d].
        """
        a = gated_sum(h, self.R, self.attention(h, q), hop.edges, hop.is_source)
        state = recurrent_update(a, h, self.W_h.weight, gru, activation, dropout)
        return state if hop.is_target is None else state * hop.is_target


class REDGNN(nn.Module):
    """A reasoner that knows relations only, so it answers on graphs of other entities as well.

    Args:
        num_relations: R, inverses not counted.
        generator: draws all weights.
        width: d.
        attention: A.
        layers: L, how far an answer may lie.
        dropout: before the GRU cell.
        activation: relu, tanh or identity.
        is_official_scale: whether the loss is B times its sum over the batch, as in the authors' code.
    """

    def __init__(
        self,
        num_relations: int,
        generator: torch.Generator,
        *,
        width: int = 48,
        attention: int = 5,
        layers: int = 3,
        dropout: float = 0.0,
        activation: str = "relu",
        is_official_scale: bool = False,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation {activation!r} given; expected one of {', '.join(ACTIVATIONS)}.")
        if layers < 1:
            raise ValueError(f"{layers} layers given; expected at least 1, since a query must take a step.")
        self.num_relations, self.width, self.dropout = num_relations, width, dropout
        self.activation, self.is_official_scale = activation, is_official_scale
        self.layers = nn.ModuleList(
            RelationalDigraphLayer(2 * num_relations + 1, width, attention, generator) for _ in range(layers)
        )
        self.gru = nn.GRUCell(width, width)
        with torch.no_grad():
            for parameter in self.gru.parameters():
                parameter.uniform_(-(width**-0.5), width**-0.5, generator=generator)
        self.v = dense(width, 1, generator, has_bias=False)
        self._prepared: Prepared | None = None

    def forward(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Return the scores of all entities [B, N] for queries (head, relation) [B, 2]."""
        walk = self._walk(graph, queries[:, 0])
        *_, state = self._states(walk.hops, queries)
        flat = state.new_zeros(len(queries) * graph.num_entities)
        return flat.index_put((walk.place,), self.v(state).squeeze(1)).view(len(queries), -1)

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the softmax loss against all entities.

        Args:
            graph: without the edges of the queries themselves.
            queries: head and relation, [B, 2].
            answers: [B]; of a query with two answers, each is a row.
            generator: not read, since nothing but dropout is random here.
        """
        mean = F.cross_entropy(self(graph, queries), answers)
        return mean * len(queries) ** 2 if self.is_official_scale else mean

    @torch.no_grad()
    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Return the scores of all entities, [B, N], some queries at a time.

        Raises:
            ValueError: in training mode, where dropout would change them.
        """
        if self.training:
            raise ValueError("scores asked in training mode; call eval() first, so that dropout rests.")
        at_once = max(1, EDGES_AT_ONCE // (graph.num_edges + graph.num_entities))
        return torch.cat([self(graph, part) for part in queries.split(at_once)])

    @torch.no_grad()
    def attended(self, graph: FactGraph, head: int, relation: int) -> list[AttendedEdges]:
        """Return the edges and gates of each layer for one query, dropout resting as in `scores`.

        Raises:
            ValueError: in training mode.
        """
        if self.training:
            raise ValueError("gates asked in training mode; call eval() first, so that dropout rests.")
        queries = torch.tensor([[head, relation]], device=graph.tail.device)
        walk = ReachedPairs(self._prepare(graph).steps, queries[:, 0])
        hops = [Hop(walk.expand()) for _ in self.layers]
        h, found = self._start(hops), []
        for layer, hop, after in zip(self.layers, hops, self._states(hops, queries), strict=True):
            alpha = gates(layer.attention(h, queries[:, 1]), hop.edges)
            ends = (walk.entity[hop.edges.source], hop.edges.relation.long(), walk.entity[hop.edges.target])
            found.append(AttendedEdges(*ends, alpha))
            h = after
        return found

    def _start(self, hops: list[Hop]) -> Tensor:
        return self.v.weight.new_zeros(hops[0].edges.num_sources, self.width)

    def _states(self, hops: list[Hop], queries: Tensor) -> Iterator[Tensor]:
        """Yield the states after each hop."""
        h, dropout = self._start(hops), self.dropout if self.training else 0.0
        for layer, hop in zip(self.layers, hops, strict=True):
            h = layer(h, queries[:, 1], hop, self.gru, ACTIVATIONS[self.activation], dropout)
            yield h

    def _walk(self, graph: FactGraph, heads: Tensor) -> Walk:
        """Reach outwards, or take all pairs if the second step would already meet most edges."""
        prepared = self._prepare(graph)
        reached = ReachedPairs(prepared.steps, heads)
        hops = [Hop(reached.expand())]
        for _ in range(1, len(self.layers)):
            if len(hops) == 1 and 2 * reached.num_next_edges() > len(heads) * len(prepared.steps.tail):
                return prepared.saturated(heads, len(self.layers))
            hops.append(Hop(reached.expand()))
        return Walk(hops, reached.place)

    def _prepare(self, graph: FactGraph) -> Prepared:
        """Return what is made once for a graph."""
        if self._prepared is None or self._prepared.graph is not graph:
            self._prepared = Prepared(graph)
        return self._prepared


class Prepared:
    """What every batch on a graph shares: its steps and, once asked, the layer of all pairs of B queries.

    Args:
        graph: of facts.
    """

    def __init__(self, graph: FactGraph) -> None:
        self.graph, self.steps = graph, Steps.of(graph)
        self._layers: dict[int, Layer] = {}

    def saturated(self, heads: Tensor, depth: int) -> Walk:
        """Walk over all pairs from heads [B]; masks say what is reached."""
        if len(heads) not in self._layers:
            self._layers[len(heads)] = every_pair(self.steps, len(heads))
        layer = self._layers[len(heads)]
        reached = [torch.zeros(layer.num_targets, 1, device=heads.device)]
        reached[0][torch.arange(len(heads), device=heads.device) * self.steps.num_entities + heads] = 1.0
        for _ in range(depth):
            reached.append(spread(layer, reached[-1]))
        hops = [Hop(layer, *pair) for pair in pairwise(reached)]
        return Walk(hops, torch.arange(layer.num_targets, device=heads.device))
