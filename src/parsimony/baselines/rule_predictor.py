"""Answering with given chain rules: the two predictors of RNNLogic (Qu et al., ICLR 2021, arXiv 2010.04029; Table 6).

n_k(h, e) is the number of walks of rule k from h to e; a query (h, q, ?) uses the rules of q.

    predictor     score(e) = bias_e + sum over k of  w_k n_k(h, e)
    predictor+    x_e      = [aggregate over k of v_k, weighed by n_k(h, e)]     v_k: a vector for each rule
                  score(e) = bias_e + MLP([relu(LayerNorm(W x_e + b)) | r_q])    second term: reached entities only

    aggregate     sum n_k v_k,   or   PNA: mean, min, max, std of v_k with n_k as multiplicity (one more counts in the
                  denominator), each scaled by 1, s_e, 1 / s_e;  s_e = log(1 + sum n_k) / (its mean over the query)

Loss of a fact (h, q, t): softmax over all entities against 0.2 for every training answer of (h, q) and 0.8 for t,
divided by the sum of these targets. The fact itself is not walked by the rules of its row.

Rule scores of the EM iteration, of the predictor, for the facts of one relation:

    H_k = sum over facts of  softmax over k of ( w_k n_k(h, t) - mean over reached e of w_k n_k(h, e) ) / (all facts)

Rules without a walk count with 0 in that softmax, as in the authors' code. Rules stand for the entities of one graph,
since every entity has a bias.

Shapes: B queries, N entities, R relations without inverses, K rules, C reached (query, entity) pairs, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from parsimony.baselines.chain_rules import Groundings, Rule, RuleTree, without_repeats
from parsimony.baselines.expansion import known_answers, require_evaluation
from parsimony.data.fact_graph import FactGraph
from parsimony.nn.dense import dense
from parsimony.nn.perceptron import perceptron
from parsimony.nn.seeded import normal_table, seeded

SMOOTHING = 0.2  # share of the target that all training answers have


class RulePredictor(nn.Module):
    """One weight for each rule.

    Args:
        num_entities: N.
        num_relations: R, without inverses.
        rules: repeated ones count once.
    """

    def __init__(self, num_entities: int, num_relations: int, rules: Sequence[Rule]) -> None:
        super().__init__()
        self.tree = RuleTree(without_repeats(rules), 2 * num_relations)
        self.bias = nn.Parameter(torch.zeros(num_entities))
        self.w = nn.Parameter(torch.zeros(len(self.tree.rules)))

    def forward(self, queries: Tensor, walks: Groundings) -> Tensor:
        """Return logits [B, N] of queries [B, 2], given the walks of their rules."""
        place = walks.row * len(self.bias) + walks.entity
        return added_to_bias(self.bias, len(queries), place, self.w[walks.rule] * walks.count)

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of facts; see the module. Nothing is drawn from the generator."""
        return smoothed_loss(self, graph, queries, answers)

    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity, [B, N], of queries [B, 2]; ValueError in training mode or on another graph's entities."""
        return evaluated(self, graph, queries)

    @torch.no_grad()
    def rule_scores(self, graph: FactGraph, queries: Tensor, answers: Tensor) -> Tensor:
        """Return the sum over facts of H's softmax, not yet divided, [K].

        Args:
            graph: all facts.
            queries: head and relation; one relation for the whole batch, [B, 2].
            answers: [B].
        """
        walks = self.tree.ground(graph, queries, answers)
        rules = torch.tensor([rule.head for rule in self.tree.rules], device=queries.device) == queries[0, 1]
        value = self.w[walks.rule] * walks.count
        reached = torch.unique(walks.row * graph.num_entities + walks.entity) // graph.num_entities
        mean = value / torch.bincount(reached, minlength=len(queries))[walks.row]
        gain = torch.where(walks.entity == answers[walks.row], value, 0.0) - mean
        H = torch.zeros(len(queries), len(self.w), device=queries.device)
        H = H.index_put((walks.row, walks.rule), gain, accumulate=True)[:, rules]
        return torch.zeros_like(self.w).index_copy(0, rules.nonzero().squeeze(1), torch.softmax(H, 1).sum(0))


