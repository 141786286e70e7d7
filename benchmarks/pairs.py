"""Time two ways of the same work in one process, in turn, and give the ratio pair by pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from parsimony.experiments import machine


class Spent(NamedTuple):
    """Seconds by the clock and seconds of all cores; the latter say more where other work shares the machine."""

    wall: float
    cpu: float


def compare(name: str, target: float, plain: Callable[[], Any], ours: Callable[[], Any], pairs: int) -> dict[str, Any]:
    """Run `plain` and `ours` in turn after one warm-up each; return the ratios of their seconds.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        plain: the reference, in the official order.
        ours: the same work as the package does it.
        pairs: how many pairs are timed.

    Returns:
        As `summary`.
    """
    plain(), ours()
    return summary(name, target, [(spent(plain), spent(ours)) for _ in range(pairs)])


def summary(name: str, target: float, timed: list[tuple[Spent, Spent]]) -> dict[str, Any]:
    """Return name, ratios (medians over pairs), target, pairs, seconds of plain and ours in every pair, machine."""
    return {
        "name": name,
        "ratio": statistics.median(a.wall / b.wall for a, b in timed),
        "cpu_ratio": statistics.median(a.cpu / b.cpu for a, b in timed),
        "target": target,
        "pairs": len(timed),
        "plain_seconds": [a.wall for a, _ in timed],
        "ours_seconds": [b.wall for _, b in timed],
        "plain_cpu_seconds": [a.cpu for a, _ in timed],
        "ours_cpu_seconds": [b.cpu for _, b in timed],
        "machine": machine.describe(),
    }


def spent(work: Callable[[], Any]) -> Spent:
    """Return what a call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)
