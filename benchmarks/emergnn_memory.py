"""Peak memory of one training step of EmerGNN on DrugBank S1 with a bias, each way in a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import Any

from parsimony import paths
from parsimony.experiments import machine

NAME = "emergnn-memory-drugbank"
TARGET = 3.0


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
    command = [sys.executable, "-m", "benchmarks.emergnn_memory", way]
    return int(subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout)


def _measure(way: str) -> int:
    """Take one step; return by how much the highest resident size exceeds the size before.

    Ours includes its tables: the network is laid out before, its tables are made within the step.
    """
    from benchmarks.emergnn_steps import drugbank_problem, new_model, our_step, plain_step

    problem = drugbank_problem()
    model = new_model(problem, has_bias=True)
    if way == "plain":
        step = plain_step(problem, model)
        before, peak = machine.MemoryPeak().bytes, machine.MemoryPeak()
        step()
    else:
        before, peak = machine.MemoryPeak().bytes, machine.MemoryPeak()
        our_step(problem, model)()
    return peak.bytes - before


if __name__ == "__main__":
    print(_measure(sys.argv[1]))
