"""The full test of PAR on Tox21, ours with bfloat16 products; the plain reference is timed on one batch in 50."""

from __future__ import annotations

from typing import Any

from benchmarks.property_tests import compare_tests

NAME = "par-test-bfloat16"
TARGET = 20.0


def run(pairs: int = 5) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_tests(NAME, TARGET, "bfloat16", pairs)
