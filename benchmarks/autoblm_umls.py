"""A training epoch on UMLS at the search settings, float32."""

from __future__ import annotations

from typing import Any

from benchmarks.autoblm_steps import compare_steps

NAME = "autoblm-epoch-umls"
TARGET = 2.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, "UMLS", "float32", batches=11, pairs=pairs)
