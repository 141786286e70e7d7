"""What the executed chapters say about themselves: fingerprint, parameters, and the artifacts that they show."""

from __future__ import annotations

import json
from typing import Any

from parsimony.book.runner import chapter_path
from parsimony.book.sidecar import read_sidecar
from parsimony.book.toc import chapter_names


def seals() -> dict[str, dict[str, Any]]:
    """Return the seal of every executed chapter of the book, by notebook."""
    paths = {name: chapter_path(name) for name in chapter_names()}
    return {
        name: json.loads(path.read_text(encoding="utf-8"))["metadata"].get("parsimony", {})
        for name, path in paths.items()
        if path.is_file()
    }


def shown_artifacts() -> list[dict[str, Any]]:
    """Return the sidecars of the artifacts that the chapters show, in the order of the book.

    Raises:
        ValueError: if two chapters show one artifact under the same label.
    """
    owner: dict[str, str] = {}
    for notebook, seal in seals().items():
        for artifact, _ in seal.get("artifacts", []):
            if owner.setdefault(artifact, notebook) != notebook:
                raise ValueError(
                    f"artifact {artifact} is published by {owner[artifact]} and by {notebook}; "
                    "an identifier belongs to one place: give the second one a name of its own."
                )
    return [read_sidecar(artifact) for artifact in owner]
