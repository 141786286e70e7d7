"""A law on graphs: a message-passing flow with a formula for every number that a layer gives (GSR, Shi et al., ICLR
2023; first paper, section 5.2).

The formulas are cascaded, so a message is known up to a factor only. In the end that factor is taken out of each
message and given to the formulas that read it, and no constant is superfluous. All constants are fitted together:

    c* = argmin over c of  mean of ((y - F(G, X; c)) / deviation of y)^2          by Levenberg-Marquardt

Shapes: R rows (nodes or graphs), d output dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy
import torch
from scipy.optimize import least_squares
from torch import Tensor, nn

from parsimony.nn.dense_graph_block import GraphNetwork, GraphRows, rows_of, target_rows
from parsimony.nn.formula_layer import FormulaLayer
from parsimony.symbolic.formula import Formula, is_finite, name_all_constants, shortest, split_factor, tidy
from parsimony.symbolic.message_flow import Flow, Layer

MOST_STEPS = 40  # of one fit
SHIFT = 0.1  # first value of a constant that is added to a message
TIE = 1e-6  # descriptions that differ by less are equally long
WRONG = 1e6  # residual where a formula gives no number


@dataclass(frozen=True)
class GraphLaw:
    """Formulas of all layers of a flow.

    Attributes:
        flow: which layers there are and what they read.
        formulas: of each layer by name; constants are shared by name over the whole law.
    """

    flow: Flow
    formulas: Mapping[str, tuple[Formula, ...]]

    @classmethod
    def of(cls, flow: Flow, expressions: Mapping[str, Sequence[sympy.Expr]]) -> GraphLaw:
        """Make a law of expressions whose floating-point numbers are its constants.

        Raises:
            ValueError: if a layer has not as many expressions as it gives numbers.
        """
        for layer in flow.layers:
            if len(expressions[layer.name]) != layer.size:
                given = len(expressions[layer.name])
                raise ValueError(f"{given} formulas given for {layer}; expected {layer.size}.")
        clean = {name: tuple(map(tidy, own)) for name, own in expressions.items()}
        flat = iter(name_all_constants([one for layer in flow.layers for one in clean[layer.name]]))
        return cls(flow, {layer.name: tuple(next(flat) for _ in range(layer.size)) for layer in flow.layers})

    @property
    def constants(self) -> dict[str, float]:
        """Value of every constant by name."""
        every = [one.constants for formulas in self.formulas.values() for one in formulas]
        return {name: constants[name] for constants in every for name in constants}

    @property
    def expressions(self) -> dict[str, tuple[sympy.Expr, ...]]:
        """The formulas with their constants as numbers."""
        return {name: tuple(one.value for one in formulas) for name, formulas in self.formulas.items()}

    @property
    def complexity(self) -> int:
        """Operators, inputs and constants of all formulas."""
        return sum(one.complexity for formulas in self.formulas.values() for one in formulas)

    def with_constants(self, values: Mapping[str, float]) -> GraphLaw:
        """Return the same law with other constants."""
        changed = {name: tuple(one.with_constants(values) for one in own) for name, own in self.formulas.items()}
        return GraphLaw(self.flow, changed)

    def without_free_factors(self) -> GraphLaw:
        """Return the same law with messages that have no number in front."""
        return GraphLaw.of(self.flow, free_factors(self.flow, self.expressions))

    def network(self) -> GraphNetwork:
        """Return the law as a network of double precision; its parameters are the constants."""
        constants = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(value, dtype=torch.float64)) for name, value in self.constants.items()}
        )
        layers = {
            layer.name: FormulaLayer(self.formulas[layer.name], self.flow.inputs(layer), constants)
            for layer in self.flow.layers
        }
        return GraphNetwork(self.flow, layers)

    @torch.no_grad()
    def predict(self, samples) -> Tensor:
        """Predict the target of `GraphSamples` row by row, [R, d]."""
        return self.network().predict(double_rows(samples))

    def describe(self) -> dict[str, list[str]]:
        """Return the formulas of each layer as text, with numbers of six digits."""
        return {name: [str(one.evalf(6)) for one in own] for name, own in self.expressions.items()}

    def latex(self, names: Mapping[str, str] | None = None) -> dict[str, list[str]]:
        """Return the formulas of each layer in LaTeX with named constants; `names` gives symbols their form."""
        shown = {sympy.Symbol(name): form for name, form in (names or {}).items()}
        return {
            name: [sympy.latex(one.expression, symbol_names=shown) for one in own]
            for name, own in self.formulas.items()
        }


def free_factors(flow: Flow, expressions: Mapping[str, Sequence[sympy.Expr]]) -> dict[str, tuple[sympy.Expr, ...]]:
    """Take the factor out of every message and give it to the formulas that read it."""
    clean = {name: tuple(map(tidy, own)) for name, own in expressions.items()}
    for layer in flow.layers:
        if layer == flow.output:
            continue
        positive = any(one.aggregator == "max" for _, one in flow.readers(layer))
        for place, expression in enumerate(clean[layer.name]):
            factor, core = split_factor(expression)
            if positive and factor < 0:
                factor, core = -factor, -core
            clean[layer.name] = (*clean[layer.name][:place], core, *clean[layer.name][place + 1 :])
            _scale_readers(flow, layer, place, factor, clean)
    return clean


def _scale_readers(flow: Flow, layer: Layer, place: int, factor: float, clean: dict) -> None:
    for reader, _ in flow.readers(layer):
        names = [f"{layer.name}_{place}{end}" for end in ("", "_i", "_j")]
        scaled = {sympy.Symbol(name): sympy.Float(factor) * sympy.Symbol(name) for name in names}
        clean[reader.name] = tuple(tidy(one.xreplace(scaled)) for one in clean[reader.name])


def double_rows(samples) -> GraphRows:
    """Return the rows of `GraphSamples` in double precision."""
    rows = rows_of(samples)
    return rows._replace(raw={level: values.double() for level, values in rows.raw.items()})


class Evidence:
    """Graphs with known targets, on which laws are fitted and compared.

    Args:
        samples: `GraphSamples`.
    """

    def __init__(self, samples) -> None:
        self.rows = double_rows(samples)
        self.target = target_rows(samples).double()
        self.scale = self.target.std(0, correction=0).clamp(min=1e-300)

    @torch.no_grad()
    def residuals(self, network: GraphNetwork) -> np.ndarray:
        """Return (prediction - target) / deviation, [R d]; a large number where a formula gives none."""
        wrong = (network.predict(self.rows) - self.target) / self.scale
        return wrong.nan_to_num(WRONG, WRONG, -WRONG).clamp(-WRONG, WRONG).flatten().numpy()

    def error(self, law: GraphLaw) -> float:
        """Return the mean squared residual: 1 - R^2, averaged over output dimensions."""
        return float(np.square(self.residuals(law.network())).mean())

    def fit(self, law: GraphLaw) -> tuple[GraphLaw, float]:
        """Fit all constants together; return the law and its error."""
        network, names = law.network(), list(law.constants)
        start = np.array(list(law.constants.values()))
        parameters = _parameters(network)

        def residuals(values: np.ndarray) -> np.ndarray:
            for name, value in zip(names, values, strict=True):
                parameters[name].data.fill_(value)
            return self.residuals(network)

        if not names or len(residuals(start)) < len(names):
            return law, self.error(law)
        found = least_squares(residuals, start, method="lm", x_scale=np.abs(start) + 1e-9, max_nfev=MOST_STEPS)
        return law.with_constants(dict(zip(names, found.x.tolist(), strict=True))), 2 * found.cost / len(found.fun)

    def description_length(self, law: GraphLaw, error: float) -> float:
        """Return n log(error) + complexity log(n), the smaller the better; errors below 1e-10 count as none."""
        count = self.target.numel()
        return count * float(np.log(max(error, 1e-10))) + law.complexity * float(np.log(count))


def _parameters(network: GraphNetwork) -> dict[str, Tensor]:
    """Return the constants of a law's network by name."""
    return {name: one for layer in network.functions.values() for name, one in layer.constants.items()}


