"""Chain rules q(x, y) <- b_1(x, z_1), b_2(z_1, z_2), ..., b_l(z, y): finding them in a graph and counting groundings.

A grounding of a rule for a head h is a walk from h along b_1, ..., b_l; its end is an answer that the rule supports.
Relations of rules count inverses as relations of their own, 0 to 2R - 1.

Shapes: F facts, B queries, N entities, E edges, G groundings with equal query, rule and end taken together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.baselines.expansion import inverse_of, leaving, ranges
from parsimony.data.fact_graph import FactGraph


class Rule(NamedTuple):
    """The relation that a rule concludes, and those that it walks."""

    head: int
    body: tuple[int, ...]


class Groundings(NamedTuple):
    """How often rules lead from queries to entities: row of the query, rule, entity, number of walks; [G] each."""

    row: Tensor
    rule: Tensor
    entity: Tensor
    count: Tensor


@dataclass(frozen=True, eq=False)
class FiledEdges:
    """The edges of a graph by the entity that they leave and by their relation.

    Attributes:
        num_entities: N.
        num_relations: 2R.
        first: where the edges of (entity, relation) begin, at entity * 2R + relation, then E, [2R N + 1].
        tail: where each edge leads, [E].
    """

    num_entities: int
    num_relations: int
    first: Tensor
    tail: Tensor

    def leaving(self, entity: Tensor, relation: Tensor) -> tuple[Tensor, Tensor]:
        """Return for every edge that leaves an entity by its relation the place of the pair, and the tail."""
        code = entity * self.num_relations + relation
        owner, edge = ranges(self.first[code], self.first[code + 1] - self.first[code])
        return owner, self.tail[edge]


@lru_cache(maxsize=2)
def file_edges(graph: FactGraph) -> FiledEdges:
    """File the edges of a graph; those of the last two graphs are remembered."""
    num_relations = 2 * graph.num_relations
    code = graph.head * num_relations + graph.relation
    ends = torch.bincount(code, minlength=num_relations * graph.num_entities).cumsum(0)
    first = torch.cat([ends.new_zeros(1), ends])
    return FiledEdges(graph.num_entities, num_relations, first, graph.tail[torch.argsort(code)])


@dataclass(frozen=True, eq=False)
class RuleTree:
    """Rules filed by how they begin, so that a walk that several of them share is made once.

    A node is a beginning (head, b_1, ..., b_i); the first 2R nodes are the empty beginnings of each head.

    Attributes:
        rules: in the order of their numbers; none twice.
        num_relations: 2R.
    """

    rules: tuple[Rule, ...]
    num_relations: int

    @cached_property
    def _nodes(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return first child of each node, relation and node of each child, rule that ends in each node or - 1."""
        children: list[dict[int, int]] = [{} for _ in range(self.num_relations)]
        ends: dict[int, int] = {}
        for number, rule in enumerate(self.rules):
            node = rule.head
            for relation in rule.body:
                if relation not in children[node]:
                    children[node][relation] = len(children)
                    children.append({})
                node = children[node][relation]
            ends[node] = number
        count = torch.tensor([0, *map(len, children)]).cumsum(0)
        pairs = torch.tensor([pair for one in children for pair in one.items()]).view(-1, 2)
        return count, pairs[:, 0], pairs[:, 1], torch.tensor([ends.get(node, -1) for node in range(len(children))])

    def ground(self, graph: FactGraph, queries: Tensor, answers: Tensor | None = None) -> Groundings:
        """Walk all rules of some queries.

        Args:
            graph: facts that may be walked.
            queries: head and relation, [B, 2].
            answers: if given, no walk of a row uses its own fact (head, relation, answer), [B].
        """
        first_child, child_relation, child_node, rule_of = (one.to(queries.device) for one in self._nodes)
        edges, (head, asked) = file_edges(graph), queries.T
        one = torch.ones(len(queries), device=queries.device)
        walks = Groundings(torch.arange(len(queries), device=queries.device), asked, head, one)
        found = []  # of walks, `rule` is the node
        while len(walks.row):
            place, child = ranges(first_child[walks.rule], first_child[walks.rule + 1] - first_child[walks.rule])
            walks = _take(walks, place)._replace(rule=child)
            place, tail = edges.leaving(walks.entity, child_relation[child])
            if answers is not None:
                row, relation = walks.row[place], child_relation[walks.rule[place]]
                is_own = (walks.entity[place] == head[row]) & (relation == asked[row]) & (tail == answers[row])
                place, tail = place[~is_own], tail[~is_own]
            step = _take(walks, place)
            walks = _merged(step._replace(rule=child_node[step.rule], entity=tail), len(queries), edges.num_entities)
            is_end = rule_of[walks.rule] >= 0
            found.append(_take(walks, is_end)._replace(rule=rule_of[walks.rule[is_end]]))
        return Groundings(*map(torch.cat, zip(*found, strict=True)))


