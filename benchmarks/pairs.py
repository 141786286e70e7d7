"""Time two ways of the same work in one process, in turn, and give the ratio pair by pair.

Processor seconds stand beside those on the clock: they hardly change when other work shares the machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

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
        name, ratio (median over pairs), target, pairs, seconds of both in every pair, machine; ratio and seconds
        of the processor likewise.
    """
    plain(), ours()
    timed = [(_seconds(plain), _seconds(ours)) for _ in range(pairs)]
    return {
        "name": name,
        "ratio": _median_ratio([(a.clock, b.clock) for a, b in timed]),
        "processor_ratio": _median_ratio([(a.processor, b.processor) for a, b in timed]),
        "target": target,
        "pairs": pairs,
        "plain_seconds": [a.clock for a, _ in timed],
        "ours_seconds": [b.clock for _, b in timed],
        "plain_processor_seconds": [a.processor for a, _ in timed],
        "ours_processor_seconds": [b.processor for _, b in timed],
        "machine": machine.describe(),
    }


class Seconds(NamedTuple):
    """On the clock, and of the processor over all threads."""

    clock: float
    processor: float


def _seconds(work: Callable[[], Any]) -> Seconds:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - clock, time.process_time() - processor)


def _median_ratio(pairs: list[tuple[float, float]]) -> float:
    return statistics.median(a / b for a, b in pairs)
