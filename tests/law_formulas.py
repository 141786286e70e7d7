"""Formulas of a law read as text: their value on samples, and their unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy
from numpy.typing import NDArray

from parsimony.data.graph_samples import BASE_UNITS, GraphSamples, Unit
from parsimony.data.law import Law

NUMBER: Unit = (0,) * len(BASE_UNITS)
AGGREGATE = {"sum": np.sum, "mean": np.mean, "max": np.max}

Values = dict[str, NDArray]


def evaluate(law: Law, samples: GraphSamples) -> NDArray:
    """Return the target as the formulas say, in float64; every node must be present."""
    node = {one: samples.node[..., k].double().numpy() for k, one in enumerate(samples.node_names)}
    edge = {one: samples.edge[..., k].double().numpy() for k, one in enumerate(samples.edge_names)}
    whole = {one: samples.whole[:, k].double().numpy() for k, one in enumerate(samples.whole_names)}
    ends = {f"{one}_i": value[:, :, None] for one, value in node.items()}
    ends |= {f"{one}_j": value[:, None, :] for one, value in node.items()}
    broad = {one: value[:, None, None] for one, value in whole.items()}
    adjacency = samples.adjacency.numpy()
    axes = (2,) if law.node else (1, 2)
    messages = {}
    for k, text in enumerate(law.edge):
        each = np.broadcast_to(value_of(text, edge | ends | broad, law), adjacency.shape)
        messages[f"m{k}"] = AGGREGATE[law.aggregator](np.where(adjacency, each, 0.0), axis=axes)
    over_nodes = AGGREGATE[law.summary_aggregator]
    summary = {f"s{k}": over_nodes(value_of(text, node, law), axis=1) for k, text in enumerate(law.summary)}
    wide = {one: value[:, None] for one, value in (whole | summary).items()}
    if law.node:
        own = [value_of(text, node | messages | wide, law) for text in law.node]
        if not law.whole:
            return np.stack(own, axis=-1)
        messages = {f"n{k}": value.sum(1) for k, value in enumerate(own)}
    return value_of(law.whole, messages | whole | summary, law)[:, None]


def value_of(text: str, values: Values, law: Law) -> NDArray:
    """Evaluate one formula."""
    expression = sympy.sympify(text).subs(law.constants)
    names = sorted(str(one) for one in expression.free_symbols)
    return sympy.lambdify(names, expression, "numpy")(*(values[name] for name in names))


def units_of_law(law: Law, samples: GraphSamples) -> tuple[Unit, ...]:
    """Return the units of the target by the formulas; raise ValueError where unlike units are added."""
    known = {**samples.units, **law.units}
    known |= {f"{one}_{end}": known[one] for one in samples.node_names for end in "ij"}
    known |= {f"m{k}": unit_of(sympy.sympify(text), known) for k, text in enumerate(law.edge)}
    known |= {f"s{k}": unit_of(sympy.sympify(text), known) for k, text in enumerate(law.summary)}
    own = tuple(unit_of(sympy.sympify(text), known) for text in law.node)
    known |= {f"n{k}": unit for k, unit in enumerate(own)}
    return (unit_of(sympy.sympify(law.whole), known),) if law.whole else own


def unit_of(expression: sympy.Expr, units: Mapping[str, Unit]) -> Unit:
    """Return the unit of an expression."""
    if expression.is_Symbol:
        return units[str(expression)]
    parts = [unit_of(one, units) for one in expression.args]
    if expression.is_Mul:
        return tuple(map(sum, zip(*parts, strict=True)))
    if expression.is_Pow and expression.exp.is_Integer:
        return tuple(int(expression.exp) * power for power in parts[0])
    if len(set(parts)) > 1 or (expression.is_Function and parts[0] != NUMBER):
        raise ValueError(f"unlike units in {expression}")
    return parts[0] if parts else NUMBER