def determination(law: GraphLaw, samples) -> float:
    """Return R^2 on `GraphSamples`, averaged over output dimensions."""
    return 1 - Evidence(samples).error(law)


def settle_constants(law: GraphLaw, evidence: Evidence) -> tuple[GraphLaw, float]:
    """Drop, round, join and move constants as long as that shortens the description; return the law and its error.

    Tried for each term that holds an input: all sums without it, or one of them. For each constant: 0; the nearest
    integer, if within 1 %; plus or minus another constant, if within 2 %;
    0 with a new constant added to a message that is read beside it (on graphs of one shape a sum of messages can
    hide a constant in its reader: sum of T_j / T_i, minus 24, is the sum of T_j / T_i - 1 over 24 edges). Such a move
    is made even if the description stays as long, for in a message the constant also holds on graphs of other shapes.
    """
    law, error = evidence.fit(law)
    length = evidence.description_length(law, error)
    found = True
    while found:
        found = False
        for other, slack in _neighbours(law):
            if evidence.description_length(other, 0.0) >= length + slack:
                continue
            other, other_error = evidence.fit(other)
            if (new := evidence.description_length(other, other_error)) < length + slack:
                law, error, length, found = other, other_error, new, True
                break
    return law, error


def _neighbours(law: GraphLaw) -> Iterator[tuple[GraphLaw, float]]:
    """Yield laws with one term or constant less, or one moved; and by how much their description may be longer."""
    yield from ((other, 0.0) for other in _with_shorter_sums(law))
    yield from ((other, 0.0) for other in _with_fewer_constants(law))
    yield from ((other, TIE) for other in _with_moved_constants(law))


