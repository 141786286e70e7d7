"""Formulas: expressions over named inputs whose constants have names and values.

Engines write the same formula in many ways; `tidy` brings constants together so that none is superfluous:

    1.2 x / (0.3 y + 0.6)  ->  4 x / (2 + y)        2 exp(1 + x)  ->  5.44 exp(x)

In a sum that is a factor the largest coefficient of an input is taken out, so its own becomes 1 and is no constant any
more. A number that is added keeps its value, for it may have to vanish.
Integers are part of the form of a formula (the 2 of x^2), floating-point numbers are its constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

CONSTANT = "c"  # constants are called c0, c1, ...


@dataclass(frozen=True)
class Formula:
    """An expression and the values of its constants.

    Attributes:
        expression: over inputs and constants.
        constants: value of each constant by name, in order of appearance.
    """

    expression: sympy.Expr
    constants: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> sympy.Expr:
        """The expression with its constants as numbers."""
        return self.expression.xreplace({sympy.Symbol(name): sympy.Float(x) for name, x in self.constants.items()})

    @property
    def complexity(self) -> int:
        """Number of operators, inputs and constants."""
        return complexity(self.expression)

    def with_constants(self, values: Mapping[str, float]) -> Formula:
        """Return the same form with other values, taken from `values` by name."""
        return Formula(self.expression, {name: float(values[name]) for name in self.constants})


def symbols_of(names: Iterable[str]) -> dict[str, sympy.Symbol]:
    """Return one symbol for each name; a formula reads no other names."""
    return {name: sympy.Symbol(name) for name in names}


def parse(text: str, names: Iterable[str] = ()) -> sympy.Expr:
    """Read an expression; names that SymPy gives a meaning (E, S, Q, gamma) stand for symbols if listed."""
    return sympy.sympify(text, locals=symbols_of(names))


def complexity(expression: sympy.Expr) -> int:
    """Count operators, inputs and numbers; a / b counts one operator, so does a - b."""
    if not expression.args:
        return 1
    parts = [part for part in expression.args if part is not sympy.S.NegativeOne]
    if expression.is_Add:
        return len(parts) - 1 + sum(complexity(_without_sign(part)) for part in parts)
    if expression.is_Mul:
        return len(parts) - 1 + sum(complexity(_without_reciprocal(part)) for part in parts)
    return 1 + sum(map(complexity, parts))


def _without_sign(part: sympy.Expr) -> sympy.Expr:
    return -part if part.is_Mul and part.args[0] is sympy.S.NegativeOne else part


def _without_reciprocal(part: sympy.Expr) -> sympy.Expr:
    return part.base if part.is_Pow and part.exp == -1 else part


def tidy(expression: sympy.Expr) -> sympy.Expr:
    """Bring constants together; what remains has no superfluous one."""
    if expression.is_Add:
        return sympy.Add(*(_join(*_split(term)) for term in expression.args))
    return _join(*_split(expression))


def split_factor(expression: sympy.Expr) -> tuple[float, sympy.Expr]:
    """Write an expression as a number times a tidy rest without a number in front."""
    factor, core = _split(expression)
    return (factor, core) if core != 1 else (1.0, sympy.Float(factor))


def _join(factor: float, core: sympy.Expr) -> sympy.Expr:
    if not factor:
        return sympy.S.Zero
    if abs(factor) == 1 and core != 1:
        return int(factor) * core
    return sympy.Mul(sympy.Float(factor), core)


def _split(expression: sympy.Expr) -> tuple[float, sympy.Expr]:
    """Write an expression as a number times a rest without a number in front."""
    if expression.is_Number:
        return float(expression), sympy.S.One
    if expression.is_Mul:
        factors, cores = zip(*map(_split, expression.args), strict=True)
        return float(sympy.prod(factors)), sympy.Mul(*cores)
    if expression.is_Pow and expression.exp.is_Integer:
        factor, core = _split(expression.base)
        return factor ** int(expression.exp), core**expression.exp
    if isinstance(expression, sympy.exp):
        return _split_exponential(tidy(expression.args[0]))
    if expression.is_Add:
        return _split_sum(expression)
    if expression.args:
        return 1.0, expression.func(*map(tidy, expression.args))
    return 1.0, expression


def _split_exponential(argument: sympy.Expr) -> tuple[float, sympy.Expr]:
    shift, rest = argument.as_coeff_Add()
    return float(sympy.exp(shift)), sympy.exp(rest)


def _split_sum(expression: sympy.Expr) -> tuple[float, sympy.Expr]:
    terms: dict[sympy.Expr, float] = {}
    for factor, core in map(_split, expression.args):
        terms[core] = terms.get(core, 0.0) + factor
    main = max(terms, key=lambda core: (core != 1, abs(terms[core])))
    largest = terms.pop(main)
    if not largest:
        return 0.0, sympy.S.One
    return largest, sympy.Add(main, *(_join(factor / largest, core) for core, factor in terms.items()))


def name_constants(expression: sympy.Expr, first: int = 0) -> Formula:
    """Name the floating-point numbers of an expression, from c<first> on; equal ones, but for sign, share a name."""
    return name_all_constants([expression], first)[0]


def name_all_constants(expressions: Sequence[sympy.Expr], first: int = 0) -> tuple[Formula, ...]:
    """Name the constants of several expressions that belong together; signs stay in the expressions."""
    name_of: dict[float, str] = {}

    def visit(part: sympy.Expr) -> sympy.Expr:
        if part.is_Float:
            name = name_of.setdefault(abs(float(part)), f"{CONSTANT}{first + len(name_of)}")
            return sympy.Symbol(name) * (1 if part >= 0 else -1)
        return part.func(*map(visit, part.args)) if part.args else part

    named = [visit(one) for one in expressions]
    values = {name: value for value, name in name_of.items()}
    return tuple(Formula(one, {name: values[name] for name in values if one.has(sympy.Symbol(name))}) for one in named)


def shortest(expression: sympy.Expr) -> sympy.Expr:
    """Return the shortest of some ways to write an expression; its constants stay."""
    formula = name_constants(expression)
    ways = (lambda same: same, sympy.factor_terms, sympy.factor, sympy.expand)
    best = min((write(formula.expression) for write in ways), key=complexity)
    return tidy(Formula(best, formula.constants).value)


def swapped(expression: sympy.Expr, names: Sequence[str], odd: Sequence[str]) -> sympy.Expr:
    """Exchange the ends of an edge: x_i with x_j; odd variables change their sign."""
    ends = {"_i": "_j", "_j": "_i"}
    images = {name: sympy.Symbol(name[:-2] + ends[name[-2:]]) for name in names if name[-2:] in ends}
    images |= {name: -sympy.Symbol(name) for name in names if name in odd}
    return expression.xreplace({sympy.Symbol(name): image for name, image in images.items()})


def is_finite(expression: sympy.Expr) -> bool:
    """Whether an expression holds neither infinity nor an undefined or complex number."""
    return not expression.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan, sympy.I)


def mirrored(expression: sympy.Expr, names: Sequence[str]) -> sympy.Expr:
    """Exchange x and y in a formula for one component of a vector: dx with dy, v_x_i with v_y_i, e1_0 with e1_1."""
    pairs = {}
    for name in names:
        for here, there in (("x", "y"), ("0", "1")):
            stem, end = (name[:-2], name[-2:]) if name.endswith(("_i", "_j")) else (name, "")
            other = f"{stem[:-1]}{there}{end}"
            if stem.endswith(here) and len(stem) > 1 and other in names:
                pairs |= {sympy.Symbol(name): sympy.Symbol(other), sympy.Symbol(other): sympy.Symbol(name)}
    return expression.xreplace(pairs)
