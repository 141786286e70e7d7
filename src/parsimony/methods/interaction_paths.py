"""Why EmerGNN predicts an interaction: the paths of a pair with the largest gates (section 6, Figures 10a and 11a).

    score of a path of k <= L edges    mean over its edges of alpha^l_r(u, v),  l = place of the edge in the path

A message that takes k steps reaches the target in layer k and waits there by identity edges. Each edge counts with the
id along which the message really flowed; the authors' search reads that of the inverse. Paths are enumerated, not
searched with a beam. No edge of a path is an identity, leaves the target or returns to the source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds
from parsimony.nn.index_ranges import ranges


class InteractionPath(NamedTuple):
    """A path of k edges, as a message flows.

    Attributes:
        entities: k + 1 of them.
        relations: ids of the edges, k of them.
        gates: alpha of each edge.
        score: their mean.
    """

    entities: tuple[int, ...]
    relations: tuple[int, ...]
    gates: tuple[float, ...]
    score: float


class Wording(NamedTuple):
    """What ids and entities are called.

    Attributes:
        ids: what ids stand for.
        verbs: what each relation of the biomedical network says.
        types: what each type says of #Drug1 and #Drug2.
        names: of entities.
    """

    ids: RelationIds
    verbs: Sequence[str]
    types: Sequence[str]
    names: Sequence[str]


def best_paths(network: AugmentedNetwork, gates: NDArray, start: int, target: int, count: int) -> list[InteractionPath]:
    """Return the paths from one drug to another with the highest scores, best first; fewer if there are fewer.

    Args:
        network: that messages flow in.
        gates: of every layer and id for the pair, head first, whichever way is asked, [L, K].
        start: drug that messages leave.
        target: drug that they reach.
        count: how many paths.
    """
    found = []
    for length in range(1, len(gates) + 1):
        entities, relations = walks(network, start, target, length)
        chosen = gates[np.arange(length), relations]
        order = np.argsort(-chosen.mean(1), kind="stable")[:count]
        rows = zip(*(field[order].tolist() for field in (entities, relations, chosen)), strict=True)
        found += [InteractionPath(tuple(e), tuple(r), tuple(g), sum(g) / length) for e, r, g in rows]
    return sorted(found, key=_rank)[:count]


def walks(network: AugmentedNetwork, start: int, target: int, length: int) -> tuple[NDArray, NDArray]:
    """Return all paths of a length: entities [n, length + 1] and ids [n, length]."""
    entities, relations = np.array([[start]]), np.zeros((1, 0), np.int64)
    if start == target:
        return np.zeros((0, length + 1), np.int64), np.zeros((0, length), np.int64)
    within = _reaching(network, target, length - 1)
    for remaining in reversed(range(length)):
        here = entities[:, -1]
        edge, walk = ranges(network.outgoing.first[here], network.outgoing.first[here + 1])
        after, relation = network.outgoing.other[edge], network.outgoing.relation[edge]
        is_kept = within[remaining][after] & (relation != network.ids.identity) & (after != start)
        entities = np.column_stack([entities[walk], after])[is_kept]
        relations = np.column_stack([relations[walk], relation])[is_kept]
    return entities, relations


def sentence(path: InteractionPath, wording: Wording) -> str:
    """Say the facts of a path in its order: "Tapentadol binds CYP2D6, and Dolasetron binds CYP2D6"."""
    ends = zip(path.entities, path.entities[1:], strict=False)
    facts = [_fact(*pair, relation, wording) for pair, relation in zip(ends, path.relations, strict=True)]
    return ", and ".join([facts[0], *(re.sub("^The ", "the ", fact) for fact in facts[1:])])


def edge_label(relation: int, wording: Wording) -> str:
    """Return a short name of what an id stands for, such as "binds" or "#39" (types counted from 1)."""
    step = wording.ids.step(relation)
    if step.kind == "type":
        return "interacts" if wording.ids.is_shared else f"#{step.number + 1}"
    return "identity" if step.kind == "identity" else wording.verbs[step.number]


def _fact(head: int, tail: int, relation: int, wording: Wording) -> str:
    step = wording.ids.step(relation)
    one, other = (wording.names[entity] for entity in ((tail, head) if step.is_inverse else (head, tail)))
    if step.kind == "relation":
        return f"{one} {wording.verbs[step.number]} {other}"
    if wording.ids.is_shared:
        return f"{one} and {other} have side effects together"
    return wording.types[step.number].rstrip(".").replace("#Drug1", one).replace("#Drug2", other)


def _reaching(network: AugmentedNetwork, target: int, most: int) -> list[NDArray]:
    """Return from where the target is reached in exactly 0, 1, ... steps that do not leave it, [N] each."""
    within = [np.zeros(network.num_entities, bool)]
    within[0][target] = True
    for _ in range(most):
        here = np.flatnonzero(within[-1])
        edge, _ = ranges(network.incoming.first[here], network.incoming.first[here + 1])
        edge = edge[network.incoming.relation[edge] != network.ids.identity]
        before = np.zeros(network.num_entities, bool)
        before[network.incoming.other[edge]] = True
        before[target] = False
        within.append(before)
    return within


def _rank(path: InteractionPath) -> tuple[float, tuple[int, ...], tuple[int, ...]]:
    return -path.score, path.entities, path.relations
