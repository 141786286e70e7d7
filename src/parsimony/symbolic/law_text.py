"""A law given as text, as a flow with formulas: the truth in the same form as what a method finds.

The text names messages m0, m1, ..., summaries of all nodes s0, s1, ... and sums of a node formula n0, n1, ...
(`parsimony.data.law.Law`); in a flow they are the outputs of an edge, a whole and a node layer.
"""

from __future__ import annotations

import re

import sympy

from parsimony.symbolic.formula import parse
from parsimony.symbolic.message_flow import Connection, Flow, GraphVariables, Layer

Expressions = dict[str, tuple[sympy.Expr, ...]]


def law_of_text(law, data: GraphVariables) -> tuple[Flow, Expressions]:
    """Return flow and formulas of a law; its constants become floating-point numbers.

    Args:
        law: with the fields of `parsimony.data.law.Law`.
        data: variables of its samples.

    Raises:
        ValueError: if a summary is not the aggregate of one variable.
    """
    named = [_summary(law, data)] if law.summary else []
    named += _rest(law, data, 2 if law.summary else 1)
    flow = Flow(data, tuple(layer for layer, _ in named))
    texts = {layer.name: own for layer, own in named}
    return flow, {layer.name: _formulas(texts[layer.name], flow, layer, law.constants) for layer in flow.layers}


def _rest(law, data: GraphVariables, block: int) -> list[tuple[Layer, tuple[str, ...]]]:
    """Return the layers of edges, nodes and the whole with their texts."""
    raw, whole = bool(data.names["U"]), [Connection("U")]
    reads = (Connection("E"), Connection("V"), *(whole if raw and block == 1 else []))
    layers = [(Layer(block, "E", reads, len(law.edge)), law.edge)]
    gathered = Connection("E", None, law.aggregator)
    if law.node:
        reads = (gathered, Connection("V"), *(whole if raw or block == 2 else []))
        layers.append((Layer(block, "V", reads, len(law.node)), law.node))
        gathered = Connection("V", None, "sum")
    if law.whole:
        layers.append((Layer(block, "U", (gathered, *(whole if raw else [])), 1), (law.whole,)))
    return layers


def _summary(law, data: GraphVariables) -> tuple[Layer, tuple[str, ...]]:
    if unknown := [name for name in law.summary if name not in data.names["V"]]:
        raise ValueError(f"summaries {unknown} of {law.name} given; expected single variables of a node.")
    layer = Layer(1, "U", (Connection("V", None, law.summary_aggregator),), len(law.summary))
    return layer, tuple(f"{law.summary_aggregator}_{name}" for name in law.summary)


def _formulas(texts, flow: Flow, layer: Layer, constants) -> tuple[sympy.Expr, ...]:
    """Parse formulas and name messages after the layers that give them."""
    block = layer.block
    stems = {"m": f"e{block}", "n": f"v{block}", "s": "u1"}
    inputs = flow.inputs(layer)
    values = {sympy.Symbol(name): sympy.Float(value) for name, value in constants.items()}
    named = [re.sub(r"\b([mns])(\d+)\b", lambda found: f"{stems[found[1]]}_{found[2]}", text) for text in texts]
    return tuple(parse(text, (*inputs, *constants)).xreplace(values) for text in named)
