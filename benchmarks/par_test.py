"""The full test of PAR on Tox21 in float32: ours against the plain reference, which is timed on one batch in 50."""

from __future__ import annotations

from typing import Any

from benchmarks.property_tests import compare_tests

NAME = "par-test"
TARGET = 20.0


def run(pairs: int = 5) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_tests(NAME, TARGET, "float32", pairs)
