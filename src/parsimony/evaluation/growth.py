"""How samples needed for an error grow with the dimension: interpolation, fitted rate, interval over seeds. No torch.

The rate is the slope of log n over m by least squares, so n grows as exp(rate m); a rate whose interval holds zero
tells no growth. Reference: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (percentile interval).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from parsimony.evaluation.scaling_law import Law, network_losses


class Needed(NamedTuple):
    """Samples needed for an error.

    Attributes:
        samples: their number; at either end of the grid if it lies beyond.
        beyond: -1 if the fewest samples of the grid are enough, 1 if the most are not, else 0.
    """

    samples: float
    beyond: int


def samples_needed_for(error: float, samples: Sequence[float], errors: Sequence[float]) -> Needed:
    """Interpolate on logarithms where errors fall to `error` for good.

    Args:
        error: asked.
        samples: of the grid, rising.
        errors: found with each.

    Raises:
        ValueError: if lengths differ or there is nothing.
    """
    if not samples or len(samples) != len(errors):
        raise ValueError(f"{len(samples)} numbers of samples and {len(errors)} errors given; expected equally many.")
    above = [number for number, found in enumerate(errors) if found > error]
    if not above:
        return Needed(float(samples[0]), -1)
    last = above[-1]
    if last == len(samples) - 1:
        return Needed(float(samples[-1]), 1)
    x, y = np.log(samples[last : last + 2]), np.log(errors[last : last + 2])
    return Needed(float(np.exp(x[0] + (math.log(error) - y[0]) / (y[1] - y[0]) * (x[1] - x[0]))), 0)


def rate_of_growth(dimensions: Sequence[float], samples: Sequence[float]) -> float:
    """Return the slope of log samples over dimensions.

    Raises:
        ValueError: if there are fewer than two dimensions.
    """
    if len(set(dimensions)) < 2:
        raise ValueError(f"dimensions {sorted(set(dimensions))} given; a rate needs at least two.")
    return float(np.polyfit(dimensions, np.log(samples), 1)[0])


def rate_interval(
    seeds: Sequence[Mapping[float, float]], level: float = 0.95, draws: int = 2000
) -> tuple[float, float]:
    """Return the percentile interval of the mean rate over resampled seeds.

    Args:
        seeds: samples needed by dimension, of each seed.
        level: coverage, as a fraction.
        draws: resamples.
    """
    rates = np.array([rate_of_growth(list(one), list(one.values())) for one in seeds])
    chosen = np.random.default_rng(0).integers(len(rates), size=(draws, len(rates)))
    low, high = np.quantile(rates[chosen].mean(1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


class Point(NamedTuple):
    """Losses of one network: what the law is fitted to."""

    dimension: float
    samples: float
    parameters: float
    train: float
    test: float


FLOOR = 1e-3  # a smaller loss counts as this one, since a logarithm has no zero
OMEGAS = np.linspace(1.02, 2.5, 149)


def fit_law(points: Sequence[Point]) -> Law:
    """Fit c and Omega to the logarithms of test losses by least squares; points at the spike are left out.

    For a given Omega the best log c is a mean, so only Omega is searched, on a grid of steps of 0.01.

    Raises:
        ValueError: if there is no point.
    """
    if not points:
        raise ValueError("no point given; the law is fitted to at least one.")
    fits = [_fit_variance(points, float(omega)) for omega in OMEGAS]
    return min(fits, key=lambda one: one[0])[1]


def _fit_variance(points: Sequence[Point], omega: float) -> tuple[float, Law]:
    """Return the remaining squared error and the law with the best variance for an Omega."""
    law = Law(omega=omega)
    pairs = [(one.test, network_losses(law, *one[:3])["test"]) for one in points]
    gaps = np.array([
        math.log(max(found, FLOOR) / max(said, FLOOR)) for found, said in pairs if math.isfinite(said)
    ])  # fmt: skip
    return float(np.square(gaps - gaps.mean()).mean()), Law(float(np.exp(gaps.mean())), omega)
