"""Training steps on WN18RR at the search settings, our logits in bfloat16."""

from __future__ import annotations

from typing import Any

from benchmarks.autoblm_steps import compare_steps

NAME = "autoblm-steps-wn18rr-bfloat16"
TARGET = 5.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "WN18RR", "bfloat16", batches=4, pairs=pairs)
