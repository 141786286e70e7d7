"""Modular learning rule: find the projection of each module before any network is trained (arXiv 2409.05780).

A module sees the input x through a projection u. If modules y^ = sum_j phi(X; u_j) theta_j interpolate y with minimum
norm, then sum_j |theta_j|^2 = y' K^-1 y with K = sum_j kappa(X, X; u_j), kappa = phi phi' (Lagrange multipliers). A
good projection makes the task easy for one module, that is, makes this norm small. Algorithm 1, for each module:

    1. draw u at random;  2. descend y' kappa(X, X; u)^-1 y;  3. repeat from other starts;
    4. initialise the projections of the network with what was found, and train all parameters on the task.

The kernel of the sine task is known only as "sensitive to the projection direction"; ours has J sine features of
z = u'x on [-R, R], with the spectrum S of an RBF kernel of length l:

    phi_j(z) = sqrt(S(w_j)/R) sin(w_j (z + R)),   w_j = pi j / (2R),   S(w) = sqrt(2 pi) l exp(-l^2 w^2 / 2)

Beyond the rule, each a choice that can be undone (`RuleSettings`):
1. Parts of degree <= 2 leave y first, by ridge regression: the linear parts of all modules add up to one direction,
   the best single projection, to which every start would descend. Degree 0 is the raw rule.
2. y' (kappa + lambda I)^-1 y / n instead of the inverse alone: other modules are noise to this one.
3. J x J instead of n x n, by Woodbury: y' (kappa + lambda I)^-1 y = (|y|^2 - b' A^-1 b) / lambda with
   A = Phi' Phi + lambda I, b = Phi' y. Exact for the same features; all starts descend as one batch.

Shapes: N samples, m dimensions, S starts, J features, K modules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

REACH = 6.0  # R: |z| stays below it but for one row in 10^9
LENGTH = 0.7  # l
FEATURES = 40  # J
TOGETHER = 4  # starts whose features are in memory at once; more would not fit the processor's cache
SAME = 0.95  # |cos| above which two directions count as one
RIDGE = 1e-3  # of the regression on low degrees, a row


@dataclass(frozen=True, kw_only=True)
class RuleSettings:
    """How projections are sought.

    Attributes:
        degree: highest degree that leaves the target first; 0 removes its mean alone, as the rule is printed.
        penalty: lambda.
        starts: S, random projections that descend.
        steps: of Adam.
        learning_rate: of Adam.
        samples: rows at most; more would cost time and tell little.
    """

    degree: int = 2
    penalty: float = 1.0
    starts: int = 40
    steps: int = 60
    learning_rate: float = 0.1
    samples: int = 2000

    def __post_init__(self) -> None:
        if self.degree not in (0, 1, 2):
            raise ValueError(f"degree {self.degree} given; 0, 1 or 2 can be removed.")
        for name in ("penalty", "starts", "steps", "learning_rate", "samples"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")


def sine_features(z: Tensor) -> Tensor:
    """Return the features of projected inputs, [..., J]."""
    frequency, height = _waves(z)
    return height * torch.sin(frequency * (z.unsqueeze(-1) + REACH))


def _waves(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return frequency and height of every feature, [J] each."""
    frequency = math.pi * torch.arange(1, FEATURES + 1, dtype=z.dtype) / (2 * REACH)
    density = math.sqrt(2 * math.pi) * LENGTH * torch.exp(-((LENGTH * frequency) ** 2) / 2)
    return frequency, (density / REACH).sqrt()


class Objective(NamedTuple):
    """y' (kappa + lambda I)^-1 y / n of each projection, [S], and its gradient, [S, m]."""

    value: Tensor
    gradient: Tensor


def objective(x: Tensor, y: Tensor, projections: Tensor, penalty: float) -> Objective:
    """Evaluate the objective with its gradient: with c = A^-1 b, d(b' c) = 2 (y - Phi c)' dPhi c.

    Args:
        x: inputs, [N, m].
        y: target, standardised, [N].
        projections: u, [S, m]; their length counts.
        penalty: lambda.
    """
    parts = [_objective(x, y, few, penalty) for few in projections.split(TOGETHER)]
    return Objective(*map(torch.cat, zip(*parts, strict=True)))


def _objective(x: Tensor, y: Tensor, projections: Tensor, penalty: float) -> Objective:
    z = projections @ x.T  # [S, N]
    frequency, height = _waves(z)
    angle = frequency * (z.unsqueeze(-1) + REACH)
    features = height * torch.sin(angle)  # [S, N, J]
    inner = features.mT @ features + penalty * torch.eye(FEATURES, dtype=x.dtype)
    b = features.mT @ y.unsqueeze(-1)
    c = torch.cholesky_solve(b, torch.linalg.cholesky(inner))
    value = (y.square().sum() - (b * c).sum((1, 2))) / (penalty * len(y))
    missed = y - (features @ c).squeeze(-1)
    slope = (angle.cos_() @ (c.squeeze(-1) * height * frequency).unsqueeze(-1)).squeeze(-1)  # dPhi/dz c
    return Objective(value, (missed * slope) @ x * (-2 / (penalty * len(y))))


