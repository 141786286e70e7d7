"""Random graphs, positions and variables, and sums over edges: what generated laws are made with.

Shapes: S graphs, N nodes, d variables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

EDGE_PROBABILITY = 0.6
LEAST_DISTANCE = 0.5


def connected_graphs(
    num_graphs: int, nodes: int, generator: torch.Generator, probability: float = EDGE_PROBABILITY
) -> Tensor:
    """Draw graphs: the path 0, 1, 2, ... and each other pair with some probability, [S, N, N]."""
    is_chosen = torch.rand(num_graphs, nodes, nodes, generator=generator) < probability
    upper = (is_chosen | torch.ones(nodes, nodes, dtype=torch.bool).tril(1)).triu(1)
    return upper | upper.transpose(1, 2)


def grid(nodes: int) -> Tensor:
    """Return the grid of nodes, as square as their number allows: 9 are 3 x 3, 18 are 3 x 6, [N, N].

    Raises:
        ValueError: if only a path has so many nodes.
    """
    rows = max((one for one in range(1, math.isqrt(nodes) + 1) if nodes % one == 0), default=0)
    if rows < 2:
        raise ValueError(f"a grid of {nodes} nodes asked; ask for a product of two numbers above 1, such as 9 or 18.")
    place = torch.arange(nodes)
    row, column = place // (nodes // rows), place % (nodes // rows)
    steps = (row.unsqueeze(1) - row).abs() + (column.unsqueeze(1) - column).abs()
    return steps == 1


def spread_positions(num_graphs: int, nodes: int, draw: Callable[[int], Tensor]) -> Tensor:
    """Place nodes one after another; one closer than 0.5 to an earlier is placed again.

    Args:
        num_graphs: S.
        nodes: N.
        draw: returns so many random positions, [number, 2].

    Returns:
        Positions, [S, N, 2].
    """
    positions = draw(num_graphs * nodes).view(num_graphs, nodes, 2)
    for body in range(1, nodes):
        left = torch.arange(num_graphs)
        while len(left):
            distance = (positions[left, body : body + 1] - positions[left, :body]).norm(dim=-1)
            left = left[(distance < LEAST_DISTANCE).any(1)]
            positions[left, body] = draw(len(left))
    return positions


def edge_geometry(positions: Tensor, adjacency: Tensor) -> Tensor:
    """Return dx, dy and r of every edge, [S, N, N, 3]; 0, 0 and 1 where there is none, as formulas divide by r."""
    displacement = positions.unsqueeze(1) - positions.unsqueeze(2)
    geometry = torch.cat([displacement, displacement.norm(dim=-1, keepdim=True)], dim=-1)
    return geometry.where(adjacency.unsqueeze(-1), geometry.new_tensor([0.0, 0.0, 1.0]))


def symmetric(num_graphs: int, nodes: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Draw one uniform number for each pair of nodes, the same from both ends, [S, N, N, 1]."""
    upper = torch.rand(num_graphs, nodes, nodes, generator=generator).triu(1)
    return low + (high - low) * (upper + upper.transpose(1, 2)).unsqueeze(-1)


def lognormal(num_graphs: int, nodes: int, deviation: float, generator: torch.Generator) -> Tensor:
    """Draw numbers whose logarithm is normal with mean 0, [S, N, 1]."""
    return (deviation * torch.randn(num_graphs, nodes, 1, generator=generator)).exp()


def received(messages: Tensor, adjacency: Tensor) -> Tensor:
    """Sum what each node receives over its edges, [S, N, N, d] to [S, N, d]."""
    return messages.where(adjacency.unsqueeze(-1), 0.0).sum(2)


def named(names: Sequence[str], variables: Tensor) -> dict[str, Tensor]:
    """Return each variable by its name, [..., d] to [..., 1] each."""
    return dict(zip(names, variables.split(1, dim=-1), strict=True))
