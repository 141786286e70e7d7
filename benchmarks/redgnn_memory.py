"""Peak memory of one training step of RED-GNN on WN18RR, 100 queries, each way in a process of its own."""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.step_memory import compare_peaks

from parsimony.experiments import machine

NAME = "redgnn-memory-wn18rr"
TARGET = 2.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our peak, pair by pair."""
    return compare_peaks(NAME, TARGET, "benchmarks.redgnn_memory", pairs)


def _measure(way: str) -> int:
    """Take one step; return by how much the highest resident size exceeds the size before."""
    from benchmarks.redgnn_steps import training_steps

    step = getattr(training_steps("WN18RR-facts"), way)
    before, peak = machine.MemoryPeak().bytes, machine.MemoryPeak()
    step()
    return peak.bytes - before


if __name__ == "__main__":
    print(_measure(sys.argv[1]))
