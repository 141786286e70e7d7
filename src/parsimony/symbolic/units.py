"""Which formulas have consistent units (an optional constraint on symbolic regression).

Units are exponents of base units, as in `parsimony.data.graph_samples`. The rule:

1. A fitted constant may carry units, but each one that must is counted: laws of physics have few of them.
2. Integers are pure numbers.
3. Summands have one unit. A summand with a constant in front may be adapted by it, at the price of one; a bare one may
   not: x + v is inconsistent, x + 0.5 v needs one constant with a unit.
4. Arguments of exp and sign are pure numbers, or become so by their constant, at the price of one.
5. The whole has the unit of the target, or becomes so by its constant, at the price of one; a message of a graph
   network has no unit of its own, for it is known up to a factor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

import sympy

Unit = tuple[int, ...]


class InconsistentUnitsError(ValueError):
    """No units of the constants make the formula consistent."""


class Measured(NamedTuple):
    """A part of a formula: its unit without constants (None: any), whether a constant can adapt it, and the price."""

    unit: tuple[Fraction, ...] | None
    has_constant: bool
    price: int


def needed_constants(expression: sympy.Expr, units: Mapping[str, Unit], target: Unit | None = None) -> int | None:
    """Count the constants of a formula that must carry units.

    Args:
        expression: over named inputs; floating-point numbers are constants.
        units: of the inputs; an input that is not listed (an embedding) may have any.
        target: unit of the whole; None if it is free.

    Returns:
        Their number, or None if no units of the constants make the formula consistent.
    """
    try:
        return _as(_measure(expression, units), target).price
    except InconsistentUnitsError:
        return None


def _as(part: Measured, unit: Unit | None) -> Measured:
    """Give a part the wanted unit, by its constant if need be."""
    if unit is None or part.unit is None:
        return part
    wanted = tuple(map(Fraction, unit))
    if part.unit == wanted:
        return part
    if not part.has_constant:
        raise InconsistentUnitsError
    return Measured(wanted, False, part.price + 1)


def _measure(expression: sympy.Expr, units: Mapping[str, Unit]) -> Measured:
    if expression.is_Symbol:
        known = units.get(expression.name)
        return Measured(None if known is None else tuple(map(Fraction, known)), False, 0)
    if expression.is_Number:
        return Measured(_pure(units), expression.is_Float, 0)
    parts = [_measure(part, units) for part in expression.args]
    if expression.is_Mul:
        return _product(parts)
    if expression.is_Add:
        return _sum(parts)
    if expression.is_Pow:
        return _power(parts[0], expression.exp)
    inner = _as(parts[0], tuple(_pure(units)))
    return Measured(_pure(units), False, inner.price)


def _pure(units: Mapping[str, Unit]) -> tuple[Fraction, ...]:
    return (Fraction(0),) * len(next(iter(units.values()), ()))


def _product(parts: list[Measured]) -> Measured:
    has_constant, price = any(one.has_constant for one in parts), sum(one.price for one in parts)
    if any(one.unit is None for one in parts):
        return Measured(None, has_constant, price)
    return Measured(tuple(map(sum, zip(*(one.unit for one in parts), strict=True))), has_constant, price)


def _power(base: Measured, exponent: sympy.Expr) -> Measured:
    if not exponent.is_Rational:
        raise InconsistentUnitsError
    by = Fraction(int(exponent.p), int(exponent.q))
    return base._replace(unit=None if base.unit is None else tuple(by * one for one in base.unit))


def _sum(parts: list[Measured]) -> Measured:
    """Bring all summands to one unit: that of a bare summand, or else the most frequent."""
    price = sum(one.price for one in parts)
    known = [one for one in parts if one.unit is not None]
    if not known:
        return Measured(None, all(one.has_constant for one in parts), price)
    bare = [one.unit for one in known if not one.has_constant] or [one.unit for one in known]
    common = Counter(bare).most_common(1)[0][0]
    adapted = [_as(one._replace(price=0), common).price for one in known]
    return Measured(common, all(one.has_constant for one in parts), price + sum(adapted))
