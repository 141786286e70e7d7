"""A law on graphs as one equation in LaTeX: every message is written out where it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from parsimony.symbolic.formula import Formula
from parsimony.symbolic.message_flow import Connection, Flow, Layer

INDICES = {("E", "V"): "j", ("E", "U"): "i, j", ("V", "U"): "i"}  # over what is gathered, by (from, to)
OPERATORS = {"sum": r"\sum", "mean": r"\operatorname{mean}", "max": r"\max"}


def equations(
    flow: Flow, formulas: Mapping[str, Sequence[Formula]], names: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    r"""Return the right-hand side of each output number, such as \frac{1}{2} \sum_{i, j} \left(...\right).

    Args:
        flow: skeleton of the law.
        formulas: of every layer.
        names: LaTeX of variables and constants that should not be written as SymPy does.
    """
    shown = {sympy.Symbol(name): text for name, text in (names or {}).items()}
    written: dict[str, tuple[str, ...]] = {}
    for layer in flow.layers:
        inputs = shown | _inputs(flow, layer, written, shown)
        written[layer.name] = tuple(sympy.latex(one.expression, symbol_names=inputs) for one in formulas[layer.name])
    return written[flow.output.name]


def _inputs(flow: Flow, layer: Layer, written: Mapping[str, tuple[str, ...]], shown) -> dict[sympy.Symbol, str]:
    """Return the LaTeX of the inputs of a layer that are gathered or come from another layer."""
    texts = {}
    for one in layer.reads:
        source = flow.source(layer, one.level)
        for place, name in enumerate(flow.names_in(layer, one)):
            if source is not None:
                texts[sympy.Symbol(name)] = _gathered(written[source.name][place % source.size], layer, one)
            elif one.aggregator:
                raw = sympy.Symbol(one.variables[place])
                texts[sympy.Symbol(name)] = _gathered(sympy.latex(raw, symbol_names=shown), layer, one)
    return texts


def _gathered(text: str, layer: Layer, one: Connection) -> str:
    bracketed = rf"\left({text}\right)"
    if not one.aggregator:
        return bracketed
    return f"{OPERATORS[one.aggregator]}_{{{INDICES[one.level, layer.level]}}} {bracketed}"
