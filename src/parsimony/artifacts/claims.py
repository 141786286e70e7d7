"""Hold each claim of the papers against the records."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from parsimony.published import read_claims
from parsimony.records import Archive

LEAST_SEEDS = 2  # without a second seed there is no deviation to compare with


@dataclass(frozen=True)
class ClaimResult:
    """A claim and what the records say.

    Attributes:
        id: permanent identifier.
        text: the claim.
        source: where the paper makes it.
        verdict: "reproduced", "not reproduced", "undecided", "single run" or "not run".
        ours: mean difference of the measure, better minus worse, or None.
        published: published difference, or None.
        interval: 95 % interval of the difference over seeds, or None.
        records: names of the runs.
    """

    id: str
    text: str
    source: str
    verdict: str
    ours: float | None = None
    published: float | None = None
    interval: tuple[float, float] | None = None
    records: tuple[str, ...] = ()


def evaluate_claims(archive: Archive) -> list[ClaimResult]:
    """Evaluate every claim on the archived runs of the paper profile."""
    return [evaluate(claim, archive) for claim in read_claims()]


def evaluate(claim: dict[str, Any], archive: Archive) -> ClaimResult:
    """Evaluate a claim of the kind "beats": reproduced if the interval of the difference lies above zero.

    The interval is that of Welch's t test over seeds.

    Raises:
        ValueError: if the claim is of another kind.
    """
    if claim["kind"] != "beats":
        raise ValueError(f"claim {claim['id']} is of kind {claim['kind']!r}; known kinds: beats.")
    better, worse = (_runs(claim, archive, side) for side in ("better", "worse"))
    published = claim["published"][0] - claim["published"][1] if "published" in claim else None
    common = {"id": claim["id"], "text": claim["text"], "source": claim["source"], "published": published}
    if not better or not worse:
        return ClaimResult(verdict="not run", **common)
    values = [[one.record.metrics[claim["measure"]] for one in runs] for runs in (better, worse)]
    difference = statistics.fmean(values[0]) - statistics.fmean(values[1])
    names = tuple(one.record.specification.name for one in (*better, *worse))
    if min(map(len, values)) < LEAST_SEEDS:
        return ClaimResult(verdict="single run", ours=difference, records=names, **common)
    interval = welch_interval(*values)
    return ClaimResult(verdict=_verdict(interval), ours=difference, interval=interval, records=names, **common)


def _runs(claim: dict[str, Any], archive: Archive, side: str) -> tuple:
    return archive.find(method=claim[side], dataset=claim["dataset"], profile="paper")


def _verdict(interval: tuple[float, float]) -> str:
    if interval[0] > 0:
        return "reproduced"
    return "not reproduced" if interval[1] < 0 else "undecided"


def welch_interval(first: list[float], second: list[float], level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the difference of two means with unequal variances (Welch, 1947)."""
    from scipy import stats

    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(level)
    return float(low), float(high)
