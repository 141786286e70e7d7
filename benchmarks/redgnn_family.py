"""Training steps of RED-GNN on family with the authors' settings."""

from __future__ import annotations

from typing import Any

from benchmarks.redgnn_steps import compare_steps

NAME = "redgnn-steps-family"
TARGET = 5.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "family", repeats=5, pairs=pairs)
