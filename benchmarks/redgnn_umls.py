"""Training steps of RED-GNN on umls with the authors' settings."""

from __future__ import annotations

from typing import Any

from benchmarks.redgnn_steps import compare_steps

NAME = "redgnn-steps-umls"
TARGET = 15.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "umls", repeats=1, pairs=pairs)
