"""The clock that tells what a run costs."""

from __future__ import annotations

import time


def now(device: str = "cpu") -> float:
    """Return seconds that only differences of mean something.

    On a processor they are its own time, summed over threads: what else shares the cores does not count. An accelerator
    works while the processor waits, so there they are wall clock.
    """
    return time.process_time() if device == "cpu" else time.perf_counter()
