"""What a reader should see when a run ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """What a reader should see when a run ends.

    Attributes:
        result: measure and range.
        minutes: wall clock of one run.
        machine: on which machine.
    """

    result: str
    minutes: float
    machine: str


ONE_CORE, TWO_CORES = "one core of an AMD EPYC", "two cores of an AMD EPYC"
SEEDS = (0, 1, 2)
