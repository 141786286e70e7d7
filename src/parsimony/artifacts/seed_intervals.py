"""By how much one method is better than another: 95 % intervals over seeds, paired where both ran the same seeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from parsimony.artifacts.cells import values_of
from parsimony.published import advantage
from parsimony.records import Filed

LEVEL = 0.95
Interval = tuple[float, float]


def compare_seeds(measure: str, better: Sequence[Filed], worse: Sequence[Filed]) -> tuple[Interval, str]:
    """Return the interval of the advantage of some runs over others, and how it was found.

    Runs of one seed share data, split and order of the draws, so that their difference varies less than either; where
    both methods have the same seeds, once each, the interval is that of the mean difference. Otherwise it is Welch's.
    """
    pairs = pairs_of(measure, better, worse)
    if pairs:
        found, said = paired_interval(*map(list, zip(*pairs, strict=True))), f"paired, {len(pairs)} seeds"
    else:
        found, said = welch_interval(values_of(better, measure), values_of(worse, measure)), "Welch"
    return in_favour(measure, found), said


def pairs_of(measure: str, better: Sequence[Filed], worse: Sequence[Filed]) -> list[tuple[float, float]]:
    """Return the values of both sides seed by seed; nothing if the seeds are not the same, once each."""
    sides = [by_seed(runs, measure) for runs in (better, worse)]
    if sides[0].keys() != sides[1].keys() or [len(better), len(worse)] != [*map(len, sides)]:
        return []
    return [(sides[0][seed], sides[1][seed]) for seed in sorted(sides[0])]


def by_seed(runs: Sequence[Filed], measure: str) -> Mapping[int, float]:
    """Return the measure of each seed."""
    seeds = [one.record.specification.seed for one in runs]
    return dict(zip(seeds, values_of(runs, measure), strict=True))


def in_favour(measure: str, difference: Interval) -> Interval:
    """Turn an interval of a difference into one of the advantage; for an error less is better."""
    ends = [advantage(measure, one, 0.0) for one in difference]
    return min(ends), max(ends)


def paired_interval(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Return the interval of the mean of differences (Student's t, one degree of freedom less than pairs)."""
    from scipy import stats

    differences = [one - other for one, other in zip(first, second, strict=True)]
    number, mean = len(differences), statistics.fmean(differences)
    half = float(stats.t.ppf((1 + LEVEL) / 2, number - 1)) * statistics.stdev(differences) / number**0.5
    return mean - half, mean + half


def welch_interval(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Return the interval of the difference of two means with unequal variances (Welch, 1947)."""
    from scipy import stats

    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(LEVEL)
    return float(low), float(high)
