"""Hold each claim of the papers against the records."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

from parsimony.artifacts.cells import values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.run_schedule import SHORT, has_short
from parsimony.artifacts.seed_intervals import compare_seeds
from parsimony.published import advantage, read_claims
from parsimony.records import Archive, Filed

KINDS = ("beats", "fewer")
VERDICTS = ("reproduced", "not reproduced", "inconclusive", "single run", SHORT.kind, "not run")
LEAST_SEEDS = 2  # without a second seed there is no deviation to compare with


@dataclass(frozen=True)
class ClaimResult:
    """A claim and what the records say.

    Attributes:
        id: permanent identifier.
        text: the claim.
        source: where the paper makes it.
        verdict: "reproduced", "not reproduced", "inconclusive", "single run", "short run" or "not run".
        ours: by how much the mean of the better method is better, or None; for an error or a count, by how much it
            is smaller.
        published: the same of the published values, or None.
        interval: 95 % interval of that advantage over seeds, or None; of counts their range.
        comparison: how the interval was found: "paired, 3 seeds", "Welch" or "range"; empty without one.
        table: identifier of the table that shows both methods.
        runs: of both methods, the better one first.
    """

    id: str
    text: str
    source: str
    verdict: str
    ours: float | None = None
    published: float | None = None
    interval: tuple[float, float] | None = None
    comparison: str = ""
    table: str = ""
    runs: tuple[Filed, ...] = ()


def evaluate_claims(archive: Archive) -> list[ClaimResult]:
    """Evaluate every claim on the archived runs of the paper profile."""
    return [evaluate(claim, archive) for claim in read_claims()]


def count_verdicts(archive: Archive) -> dict[str, int]:
    """Return how many claims have each verdict, those that say most first; a verdict that no claim has is left out."""
    found = Counter(one.verdict for one in evaluate_claims(archive))
    return {kind: found[kind] for kind in VERDICTS if found[kind]}


def evaluate(claim: dict[str, Any], archive: Archive) -> ClaimResult:
    """Evaluate a claim: it is reproduced if the interval of the advantage lies above zero.

    The measure decides which direction is an advantage. Of the kind "beats" the interval is that of `compare_seeds`
    over seeds, and runs below the schedule of the paper get no verdict. Of the kind "fewer" the measure is a count,
    which neither seed nor schedule changes: its interval is the range over runs.

    Raises:
        ValueError: if the claim is of another kind.
    """
    if claim["kind"] not in KINDS:
        raise ValueError(f"claim {claim['id']} is of kind {claim['kind']!r}; known kinds: {', '.join(KINDS)}.")
    runs = [_runs(claim, archive, side) for side in ("better", "worse")]
    measure = claim["measure"]
    published = advantage(measure, *claim["published"]) if "published" in claim else None
    common = {name: claim.get(name, "") for name in ("id", "text", "source", "table")} | {"published": published}
    if not all(runs):
        return ClaimResult(verdict="not run", **common)
    values = [values_of(side, measure) for side in runs]
    common["ours"] = advantage(measure, *map(statistics.fmean, values))
    common["runs"] = tuple(one for side in runs for one in side)
    if claim["kind"] == "fewer":
        interval, common["comparison"] = range_of_advantage(measure, *values), "range"
        return ClaimResult(verdict=_verdict(interval), interval=interval, **common)
    is_comparable = not any(map(has_short, runs))
    if min(map(len, values)) < LEAST_SEEDS:
        return ClaimResult(verdict="single run" if is_comparable else SHORT.kind, **common)
    interval, common["comparison"] = compare_seeds(measure, *runs)
    return ClaimResult(verdict=_verdict(interval) if is_comparable else SHORT.kind, interval=interval, **common)


def _runs(claim: dict[str, Any], archive: Archive, side: str) -> tuple[Filed, ...]:
    asked = claim[side], claim["dataset"], "paper", claim.get("variant", "")
    return runs_of_method(archive, *asked, measure=claim["measure"])


def _verdict(interval: tuple[float, float]) -> str:
    if interval[0] > 0:
        return "reproduced"
    return "not reproduced" if interval[1] < 0 else "inconclusive"


def range_of_advantage(measure: str, better: list[float], worse: list[float]) -> tuple[float, float]:
    """Return the least and the greatest advantage of one run of a method over one run of another."""
    found = [advantage(measure, one, other) for one in better for other in worse]
    return min(found), max(found)
