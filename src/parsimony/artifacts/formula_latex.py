"""The formula of one function of a flow, as a record holds it, in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = re.compile(r"\b[A-Za-z_]\w*\b(?!\()")  # of inputs; functions are followed by a bracket
OUTPUT = re.compile(r"(([evu])\d+)_(\d+)")  # of another function, named after its layer


def formula_latex(text: str, sizes: Mapping[str, int]) -> str:
    r"""Write a formula in LaTeX; e1_0, what is read of an edge function, becomes \rho\,\phi^{e}_{0}.

    Args:
        text: of the formula.
        sizes: how many outputs each layer has; that of a layer with a single one bears no number.

    Raises:
        ValueError: if the text is no expression.
    """
    import sympy

    names = set(NAMES.findall(text))
    try:
        expression = sympy.sympify(text, locals={name: sympy.Symbol(name) for name in names})
    except (sympy.SympifyError, SyntaxError, TypeError) as error:
        raise ValueError(f"formula {text!r} given; expected an expression of SymPy.") from error
    outputs = {name: OUTPUT.fullmatch(name) for name in names}
    shown = {sympy.Symbol(name): _read(*one.groups(), sizes) for name, one in outputs.items() if one}
    return sympy.latex(expression, symbol_names=shown)


def _read(layer: str, kind: str, place: str, sizes: Mapping[str, int]) -> str:
    number = f"_{{{place}}}" if sizes.get(layer, 1) > 1 else ""
    return rf"\rho\,\phi^{{{kind}}}{number}"
