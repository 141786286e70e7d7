"""What relations are called in records: r, "inverse r" and "identity"."""

from __future__ import annotations

from collections.abc import Sequence


def relation_name(relation: int, relations: Sequence[str]) -> str:
    """Return the name of a relation from 0 to 2 R, of which the last is the identity step."""
    if relation < len(relations):
        return relations[relation]
    return "identity" if relation == 2 * len(relations) else f"inverse {relations[relation - len(relations)]}"
