"""People who walk: what each sees of the others, and how they go on under any law of acceleration.

Of an edge, i receiving from j (Helbing and Molnár 1995; Shi et al., ICLR 2023, appendix A.4):

    D = x_j - x_i,  r = |D|,  n = -D / r                  the normal points from j to i
    w = v_i - v_j,  vn = -w . n,  vt = w . t              vn > 0: they close in; t is n turned left by 90 degrees
    closing = 1 if vn > 0, else 0

Of a person: velocity v, direction e to the destination and, where people differ in it, desired speed v0.
Shapes: S snapshots, N people, T steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from parsimony.data.graph_samples import GraphSamples, Unit

NODE_NAMES = ("vx", "vy", "ex", "ey")
DESIRED = "v0"
EDGE_NAMES = ("dx", "dy", "r", "wx", "wy", "vn", "vt", "closing")
TARGET_NAMES = ("ax", "ay")
NUMBER, METRE, SPEED, ACCELERATION = (0, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 1, -1, 0, 0), (0, 1, -2, 0, 0)
UNITS: dict[str, Unit] = {
    **dict.fromkeys(("dx", "dy", "r"), METRE),
    **dict.fromkeys(("vx", "vy", "wx", "wy", "vn", "vt", DESIRED), SPEED),
    **dict.fromkeys(("ex", "ey", "closing"), NUMBER),
    **dict.fromkeys(TARGET_NAMES, ACCELERATION),
}


@dataclass(frozen=True, eq=False)
class Crowd:
    """People at one moment, in metres and seconds.

    Attributes:
        position: [S, N, 2].
        velocity: [S, N, 2].
        destination: where each wants to go, [S, N, 2].
        present: False where a snapshot has fewer people than N, [S, N].
        desired_speed: of each, [S, N]; None if all want the same.
        is_asked: whose acceleration is asked, [S, N]; everyone's if None. Others see nobody, which saves time.
    """

    position: Tensor
    velocity: Tensor
    destination: Tensor
    present: Tensor
    desired_speed: Tensor | None = None
    is_asked: Tensor | None = None

    @property
    def direction(self) -> Tensor:
        """Unit vector to the destination, [S, N, 2]; zero for someone who is there."""
        return torch.nn.functional.normalize(self.destination - self.position, dim=-1)

    def neighbours(self, radius: float) -> Tensor:
        """Return who is closer than a radius to whom, [S, N, N]; rows of those who are asked only."""
        distance = torch.cdist(self.position, self.position, compute_mode="donot_use_mm_for_euclid_dist")
        asked = self.present if self.is_asked is None else self.present & self.is_asked
        is_pair = asked.unsqueeze(2) & self.present.unsqueeze(1)
        return is_pair & (distance < radius) & ~torch.eye(distance.shape[1], dtype=torch.bool, device=distance.device)

    def single(self) -> Crowd:
        """Return the people in float32."""
        numbers = ("position", "velocity", "destination", "desired_speed")
        found = {name: getattr(self, name) for name in numbers}
        return replace(self, **{name: value.float() for name, value in found.items() if value is not None})


Acceleration = Callable[[Crowd], Tensor]  # of every person, [S, N, 2]


def encounters(crowd: Crowd, adjacency: Tensor) -> Tensor:
    """Return what i sees of j, by `EDGE_NAMES`, [S, N, N, 8]; 0 where there is no edge, but r = 1."""
    s, i, j = adjacency.nonzero(as_tuple=True)
    displacement = crowd.position[s, j] - crowd.position[s, i]
    distance = displacement.norm(dim=-1, keepdim=True)
    normal = -displacement / distance.clamp(min=1e-9)
    relative = crowd.velocity[s, i] - crowd.velocity[s, j]
    closing = -(relative * normal).sum(-1, keepdim=True)
    passing = (relative * turned(normal)).sum(-1, keepdim=True)
    seen = crowd.position.new_zeros(*adjacency.shape, len(EDGE_NAMES))
    seen[..., EDGE_NAMES.index("r")] = 1
    seen[s, i, j] = torch.cat([displacement, distance, relative, closing, passing, (closing > 0).to(closing)], dim=-1)
    return seen


def turned(vector: Tensor) -> Tensor:
    """Turn vectors to the left by 90 degrees, [..., 2]."""
    return torch.stack([-vector[..., 1], vector[..., 0]], dim=-1)


def crowd_samples(
    name: str, crowd: Crowd, radius: float, target: Tensor | None = None, has_target: Tensor | None = None
) -> GraphSamples:
    """Return snapshots as graphs: people are nodes, those closer than the radius are joined in both directions.

    Args:
        name: of the data.
        crowd: the people.
        radius: in metres.
        target: accelerations, [S, N, 2]; zero if None, for a law that is only to be applied.
        has_target: whose acceleration counts, [S, N]; everyone's if None.
    """
    crowd = crowd.single()
    adjacency = crowd.neighbours(radius)
    columns = [crowd.velocity, crowd.direction]
    if crowd.desired_speed is not None:
        columns.append(crowd.desired_speed.unsqueeze(-1))
    node_names = (*NODE_NAMES, DESIRED)[: sum(column.shape[-1] for column in columns)]
    return GraphSamples(
        name=name,
        adjacency=adjacency,
        present=crowd.present,
        node=torch.cat(columns, dim=-1) * crowd.present.unsqueeze(-1),
        edge=encounters(crowd, adjacency),
        whole=torch.empty(len(adjacency), 0, device=adjacency.device),
        node_names=node_names,
        edge_names=EDGE_NAMES,
        whole_names=(),
        target=torch.zeros_like(crowd.velocity) if target is None else target.float(),
        level="node",
        target_names=TARGET_NAMES,
        units={one: UNITS[one] for one in (*node_names, *EDGE_NAMES, *TARGET_NAMES)},
        positions=crowd.position,
        has_target=has_target,
    )


@dataclass(frozen=True, eq=False)
class Recorded:
    """People whose tracks are given, step by step, while others walk.

    Attributes:
        position: [T + 1, S, N, 2].
        velocity: [T + 1, S, N, 2].
        present: [T + 1, S, N].
        is_free: who walks by the law instead, [S, N].
    """

    position: Tensor
    velocity: Tensor
    present: Tensor
    is_free: Tensor


def walk(
    start: Crowd, acceleration: Acceleration, seconds: float, num_steps: int, recorded: Recorded | None = None
) -> Tensor:
    """Let people walk: v <- v + a dt, then x <- x + v dt (semi-implicit Euler).

    Args:
        start: the people at the first moment.
        acceleration: in metres a second squared, [S, N, 2]; where someone is recorded or absent it is not used.
        seconds: dt, of one step.
        num_steps: T.
        recorded: people whose tracks are given; nobody's if None.

    Returns:
        Positions, the first moment included, [T + 1, S, N, 2].

    Raises:
        ValueError: if a step has no length, or the tracks end before the walk.
    """
    if seconds <= 0 or num_steps < 0 or (recorded is not None and len(recorded.position) <= num_steps):
        given = num_steps if recorded is None else len(recorded.position) - 1
        raise ValueError(
            f"{num_steps} steps of {seconds} s asked, with {given} steps given; give a positive step and tracks "
            "as long as the walk."
        )
    positions = [start.position]
    crowd = start if recorded is None else replace(start, is_asked=recorded.is_free)
    for step in range(1, num_steps + 1):
        velocity = crowd.velocity + seconds * acceleration(crowd)
        crowd = replace(crowd, position=crowd.position + seconds * velocity, velocity=velocity)
        if recorded is not None:
            crowd = _with_recorded(crowd, recorded, step)
        positions.append(crowd.position)
    return torch.stack(positions)


def _with_recorded(crowd: Crowd, recorded: Recorded, step: int) -> Crowd:
    """Put those who do not walk freely where their tracks have them."""
    is_free = recorded.is_free.unsqueeze(-1)
    return replace(
        crowd,
        position=crowd.position.where(is_free, recorded.position[step]),
        velocity=crowd.velocity.where(is_free, recorded.velocity[step]),
        present=recorded.present[step] | recorded.is_free,
    )