def low_degrees(x: Tensor, degree: int) -> Tensor:
    """Return 1, and x and products of two of its dimensions as far as `degree` goes, [N, columns]."""
    columns = [torch.ones(len(x), 1, dtype=x.dtype)]
    if degree >= 1:
        columns.append(x)
    if degree >= 2:
        first, second = torch.triu_indices(x.shape[1], x.shape[1])
        columns.append(x[:, first] * x[:, second])
    return torch.cat(columns, dim=1)


def residual(x: Tensor, y: Tensor, degree: int) -> Tensor:
    """Return what ridge regression on low degrees leaves of y, standardised, [N].

    Degree 2 has (m+1)(m+2)/2 columns, too many for few rows: up to 1.5 m (m+1) of them degree 1 is removed instead.
    """
    dimension = x.shape[1]
    if degree == 2 and len(x) <= 1.5 * dimension * (dimension + 1):
        degree = 1
    columns = low_degrees(x, degree)
    inner = columns.T @ columns + RIDGE * len(x) * torch.eye(columns.shape[1], dtype=x.dtype)
    left = y - columns @ torch.linalg.solve(inner, columns.T @ y)
    return (left - left.mean()) / left.std()


@dataclass(frozen=True, eq=False)
class Descent:
    """Where the starts ended.

    Attributes:
        projections: of length one, lowest objective first, [S, m].
        objective: of each, [S].
        trace: projections after every step, in the order of the starts, [steps + 1, S, m].
    """

    projections: Tensor
    objective: Tensor
    trace: Tensor


def descend(x: Tensor, y: Tensor, settings: RuleSettings, generator: torch.Generator) -> Descent:
    """Descend the objective from random starts.

    Args:
        x: inputs, [N, m].
        y: target, [N].
        settings: of the rule.
        generator: draws the starts.
    """
    x, y = x[: settings.samples], y[: settings.samples]
    left = residual(x, y, settings.degree)
    start = torch.randn(settings.starts, x.shape[1], generator=generator)
    free = functional.normalize(start, dim=1)
    optimiser = torch.optim.Adam([free], lr=settings.learning_rate)
    trace = [free.clone()]
    for _ in range(settings.steps):
        free.grad = tangent(objective(x, left, trace[-1], settings.penalty).gradient, trace[-1], free)
        optimiser.step()
        trace.append(functional.normalize(free, dim=1))
    ended = trace[-1]
    reached = objective(x, left, ended, settings.penalty).value
    order = reached.argsort()
    return Descent(ended[order], reached[order], torch.stack(trace))


def tangent(gradient: Tensor, unit: Tensor, free: Tensor) -> Tensor:
    """Return the gradient with respect to a vector of any length from that of the unit vector along it, [S, m]."""
    along = (gradient * unit).sum(1, keepdim=True)
    return (gradient - along * unit) / free.norm(dim=1, keepdim=True)


def distinct(projections: Tensor, count: int) -> Tensor:
    """Return the first directions that differ, at most `count`, [<= count, m].

    Args:
        projections: of length one, best first, [S, m].
        count: how many at most.
    """
    kept: list[Tensor] = []
    for one in projections:
        if all(abs(float(one @ other)) <= SAME for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return torch.stack(kept)


def filled_up(found: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Add random directions to those found until there are `count`, [count, m]."""
    drawn = torch.randn(count, found.shape[1], generator=generator)
    return torch.cat([found, functional.normalize(drawn, dim=1)])[:count]


def cosines(projections: Tensor, truth: Tensor) -> Tensor:
    """Return |cos| between directions [K, m] and [k, m] as [K, k]."""
    return (functional.normalize(projections, dim=1) @ functional.normalize(truth, dim=1).T).abs()


def linear_modules(x: Tensor, y: Tensor, projections: Tensor, penalty: float) -> Tensor:
    """Fit modules that are linear in their parameters, with projections held fast: ridge regression in closed form.

    Args:
        x: inputs, [N, m].
        y: target, [N].
        projections: u, [K, m].
        penalty: of the ridge, lambda.

    Returns:
        Weights of K J features and a constant, as `linear_prediction` takes them, [K J + 1].
    """
    columns = linear_columns(x, projections)
    inner = columns.T @ columns + penalty * torch.eye(columns.shape[1], dtype=torch.float64)
    return torch.linalg.solve(inner, columns.T @ y.double())


def linear_columns(x: Tensor, projections: Tensor) -> Tensor:
    """Return the features of all modules and a constant, [N, K J + 1] in float64."""
    features = sine_features(x.double() @ projections.double().T)
    return torch.cat([features.flatten(1), torch.ones(len(x), 1, dtype=torch.float64)], dim=1)
