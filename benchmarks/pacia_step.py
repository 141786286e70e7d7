"""A meta-iteration of PACIA on Tox21 in float32: ours against the plain reference, both in training mode."""

from __future__ import annotations

from typing import Any

from benchmarks.property_steps import compare_steps

NAME = "pacia-step"
TARGET = 3.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "PACIA", "float32", pairs)
