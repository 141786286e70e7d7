"""DRUM: rules as products of weighted adjacency matrices (Sadeghian et al., NeurIPS 2019, arXiv 1911.00055; Table 6).

A query relation q has J mixtures of chain rules of T hops. In mixture j a bidirectional LSTM reads the vector of q
at each of T steps, and step t chooses softly among the relations, their inverses and the identity:

    choice      a_t^j = softmax(W [forward state | backward state] + b)        over 2R + 1 operators; W is shared by j
    walk        u_0 = 1[v = head],   u_t = sum over k of  a_tk M_k u_{t-1},    divided by max(|u_t|_1, 1e-20)
    score       p = sum over j of  u_T^j
    loss        - log max(p of the answer, 1e-20)                              mean over queries

M_k u moves weight along the edges of relation k. Only entities that weight has reached matter, so a step gathers the
edges that leave them, for all queries and mixtures at once, and sums by (query, entity): one sparse product, whose
cost is that of the reached part of the graph, instead of 2R products with all of it.
The facts of a batch are hidden, in both directions, while it is answered.

The authors' `num_step` counts one step that only reads out: 3 are the 2 hops that are the default here. They clip
gradients to [-5, 5] element by element, which belongs to the training; they rank ties optimistically, here ranks are
means over ties.

Shapes: B queries, Q distinct query relations, N entities, R relations without inverses, K = 2R + 1 operators,
J mixtures, T hops, P reached (query, entity) pairs.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

import torch
from torch import Tensor, nn

from parsimony.baselines.expansion import distinct, joining, leaving, require_evaluation
from parsimony.data.fact_graph import FactGraph
from parsimony.nn.dense import dense
from parsimony.nn.seeded import normal_table, seeded


class DRUM(nn.Module):
    """Mixtures of chain rules, one choice of operators for each hop and query relation.

    Args:
        num_relations: R, without inverses.
        generator: of the initial weights.
        hops: T, the longest chain.
        num_mixtures: J.
        width: of the vectors of relations and of the states in each direction.
    """

    def __init__(
        self, num_relations: int, generator: torch.Generator, *, hops: int = 2, num_mixtures: int = 3, width: int = 128
    ) -> None:
        super().__init__()
        self.num_relations, self.hops = num_relations, hops
        self.query = normal_table(2 * num_relations, width, generator)
        self.readers = nn.ModuleList(
            seeded(nn.LSTM(width, width, batch_first=True, bidirectional=True), generator) for _ in range(num_mixtures)
        )
        self.W = dense(2 * width, 2 * num_relations + 1, generator)

    def choices(self, relations: Tensor) -> Tensor:
        """Return a of query relations [Q], [Q, T, K, J]; the last operator is the identity."""
        x = self.query[relations].unsqueeze(1).expand(-1, self.hops, -1)
        return torch.stack([torch.softmax(self.W(reader(x)[0]), -1) for reader in self.readers], -1)

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the mean of - log p of the answers.

        Args:
            graph: all training facts, those of the batch included; they are hidden here.
            queries: head and relation, 0 to 2R - 1, [B, 2].
            answers: [B].
            generator: not read, nothing is drawn.
        """
        p = self._walk(graph, queries, joining(graph, queries, answers.unsqueeze(1)))
        return -p.gather(1, answers.unsqueeze(1)).clamp(min=1e-20).log().mean()

    @torch.no_grad()
    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity.

        Args:
            graph: facts that may be used.
            queries: head and relation, [B, 2].

        Returns:
            p, 0 for entities not reached, [B, N].

        Raises:
            ValueError: in training mode.
        """
        require_evaluation(self)
        nothing = torch.zeros(graph.num_edges, dtype=torch.bool, device=queries.device)
        return torch.cat([self._walk(graph, part, nothing) for part in queries.split(64)])

    def _walk(self, graph: FactGraph, queries: Tensor, is_hidden: Tensor) -> Tensor:
        """Return p, [B, N]."""
        relations, asked = torch.unique(queries[:, 1], return_inverse=True)
        size = graph.num_entities
        pair = torch.arange(len(queries), device=queries.device) * size + queries[:, 0]
        u = torch.ones(len(queries), len(self.readers), device=queries.device)
        for choice in self.choices(relations).unbind(1):
            source, operator, target = self._steps(graph, pair, is_hidden)
            code = asked[pair // size][source] * choice.shape[1] + operator
            moved = u[source] * choice.flatten(0, 1).index_select(0, code)
            pair, place = distinct(target, len(queries) * size)
            u = moved.new_zeros(len(pair), moved.shape[1]).index_add(0, place, moved)
            row = pair // size
            norm = u.new_zeros(len(queries), u.shape[1]).index_add(0, row, u)  # weights are never negative
            u = u / norm.clamp(min=1e-20)[row]
        return u.new_zeros(len(queries) * size).index_add(0, pair, u.sum(1)).view(len(queries), size)

    def _steps(self, graph: FactGraph, pair: Tensor, is_hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return source (a place in `pair` [P]), operator and target pair of each step, identities at the end."""
        entity = pair % graph.num_entities
        source, edge = leaving(graph, entity)
        is_open = ~is_hidden[edge]
        source, edge = source[is_open], edge[is_open]
        target = (pair - entity)[source] + graph.tail[edge]
        operator = torch.cat([graph.relation[edge], torch.full_like(pair, 2 * self.num_relations)])
        return torch.cat([source, torch.arange(len(pair), device=pair.device)]), operator, torch.cat([target, pair])


@torch.no_grad()
def chain_rules(model: DRUM, relation: int, count: int = 10) -> list[tuple[tuple[int, ...], float]]:
    """Read the rules that a model has learned for a query relation.

    The weight of a chain is the product of its choices; identities are left out of a chain, and chains that become
    equal, in one mixture or in several, are added up. Each hop offers its `count` best operators, so the weight of a
    chain that hides among many weak ones may miss a small part. Since a walk is divided by its sum, a choice that no
    edge can follow costs nothing: a chain may be heavy although no head of the query relation can walk it.

    Args:
        model: trained.
        relation: of the query, 0 to 2R - 1.
        count: rules returned, at most.

    Returns:
        Bodies (relations, in the order of the walk) and weights, heaviest first; () says "the head itself".
    """
    found: Counter[tuple[int, ...]] = Counter()
    for mixture in model.choices(torch.tensor([relation], device=model.query.device))[0].unbind(-1):
        weights, operators = mixture.topk(min(count, mixture.shape[1]), dim=1)
        hops = [list(zip(*hop, strict=True)) for hop in zip(operators.tolist(), weights.tolist(), strict=True)]
        for chain in product(*hops):
            body = tuple(operator for operator, _ in chain if operator != 2 * model.num_relations)
            found[body] += prod(weight for _, weight in chain)
    return found.most_common(count)
