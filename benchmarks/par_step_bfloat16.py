"""A meta-iteration of PAR on Tox21, ours with bfloat16 products, against the plain reference in float32."""

from __future__ import annotations

from typing import Any

from benchmarks.property_steps import compare_steps

NAME = "par-step-bfloat16"
TARGET = 4.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "PAR", "bfloat16", pairs)
