"""Generated laws: target against loops and by hand, symmetry, formulas and their units."""

import math
from collections.abc import Callable

import pytest
import torch

from law_formulas import evaluate, units_of_law
from parsimony.data import social_force
from parsimony.data.cards import DATASETS
from parsimony.data.graph_samples import GraphSamples
from parsimony.data.law import Law
from parsimony.data.physical_laws import GRAVITATION, LAWS
from parsimony.data.random_graphs import LEAST_DISTANCE, connected_graphs, grid

EVERY = (*LAWS.values(), *social_force.LAWS.values())
by_name = pytest.mark.parametrize("law", EVERY, ids=lambda law: law.name)


class Graph:
    """One sample, asked by names: slow and plain."""

    def __init__(self, samples: GraphSamples, row: int) -> None:
        self.samples, self.row, self.nodes = samples, row, range(samples.num_nodes)

    def node(self, name: str, i: int) -> float:
        return float(self.samples.node[self.row, i, self.samples.node_names.index(name)])

    def edge(self, name: str, i: int, j: int) -> float:
        return float(self.samples.edge[self.row, i, j, self.samples.edge_names.index(name)])

    def neighbours(self, i: int) -> list[int]:
        return [j for j in self.nodes if self.samples.adjacency[self.row, i, j]]

    def total(self, name: str) -> float:
        return sum(self.node(name, i) for i in self.nodes)


def springs(graph: Graph) -> list[list[float]]:
    return [
        [
            sum(
                graph.edge("k", i, j) * (1 - 1 / graph.edge("r", i, j)) * graph.edge(side, i, j)
                for j in graph.neighbours(i)
            )
            / graph.node("mass", i)
            for side in ("dx", "dy")
        ]
        for i in graph.nodes
    ]


def springs_complex(graph: Graph) -> list[list[float]]:
    drift = [graph.total(name) / graph.total("mass") for name in ("fx", "fy")]
    pushes = [[graph.node(name, i) / graph.node("mass", i) for name in ("fx", "fy")] for i in graph.nodes]
    return [
        [pull + push - d for pull, push, d in zip(*pair, drift, strict=True)]
        for pair in zip(springs(graph), pushes, strict=True)
    ]


def cloud(graph: Graph, strength: Callable[[int, int], float]) -> list[list[float]]:
    return [
        [
            sum(strength(i, j) * graph.edge(side, i, j) / graph.edge("r", i, j) ** 3 for j in graph.nodes if j != i)
            for side in ("dx", "dy")
        ]
        for i in graph.nodes
    ]


def gravity(graph: Graph) -> list[list[float]]:
    return cloud(graph, lambda i, j: graph.node("mass", j))


def coulomb(graph: Graph) -> list[list[float]]:
    return cloud(graph, lambda i, j: -graph.node("charge", i) * graph.node("charge", j) / graph.node("mass", i))


def circuit(graph: Graph) -> list[float]:
    pairs = [(i, j) for i in graph.nodes for j in graph.neighbours(i) if i < j]
    return [sum((graph.node("V", i) - graph.node("V", j)) ** 2 / graph.edge("R", i, j) for i, j in pairs)]


def heat(graph: Graph, outside: Callable[[int], float] = lambda i: 0.0) -> list[float]:
    alpha = float(graph.samples.whole[graph.row, 0])
    total = 0.0
    for i in graph.nodes:
        own = graph.node("T", i)
        total += (sum(alpha * (graph.node("T", j) - own) for j in graph.neighbours(i)) + outside(i)) / own
    return [total]


def heat_complex(graph: Graph) -> list[float]:
    return heat(graph, lambda i: graph.node("q", i))


LOOPS = {
    "springs": springs,
    "springs-complex": springs_complex,
    "coulomb": coulomb,
    "gravity": gravity,
    "circuit": circuit,
    "heat": heat,
    "heat-complex": heat_complex,
}


