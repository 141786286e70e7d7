"""Modular networks on sine waves, ten modules each: fifteen in step against one by one."""

from __future__ import annotations

from typing import Any

from benchmarks.networks_in_step import compare_networks

NAME = "modular-networks"
TARGET = 8.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    return compare_networks(NAME, TARGET, "modular", pairs)