class RulePredictorPlus(nn.Module):
    """A vector for each rule, brought together in every entity that the rules reach.

    Args:
        num_entities: N.
        num_relations: R, without inverses.
        rules: repeated ones count once.
        generator: of the initial weights.
        width: D.
        is_pna: whether vectors are brought together by PNA, as published for WN18RR, or added up, for FB15k-237.
        reads_bodies: whether an LSTM reads the vectors from head and body; else each rule has a free one.
    """

    def __init__(
        self,
        num_entities: int,
        num_relations: int,
        rules: Sequence[Rule],
        generator: torch.Generator,
        *,
        width: int = 16,
        is_pna: bool = True,
        reads_bodies: bool = False,
    ) -> None:
        super().__init__()
        self.tree = RuleTree(without_repeats(rules), 2 * num_relations)
        size = len(self.tree.rules)
        self.vectors = (
            RuleReader(self.tree.rules, 2 * num_relations, width, generator)
            if reads_bodies
            else FreeVectors(size, width, generator)
        )
        self.aggregate = pna if is_pna else weighed_sum
        self.W = dense((12 if is_pna else 1) * width, width, generator)
        self.norm = nn.LayerNorm(width)
        self.relation = normal_table(2 * num_relations, width, generator)
        self.mlp = perceptron((2 * width, 128, 1), nn.ReLU, generator)
        self.bias = nn.Parameter(torch.zeros(num_entities))

    def forward(self, queries: Tensor, walks: Groundings) -> Tensor:
        """Return logits [B, N] of queries [B, 2], given the walks of their rules."""
        pair, place = torch.unique(walks.row * len(self.bias) + walks.entity, return_inverse=True)
        row = pair // len(self.bias)
        x = self.aggregate(self.vectors()[walks.rule], walks.count, Candidates(place, row))
        x = torch.relu(self.norm(self.W(x)))
        return added_to_bias(
            self.bias, len(queries), pair, self.mlp(torch.cat([x, self.relation[queries[row, 1]]], 1)).squeeze(1)
        )

    def loss(self, graph: FactGraph, queries: Tensor, answers: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of facts; see the module. Nothing is drawn from the generator."""
        return smoothed_loss(self, graph, queries, answers)

    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity, [B, N], of queries [B, 2]; ValueError in training mode or on another graph's entities."""
        return evaluated(self, graph, queries)


Predictor = RulePredictor | RulePredictorPlus


class FreeVectors(nn.Module):
    """One free vector for each rule, at first uniform in 1 / sqrt(D), like the rows of a linear layer.

    Args:
        size: K.
        width: D.
        generator: of the initial weights.
    """

    def __init__(self, size: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        bound = width**-0.5
        self.table = nn.Parameter(torch.empty(size, width).uniform_(-bound, bound, generator=generator))

    def forward(self) -> Tensor:
        """Return the vectors, [K, D]."""
        return self.table


class RuleReader(nn.Module):
    """An LSTM of three layers that reads head and body of each rule.

    Args:
        rules: K.
        num_relations: 2R.
        width: D.
        generator: of the initial weights.
    """

    def __init__(self, rules: Sequence[Rule], num_relations: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.table = normal_table(num_relations, width, generator)
        self.lstm = seeded(nn.LSTM(width, width, num_layers=3, batch_first=True), generator)
        words = [torch.tensor([rule.head, *rule.body]) for rule in rules]
        self.register_buffer("words", nn.utils.rnn.pad_sequence(words, batch_first=True), persistent=False)
        self.register_buffer("last", torch.tensor([len(one) - 1 for one in words]), persistent=False)

    def forward(self) -> Tensor:
        """Return the state after the last relation of each rule, [K, D]."""
        states, _ = self.lstm(self.table[self.words])  # what is read after the end changes no state before it
        return states[torch.arange(len(states), device=states.device), self.last]


class Candidates(NamedTuple):
    """Reached pairs: place among them of each grounding, [G], and row in the batch of each pair, [C]."""

    place: Tensor
    row: Tensor


def weighed_sum(v: Tensor, count: Tensor, candidates: Candidates) -> Tensor:
    """Return the sum of n v for each candidate, [C, D], from vectors [G, D] and counts [G]."""
    return v.new_zeros(len(candidates.row), v.shape[1]).index_add(0, candidates.place, v * count.unsqueeze(1))


def pna(v: Tensor, count: Tensor, candidates: Candidates) -> Tensor:
    """Return four statistics in three scales for each candidate, [C, 12 D]; arguments as `weighed_sum`."""
    number = (1 + count.new_zeros(len(candidates.row)).index_add(0, candidates.place, count)).unsqueeze(1)
    mean = weighed_sum(v, count, candidates) / number
    variance = weighed_sum(v.square(), count, candidates) / number - mean.square()
    target, start = candidates.place.unsqueeze(1).expand_as(v), torch.zeros_like(mean)
    extremes = [start.scatter_reduce(0, target, v, kind, include_self=False) for kind in ("amin", "amax")]
    features = torch.cat([mean, *extremes, variance.clamp(min=1e-6).sqrt()], 1)
    scale = number.log()
    per_row = scale.new_zeros(int(candidates.row.max()) + 1, 1) if len(scale) else scale
    mean_scale = per_row.scatter_reduce(0, candidates.row.unsqueeze(1), scale, "mean", include_self=False)
    scale = scale / mean_scale[candidates.row].clamp(min=1e-6)
    return torch.cat([features, features * scale, features / scale.clamp(min=1e-6)], 1)


def added_to_bias(bias: Tensor, num_rows: int, place: Tensor, value: Tensor) -> Tensor:
    """Return the bias of every entity with values added at places row * N + entity, [B, N]."""
    logits = bias.repeat(num_rows).index_add(0, place, value)
    return logits.view(num_rows, -1)


def smoothed_loss(model: Predictor, graph: FactGraph, queries: Tensor, answers: Tensor) -> Tensor:
    """Return the cross-entropy of queries [B, 2] against their answers [B] and all others that the graph gives."""
    logits = model(queries, model.tree.ground(graph, queries, answers))
    target = torch.zeros_like(logits)
    target[known_answers(graph, queries)] = SMOOTHING
    target[torch.arange(len(answers), device=answers.device), answers] += 1 - SMOOTHING
    return -(torch.log_softmax(logits, 1) * target).sum() / target.sum()


@torch.no_grad()
def evaluated(model: Predictor, graph: FactGraph, queries: Tensor) -> Tensor:
    """Return the logits of queries [B, 2] on a graph whose entities the model knows, [B, N]."""
    require_evaluation(model)
    if graph.num_entities != len(model.bias):
        raise ValueError(
            f"a graph of {graph.num_entities} entities given, but the model has a bias for each of {len(model.bias)}; "
            "rules with biases answer only on the entities that they were trained with."
        )
    return torch.cat([model(part, model.tree.ground(graph, part)) for part in queries.split(32)])
