"""A small graph with a planted rule: an uncle is the brother of a parent."""

from dataclasses import dataclass

import torch
from torch import Tensor

from parsimony.data.fact_graph import FactGraph

PARENT, BROTHER, UNCLE, FRIEND = range(4)
RELATIONS = 4


@dataclass(frozen=True, eq=False)
class PlantedFacts:
    """Families whose uncles are known, and families whose uncle is asked.

    Attributes:
        others: facts of the other relations, of all families, [., 3].
        uncles: known facts, [., 3].
        asked: true facts that no graph holds, [., 3].
        num_entities: N.
    """

    others: Tensor
    uncles: Tensor
    asked: Tensor
    num_entities: int

    def graph(self, *parts: Tensor) -> FactGraph:
        """Return the graph of some of the facts."""
        return FactGraph.of(torch.cat(parts), self.num_entities, RELATIONS)


def planted_facts(num_families: int = 10, num_asked: int = 4) -> PlantedFacts:
    """Make families of child, parent, uncle and a brother of the friend; friends are strangers at random."""
    child = 4 * torch.arange(num_families)
    size = 4 * num_families
    friend = torch.randperm(size, generator=torch.Generator().manual_seed(0))
    others = torch.cat(
        [
            facts(child, PARENT, child + 1),
            facts(child + 1, BROTHER, child + 2),
            facts(torch.arange(size), FRIEND, friend)[friend != torch.arange(size)],
        ]
    )
    uncles = facts(child, UNCLE, child + 2)
    return PlantedFacts(others, uncles[num_asked:], uncles[:num_asked], size)


def facts(head: Tensor, relation: int, tail: Tensor) -> Tensor:
    return torch.stack([head, torch.full_like(head, relation), tail], 1)


def random_graph(num_entities: int = 9, num_relations: int = 2, count: int = 22, seed: int = 1) -> FactGraph:
    """Return a graph of distinct facts; its last entity has none."""
    generator = torch.Generator().manual_seed(seed)
    bounds = (num_entities - 1, num_relations, num_entities - 1)
    ends = [torch.randint(bound, (count,), generator=generator) for bound in bounds]
    return FactGraph.of(torch.unique(torch.stack(ends, 1), dim=0), num_entities, num_relations)


def edges_of(graph: FactGraph) -> list[tuple[int, int, int]]:
    """Return head, relation and tail of every edge."""
    return list(zip(graph.head.tolist(), graph.relation.tolist(), graph.tail.tolist(), strict=True))


def renamed(graph: FactGraph, new: Tensor) -> FactGraph:
    """Return the graph with entity e called new[e]."""
    is_fact = graph.relation < graph.num_relations
    triples = torch.stack([new[graph.head], graph.relation, new[graph.tail]], 1)[is_fact]
    return FactGraph.of(triples, graph.num_entities, graph.num_relations)


def mean_reciprocal_rank(model, graph: FactGraph, asked: Tensor) -> float:
    """Return the MRR of facts among all entities, without a filter: no query here has two answers."""
    model.eval()
    scores = model.scores(graph, asked[:, :2])
    truth = scores.gather(1, asked[:, 2:])
    ranks = (scores > truth).sum(1) + ((scores == truth).sum(1) + 1) / 2
    return (1 / ranks).mean().item()


def train(model, graph: FactGraph, facts: Tensor, steps: int, learning_rate: float) -> None:
    """Train on one batch of facts, again and again."""
    model.train()
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimiser.zero_grad()
        model.loss(graph, facts[:, :2], facts[:, 2], generator).backward()
        optimiser.step()
