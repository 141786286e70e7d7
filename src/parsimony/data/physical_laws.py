"""Seven physical laws on random graphs, generated: what a method should find is known.

Springs, circuit and heat are those of Shi et al. (ICLR 2023, appendix A.1, Table 3); gravity and Coulomb are potentials
of Cranmer et al. (arXiv 2006.11287), read as accelerations at random states:

    springs          a_i = sum_j k_ij (1 - l0 / r_ij) D_ij / m_i                    D_ij = x_j - x_i, r_ij = |D_ij|
    springs-complex  a_i = (sum_j k_ij (1 - l0 / r_ij) D_ij + f_i) / m_i - sum_j f_j / sum_j m_j
    coulomb          a_i = - sum_j K q_i q_j D_ij / r_ij^3 / m_i
    gravity          a_i = sum_j G m_j D_ij / r_ij^3
    circuit          P = sum over resistors (V_i - V_j)^2 / R_ij
    heat             entropy production = sum_i sum_j alpha (T_j - T_i) / T_i
    heat-complex     entropy production = sum_i (sum_j alpha (T_j - T_i) + q_i) / T_i

Distributions of the paper: positions, f and V standard normal, masses lognormal, alpha uniform on 1 to 3, l0 = 1; five
nodes, for heat a 3 x 3 grid. What it leaves open, or what makes too heavy tails, is chosen here: a graph is a path and
each other pair with probability 0.6, another one in each sample (0.2 for springs-complex, where neighbours would else
tell the sum of all forces); deviation 0.3 of log m; k on 0.1 to 1; R on 0.1 to 1.1
and T on 0.1 to 1, uniform; q normal with deviation 3 (with 1, edges could tell it about as well as nodes).
Gravity and Coulomb connect every pair. Cranmer et al. soften the distance, r + 0.01, and take deviation 1 of log m;
then 1 % of the targets hold most of their variance. Here no two bodies are closer than 0.5, so that the law stands as
it is written, and the deviation is 0.5. The positions have deviation sqrt(N / 5), for one density at every N. Their
charges are +1 and -1, each its own inverse, so that data could not tell q from 1 / q; here 0.5 to 1.5 of either sign.

Targets are computed in float64 from the float32 variables that a method sees.
Shapes: S graphs, N nodes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor

from parsimony.data.graph_samples import GraphSamples, Unit
from parsimony.data.law import Law
from parsimony.data.random_graphs import (
    EDGE_PROBABILITY,
    connected_graphs,
    edge_geometry,
    grid,
    lognormal,
    named,
    received,
    spread_positions,
    symmetric,
)

NODES, GRID_NODES = 5, 9
REST_LENGTH, GRAVITATION, COULOMB = 1.0, 1.0, 1.0
SPARSE = 0.2  # probability of an edge
HEATING = 3.0  # deviation of q
SPRING_MASSES, CLOUD_MASSES = 0.3, 0.5  # deviation of log m

GEOMETRY = ("dx", "dy", "r")
PLANE = ("ax", "ay")
FORCE = ("fx", "fy")
NUMBER: Unit = (0, 0, 0, 0, 0)
METRE: Unit = (0, 1, 0, 0, 0)
ACCELERATION: Unit = (0, 1, -2, 0, 0)
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        **dict.fromkeys((*GEOMETRY, "l0"), METRE),
        **dict.fromkeys(PLANE, ACCELERATION),
        **dict.fromkeys(FORCE, (1, 1, -2, 0, 0)),  # newton
        "mass": (1, 0, 0, 0, 0),
        "k": (1, 0, -2, 0, 0),  # newton a metre
        "charge": (0, 0, 1, 1, 0),  # coulomb
        "G": (-1, 3, -2, 0, 0),
        "K": (1, 3, -4, -2, 0),
        "V": (1, 2, -3, -1, 0),  # volt
        "R": (1, 2, -3, -2, 0),  # ohm
        "P": (1, 2, -3, 0, 0),  # watt
        "q": (1, 2, -3, 0, 0),
        "T": (0, 0, 0, 0, 1),
        "alpha": (1, 2, -3, 0, -1),  # watt a kelvin
        "entropy": (1, 2, -3, 0, -1),
    }
)


def law_generator(name: str, seed: int) -> torch.Generator:
    """Return the draws of a law under a seed; laws share none."""
    return torch.Generator().manual_seed(zlib.crc32(f"{name} {seed}".encode()))


def sample_springs(num_graphs: int, seed: int, nodes: int | None = None, *, is_pushed: bool = False) -> GraphSamples:
    """Draw masses joined by springs; other arguments as `Sampler`.

    Args:
        is_pushed: whether an external force acts on each mass, and accelerations are relative to the centre of mass.
    """
    name, nodes = "springs-complex" if is_pushed else "springs", nodes or NODES
    generator = law_generator(name, seed)
    adjacency = connected_graphs(num_graphs, nodes, generator, SPARSE if is_pushed else EDGE_PROBABILITY)
    positions = torch.randn(num_graphs, nodes, 2, generator=generator)
    geometry = edge_geometry(positions, adjacency)
    stiffness = symmetric(num_graphs, nodes, 0.1, 1.0, generator) * adjacency.unsqueeze(-1)
    mass = lognormal(num_graphs, nodes, SPRING_MASSES, generator)
    pushes = torch.randn(num_graphs, nodes, 2, generator=generator) if is_pushed else torch.zeros_like(positions)
    pull = stiffness.double() * (1 - REST_LENGTH / geometry[..., 2:].double()) * geometry[..., :2]
    drift = pushes.double().sum(1, keepdim=True) / mass.double().sum(1, keepdim=True)
    return _samples(
        name,
        adjacency,
        node={"mass": mass} | (named(FORCE, pushes) if is_pushed else {}),
        edge={"k": stiffness} | named(GEOMETRY, geometry),
        target=named(PLANE, (received(pull, adjacency) + pushes) / mass - drift),
        positions=positions,
    )


def sample_cloud(name: str, num_graphs: int, seed: int, nodes: int | None = None) -> GraphSamples:
    """Draw bodies that all attract ("gravity"), or attract and repel ("coulomb"), each other."""
    nodes = nodes or NODES
    generator = law_generator(name, seed)
    adjacency = (~torch.eye(nodes, dtype=torch.bool)).repeat(num_graphs, 1, 1)
    scale = math.sqrt(nodes / NODES)
    positions = spread_positions(num_graphs, nodes, lambda many: scale * torch.randn(many, 2, generator=generator))
    geometry = edge_geometry(positions, adjacency)
    node = {"mass": lognormal(num_graphs, nodes, CLOUD_MASSES, generator)}
    factor = GRAVITATION * node["mass"].double().unsqueeze(1)  # of each sender j, [S, 1, N, 1]
    if name == "coulomb":
        sign = 2.0 * torch.randint(2, (num_graphs, nodes, 1), generator=generator) - 1
        node["charge"] = sign * (0.5 + torch.rand(num_graphs, nodes, 1, generator=generator))
        own = (node["charge"] / node["mass"].double()).unsqueeze(2)
        factor = -COULOMB * own * node["charge"].unsqueeze(1)
    acceleration = received(factor * geometry[..., :2] / geometry[..., 2:].double() ** 3, adjacency)
    return _samples(
        name,
        adjacency,
        node=node,
        edge=named(GEOMETRY, geometry),
        target=named(PLANE, acceleration),
        positions=positions,
    )


def sample_circuit(num_graphs: int, seed: int, nodes: int | None = None) -> GraphSamples:
    """Draw potentials of nodes joined by resistors."""
    nodes = nodes or NODES
    generator = law_generator("circuit", seed)
    adjacency = connected_graphs(num_graphs, nodes, generator)
    potential = torch.randn(num_graphs, nodes, 1, generator=generator)
    resistance = symmetric(num_graphs, nodes, 0.1, 1.1, generator)
    resistance = resistance.where(adjacency.unsqueeze(-1), 1.0)
    drop = potential.double().unsqueeze(2) - potential.double().unsqueeze(1)
    power = received(drop.square() / resistance, adjacency).sum(1) / 2  # every resistor was met from both ends
    return _samples("circuit", adjacency, node={"V": potential}, edge={"R": resistance}, target={"P": power})


def sample_heat(num_graphs: int, seed: int, nodes: int | None = None, *, is_heated: bool = False) -> GraphSamples:
    """Draw temperatures on a grid; other arguments as `Sampler`.

    Args:
        is_heated: whether heat from outside reaches each node.
    """
    name, nodes = "heat-complex" if is_heated else "heat", nodes or GRID_NODES
    generator = law_generator(name, seed)
    adjacency = grid(nodes).repeat(num_graphs, 1, 1)
    temperature = 0.1 + 0.9 * torch.rand(num_graphs, nodes, 1, generator=generator)
    alpha = 1 + 2 * torch.rand(num_graphs, 1, generator=generator)
    heat = (
        HEATING * torch.randn(num_graphs, nodes, 1, generator=generator) if is_heated else torch.zeros_like(temperature)
    )
    difference = temperature.double().unsqueeze(1) - temperature.double().unsqueeze(2)
    flow = received(alpha.double().view(-1, 1, 1, 1) * difference, adjacency) + heat
    return _samples(
        name,
        adjacency,
        node={"T": temperature} | ({"q": heat} if is_heated else {}),
        edge={},
        target={"entropy": (flow / temperature).sum(1)},
        whole={"alpha": alpha},
    )


def _samples(
    name: str,
    adjacency: Tensor,
    *,
    node: Mapping[str, Tensor],
    edge: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    whole: Mapping[str, Tensor] = MappingProxyType({}),
    positions: Tensor | None = None,
) -> GraphSamples:
    """Put named variables, each with a last dimension of 1, together."""
    s, n = adjacency.shape[:2]
    return GraphSamples(
        name=name,
        adjacency=adjacency,
        present=torch.ones(s, n, dtype=torch.bool),
        node=torch.cat([*node.values()], dim=-1),
        edge=torch.cat([*edge.values()], dim=-1) if edge else torch.empty(s, n, n, 0),
        whole=torch.cat([*whole.values()], dim=-1) if whole else torch.empty(s, 0),
        node_names=tuple(node),
        edge_names=tuple(edge),
        whole_names=tuple(whole),
        target=torch.cat([*target.values()], dim=-1).float(),
        level="whole" if next(iter(target.values())).dim() == 2 else "node",
        target_names=tuple(target),
        units={one: UNITS[one] for one in (*node, *edge, *whole, *target)},
        positions=positions,
    )


_SPRING = ("k*(1 - l0/r)*dx", "k*(1 - l0/r)*dy")
_CLOUD_NODES, _GRAPH_NODES, _GRID_NODES = (5, 10, 20), (5, 10, 20), (9, 18, 36)


def _units(*constants: str) -> Mapping[str, Unit]:
    return MappingProxyType({name: UNITS[name] for name in constants})


_LAWS = (
    Law(
        "springs",
        "Springs",
        sample_springs,
        flows=("e(E: k dx dy r; 2) -> v(sum E, V: mass; 2)", "e(E: k dx dy r, V: mass_i; 2) -> v(sum E; 2)"),
        edge=_SPRING,
        node=("m0/mass", "m1/mass"),
        constants=MappingProxyType({"l0": REST_LENGTH}),
        units=_units("l0"),
        nodes=_GRAPH_NODES,
    ),
    Law(
        "springs-complex",
        "Springs, pushed, seen from the centre of mass",
        partial(sample_springs, is_pushed=True),
        flows=("e(E: k dx dy r; 2) -> u(sum V: mass fx fy; 2) -> v(sum E, V: mass fx fy, U; 2)",),
        edge=_SPRING,
        node=("(m0 + fx)/mass - s0/s2", "(m1 + fy)/mass - s1/s2"),
        summary=("fx", "fy", "mass"),
        constants=MappingProxyType({"l0": REST_LENGTH}),
        units=_units("l0"),
        nodes=_GRAPH_NODES,
    ),
    Law(
        "coulomb",
        "Charges",
        partial(sample_cloud, "coulomb"),
        flows=(
            "e(E: dx dy r, V: charge_i charge_j; 2) -> v(sum E, V: mass; 2)",
            "e(E: dx dy r, V: mass_i charge_i charge_j; 2) -> v(sum E; 2)",
            "e(E: dx dy r, V: charge_j; 2) -> v(sum E, V: mass charge; 2)",
        ),
        edge=("-K*charge_i*charge_j*dx/r**3", "-K*charge_i*charge_j*dy/r**3"),
        node=("m0/mass", "m1/mass"),
        constants=MappingProxyType({"K": COULOMB}),
        units=_units("K"),
        nodes=_CLOUD_NODES,
    ),
    Law(
        "gravity",
        "Gravity",
        partial(sample_cloud, "gravity"),
        flows=("e(E: dx dy r, V: mass_j; 2) -> v(sum E; 2)",),
        edge=("G*mass_j*dx/r**3", "G*mass_j*dy/r**3"),
        node=("m0", "m1"),
        constants=MappingProxyType({"G": GRAVITATION}),
        units=_units("G"),
        nodes=_CLOUD_NODES,
    ),
    Law(
        "circuit",
        "Circuit",
        sample_circuit,
        flows=("e(E: R, V: V_i V_j; 1) -> u(sum E; 1)",),
        edge=("(V_i - V_j)**2/R",),
        whole="m0/2",
        nodes=_GRAPH_NODES,
    ),
    Law(
        "heat",
        "Heat on a grid",
        sample_heat,
        flows=(
            "e(V: T_i T_j, U: alpha; 1) -> u(sum E; 1)",
            "e(V: T_i T_j; 1) -> u(sum E, U: alpha; 1)",
        ),
        edge=("alpha*(T_j - T_i)/T_i",),
        whole="m0",
        nodes=_GRID_NODES,
    ),
    Law(
        "heat-complex",
        "Heat on a heated grid",
        partial(sample_heat, is_heated=True),
        flows=(
            "e(V: T_i T_j, U: alpha; 1) -> v(sum E, V: T q; 1) -> u(sum V; 1)",
            "e(V: T_i T_j; 1) -> v(sum E, V: T q, U: alpha; 1) -> u(sum V; 1)",
            "e(V: T_i T_j; 1) -> v(V: T q; 1) -> u(sum E, sum V, U: alpha; 1)",
            "e(V: T_i T_j, U: alpha; 1) -> v(V: T q; 1) -> u(sum E, sum V; 1)",
        ),
        edge=("alpha*(T_j - T_i)",),
        node=("(m0 + q)/T",),
        whole="n0",
        nodes=_GRID_NODES,
    ),
)

LAWS: Mapping[str, Law] = MappingProxyType({law.name: law for law in _LAWS})
