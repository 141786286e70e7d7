"""Counts of pairs and edges by hand and on family; costs in the orders that they are quoted in."""

import os

import pytest
import torch

from parsimony.data.fact_graph import FactGraph
from parsimony.data.knowledge_graph import load_knowledge_graph, with_inverses
from parsimony.methods.redgnn_cost import LayerCounts, count_layers, edge_by_edge, sparse

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)


def test_counts_by_hand() -> None:
    """0 - 1 - 2 from 0 and from 1: (2 + 3) / 2 pairs and edges first, then 3 pairs, and 5 and 7 edges."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [1, 0, 2]]), 3, 1)
    expected = [LayerCounts(1.0, 2.5, 2.5), LayerCounts(2.5, 3.0, 6.0)]
    assert expected == count_layers(graph, torch.tensor([0, 1]), 2, batch_size=1)


@needs_mirror
def test_counts_on_family() -> None:
    """Mean over all training queries: 17 / 24, 58 / 522, 143 / 1,539 pairs and edges."""
    data = load_knowledge_graph("family")
    graph = FactGraph.of(data.facts, len(data.entities), len(data.relations))
    found = count_layers(graph, with_inverses(data.train, len(data.relations))[:, 0], 3)
    counts = [count for one in found for count in (one.reached, one.edges)]
    assert [17, 24, 58, 522, 143, 1539] == pytest.approx(counts, rel=0.03)


def test_costs_of_one_edge_and_one_pair() -> None:
    """At d = 48 and A = 5: 1.6 thousand operations for an edge against 0.2, 32.8 for a pair against 19.0 and 14.3."""
    edge, pair, old = LayerCounts(0, 0, 1), LayerCounts(0, 1, 0), LayerCounts(1, 0, 0)
    assert [1662, 32832, 0] == [edge_by_edge(one, 48, 5).operations for one in (edge, pair, old)]
    assert [216, 19008, 14304] == [sparse(one, 48, 5).operations for one in (edge, pair, old)]
    assert edge_by_edge(edge, 48, 5).bytes > 20 * sparse(edge, 48, 5).bytes
