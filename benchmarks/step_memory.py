"""Peak memory of one training step, in the official order and as the package takes it, each in a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
from typing import Any

from parsimony import paths
from parsimony.experiments import machine


def compare_peaks(name: str, target: float, module: str, pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our peak beyond what the process held before the step, pair by pair.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        module: which prints the bytes of one step when it is started with "plain" or "ours".
        pairs: how many pairs of processes are started.
    """
    peaks = [(_peak(module, "plain"), _peak(module, "ours")) for _ in range(pairs)]
    return {
        "name": name,
        "ratio": statistics.median(a / b for a, b in peaks),
        "target": target,
        "pairs": pairs,
        "plain_bytes": [a for a, _ in peaks],
        "ours_bytes": [b for _, b in peaks],
        "machine": machine.describe(),
    }


def _peak(module: str, way: str) -> int:
    command = [sys.executable, "-m", module, way]
    return int(subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout)
