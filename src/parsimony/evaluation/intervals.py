"""Bootstrap confidence intervals, from the ranks or the measures per user that a record holds. No torch here.

Reference: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np


def per_query(ranks: Sequence[float], measure: str) -> np.ndarray:
    """Return what each rank contributes to a measure, [N].

    Args:
        ranks: filtered ranks.
        measure: "MRR", or "H@k" for a whole k.

    Raises:
        ValueError: if the measure is neither.
    """
    values = np.asarray(ranks, dtype=float)
    if measure == "MRR":
        return 1 / values
    if measure.startswith("H@") and measure[2:].isdigit():
        return (values <= int(measure[2:])).astype(float)
    raise ValueError(f"measure {measure!r} given; expected MRR or H@k such as H@10.")


def bootstrap_interval(
    ranks: Sequence[float], measure: str, level: float = 0.95, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile interval of a measure over resampled queries.

    Args:
        ranks: filtered ranks of the test queries.
        measure: "MRR" or "H@k".
        level: coverage, as a fraction.
        draws: resamples.
        seed: of the resampling.

    Raises:
        ValueError: if there is no rank, or the level is not between 0 and 1.
    """
    contributions = per_query(ranks, measure)
    if not len(contributions) or not 0 < level < 1:
        raise ValueError(f"{len(contributions)} ranks and level {level} given; expected some ranks and 0 < level < 1.")
    values, counts = np.unique(contributions, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(contributions), counts / counts.sum(), size=draws)
    means = drawn @ values / len(contributions)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_mean_interval(
    values: Sequence[float], level: float = 0.95, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile interval of a mean over resampled values, such as one error for each test user.

    Args:
        values: what is averaged.
        level: coverage, as a fraction.
        draws: resamples.
        seed: of the resampling.

    Raises:
        ValueError: if there is no value, or the level is not between 0 and 1.
    """
    given = np.asarray(values, dtype=float)
    if not given.size or not 0 < level < 1:
        raise ValueError(f"{given.size} values and level {level} given; expected some values and 0 < level < 1.")
    drawn = np.random.default_rng(seed).integers(given.size, size=(draws, given.size))
    low, high = np.quantile(given[drawn].mean(1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share_interval(hits: int, asked: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share that was hit so many times of those asked.

    Reference: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.

    Raises:
        ValueError: if nothing was asked, or more was hit than asked.
    """
    if not 0 <= hits <= asked or not asked:
        raise ValueError(f"{hits} hits of {asked} given; expected between none and all of at least one.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, weight = hits / asked, z**2 / asked
    middle = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * (share * (1 - share) / asked + weight / (4 * asked)) ** 0.5
    return middle - reach, middle + reach