def _with_shorter_sums(law: GraphLaw) -> Iterator[GraphLaw]:
    """Yield laws in which all sums with some term, or one of them, have lost it; a term that holds an input.

    All at once, because (x - 700) (x + 700) is nearly a constant, but neither factor without its x is.
    """
    sums = {part for formulas in law.formulas.values() for one in formulas for part in one.expression.atoms(sympy.Add)}
    constants = set(map(sympy.Symbol, law.constants))
    terms = {term for part in sums for term in part.args if not term.free_symbols <= constants}
    for term in sorted(terms, key=str):
        shorter = {part: part - term for part in sorted(sums, key=str) if term in part.args}
        yield from _substituted(law, shorter)
        if len(shorter) > 1:
            for part, rest in shorter.items():
                yield from _substituted(law, {part: rest})


def _with_fewer_constants(law: GraphLaw) -> Iterator[GraphLaw]:
    """Yield laws in which a constant has vanished, is an integer or equals another one."""
    constants = law.constants
    for name in constants:
        yield from _substituted(law, {sympy.Symbol(name): sympy.S.Zero})
    for name, value in constants.items():
        if round(value) and abs(value / round(value) - 1) < 0.01:
            yield from _substituted(law, {sympy.Symbol(name): sympy.Integer(round(value))})
        for other, close in constants.items():
            if name > other and close and abs(abs(value / close) - 1) < 0.02:
                same = sympy.Float(close) * (1 if value * close > 0 else -1)
                yield from _substituted(law, {sympy.Symbol(name): same})


def _with_moved_constants(law: GraphLaw) -> Iterator[GraphLaw]:
    """Yield laws in which a constant of a reader has become one of a message that is added up."""
    for layer in law.flow.layers:
        for reader, way in law.flow.readers(layer):
            if way.aggregator != "sum":
                continue
            for name in {name for one in law.formulas[reader.name] for name in one.constants}:
                for place in range(layer.size):
                    yield from _substituted(law, {sympy.Symbol(name): sympy.S.Zero}, (layer.name, place))


def _substituted(
    law: GraphLaw, replaced: Mapping[sympy.Expr, sympy.Expr], shifted: tuple[str, int] | None = None
) -> Iterator[GraphLaw]:
    """Yield the law with parts replaced and a constant added to one message; none if no formula is left."""
    values = {sympy.Symbol(name): sympy.Float(value) for name, value in law.constants.items()}
    expressions = {
        name: [one.expression.xreplace(replaced).xreplace(values) for one in own] for name, own in law.formulas.items()
    }
    if shifted:
        expressions[shifted[0]][shifted[1]] += sympy.Float(SHIFT)
    if all(is_finite(one) for own in expressions.values() for one in own):
        yield GraphLaw.of(law.flow, expressions).without_free_factors()


def shorten(law: GraphLaw) -> GraphLaw:
    """Write every formula in its shortest form among those that SymPy knows."""
    short = {name: tuple(map(shortest, own)) for name, own in law.expressions.items()}
    return GraphLaw.of(law.flow, short).without_free_factors()
