"""A relational digraph as readers explore it: columns, edges with attention, and the strongest paths as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parsimony.artifacts.digraph_drawing import relation_colours
from parsimony.artifacts.own_rules import clause
from parsimony.artifacts.reasoning_digraph import (
    IDENTITY,
    INVERSE,
    Edge,
    Path,
    best_paths,
    columns_of,
    entity_text,
    is_inverse,
    layers_of,
    name_of_relation,
)

PATHS = 5


def explorable(digraph: Mapping[str, Any], dataset: str) -> dict[str, Any]:
    """Return a digraph of a record as the book's explorer takes it.

    Args:
        digraph: query, answer, rank and layers of edges.
        dataset: where the query was asked.

    Returns:
        title, note, columns of names, edges {layer, head, tail, relation, kind, weight, colour, text}, and paths
        {edges: places in the list of edges, weight, sentence}.
    """
    (head, relation), answer, layers = digraph["query"], digraph["answer"], layers_of(digraph)
    colours = relation_colours(edge for layer in layers for edge in layer)
    steps = [(number, edge) for number, layer in enumerate(layers) for edge in layer]
    places = {step: place for place, step in enumerate(steps)}
    of_all = f"{len(steps)} of {digraph.get('edges in all', len(steps))} edges"
    return {
        "title": f"{dataset}: {question(entity_text(head), relation)}",
        "note": f"Answer {entity_text(answer)}, rank {digraph['rank']:g}; {of_all} of the digraph.",
        "columns": [[entity_text(one) for one in column] for column in columns_of(layers)],
        "edges": [described(number, edge, colours) for number, edge in steps],
        "paths": [told(path, places) for path in best_paths(layers, head, answer, PATHS)],
    }


def question(head: str, relation: str) -> str:
    """Ask a query aloud; one of an inverse relation asks for the head of its facts."""
    return f"{clause(relation, head, 'who' if relation.startswith(INVERSE) else 'whom')}?"


def described(layer: int, edge: Edge, colours: Mapping[str, str]) -> dict[str, Any]:
    """Return one edge; `text` is what it says."""
    kind = "stay" if edge.relation == IDENTITY else "inverse" if is_inverse(edge) else "fact"
    return {
        "layer": layer,
        "head": entity_text(edge.head),
        "tail": entity_text(edge.tail),
        "relation": name_of_relation(edge).replace("_", " "),
        "kind": kind,
        "weight": round(edge.attention, 4),
        "colour": colours[name_of_relation(edge)],
        "text": text_of(edge),
    }


def told(path: Path, places: Mapping[tuple[int, Edge], int]) -> dict[str, Any]:
    """Return one path: its edges, the product of their attentions, and the facts that it strings together."""
    facts = [text_of(edge) for edge in path.edges if edge.relation != IDENTITY]
    return {
        "edges": [places[step] for step in enumerate(path.edges)],
        "weight": round(path.attention, 4),
        "sentence": f"{joined(facts)}." if facts else "The answer is where the query begins.",
    }


def text_of(edge: Edge) -> str:
    """Read one step aloud, one that is walked backwards from its tail."""
    head, tail = entity_text(edge.head), entity_text(edge.tail)
    return f"stays at {head}" if edge.relation == IDENTITY else clause(edge.relation, head, tail)


def joined(facts: Sequence[str]) -> str:
    """Join facts as English does."""
    return facts[0] if len(facts) == 1 else f"{', '.join(facts[:-1])} and {facts[-1]}"
