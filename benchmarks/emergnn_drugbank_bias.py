"""Training steps of EmerGNN on DrugBank S1 in the form of the authors' code, with a bias."""

from __future__ import annotations

from typing import Any

from benchmarks.emergnn_steps import compare_steps, drugbank_problem

NAME = "emergnn-steps-drugbank-bias"
TARGET = 30.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_steps(NAME, TARGET, drugbank_problem(), pairs, repeats=10, has_bias=True)
