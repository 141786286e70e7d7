"""Whether a found formula is the true one: equal to it for some value of its constants.

    1. Free the constants of the found formula and fit them to the true one at random points; the two must agree at
       fresh points to 1e-9 of their deviation.
    2. No constant may have to change its sign or to move beyond a factor of three for that: x / (y + 0.001) holds x / y
       for one value of its constant, but it is another formula.
    3. Replace the fitted constants by the simple fractions that they stand for and evaluate the difference with exact
       arithmetic at random fractions: it must be 0 (for a rational function, one point outside a thin set proves it).

Laws on graphs are first written out on small graphs (`graph_writing`), so that a factor of the messages, and whatever
else cannot be told from outside, makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy
from scipy.optimize import least_squares

from parsimony.symbolic.formula import complexity, name_all_constants, tidy
from parsimony.symbolic.graph_writing import PAIR, PATH, TRIANGLE, write_out
from parsimony.symbolic.message_flow import Flow

POINTS = 40
AGREEMENT = 1e-9  # of the deviation of the true values
FACTOR = 3.0  # within which a constant may move
EXACT_POINTS = 3
LONGEST = 4000  # operators of a formula that is still compared
TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (20, 21, 29))  # displacements whose distance is a fraction


@dataclass(frozen=True)
class Comparison:
    """Whether a found formula is the true one.

    Attributes:
        is_recovered: whether it is.
        reason: why not, or how it was shown: "exact" or "numeric" (its constants are no simple fractions).
        error: largest relative error of a constant, against the value that makes the formulas equal; 0 without any.
        constants: for each constant its value as found and as it should be.
    """

    is_recovered: bool
    reason: str
    error: float = float("nan")
    constants: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def compare_formulas(found: sympy.Expr, true: sympy.Expr, seed: int = 0) -> Comparison:
    """Compare two formulas over the same names; floating-point numbers in `found` are its constants."""
    formulas = name_all_constants([tidy(found)])
    return compare([one.expression for one in formulas], formulas[0].constants, [true], seed)


def compare_laws(
    found: Flow,
    found_expressions: Mapping[str, Sequence[sympy.Expr]],
    true: Flow,
    true_expressions: Mapping[str, Sequence[sympy.Expr]],
    seed: int = 0,
) -> Comparison:
    """Compare two laws on graphs on a pair, a path and a triangle at once."""
    graphs = (PAIR, PATH, TRIANGLE)
    named, start = _named(found_expressions)
    forms = [one for graph in graphs for one in write_out(found, named, graph)]
    return compare(forms, start, [one for graph in graphs for one in write_out(true, true_expressions, graph)], seed)


def _named(expressions: Mapping[str, Sequence[sympy.Expr]]) -> tuple[dict[str, list[sympy.Expr]], dict[str, float]]:
    """Name the constants of all layers together."""
    formulas = iter(name_all_constants([one for own in expressions.values() for one in own]))
    named, start = {}, {}
    for name, own in expressions.items():
        part = [next(formulas) for _ in own]
        named[name] = [one.expression for one in part]
        start |= {key: value for one in part for key, value in one.constants.items()}
    return named, start


def compare(
    forms: Sequence[sympy.Expr], start: Mapping[str, float], true: Sequence[sympy.Expr], seed: int = 0
) -> Comparison:
    """Compare lists of expressions.

    Args:
        forms: the found ones, over inputs and constants.
        start: values of the constants as found.
        true: the true ones, in the same order.
        seed: of the points at which they are compared.
    """
    if sum(map(complexity, forms)) > LONGEST:
        return Comparison(False, f"longer than {LONGEST} operators")
    if extra := _symbols(forms) - _symbols(true) - {sympy.Symbol(name) for name in start}:
        return Comparison(False, f"reads {', '.join(sorted(map(str, extra)))}, which the true formula does not")
    generator = np.random.default_rng(seed)
    fitted, wrong = _fit(forms, start, true, generator)
    if not wrong < AGREEMENT:
        return Comparison(False, f"differs by {wrong:.1e} of the deviation for every value of its constants")
    return _judge(forms, start, fitted, true, generator)


def _judge(forms, start: Mapping[str, float], fitted: Mapping[str, float], true, generator) -> Comparison:
    ratios = {name: fitted[name] / start[name] if start[name] else float("inf") for name in start}
    if moved := [name for name, ratio in ratios.items() if not 1 / FACTOR < ratio < FACTOR]:
        return Comparison(False, f"equal only if {moved[0]} goes from {start[moved[0]]:.3g} to {fitted[moved[0]]:.3g}")
    exact = {name: sympy.nsimplify(value, rational=True, tolerance=1e-6) for name, value in fitted.items()}
    is_exact = all(_vanishes(forms, exact, true, generator) for _ in range(EXACT_POINTS))
    error = max((abs(start[name] / fitted[name] - 1) for name in start), default=0.0)
    pairs = {name: (start[name], fitted[name]) for name in start}
    return Comparison(True, "exact" if is_exact else "numeric", error, pairs)


def _symbols(expressions: Sequence[sympy.Expr]) -> set[sympy.Symbol]:
    return set().union(*(one.free_symbols for one in expressions))


def _fit(forms, start: Mapping[str, float], true, generator) -> tuple[dict[str, float], float]:
    """Fit the constants to the true formulas at random points; return them and the error at fresh points."""
    symbols = sorted(_symbols(true), key=str)
    points, fresh = (draw(symbols, true, generator) for _ in range(2))
    names = [sympy.Symbol(name) for name in start]
    function = sympy.lambdify([*symbols, *names], forms, _MODULES)
    truth = sympy.lambdify(symbols, list(true), _MODULES)
    spread = np.maximum(_values(truth, points).std(axis=1, keepdims=True), 1e-12)

    def residuals(values: np.ndarray, at: np.ndarray = points) -> np.ndarray:
        wrong = (_values(function, at, values) - _values(truth, at)) / spread
        return np.nan_to_num(wrong, nan=1e6, posinf=1e6, neginf=-1e6).clip(-1e6, 1e6).ravel()

    best = np.array(list(start.values()))
    if len(best):
        best = least_squares(residuals, best, x_scale=np.abs(best) + 1e-9, xtol=1e-15, ftol=1e-15, gtol=1e-15).x
    wrong = float(np.sqrt(np.square(residuals(best, fresh)).mean()))
    return dict(zip(start, best.tolist(), strict=True)), wrong


def _values(function, points: np.ndarray, constants: Sequence[float] = ()) -> np.ndarray:
    """Return the values of several expressions at points, [expressions, points]."""
    with np.errstate(all="ignore"):
        found = function(*points, *constants)
    return np.stack([np.broadcast_to(np.asarray(one, dtype=float), points.shape[1:]) for one in found])


def _heaviside(x, at_zero=0.5):
    return np.heaviside(x, at_zero)


_MODULES = [{"Heaviside": _heaviside}, "numpy"]


def draw(symbols: Sequence[sympy.Symbol], true: Sequence[sympy.Expr], generator) -> np.ndarray:
    """Draw values for symbols, [symbols, points]: of both signs, unless the true formulas need positive ones."""
    truth = sympy.lambdify(symbols, list(true), _MODULES)
    size = generator.uniform(0.3, 2.0, (len(symbols), POINTS))
    points = size * generator.choice([-1.0, 1.0], size.shape)
    try:
        is_defined = np.isfinite(_values(truth, points)).all()
    except TypeError:  # a complex value
        is_defined = False
    return points if is_defined else size


def _vanishes(forms, constants: Mapping[str, sympy.Rational], true, generator) -> bool:
    """Whether the formulas are equal in exact arithmetic at one random point."""
    values = _exact_point(sorted(_symbols(true), key=str), generator)
    values |= {sympy.Symbol(name): value for name, value in constants.items()}
    rational = [sympy.nsimplify(one, rational=True) for one in true]
    return all(
        sympy.expand(form.xreplace(values) - one.xreplace(values)) == 0
        for form, one in zip(forms, rational, strict=True)
    )


def _exact_point(symbols: Sequence[sympy.Symbol], generator) -> dict[sympy.Symbol, sympy.Rational]:
    """Draw a fraction for each symbol; a displacement dx_01, dy_01 gets two legs of a triangle with whole sides."""
    point = {one: sympy.Rational(int(generator.integers(2, 40)), int(generator.integers(2, 20))) for one in symbols}
    for one in symbols:
        other = sympy.Symbol(one.name.replace("dx", "dy"), real=True)
        if one.name.startswith("dx") and other in point:
            legs, scale = TRIPLES[generator.integers(len(TRIPLES))], point[one]
            point |= {one: scale * legs[0], other: scale * legs[1]}
    return point
