"""Symbolic regression behind one interface: `fit(X, y, names) -> front`.

The engine is Operon (`pip install pyoperon`, an optional extra), a genetic program that fits the constants of each
formula by Levenberg-Marquardt and minimises error and length together. It is run several times, with and without the
exponential, since a smaller set of operators finds rational laws sooner; the fronts are put together. The single
formula that Operon proposes is not used: it was not the exact law in every case.

Shapes: R rows, F inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from parsimony.symbolic.formula import complexity, is_finite, parse, tidy
from parsimony.symbolic.units import Unit, needed_constants

ARITHMETIC = "add,sub,mul,div,constant,variable"
MISSING = "symbolic regression needs pyoperon, which is not installed; run: pip install 'parsimony[symbolic]'"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Settings of the symbolic regression.

    Attributes:
        functions: sets of functions beside + - * /; one series of runs for each.
        runs: random states of each series.
        evaluations: formulas evaluated in a run.
        population: formulas alive at a time.
        max_length: nodes of the longest formula.
        optimizer_iterations: steps by which the constants of each formula are fitted.
    """

    functions: tuple[str, ...] = ("", "exp")
    runs: int = 2
    evaluations: int = 60_000
    population: int = 1000
    max_length: int = 20
    optimizer_iterations: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "functions", tuple(self.functions))


@dataclass(frozen=True)
class Fitted:
    """One formula of a front.

    Attributes:
        expression: over the names of the inputs, with numbers as constants.
        complexity: operators, inputs and constants.
        error: 1 - R^2 on the points that it was fitted to.
    """

    expression: sympy.Expr
    complexity: int
    error: float


def fit(
    x: np.ndarray,
    y: np.ndarray,
    names: Sequence[str],
    engine: Engine,
    seed: int = 0,
    units: Mapping[str, Unit] | None = None,
    unit: Unit | None = None,
    allowed_constants: int = 2,
) -> tuple[Fitted, ...]:
    """Return the formulas than which none is both simpler and better, from simple to complex.

    Args:
        x: inputs, [R, F].
        y: what they should give, [R].
        names: of the inputs.
        engine: settings.
        seed: first random state.
        units: of the inputs; given, formulas with inconsistent units are left out.
        unit: of y, where known.
        allowed_constants: how many constants of a formula may carry units.

    Raises:
        ImportError: if Operon is not installed.
        ValueError: if an input or y is not finite.
    """
    _require_finite(x, y)
    middle, spread = float(y.mean()), float(y.std()) or 1.0
    found = [Fitted(sympy.Float(middle), 1, 1.0)]
    for functions in engine.functions:
        for run in range(engine.runs):
            texts = _operon(x, (y - middle) / spread, engine, functions, seed + run)
            found += [_fitted(parse(text, _columns(names)), names, x, y) for text in texts]
    if units is not None:
        found = [one for one in found if is_consistent(one.expression, units, unit, allowed_constants)]
    return front_of(found)


def front_of(formulas: Sequence[Fitted]) -> tuple[Fitted, ...]:
    """Return the formulas than which none is both simpler and better, from simple to complex."""
    front: list[Fitted] = []
    for one in sorted(formulas, key=lambda one: (one.complexity, one.error, str(one.expression))):
        if np.isfinite(one.error) and (not front or one.error < front[-1].error):
            front.append(one)
    return tuple(front)


def simplest_good(front: Sequence[Fitted], tolerance: float = 0.01) -> int:
    """Return the place of the simplest formula with an error of at most twice the least, or below `tolerance`."""
    limit = max(2 * min(one.error for one in front), tolerance)
    return next(place for place, one in enumerate(front) if one.error <= limit)


def is_consistent(expression: sympy.Expr, units: Mapping[str, Unit], unit: Unit | None, allowed: int) -> bool:
    """Whether a formula has consistent units with at most `allowed` constants that carry some."""
    needed = needed_constants(expression, units, unit)
    return needed is not None and needed <= allowed


def evaluate(expression: sympy.Expr, names: Sequence[str], x: np.ndarray) -> np.ndarray:
    """Return the values of a formula on rows of inputs, [R]."""
    function = sympy.lambdify([sympy.Symbol(name) for name in names], expression, "numpy")
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(function(*x.T), dtype=float), len(x))


def _columns(names: Sequence[str]) -> list[str]:
    """Names under which the engine knows the inputs; its own names of several inputs would clash with SymPy's."""
    return [f"column{place}" for place in range(len(names))]


def _fitted(expression: sympy.Expr, names: Sequence[str], x: np.ndarray, y: np.ndarray) -> Fitted:
    """Name the inputs, scale to y, and measure the error of what is then written down."""
    of_column = dict(zip(map(sympy.Symbol, _columns(names)), map(sympy.Symbol, names), strict=True))
    expression = tidy(expression.xreplace(of_column))
    if not is_finite(expression):
        return Fitted(expression, complexity(expression), float("inf"))
    values = evaluate(expression, names, x)
    slope, level = np.polyfit(values, y, 1) if np.ptp(values) > 0 and np.isfinite(values).all() else (0.0, y.mean())
    written = tidy(sympy.expand_mul(slope * expression, deep=False) + level) if slope else sympy.Float(level)
    error = float(((slope * values + level - y) ** 2).mean() / (y.var() or 1.0))
    return Fitted(written, complexity(written), error)


def _operon(x: np.ndarray, y: np.ndarray, engine: Engine, functions: str, state: int) -> list[str]:
    """Run Operon once; return the formulas of its front as text."""
    try:
        from pyoperon.sklearn import SymbolicRegressor
    except ImportError as error:
        raise ImportError(MISSING) from error
    regressor = SymbolicRegressor(
        allowed_symbols=f"{ARITHMETIC},{functions}" if functions else ARITHMETIC,
        objectives=["r2", "length"],
        population_size=engine.population,
        pool_size=engine.population,
        max_length=engine.max_length,
        max_evaluations=engine.evaluations,
        generations=engine.evaluations,
        optimizer_iterations=engine.optimizer_iterations,
        random_state=state,
        n_threads=1,
    )
    regressor.fit(x, y)
    names = _columns(x.T)
    return [regressor.get_model_string(one["tree"], 12, names) for one in regressor.pareto_front_]


def _require_finite(x: np.ndarray, y: np.ndarray) -> None:
    bad = int((~np.isfinite(x)).sum() + (~np.isfinite(y)).sum())
    if bad:
        raise ValueError(f"{bad} of {x.size + y.size} numbers are not finite; leave such rows out before fitting.")
