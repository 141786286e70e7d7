"""Monolithic networks on sine waves: fifteen in step against one by one.

The target is lower than that of modular networks, since a plain step of one perceptron already is four large products.
"""

from __future__ import annotations

from typing import Any

from benchmarks.networks_in_step import compare_networks

NAME = "monolithic-networks"
TARGET = 2.5


def run(pairs: int = 7) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_networks(NAME, TARGET, "monolithic", pairs)
