"""Peak memory of one training step of RED-GNN on WN18RR, 100 queries, each way in a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import Any

from parsimony import paths
from parsimony.experiments import machine

NAME = "redgnn-memory-wn18rr"
TARGET = 2.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our peak beyond what the process held before the step, pair by pair."""
    peaks = [(_peak("plain"), _peak("ours")) for _ in range(pairs)]
    return {
        "name": NAME,
        "ratio": statistics.median(a / b for a, b in peaks),
        "target": TARGET,
        "pairs": pairs,
        "plain_bytes": [a for a, _ in peaks],
        "ours_bytes": [b for _, b in peaks],
        "machine": machine.describe(),
    }


def _peak(way: str) -> int:
    command = [sys.executable, "-m", "benchmarks.redgnn_memory", way]
    return int(subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout)


def _measure(way: str) -> int:
    """Take one step; return by how much the highest resident size exceeds the size before."""
    from benchmarks.redgnn_steps import training_steps

    step = getattr(training_steps("WN18RR-facts"), way)
    before, peak = machine.MemoryPeak().bytes, machine.MemoryPeak()
    step()
    return peak.bytes - before


if __name__ == "__main__":
    print(_measure(sys.argv[1]))