def _take(walks: Groundings, place: Tensor) -> Groundings:
    return Groundings(*(one[place] for one in walks))


def _merged(walks: Groundings, num_rows: int, num_entities: int) -> Groundings:
    """Add up the walks that stand in one entity at one node."""
    code = (walks.rule * num_rows + walks.row) * num_entities + walks.entity
    code, place = torch.unique(code, return_inverse=True)
    count = torch.zeros(len(code), device=code.device).index_add_(0, place, walks.count)
    node, row = code // (num_rows * num_entities), code // num_entities % num_rows
    return Groundings(row, node, code % num_entities, count)


def mine_rules(graph: FactGraph, triples: Tensor, max_length: int = 3, batch_size: int = 512) -> dict[Rule, int]:
    """Find the rules whose walks lead from the heads of facts to their tails without the fact itself.

    A walk ends when it reaches the tail. Its last step is looked up from the tail, which spares the longest of the
    walks that end elsewhere.

    Args:
        graph: all facts.
        triples: facts to be explained, relations 0 to 2R - 1, [F, 3].
        max_length: of a body.
        batch_size: facts at a time.

    Returns:
        How many of the facts each rule explains.
    """
    found: dict[Rule, int] = {}
    for part in triples.split(batch_size):
        for length, codes in enumerate(_explanations(graph, part, max_length), start=1):
            each, counts = torch.unique(codes, return_counts=True)
            for code, count in zip(each.tolist(), counts.tolist(), strict=True):
                rule = _rule_of(code, length, 2 * graph.num_relations)
                found[rule] = found.get(rule, 0) + count
    return found


def _rule_of(code: int, length: int, num_relations: int) -> Rule:
    """Read a rule, head first, from its code in base 2R."""
    digits = [code // num_relations**place % num_relations for place in range(length, -1, -1)]
    return Rule(digits[0], tuple(digits[1:]))


def _explanations(graph: FactGraph, triples: Tensor, max_length: int) -> list[Tensor]:
    """Return for each length the codes of the rules that explain facts [F, 3], one code for each such fact."""
    num_relations, (head, asked, tail) = 2 * graph.num_relations, triples.T
    fact, edge = leaving(graph, tail)  # read backwards: the steps that could be the last
    last = fact * graph.num_entities + graph.tail[edge], inverse_of(graph.relation[edge], graph)
    order = torch.argsort(last[0])
    last = last[0][order], last[1][order]
    row, code, entity, found = torch.arange(len(triples), device=head.device), asked, head, []
    for length in range(1, max_length + 1):
        place, step = _closing(last, row * graph.num_entities + entity)
        is_own = (entity == head[row])[place] & (step == asked[row[place]])
        size = num_relations ** (length + 1)
        closed = row[place] * size + code[place] * num_relations + step
        found.append(torch.unique(closed[~is_own]) % size)
        if length < max_length:
            place, edge = leaving(graph, entity)
            is_open = graph.tail[edge] != tail[row[place]]
            place, edge = place[is_open], edge[is_open]
            walk = row[place] * size + code[place] * num_relations + graph.relation[edge]
            walk = torch.unique(walk * graph.num_entities + graph.tail[edge])
            walk, entity = walk // graph.num_entities, walk % graph.num_entities
            row, code = walk // size, walk % size
    return found


def _closing(last: tuple[Tensor, Tensor], code: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each last step from a place of `code` that place and the relation."""
    first, end = (torch.searchsorted(last[0], code, side=side) for side in ("left", "right"))
    place, found = ranges(first, end - first)
    return place, last[1][found]


def best_supported(mined: dict[Rule, int], count: int) -> list[Rule]:
    """Return for each head the `count` rules that explain most facts, at most."""
    kept: dict[int, list[Rule]] = {}
    for rule in sorted(mined, key=lambda rule: (-mined[rule], rule)):
        kept.setdefault(rule.head, []).append(rule)
    return [rule for rules in kept.values() for rule in rules[:count]]


def without_repeats(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules in their order, each once; the empty body, which explains nothing, is left out."""
    return tuple(dict.fromkeys(rule for rule in rules if rule.body))
