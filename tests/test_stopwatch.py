"""The clock of what a run costs."""

from __future__ import annotations

import time

from parsimony.experiments.stopwatch import now


def test_waiting_costs_a_processor_nothing() -> None:
    """A processor that waits does not work; beside an accelerator waiting counts."""
    start, start_beside = now("cpu"), now("cuda")
    time.sleep(0.2)
    assert now("cpu") - start < 0.1 and now("cuda") - start_beside >= 0.2
