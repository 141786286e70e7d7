"""Layers of relational digraphs against plain sets; both layouts hold the same edges."""

import torch

from parsimony.data.fact_graph import FactGraph
from parsimony.nn.reached_pairs import Layer, ReachedPairs, Steps, every_pair, spread

CHAIN = FactGraph.of(torch.tensor([[0, 0, 1], [1, 1, 2], [0, 1, 1]]), 4, 2)  # entity 3 stands alone


def random_graph() -> FactGraph:
    generator = torch.Generator().manual_seed(0)
    ends = [torch.randint(bound, (60,), generator=generator) for bound in (40, 3, 40)]
    return FactGraph.of(torch.unique(torch.stack(ends, 1), dim=0), 40, 3)


def edges_of(layer: Layer, query: torch.Tensor, entity: torch.Tensor) -> list[tuple[int, ...]]:
    """Edges as (query, head, relation, tail), sorted."""
    ends = query[layer.source], entity[layer.source], layer.relation, entity[layer.target]
    return sorted(zip(*(one.tolist() for one in ends), strict=True))


def plain_edges(graph: FactGraph, heads: list[int], depth: int) -> list[list[tuple[int, ...]]]:
    """Follow the definition: every edge, with the identity step, out of what is reached."""
    steps = list(zip(graph.head.tolist(), graph.relation.tolist(), graph.tail.tolist(), strict=True))
    steps += [(v, 2 * graph.num_relations, v) for v in range(graph.num_entities)]
    reached, layers = [{head} for head in heads], []
    for _ in range(depth):
        layers.append(sorted((b, *one) for b, here in enumerate(reached) for one in steps if one[0] in here))
        reached = [{t for h, _, t in steps if h in here} for here in reached]
    return layers


def test_steps_by_hand() -> None:
    """Each entity's edges, then its identity step, relation 4."""
    steps = Steps.of(CHAIN)
    assert [0, 3, 7, 9, 10] == steps.first.tolist()
    assert [0, 1, 4, 1, 2, 3, 4, 3, 4, 4] == steps.relation.tolist()
    assert [1, 1, 0, 2, 0, 0, 1, 1, 2, 3] == steps.tail.tolist()
    assert (4, 5) == (steps.num_entities, steps.num_relations)


def test_layers_equal_the_definition() -> None:
    """Three layers of five queries, two with one head: edge by edge what plain sets give."""
    graph, heads = random_graph(), [3, 17, 3, 0, 39]
    walk = ReachedPairs(Steps.of(graph), torch.tensor(heads))
    for expected in plain_edges(graph, heads, 3):
        announced = walk.num_next_edges()
        layer = walk.expand()
        assert expected == edges_of(layer, walk.query, walk.entity)
        assert announced == len(expected)
        assert torch.equal(layer.question, walk.query[layer.source].int() * 7 + layer.relation)


def test_pairs_are_numbered_once() -> None:
    """A later layer begins with the edges of the one before, and no pair has two numbers."""
    walk = ReachedPairs(Steps.of(random_graph()), torch.tensor([3, 17]))
    first, second = walk.expand(), walk.expand()
    assert torch.equal(first.target, second.target[: len(first.target)])
    assert torch.equal(first.first, second.first[: len(first.first)])
    assert first.num_targets == second.num_sources
    assert len(walk) == len(set(walk.place.tolist())) == second.num_targets


def test_groupings_sort_edges_by_target_and_question() -> None:
    """Each group holds the edges with its number, in their stored order."""
    walk = ReachedPairs(Steps.of(random_graph()), torch.tensor([3, 17]))
    walk.expand()
    layer = walk.expand()
    for key, (first, order) in ((layer.target, layer.by_target), (layer.question, layer.by_question)):
        for group in range(len(first) - 1):
            expected = (key == group).nonzero().squeeze(1).tolist()
            assert expected == order[first[group] : first[group + 1]].tolist()


def test_every_pair_masks_to_the_same_edges() -> None:
    """All pairs laid out once and masked hold the edges of the definition, and reach the same pairs."""
    graph, heads = random_graph(), torch.tensor([3, 17, 3])
    layer = every_pair(Steps.of(graph), 3)
    query, entity = torch.arange(120) // 40, torch.arange(120) % 40
    reached = torch.zeros(120, 1)
    reached[torch.arange(3) * 40 + heads] = 1.0
    for expected in plain_edges(graph, heads.tolist(), 3):
        open_edges = [one for one in edges_of(layer, query, entity) if reached[one[0] * 40 + one[1]]]
        assert expected == open_edges
        reached = spread(layer, reached)
        assert {(b, t) for b, _, _, t in expected} == {divmod(i, 40) for i in reached[:, 0].nonzero()[:, 0].tolist()}
