"""The relational digraph of one query: published counts on family, paths and thresholds by hand."""

import os

import pytest
import torch

from parsimony.data.fact_graph import FactGraph
from parsimony.data.knowledge_graph import load_knowledge_graph
from parsimony.methods.redgnn import REDGNN, AttendedEdges
from parsimony.methods.relational_digraph import RelationalDigraph, extract

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)


def edges(*rows: tuple[int, int, int, float]) -> AttendedEdges:
    head, relation, tail, alpha = zip(*rows, strict=True)
    return AttendedEdges(*map(torch.tensor, (head, relation, tail)), torch.tensor(alpha))


def two_ways() -> tuple[AttendedEdges, ...]:
    """0 to 3 by 1 (0.9 and 0.5) or by 2 (0.8 and 0.8); 0 to 4 leads nowhere, and 5 to 3 comes from nowhere."""
    return (
        edges((0, 7, 1, 0.9), (0, 7, 2, 0.8), (0, 6, 4, 1.0)),
        edges((1, 8, 3, 0.5), (2, 8, 3, 0.8), (2, 9, 3, 0.1), (5, 8, 3, 1.0), (1, 8, 4, 1.0)),
    )


@needs_mirror
def test_published_counts_on_family() -> None:
    """(1482, son, 1480) with three layers: 3, 11 and 9 edges, two inner columns by name, 28 paths."""
    data = load_knowledge_graph("family")
    graph = FactGraph.of(torch.cat([data.facts, data.train]), len(data.entities), len(data.relations))
    model = REDGNN(len(data.relations), torch.Generator().manual_seed(0), width=4, layers=3).eval()
    head, answer = data.entities.index("1482"), data.entities.index("1480")
    digraph = extract(model, graph, (head, data.relations.index("son")), answer)
    assert (3, 11, 9) == digraph.num_edges
    inner = [{data.entities[one] for one in column} for column in digraph.columns[1:3]]
    assert [{"1482", "1432"}, {"1432", "1480", "1479", "1433", "1478", "1249"}] == inner
    assert 28 == digraph.num_paths == len(digraph.best_paths(100))


def test_only_edges_between_head_and_answer_stay() -> None:
    """Backward and forward: what leads nowhere and what comes from nowhere is dropped."""
    digraph = RelationalDigraph.of(0, 3, two_ways())
    assert (2, 3) == digraph.num_edges
    assert (frozenset({0}), frozenset({1, 2}), frozenset({3})) == digraph.columns
    assert 3 == digraph.num_paths


def test_best_paths_by_hand() -> None:
    """0.8 * 0.8 before 0.9 * 0.5 before 0.8 * 0.1."""
    best = RelationalDigraph.of(0, 3, two_ways()).best_paths(2)
    assert [(0, 2, 3), (0, 1, 3)] == [path.entities for path in best]
    assert [(7, 8), (7, 8)] == [path.relations for path in best]
    assert [0.64, 0.45] == pytest.approx([path.weight for path in best])


def test_threshold_prunes_what_it_cuts_off() -> None:
    """At 0.6 the edge 1 to 3 falls, and with it 0 to 1, which leads nowhere then."""
    digraph = RelationalDigraph.of(0, 3, two_ways())
    assert (1, 1) == digraph.strongest(0.6).num_edges
    assert (2, 2) == digraph.strongest(0.3).num_edges
    assert (1, 1) == digraph.strongest(0.0, at_most=3).num_edges


def test_best_path_stays_if_the_threshold_leaves_none() -> None:
    """No path survives 0.95, so the one with the largest product is kept, edge for edge."""
    part = RelationalDigraph.of(0, 3, two_ways()).strongest(0.95)
    assert [[0, 2], [2, 3]] == [[one.head.item(), one.tail.item()] for one in part.layers]
    assert [0.8, 0.8] == pytest.approx([one.alpha.item() for one in part.layers])


def test_answer_out_of_reach_is_named() -> None:
    """0 - 1 - 2 with one layer: 2 is two steps away."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [1, 0, 2]]), 3, 1)
    model = REDGNN(1, torch.Generator().manual_seed(0), width=4, layers=1).eval()
    with pytest.raises(ValueError, match="entity 2 lies more than 1 steps from entity 0"):
        extract(model, graph, (0, 0), 2)
