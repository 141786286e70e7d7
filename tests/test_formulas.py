"""Formulas: constants brought together, complexity by hand, units, the engine and its choice."""

import sys

import numpy as np
import pytest
import sympy

from parsimony.symbolic.engine import Engine, Fitted, fit, front_of, is_consistent, simplest_good
from parsimony.symbolic.formula import (
    complexity,
    mirrored,
    name_all_constants,
    name_constants,
    parse,
    shortest,
    split_factor,
    swapped,
    tidy,
)
from parsimony.symbolic.units import needed_constants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2*x/(0.3*y + 0.6)", "4.0*x/(y + 2.0)"),
        ("(0.5 + 1.0*x)*4.0*y", "4.0*y*(x + 0.5)"),
        ("2.0*x + 3.0*x", "5.0*x"),
        ("(2.0*x)**2", "4.0*x**2"),
        ("x - 1.0*x", "0"),
    ],
)
def test_constants_are_brought_together(text: str, expected: str) -> None:
    """The largest coefficient of a sum that is a factor is taken out."""
    assert expected == str(tidy(parse(text)))


@pytest.mark.parametrize("text", ["1.2*x/(0.3*y + 0.6)", "exp(1.0 - 2.0*x)*3.0 + 0.1", "(2.0*x - y)*(3.0*y - 0.5)/x"])
def test_tidy_keeps_the_value(text: str) -> None:
    """At a point, before and after, also when constants are named and put back."""
    point = {sympy.Symbol("x"): 0.7, sympy.Symbol("y"): 1.9}
    expected = float(parse(text).subs(point))
    formula = name_constants(tidy(parse(text)))
    assert expected == pytest.approx(float(tidy(parse(text)).subs(point)))
    assert expected == pytest.approx(float(formula.value.subs(point)))
    assert not formula.expression.atoms(sympy.Float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", 1),
        ("x/y", 3),
        ("x - y", 3),
        ("-x/y", 3),
        ("x**2", 3),
        ("0.5*x*y", 5),
        ("k*dx*(1 - 1/r)", 8),
        ("exp(-r)", 2),
    ],
)
def test_complexity_by_hand(text: str, expected: int) -> None:
    """Operators, inputs and numbers; a sign or a reciprocal belongs to the operator before it."""
    assert expected == complexity(parse(text))


def test_equal_constants_share_a_name() -> None:
    """Also in two formulas of one law, and with opposite signs."""
    first, second = name_all_constants([parse("0.25*x + 0.5"), parse("-0.25*y")])
    assert ({"c0", "c1"}, {0.25, 0.5}) == (set(first.constants), set(first.constants.values()))
    assert [0.25] == list(second.constants.values())
    assert second.expression.free_symbols - {sympy.Symbol("y")} <= first.expression.free_symbols


def test_factor_mirror_swap_and_shortest() -> None:
    """Small changes of form, by hand."""
    assert (2.0, parse("x + 0.5*y")) == split_factor(parse("2.0*x + 1.0*y"))
    assert parse("k*dy*vy_j") == mirrored(parse("k*dx*vx_j"), ("k", "dx", "dy", "vx_j", "vy_j"))
    assert parse("-V_j*dx") == swapped(parse("V_i*dx"), ("V_i", "V_j", "dx"), ("dx",))
    assert parse("(x - y)**2/R") == shortest(parse("x**2/R - 2*x*y/R + y**2/R"))


UNITS = {"x": (1, 0), "v": (1, -1), "t": (0, 1)}


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("x + v", None, None),
        ("x + 0.5*v", None, 1),
        ("x/t + v", (1, -1), 0),
        ("x/t", (1, 0), None),
        ("2.0*x/t", (1, 0), 1),
        ("exp(x)", None, None),
        ("exp(-0.5*x)", None, 1),
        ("x*(1.0 - 0.5/x)", None, 1),
        ("0.3*x + 0.2*v + 0.1*t", None, 2),
        ("sign(0.1*v) + x/v", (0, 1), None),
        ("e1_0 + x", (1, 0), 0),
    ],
)
def test_constants_that_must_carry_units(text: str, target: tuple[int, int] | None, expected: int | None) -> None:
    """x in metres, v in metres a second, t in seconds; None where no constant helps."""
    assert expected == needed_constants(parse(text), UNITS, target)


def test_units_choose_among_formulas() -> None:
    """A law with one constant of units is consistent, a polynomial that mixes units is not."""
    assert is_consistent(parse("x/t - 0.5*v"), UNITS, (1, -1), 0)
    assert not is_consistent(parse("0.3*x + 0.2*v + 0.1*t"), UNITS, (1, -1), 2)


def test_front_and_simplest_good() -> None:
    """Only better formulas are kept as they grow; the first within tolerance is taken."""
    found = [
        Fitted(parse("x"), size, error)
        for size, error in [(1, 1.0), (5, 0.2), (3, 0.3), (7, 0.25), (9, 0.004), (11, 0.001)]
    ]
    front = front_of([*found, Fitted(parse("x"), 2, float("nan"))])
    assert [1, 3, 5, 9, 11] == [one.complexity for one in front]
    assert [3, 4] == [simplest_good(front, tolerance) for tolerance in (0.01, 0.001)]


def planted(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).uniform(0.5, 2, (count, 3))
    return x, 0.7 * x[:, 0] * (1 - 1.5 / x[:, 1])


def test_the_engine_finds_a_planted_law() -> None:
    """0.7 a (1 - 1.5 / b), with an input that does not matter; twice the same front."""
    pytest.importorskip("pyoperon")
    x, y = planted()
    engine = Engine(functions=("",), runs=1, evaluations=20_000)
    front = fit(x, y, ("a", "b", "E"), engine)
    assert front[-1].error < 1e-9
    best = next(one for one in front if one.error < 1e-9)
    point = {sympy.Symbol("a"): 1.3, sympy.Symbol("b"): 0.9, sympy.Symbol("E"): 5.0}
    assert float(best.expression.subs(point)) == pytest.approx(0.7 * 1.3 * (1 - 1.5 / 0.9), rel=1e-4)
    assert front == fit(x, y, ("a", "b", "E"), engine)


def test_what_the_engine_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are not finite, and a machine without Operon, which is told what to install."""
    x, y = planted(20)
    with pytest.raises(ValueError, match="1 of 80 numbers are not finite"):
        fit(x, np.where(np.arange(20) == 3, np.nan, y), ("a", "b", "c"), Engine())
    monkeypatch.setitem(sys.modules, "pyoperon.sklearn", None)
    with pytest.raises(ImportError, match="pip install"):
        fit(x, y, ("a", "b", "c"), Engine())
