"""Time two ways of the same work in one process, in turn, and give the ratio pair by pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from parsimony.experiments import machine


def compare(name: str, target: float, plain: Callable[[], Any], ours: Callable[[], Any], pairs: int) -> dict[str, Any]:
    """Run `plain` and `ours` in turn after one warm-up each; return the ratios of their seconds.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        plain: the reference, in the official order.
        ours: the same work as the package does it.
        pairs: how many pairs are timed.

    Returns:
        name, ratio (median over pairs), target, pairs, seconds of both in every pair, machine.
    """
    plain(), ours()
    timed = [(_seconds(plain), _seconds(ours)) for _ in range(pairs)]
    return {
        "name": name,
        "ratio": statistics.median(a / b for a, b in timed),
        "target": target,
        "pairs": pairs,
        "plain_seconds": [a for a, _ in timed],
        "ours_seconds": [b for _, b in timed],
        "machine": machine.describe(),
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
