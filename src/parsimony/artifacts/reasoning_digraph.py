"""Relational digraphs as records hold them: layers of edges, what lies on a path, best paths, columns in order.

In a record a relation that is walked backwards is called "inverse NAME", and a step that stays is called "identity".
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

IDENTITY = "identity"
INVERSE = "inverse "
SWEEPS = 4  # of the layout; small digraphs settle after two


class Edge(NamedTuple):
    """One step: from head to tail by a relation, with the attention of a model."""

    head: str
    relation: str
    tail: str
    attention: float = 1.0


class Path(NamedTuple):
    """A walk of one edge a layer, and the product of their attentions."""

    edges: tuple[Edge, ...]
    attention: float


Layers = tuple[tuple[Edge, ...], ...]


def layers_of(digraph: Mapping[str, Any]) -> Layers:
    """Read the layers of a digraph from a record."""
    return tuple(tuple(Edge(**edge) for edge in layer) for layer in digraph["layers"])


def kept_layers(digraph: Mapping[str, Any]) -> Layers:
    """Return the edges at or above the threshold of a record that still lie on a path, or the best path alone."""
    layers, ends = layers_of(digraph), (digraph["query"][0], digraph["answer"])
    strong = tuple(tuple(edge for edge in layer if edge.attention >= digraph["edges kept"]) for layer in layers)
    kept = connected(strong, *ends)
    return kept if all(kept) else tuple((edge,) for edge in best_paths(layers, *ends, 1)[0].edges)


def connected(layers: Layers, head: str, answer: str) -> Layers:
    """Keep the edges that lie on a walk from head to answer through all layers."""
    forward = _reachable(layers, head, "head", "tail")
    return _reachable(forward[::-1], answer, "tail", "head")[::-1]


def _reachable(layers: Layers, start: str, entry: str, leave: str) -> Layers:
    kept, here = [], {start}
    for layer in layers:
        kept.append(tuple(edge for edge in layer if getattr(edge, entry) in here))
        here = {getattr(edge, leave) for edge in kept[-1]}
    return tuple(kept)


def best_paths(layers: Layers, head: str, answer: str, count: int) -> list[Path]:
    """Return the walks from head to answer with the largest product of attentions, best first."""
    found = {head: [Path((), 1.0)]}
    for layer in layers:
        longer = defaultdict(list)
        for edge in layer:
            for path in found.get(edge.head, ()):
                longer[edge.tail].append(Path((*path.edges, edge), path.attention * edge.attention))
        found = {tail: sorted(paths, key=lambda one: -one.attention)[:count] for tail, paths in longer.items()}
    return found.get(answer, [])


def expansion(facts: Iterable[Edge], head: str, length: int) -> Layers:
    """Return all steps of so many layers from a head: facts, facts walked backwards, and identity steps."""
    facts = tuple(facts)
    steps = [*facts, *(Edge(fact.tail, INVERSE + fact.relation, fact.head) for fact in facts)]
    layers, here = [], [head]
    for _ in range(length):
        stay = [Edge(entity, IDENTITY, entity) for entity in here]
        layers.append((*stay, *(step for step in steps if step.head in here)))
        here = list(dict.fromkeys(edge.tail for edge in layers[-1]))
    return tuple(layers)


def is_inverse(edge: Edge) -> bool:
    """Tell whether a fact is walked backwards."""
    return edge.relation.startswith(INVERSE)


def name_of_relation(edge: Edge) -> str:
    """Return the relation of the fact that is walked."""
    return edge.relation.removeprefix(INVERSE)


def relation_text(edge: Edge) -> str:
    """Write a relation, an inverse one with the exponent minus one."""
    return name_of_relation(edge).replace("_", " ") + "⁻¹" * is_inverse(edge)


def entity_text(name: str) -> str:
    """Write an entity; one that is only numbered as the papers do."""
    return f"id-{name}" if name.isdigit() else name


def path_text(path: Path) -> str:
    """Write a walk with its relations on the arrows."""
    steps = (f" –{relation_text(edge)}→ {entity_text(edge.tail)}" for edge in path.edges)
    return entity_text(path.edges[0].head) + "".join(steps)


def columns_of(layers: Layers) -> list[list[str]]:
    """Return the entities of each column, ordered so that edges cross little.

    Each sweep moves an entity to the mean place of its neighbours in the column before, and then, on the way back, in
    the column after (barycentre).
    """
    columns = [sorted({edge.head for edge in layers[0]})]
    columns += [sorted({edge.tail for edge in layer}) for layer in layers]
    for _ in range(SWEEPS):
        for number, layer in enumerate(layers):
            pairs = [(edge.tail, edge.head) for edge in layer]
            columns[number + 1] = _by_barycentre(columns[number + 1], columns[number], pairs)
        for number in reversed(range(len(layers))):
            pairs = [(edge.head, edge.tail) for edge in layers[number]]
            columns[number] = _by_barycentre(columns[number], columns[number + 1], pairs)
    return columns


def _by_barycentre(column: Sequence[str], other: Sequence[str], pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Sort a column by the mean place of each entity's neighbours in another one; places are shares of a column."""
    place = {entity: (number + 1) / (len(other) + 1) for number, entity in enumerate(other)}
    neighbours = defaultdict(list)
    for entity, neighbour in pairs:
        neighbours[entity].append(place[neighbour])
    return sorted(column, key=lambda one: statistics.fmean(neighbours[one]) if neighbours[one] else math.inf)
