"""Bins of a reliability diagram added up over runs, their error, and what remains if only sure answers are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from parsimony.records import Filed


class Bin(NamedTuple):
    """Pairs whose largest probability lies between two bounds: how many, mean confidence, share that was right."""

    low: float
    high: float
    pairs: int
    confidence: float
    accuracy: float


def pooled_bins(runs: Sequence[Filed], setting: str) -> list[Bin]:
    """Return the bins of all runs together; an empty bin is left out."""
    found: dict[tuple[float, float], list[dict[str, Any]]] = {}
    for one in runs:
        for part in one.record.measurements["calibration"][setting]:
            if part["pairs"]:
                found.setdefault((part["from"], part["to"]), []).append(part)
    return [_pooled(bounds, parts) for bounds, parts in sorted(found.items())]


def _pooled(bounds: tuple[float, float], parts: Sequence[dict[str, Any]]) -> Bin:
    pairs = sum(part["pairs"] for part in parts)
    means = (sum(part["pairs"] * part[name] for part in parts) / pairs for name in ("confidence", "accuracy"))
    return Bin(*bounds, pairs, *means)


def expected_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean distance of accuracy and confidence over pairs."""
    return sum(one.pairs * abs(one.accuracy - one.confidence) for one in bins) / sum(one.pairs for one in bins)


def answered(bins: Sequence[Bin]) -> list[tuple[float, float, float]]:
    """Return threshold, share of the pairs answered, and accuracy on them, for each bound between bins."""
    every, found = sum(one.pairs for one in bins), []
    for place, one in enumerate(bins):
        kept = bins[place:]
        pairs = sum(part.pairs for part in kept)
        found.append((one.low, pairs / every, sum(part.pairs * part.accuracy for part in kept) / pairs))
    return found
