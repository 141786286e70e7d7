"""Modular learning rule for images: which part of the input one output depends on (arXiv 2409.05780, Algorithm 1).

One module sees x through U in R^(D x b). Its objective is y' (kappa + lambda I)^-1 y / n for one output column y,
standardised, with an RBF kernel on projected inputs:

    kappa(x, x') = exp(-|U'x - U'x'|^2 / 2 sigma^2),   sigma^2 = half the median of |U'x - U'x'|^2

The gradient is written out. With alpha = (kappa + lambda I)^-1 y and W_ij = alpha_i alpha_j kappa_ij / (2 sigma^2 n),

    d objective / d z_i = 4 sum_j W_ij (z_i - z_j),   z = U'x,   sigma held fast.

Choices of ours: lambda above zero, since other outputs are noise to this one; the gradient divided by its length, with
momentum and a rate that falls along a cosine, since Adam moves weights whose gradient is noise as fast as the others;
|U| stays as it was, since the median makes the kernel blind to it.

Focus of a module: the largest share of |U|^2 that lies on one image, max_s |U^(s)|^2 / |U|^2; about 1/k by chance.
Shapes: K modules, D inputs, b numbers a module, B samples, k images of D/k pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ImageRuleSettings:
    """How projections are sought.

    Attributes:
        penalty: lambda.
        steps: of descent.
        samples: B, drawn anew for each step.
        rate: the first; lengths of U are near one a column.
        momentum: of the descent.
    """

    penalty: float = 3.0
    steps: int = 150
    samples: int = 250
    rate: float = 0.2
    momentum: float = 0.9

    def __post_init__(self) -> None:
        for name in ("penalty", "steps", "samples", "rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")


def kernel_objective(x: Tensor, y: Tensor, projections: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Return the objective of each module, [K], and its gradient, [K, D, b].

    Args:
        x: inputs, [B, D].
        y: the output column of each module, standardised, [K, B].
        projections: U, [K, D, b].
        penalty: lambda.
    """
    rows = len(x)
    z = x @ projections  # [K, B, b]
    distance = torch.cdist(z, z, compute_mode="use_mm_for_euclid_dist").square_()
    variance = distance.flatten(1).median(1).values.view(-1, 1, 1) / 2
    kernel = torch.exp(distance.div_(-2 * variance))
    inverse_of = torch.linalg.cholesky(kernel + penalty * torch.eye(rows, dtype=x.dtype))
    alpha = torch.cholesky_solve(y.unsqueeze(-1), inverse_of)  # [K, B, 1]
    value = (y * alpha.squeeze(-1)).sum(1) / rows
    weight = kernel.mul_(alpha).mul_(alpha.mT).div_(2 * rows * variance)
    slope = 4 * (weight.sum(2, keepdim=True) * z - weight @ z)
    return value, x.T @ slope


def orthogonal_start(modules: int, inputs: int, width: int, generator: torch.Generator) -> Tensor:
    """Draw projections with orthonormal columns, [K, D, b]."""
    return torch.linalg.qr(torch.randn(modules, inputs, width, generator=generator)).Q


def focus_projections(
    start: Tensor, draw: Callable[[int], tuple[Tensor, Tensor]], settings: ImageRuleSettings
) -> Tensor:
    """Descend the objective from given projections; return those reached, [K, D, b].

    Args:
        start: U, [K, D, b].
        draw: gives fresh samples: inputs [B, D] and the output column of each module [K, B].
        settings: of the rule.
    """
    length = start.flatten(1).norm(dim=1).view(-1, 1, 1)
    projections, velocity = start.clone(), torch.zeros_like(start)
    for step in range(settings.steps):
        gradient = kernel_objective(*draw(settings.samples), projections, settings.penalty)[1]
        gradient = gradient / gradient.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1)
        rate = settings.rate * (1 + math.cos(math.pi * step / settings.steps)) / 2
        velocity = settings.momentum * velocity + gradient
        projections = projections - rate * velocity
        projections = projections * (length / projections.flatten(1).norm(dim=1).view(-1, 1, 1))
    return projections


def standardised(columns: Tensor) -> Tensor:
    """Shift and scale each output column to mean 0 and deviation 1, [K, B]; a constant one becomes zero."""
    return (columns - columns.mean(1, keepdim=True)) / columns.std(1, keepdim=True).clamp_min(1e-6)


def shares(projections: Tensor, slots: int) -> Tensor:
    """Return which share of each module's weight lies on each image, [K, k]."""
    squares = projections.square().sum(2).view(len(projections), slots, -1).sum(2)
    return squares / squares.sum(1, keepdim=True)


def on_one_image(modules: int, slots: int, pixels: int, width: int, generator: torch.Generator) -> Tensor:
    """Return the true projections: module j sees the image j mod k alone, through random orthonormal columns."""
    width = min(width, pixels)
    inside = orthogonal_start(modules, pixels, width, generator)
    projections = torch.zeros(modules, slots, pixels, width)
    projections[torch.arange(modules), torch.arange(modules) % slots] = inside
    return projections.flatten(1, 2)
