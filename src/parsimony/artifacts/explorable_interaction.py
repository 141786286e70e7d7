"""The flow between two drugs as readers explore it: columns, edges with gates, and the strongest paths as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsimony.artifacts.interaction_drawing import FILLS, colour_of, colours_of, group_of, verb_of
from parsimony.artifacts.interaction_explanation import Explanation, NamedPath, prediction_text, said, sentence
from parsimony.artifacts.reasoning_digraph import (
    IDENTITY,
    Edge,
    Layers,
    columns_of,
    connected,
    is_inverse,
    name_of_relation,
)


def explorable(shown: Explanation, dataset: str) -> dict[str, Any]:
    """Return the flow of an explanation as the book's explorer takes it.

    Args:
        shown: of one pair.
        dataset: whose pair it is.

    Returns:
        As `explorable_digraph.explorable`, what the score of a path is, and the fill of each entity.
    """
    head, tail = shown.pair
    layers = connected(shown.layers, head, tail)
    colours = colours_of(edge for layer in layers for edge in layer)
    steps = [(number, edge) for number, layer in enumerate(layers) for edge in layer]
    places = {step: place for place, step in enumerate(steps)}
    return {
        "title": f"{dataset}: {head} and {tail}",
        "note": (
            f"{prediction_text(shown)}: probability {shown.raw['probability']:.2f}; the true type has rank "
            f"{shown.raw['rank_of_type']}. Chosen as {shown.raw['rule']}. Shown are {len(steps)} edges, those of the "
            f"walks from {head} that speak most for it."
        ),
        "columns": columns_of(layers),
        "edges": [described(number, edge, colours) for number, edge in steps],
        "paths": [told(path, walk, places) for path, walk in drawn_paths(shown, layers)],
        "score": "what it adds to the logit of the true type",
        "fills": {
            name: FILLS[group_of(shown.kinds[name])] for layer in layers for edge in layer for name in edge[:3:2]
        },
    }


def described(layer: int, edge: Edge, colours: Mapping[str, str]) -> dict[str, Any]:
    """Return one edge; `text` is what it says."""
    kind = "stay" if edge.relation == IDENTITY else "inverse" if is_inverse(edge) else "fact"
    return {
        "layer": layer,
        "head": edge.head,
        "tail": edge.tail,
        "relation": verb_of(name_of_relation(edge)),
        "kind": kind,
        "weight": round(edge.attention, 4),
        "colour": colour_of(edge, colours),
        "text": said(edge),
    }


def drawn_paths(shown: Explanation, layers: Layers) -> list[tuple[NamedPath, tuple[Edge, ...]]]:
    """Return the paths from head to tail that the layers hold, each with a walk along it; it may wait on its way."""
    walks = {moves(walk): walk for walk in all_walks(layers, shown.pair[0])}
    keys = ((path, tuple(edge[:3] for edge in path.edges)) for path in shown.paths)
    return [(path, walks[key]) for path, key in keys if key in walks]


def all_walks(layers: Layers, start: str) -> list[tuple[Edge, ...]]:
    """Return every walk through the layers; they are pruned, so there are few."""
    walks: list[tuple[Edge, ...]] = [()]
    for layer in layers:
        walks = [(*walk, edge) for walk in walks for edge in layer if edge.head == (walk[-1].tail if walk else start)]
    return walks


def moves(walk: tuple[Edge, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the steps of a walk that are no identity, without their gates."""
    return tuple(edge[:3] for edge in walk if edge.relation != IDENTITY)


def told(path: NamedPath, walk: tuple[Edge, ...], places: Mapping[tuple[int, Edge], int]) -> dict[str, Any]:
    """Return one path: its edges, what it adds to the logit, and the facts that it strings together."""
    return {
        "edges": [places[step] for step in enumerate(walk)],
        "weight": round(path.added, 4),
        "sentence": f"{sentence(path)}.",
    }
