"""Training steps on WN18RR at the search settings, float32; an epoch is 170 of them."""

from __future__ import annotations

from typing import Any

from benchmarks.autoblm_steps import compare_steps

NAME = "autoblm-steps-wn18rr"
TARGET = 2.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "WN18RR", "float32", batches=4, pairs=pairs)