@pytest.mark.parametrize("name", LAWS)
def test_targets_agree_with_loops(name: str) -> None:
    """The vectorised target is the sum over nodes and edges."""
    samples = LAWS[name].sample(12, 3)
    expected = torch.tensor([LOOPS[name](Graph(samples, row)) for row in range(12)])
    assert torch.allclose(expected, samples.target, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@by_name
def test_formulas_give_the_target(law: Law) -> None:
    """The text of the law, evaluated, is the target, also on larger graphs."""
    for nodes in law.nodes:
        samples = law.sample(40, 5, nodes)
        assert nodes == samples.num_nodes
        error = (torch.from_numpy(evaluate(law, samples)) - samples.target).abs().max()
        assert error <= 1e-5 * samples.target_deviation().max()


@by_name
def test_units_of_the_formulas_are_those_of_the_target(law: Law) -> None:
    """Only like units are added, and what comes out is an acceleration, a power or an entropy production."""
    samples = law.sample(2, 0)
    assert tuple(samples.units[name] for name in samples.target_names) == units_of_law(law, samples)


@by_name
def test_renumbering_nodes_renumbers_the_target(law: Law) -> None:
    """What the formula gives on renumbered nodes is the target, renumbered where nodes have one."""
    samples = law.sample(20, 1, law.nodes[0])
    order = torch.randperm(samples.num_nodes, generator=torch.Generator().manual_seed(0))
    renumbered = samples._with(
        adjacency=samples.adjacency[:, order][:, :, order],
        node=samples.node[:, order],
        edge=samples.edge[:, order][:, :, order],
    )
    expected = samples.target[:, order] if samples.level == "node" else samples.target
    found = torch.from_numpy(evaluate(law, renumbered)).float()
    assert torch.allclose(expected, found, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@by_name
def test_a_seed_gives_one_sample(law: Law) -> None:
    """The same seed gives the same graphs bit for bit, another seed others."""
    one, same, other = law.sample(4, 0), law.sample(4, 0), law.sample(4, 1)
    assert torch.equal(one.target, same.target) and torch.equal(one.adjacency, same.adjacency)
    assert not torch.equal(one.target, other.target)


def test_laws_share_no_draws() -> None:
    """Springs and pushed springs under one seed are different graphs."""
    assert not torch.equal(LAWS["springs"].sample(1, 0).node, LAWS["springs-complex"].sample(1, 0).node[..., :1])


@by_name
def test_sizes_stand_on_the_card(law: Law) -> None:
    """What a page says of a law is what it samples."""
    samples = law.sample(1, 0)
    assert DATASETS[law.name].counts == {
        "nodes": samples.num_nodes,
        "node variables": len(samples.node_names),
        "edge variables": len(samples.edge_names),
        "whole variables": len(samples.whole_names),
    }
    assert law.nodes[0] == samples.num_nodes and all(2 <= many / law.nodes[0] <= 4 for many in law.nodes[1:])


def test_two_bodies_by_hand() -> None:
    """Newton: the lighter moves more, both towards each other, and momentum stays."""
    samples = LAWS["gravity"].sample(1, 0, 2)
    mass, r = samples.node[0, :, 0], samples.edge[0, 0, 1, 2]
    acceleration = samples.target[0].norm(dim=1)
    assert torch.allclose(GRAVITATION * mass.flip(0) / r**2, acceleration)
    assert torch.allclose(torch.zeros(2), (mass.unsqueeze(1) * samples.target[0]).sum(0), atol=1e-6)
    assert samples.edge[0, 0, 1, :2] @ samples.target[0, 0] > 0


def test_one_resistor_by_hand() -> None:
    """P = U^2 / R, once."""
    samples = LAWS["circuit"].sample(3, 0, 2)
    drop = samples.node[:, 0, 0] - samples.node[:, 1, 0]
    assert torch.allclose(drop**2 / samples.edge[:, 0, 1, 0], samples.target[:, 0])


def test_pushed_springs_rest_at_their_centre_of_mass() -> None:
    """Seen from the centre of mass, masses times accelerations sum to zero."""
    samples = LAWS["springs-complex"].sample(20, 0)
    assert (samples.node[..., :1] * samples.target).sum(1).abs().max() < 1e-5


def test_distributions_are_those_of_the_paper() -> None:
    """Ranges of resistances, temperatures and conductivities; normal potentials and positions; lognormal masses."""
    circuits, grids, masses = (LAWS[name].sample(4000, 0) for name in ("circuit", "heat", "springs"))
    resistance = circuits.edge[circuits.adjacency][:, 0]
    assert 0.1 <= resistance.min() < 0.11 and 1.09 < resistance.max() <= 1.1
    assert 0.1 <= grids.node.min() < 0.11 and 0.99 < grids.node.max() <= 1
    assert 1 <= grids.whole.min() < 1.01 and 2.99 < grids.whole.max() <= 3
    assert 0.02 > abs(circuits.node.std() - 1) and 0.02 > abs(masses.positions.std() - 1)
    assert 0.01 > abs(masses.node.log().std() - 0.3)
    stiffness = masses.edge[masses.adjacency][:, 0]
    assert 0.1 <= stiffness.min() < 0.11 and 0.99 < stiffness.max() <= 1


def test_edges_have_the_same_variables_from_both_ends() -> None:
    """Stiffness, resistance and distance; the displacement changes its sign."""
    for name, same in (("springs", ("k", "r")), ("circuit", ("R",))):
        samples = LAWS[name].sample(30, 0)
        for column, variable in enumerate(samples.edge_names):
            values = samples.edge[..., column]
            assert torch.equal(values, (1 if variable in same else -1) * values.transpose(1, 2))


def test_graphs_are_connected() -> None:
    """A path, and of the other six pairs of five nodes six in ten."""
    graphs = connected_graphs(3000, 5, torch.Generator().manual_seed(0))
    assert graphs.diagonal(offset=1, dim1=1, dim2=2).all() and torch.equal(graphs, graphs.transpose(1, 2))
    others = graphs.triu(2).sum() / (3000 * 6)
    assert 0.02 > abs(float(others) - 0.6)


def test_bodies_keep_their_distance() -> None:
    """Nobody is closer than 0.5, however many there are."""
    for nodes in LAWS["gravity"].nodes:
        samples = LAWS["gravity"].sample(200, 0, nodes)
        assert LEAST_DISTANCE <= samples.edge[samples.adjacency][:, 2].min()


def test_grids_have_four_neighbours_inside() -> None:
    """3 x 3: one node in the middle, four at the sides, four in corners; 18 nodes are 3 x 6."""
    assert [2, 3, 2, 3, 4, 3, 2, 3, 2] == grid(9).sum(1).tolist()
    assert 2 * (3 * 5 + 2 * 6) == grid(18).sum()
    with pytest.raises(ValueError, match=r"a grid of 7 nodes asked; ask for a product"):
        LAWS["heat"].sample(1, 0, 7)


def test_a_wrong_unit_is_found() -> None:
    """The check of units sees a length added to a number."""
    law = LAWS["springs"]
    with pytest.raises(ValueError, match="unlike units"):
        units_of_law(Law("wrong", "", law.sample, "", ("k*(1 - r)*dx",)), law.sample(1, 0))
    assert math.isclose(1.0, law.constants["l0"])
