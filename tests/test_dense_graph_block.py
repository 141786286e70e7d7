"""Flows on dense graphs: equal to edge lists with PyG's scatter and to loops; invariances; formulas as layers."""

import pytest
import sympy
import torch
from torch import Tensor
from torch_geometric.utils import scatter

from graph_samples_small import random_samples, renumbered
from parsimony.data.graph_samples import GraphSamples
from parsimony.nn.dense_graph_block import GraphNetwork, gather, graph_network, rows_of, target_rows
from parsimony.nn.graph_law import GraphLaw
from parsimony.symbolic.formula import parse
from parsimony.symbolic.message_flow import AGGREGATORS, MIXTURE, GraphVariables, full_flow


def network_for(samples: GraphSamples, blocks: int, aggregator: str) -> GraphNetwork:
    flow = full_flow(GraphVariables.of(samples), blocks, 3, aggregator)
    return graph_network(flow, samples, (8, 8), torch.Generator().manual_seed(1))


def edge_list_block(network: GraphNetwork, samples: GraphSamples, how: str) -> Tensor:
    """Compute one full block with an edge list and PyG's scatter, all graphs of the batch as one."""
    count, nodes = samples.present.shape
    graph, i, j = samples.adjacency.nonzero(as_tuple=True)
    receiver, sender = graph * nodes + i, graph * nodes + j
    v, u = samples.node.flatten(0, 1), samples.whole
    phi = network.functions
    e = phi["e1"](torch.cat([samples.edge[graph, i, j], v[receiver], v[sender], u[graph]], dim=1))
    owner = torch.arange(count).repeat_interleave(nodes)
    gathered = scatter(e, receiver, dim_size=count * nodes, reduce=how)
    v = phi["v1"](torch.cat([gathered, v, u[owner]], dim=1))
    if samples.level == "node":
        return v.view(count, nodes, -1) * samples.present.unsqueeze(-1)
    there = samples.present.flatten()
    of_nodes = scatter(v[there], owner[there], dim_size=count, reduce=how)
    return phi["u1"](torch.cat([scatter(e, graph, dim_size=count, reduce=how), of_nodes, u], dim=1))


@pytest.mark.parametrize("level", ["node", "whole"])
@pytest.mark.parametrize("how", AGGREGATORS)
def test_dense_block_equals_the_edge_list_block(level: str, how: str) -> None:
    """To 1e-6, on graphs of different sizes, with isolated nodes and with one graph without edges."""
    samples = random_samples(level)
    network = network_for(samples, 1, how)
    assert not samples.adjacency[0].any() and (~samples.adjacency.any(2) & samples.present)[1:].any()
    with torch.no_grad():
        assert torch.allclose(edge_list_block(network, samples, how), network(samples), atol=1e-6, rtol=0)


def test_gather_by_hand() -> None:
    """Rows 1, 5 and 3 belong to owner 0, none to owner 1, -2 to owner 2."""
    values, owner = torch.tensor([[1.0], [5.0], [-2.0], [3.0]]), torch.tensor([0, 0, 2, 0])
    expected = {"sum": [9, 0, -2], "mean": [3, 0, -2], "max": [5, 0, -2]}
    assert expected == {how: gather(values, owner, 3, how).squeeze(1).tolist() for how in AGGREGATORS}


@pytest.mark.parametrize("level", ["node", "whole"])
def test_the_order_of_nodes_does_not_matter(level: str) -> None:
    """Renumbered nodes give renumbered outputs, in two blocks."""
    samples, order = random_samples(level), torch.tensor([3, 0, 4, 1, 2])
    network = network_for(samples, 2, "sum")
    expected, found = network(samples), network(renumbered(samples, order))
    assert torch.allclose(expected if level == "whole" else expected[:, order], found, atol=1e-5)


def test_absent_nodes_and_edges_do_not_matter() -> None:
    """Other numbers in places without node or edge change nothing."""
    samples = random_samples("whole")
    network = network_for(samples, 2, "mean")
    noise = lambda mask: torch.randn(mask.shape).unsqueeze(-1) * ~mask.unsqueeze(-1)
    node, edge = samples.node + noise(samples.present), samples.edge + noise(samples.adjacency)
    assert torch.equal(network(samples), network(GraphSamples(**{**vars(samples), "node": node, "edge": edge})))


def test_a_mixture_is_the_weighted_sum_of_aggregators() -> None:
    """With all weight on one aggregator it equals that one."""
    samples = random_samples("whole")
    mixed, plain = network_for(samples, 1, MIXTURE), network_for(samples, 1, "max")
    for logits in mixed.mixtures.values():
        logits.data = torch.tensor([-100.0, -100.0, 100.0])
    assert torch.allclose(plain(samples), mixed(samples), atol=1e-6)
    assert {"v1E", "u1E", "u1V"} == set(mixed.aggregator_weights())


def test_only_rows_whose_target_counts_are_asked() -> None:
    """A node without a known target sends messages, but is neither predicted nor compared."""
    samples = random_samples("node")
    counts = samples.present & (torch.arange(5) != 1)
    partly = GraphSamples(**{**vars(samples), "has_target": counts})
    network = network_for(samples, 1, "sum")
    assert torch.equal(network(samples)[counts], network.predict(rows_of(partly)))
    assert torch.equal(samples.target[counts], target_rows(partly))


def test_a_law_equals_a_loop() -> None:
    """y_i = b_i sum over j of (c_ij a_j - 0.5 d_ij) / g, edge by edge."""
    samples = random_samples("node")
    flow = full_flow(GraphVariables.of(samples), size=1)
    names = flow.inputs(flow.layers[0])
    law = GraphLaw.of(
        flow, {"e1": [parse("(c*a_j - 0.5*d)/g", names)], "v1": [parse("b*e1_0", flow.inputs(flow.output))]}
    )
    expected = torch.zeros(7, 5, dtype=torch.float64)
    for s, i, j in samples.adjacency.nonzero().tolist():
        (c, d), (g, _) = samples.edge[s, i, j].double(), samples.whole[s].double()
        expected[s, i] += samples.node[s, i, 1].double() * (c * samples.node[s, j, 0].double() - 0.5 * d) / g
    assert torch.allclose(expected[samples.present], law.predict(samples).squeeze(1), atol=1e-12)


def test_factors_of_messages_move_to_their_readers() -> None:
    """2 c in a message and 3 outside is c in the message and 6 outside; predictions stay."""
    samples = random_samples("node")
    flow = full_flow(GraphVariables.of(samples), size=1)
    law = GraphLaw.of(flow, {"e1": [2.0 * sympy.Symbol("c")], "v1": [3.0 * sympy.Symbol("e1_0")]})
    free = law.without_free_factors()
    assert (["c"], ["6.0*e1_0"]) == tuple([str(one) for one in own] for own in free.expressions.values())
    assert torch.allclose(law.predict(samples), free.predict(samples))
    with pytest.raises(ValueError, match="2 formulas given for e1"):
        GraphLaw.of(flow, {"e1": [sympy.S.One] * 2, "v1": [sympy.S.One]})
