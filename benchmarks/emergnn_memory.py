"""Peak memory of one training step of EmerGNN on DrugBank S1 with a bias, each way in a process of its own."""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.step_memory import compare_peaks

from parsimony.experiments import machine

NAME = "emergnn-memory-drugbank"
TARGET = 3.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our peak, pair by pair."""
    return compare_peaks(NAME, TARGET, "benchmarks.emergnn_memory", pairs)


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
