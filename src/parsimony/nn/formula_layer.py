"""A layer that computes formulas; its constants are parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
import torch
from torch import Tensor, nn

from parsimony.symbolic.formula import Formula

FUNCTIONS = {
    "exp": torch.exp,
    "sqrt": torch.sqrt,
    "sign": torch.sign,
    "Abs": torch.abs,
    "log": torch.log,
    "Heaviside": lambda x, at_zero=0.5: torch.heaviside(x, torch.full_like(x, float(at_zero))),
}


class FormulaLayer(nn.Module):
    """One formula for each number that a layer gives.

    Args:
        formulas: over the names of the inputs.
        inputs: these names, in order.
        constants: value of every constant by name; layers of one law share them.
    """

    def __init__(self, formulas: Sequence[Formula], inputs: Sequence[str], constants: nn.ParameterDict) -> None:
        super().__init__()
        self.constants = constants
        self._names = [tuple(one.constants) for one in formulas]
        self._functions = [compile_formula(one, inputs) for one in formulas]

    def forward(self, x: Tensor) -> Tensor:
        """Return the values of the formulas, [R, D], from inputs [R, F]."""
        columns, parts = x.unbind(1), []
        for names, function in zip(self._names, self._functions, strict=True):
            value = function(*columns, *(self.constants[name] for name in names))
            parts.append(torch.as_tensor(value, dtype=x.dtype).expand(len(x)))
        return torch.stack(parts, dim=1)


def compile_formula(formula: Formula, inputs: Sequence[str]) -> Callable[..., Tensor]:
    """Return a function of the inputs, each [R], followed by the constants."""
    names = [sympy.Symbol(name) for name in (*inputs, *formula.constants)]
    return sympy.lambdify(names, formula.expression, modules=[FUNCTIONS, "math"])
