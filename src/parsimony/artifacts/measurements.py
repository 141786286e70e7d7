"""Benchmarks as `parsimony bench NAME --json` printed them, kept in data/measurements/NAME.json."""

from __future__ import annotations

import json
from typing import Any

from parsimony.paths import DATA

FOLDER = DATA / "measurements"


def read_measurement(name: str) -> dict[str, Any] | None:
    """Return what a benchmark measured, or None if it is not kept.

    Raises:
        ValueError: if the file holds another benchmark.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    if found.get("name") != name:
        raise ValueError(f"{path} holds {found.get('name')!r}, expected {name!r}; write it with `parsimony bench`.")
    return found
