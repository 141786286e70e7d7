"""Social force laws on snapshots of simulated people: sfm, bi and uni.

    sfm   a_i = (v0 e_i - v_i) / tau + sum_j A exp(-r / B) n                                      radius 2.5 m
    bi    a_i = (v0 e_i - v_i) / tau + sum_j [closing] exp(-r / B) (A n + delta t)                radius 2.5 m
    uni   a_i = ((1 - share) v0 e_i + share mean(v) - v_i) / tau + the same sum                   radius 1.5 m

sfm is the model of Helbing and Molnár (1995), as Shi et al. (ICLR 2023, appendix A.4) use it. bi and uni hold what
that paper found in corridors (its Figure 7): no repulsion from someone who walks away, dodging to one side, and in
unidirectional flow the mean speed as a wish of everyone. A = 4, B = 0.5 m, delta = 1, v0 = 1.34 m/s, tau = 0.5 s and
share = 1 are chosen here. In uni the radius is smaller, or else the neighbours would tell the mean velocity.

Snapshots, not runs: in a run the crowd calms down, and nothing can be identified. Ten people in 6 m x 4 m, uniform, one
closer than 0.5 m to an earlier placed again; v = e b + 0.6 m/s times normal noise, with the speed b of the group
uniform on 0.3 to 1.7 m/s; e within 30 degrees of (1, 0), or else nothing could tell how e_y enters; in bi and sfm with
the sign of a coin for each. In uni up to four of the ten are away, or else a sum over all people would pass for a mean.
More people, all there, walk in a longer corridor, as dense as that. Shapes: S snapshots, N people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor

from parsimony.data.crowd import ACCELERATION, METRE, NUMBER, SPEED, Crowd, crowd_samples, encounters, turned
from parsimony.data.graph_samples import GraphSamples, Unit
from parsimony.data.law import Law
from parsimony.data.physical_laws import law_generator
from parsimony.data.random_graphs import received, spread_positions

PEOPLE = 10
LENGTH, WIDTH = 6.0, 4.0  # metres, for ten people
REPULSION, RANGE, DODGING = 4.0, 0.5, 1.0  # A in m/s^2, B in m, delta in m/s^2
DESIRED_SPEED, RELAXATION = 1.34, 0.5  # v0 in m/s, tau in s
HERDING = 1.0  # share of the mean velocity in the wish of uni
SLOWEST, FASTEST, UNREST = 0.3, 1.7, 0.6  # m/s
RADII: Mapping[str, float] = MappingProxyType({"sfm": 2.5, "bi": 2.5, "uni": 1.5})  # metres
FAR = 1000.0  # metres to the destination
ASKEW = math.pi / 6  # largest angle between direction and corridor
MOST_AWAY = 4  # people of a snapshot


def sample_crowd(name: str, num_graphs: int, seed: int, nodes: int | None = None) -> GraphSamples:
    """Draw snapshots of people and their accelerations by a law; arguments as `Sampler`."""
    generator = law_generator(name, seed)
    crowd = draw_crowd(num_graphs, nodes or PEOPLE, generator, is_mixed=name != "uni")
    if name == "uni" and nodes is None:
        crowd = without_some(crowd, generator)
    return crowd_samples(name, crowd, RADII[name], social_force(name, crowd))


def draw_crowd(num_graphs: int, people: int, generator: torch.Generator, *, is_mixed: bool) -> Crowd:
    """Draw snapshots.

    Args:
        num_graphs: S.
        people: N.
        generator: makes the draws.
        is_mixed: whether a coin tells for each person which way; else all walk one way.
    """
    size = torch.tensor([LENGTH * people / PEOPLE, WIDTH])
    position = spread_positions(num_graphs, people, lambda many: size * torch.rand(many, 2, generator=generator))
    forward = torch.ones(num_graphs, people)
    if is_mixed:
        forward = 2.0 * torch.randint(2, (num_graphs, people), generator=generator) - 1
    angle = ASKEW * (2 * torch.rand(num_graphs, people, generator=generator) - 1)
    direction = torch.stack([forward * angle.cos(), angle.sin()], dim=-1)
    speed = SLOWEST + (FASTEST - SLOWEST) * torch.rand(num_graphs, 1, 1, generator=generator)
    velocity = direction * speed + UNREST * torch.randn(num_graphs, people, 2, generator=generator)
    return Crowd(position, velocity, position + FAR * direction, torch.ones(num_graphs, people, dtype=torch.bool))


def without_some(crowd: Crowd, generator: torch.Generator) -> Crowd:
    """Send the last people of each snapshot away, none to four."""
    people = crowd.present.shape[1]
    left = people - torch.randint(MOST_AWAY + 1, (len(crowd.present), 1), generator=generator)
    return replace(crowd, present=torch.arange(people) < left)


def social_force(name: str, crowd: Crowd) -> Tensor:
    """Return the acceleration of everyone by one of the laws, [S, N, 2] in float64; 0 where nobody is."""
    adjacency, velocity = crowd.neighbours(RADII[name]), crowd.velocity.double()
    wish = DESIRED_SPEED * crowd.direction.double()
    if name == "uni":
        wish = (1 - HERDING) * wish + HERDING * mean_velocity(crowd)
    found = (wish - velocity) / RELAXATION + received(_push(name, crowd, adjacency), adjacency)
    return found * crowd.present.unsqueeze(-1)


def mean_velocity(crowd: Crowd) -> Tensor:
    """Return the mean velocity of those present, [S, 1, 2] in float64."""
    present = crowd.present.unsqueeze(-1)
    return (crowd.velocity.double() * present).sum(1, keepdim=True) / present.sum(1, keepdim=True)


def _push(name: str, crowd: Crowd, adjacency: Tensor) -> Tensor:
    """Return how j pushes i, [S, N, N, 2]."""
    seen = encounters(crowd, adjacency).double()
    normal, decay = -seen[..., :2] / seen[..., 2:3], torch.exp(-seen[..., 2:3] / RANGE)
    if name == "sfm":
        return REPULSION * decay * normal
    return seen[..., 7:] * decay * (REPULSION * normal + DODGING * turned(normal))


_CONSTANTS: Mapping[str, float] = MappingProxyType(
    {"A": REPULSION, "B": RANGE, "delta": DODGING, "v0": DESIRED_SPEED, "tau": RELAXATION, "share": HERDING}
)
_UNITS: Mapping[str, Unit] = MappingProxyType(
    {"A": ACCELERATION, "B": METRE, "delta": ACCELERATION, "v0": SPEED, "tau": (0, 0, 1, 0, 0), "share": NUMBER}
)
_RELAX = tuple(f"(v0*e{axis} - v{axis})/tau + m{number}" for number, axis in enumerate("xy"))
_HERD = tuple(f"((1 - share)*v0*e{axis} + share*s{n} - v{axis})/tau + m{n}" for n, axis in enumerate("xy"))
_DODGE = ("closing*exp(-r/B)*(-A*dx + delta*dy)/r", "closing*exp(-r/B)*(-A*dy - delta*dx)/r")
_WALKER = "V: vx vy ex ey"
FLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sfm": (f"e(E: dx dy r; 2) -> v(sum E, {_WALKER}; 2)",),
        "bi": tuple(f"e(E: dx dy r {seen}; 2) -> v(sum E, {_WALKER}; 2)" for seen in ("closing", "vn")),
        "uni": tuple(
            f"e(E: dx dy r {seen}; 2) -> u(mean V: vx vy; 2) -> v(sum E, V: vx vy, U; 2)" for seen in ("closing", "vn")
        ),
    }
)


def _law(name: str, title: str, edge: tuple[str, ...], constants: str) -> Law:
    return Law(
        name,
        title,
        partial(sample_crowd, name),
        flows=FLOWS[name],
        edge=edge,
        node=_HERD if name == "uni" else _RELAX,
        summary=("vx", "vy") if name == "uni" else (),
        summary_aggregator="mean" if name == "uni" else "sum",
        constants=MappingProxyType({one: _CONSTANTS[one] for one in constants.split()}),
        units=MappingProxyType({one: _UNITS[one] for one in constants.split()}),
        nodes=(10, 20, 40),
    )


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        law.name: law
        for law in (
            _law("sfm", "Social force model", ("-A*exp(-r/B)*dx/r", "-A*exp(-r/B)*dy/r"), "A B v0 tau"),
            _law("bi", "People in two directions", _DODGE, "A B delta v0 tau"),
            _law("uni", "People in one direction", _DODGE, "A B delta v0 tau share"),
        )
    }
)
