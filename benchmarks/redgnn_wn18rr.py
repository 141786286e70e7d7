"""Training steps of RED-GNN on WN18RR-facts with the authors' settings."""

from __future__ import annotations

from typing import Any

from benchmarks.redgnn_steps import compare_steps

NAME = "redgnn-steps-wn18rr"
TARGET = 3.5


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "WN18RR-facts", repeats=1, pairs=pairs)
