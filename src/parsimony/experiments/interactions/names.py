"""What the edges of the augmented network are called in records: CbG, inverse CbG, #39, inverse #39, identity."""

from __future__ import annotations

from collections.abc import Sequence

from parsimony.nn.augmented_network import RelationIds


def edge_name(relation: int, ids: RelationIds, relations: Sequence[str]) -> str:
    """Return the name of an id; types are counted from 1, and where all share one id they are "interacts"."""
    step = ids.step(relation)
    if step.kind == "identity":
        return "identity"
    if step.kind == "type" and ids.is_shared:
        return "interacts"
    name = f"#{step.number + 1}" if step.kind == "type" else relations[step.number]
    return f"inverse {name}" if step.is_inverse else name
