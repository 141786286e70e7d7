"""Sine-waves: a target that is a sum of k modules, each a sum of sine waves of one projection of the input.

    y = 1/sqrt(k) sum_j sum_t a_t sin(w_t u_j' x + psi_jt),   x ~ N(0, I_m),   u_j uniform on the sphere

as the second paper (arXiv 2409.05780) draws its modules: amplitudes 1, 0.5, 0.2 at frequencies 1, 3, 5; phases uniform.
The input of a test out of distribution is 1.5 times as wide. Everything is generated from the seed.
Shapes: N rows, m dimensions, k modules, T waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

NAME = "Sine-waves"
AMPLITUDES = (1.0, 0.5, 0.2)
FREQUENCIES = (1.0, 3.0, 5.0)
WIDE = 1.5  # deviation of inputs out of distribution
TEST_ROWS = 4000


@dataclass(frozen=True, eq=False)
class SineTask:
    """A target.

    Attributes:
        directions: u_j, of length one, [m, k].
        phases: psi_jt, [k, T].
        frequencies: w_t, [T].
    """

    directions: Tensor
    phases: Tensor
    frequencies: Tensor

    def target(self, x: Tensor) -> Tensor:
        """Return y for rows [N, m] as [N]."""
        return self.waves(x).sum(-1).sum(-1) * self.directions.shape[1] ** -0.5

    def waves(self, x: Tensor) -> Tensor:
        """Return every wave of every module, without the factor 1/sqrt(k), [N, k, T]."""
        angle = (x @ self.directions).unsqueeze(-1) * self.frequencies + self.phases
        return torch.tensor(AMPLITUDES) * torch.sin(angle)

    def draw(self, rows: int, generator: torch.Generator, scale: float = 1.0) -> tuple[Tensor, Tensor]:
        """Draw inputs of deviation `scale`, [N, m], and return them with their targets, [N]."""
        x = scale * torch.randn(rows, len(self.directions), generator=generator)
        return x, self.target(x)


def draw_sine_task(
    dimension: int, modules: int, generator: torch.Generator, frequencies: Sequence[float] = FREQUENCIES
) -> SineTask:
    """Draw a target.

    Args:
        dimension: m.
        modules: k.
        generator: draws directions and phases.
        frequencies: one a wave.

    Raises:
        ValueError: if there is no dimension or no module, or a frequency has no amplitude.
    """
    if dimension < 1 or modules < 1 or len(frequencies) != len(AMPLITUDES):
        raise ValueError(
            f"{dimension} dimensions, {modules} modules and {len(frequencies)} frequencies given; expected at least "
            f"one dimension, one module, and {len(AMPLITUDES)} frequencies."
        )
    directions = torch.nn.functional.normalize(torch.randn(dimension, modules, generator=generator), dim=0)
    phases = 2 * torch.pi * torch.rand(modules, len(AMPLITUDES), generator=generator)
    return SineTask(directions, phases, torch.tensor(list(frequencies)))
