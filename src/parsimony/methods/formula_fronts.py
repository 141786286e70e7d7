"""Fronts of formulas for the layers of a trained flow (GSR, stage 2; first paper, section 5.2).

A layer gets one front for each number that it gives. Where that is a message along an edge of known displacement, the
numbers are its normal and tangential part instead of its components. A formula for one component of a vector is
offered to the other one too, with x and y exchanged; equal constants stay equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import sympy

from parsimony.methods.flow_training import FlowTraining
from parsimony.methods.message_pairs import Pairs, has_frame, in_frame, on_axes
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.engine import Engine, Fitted, evaluate, fit, front_of, simplest_good
from parsimony.symbolic.formula import complexity, mirrored
from parsimony.symbolic.message_flow import Flow, Layer
from parsimony.symbolic.units import Unit

Front = tuple[Fitted, ...]
Expressions = tuple[sympy.Expr, ...]


@dataclass(frozen=True, kw_only=True)
class FormulaSearch:
    """Settings of stage 2.

    Attributes:
        training: of the final flow.
        engine: of the symbolic regression.
        pairs: input-output pairs recorded of each layer.
        graphs: held-out graphs on which pairs are recorded and the constants of the law are fitted.
        compared: how many of them serve to compare laws.
        tolerance: error within which the first choice takes the simplest formula.
        wide: formulas up to this many times the least error of their front are tried too.
        tried: of each front at most.
        with_units: whether formulas with inconsistent units are left out.
    """

    training: FlowTraining = field(default_factory=lambda: FlowTraining(cycle=OneCycle(steps=2000)))
    engine: Engine = field(default_factory=Engine)
    pairs: int = 1200
    graphs: int = 500
    compared: int = 150
    tolerance: float = 0.01
    wide: float = 8.0
    tried: int = 8
    with_units: bool = False

    def __post_init__(self) -> None:
        for name, kind in (("training", FlowTraining), ("engine", Engine)):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, kind(**value))


@dataclass(frozen=True)
class LayerFronts:
    """What was fitted to one layer.

    Attributes:
        fronts: of each number, or of the normal and the tangential part.
        inputs: names of what the layer reads.
        is_in_frame: whether they belong to the parts along and across an edge.
    """

    fronts: tuple[Front, ...]
    inputs: tuple[str, ...]
    is_in_frame: bool = False

    def first(self, tolerance: float) -> Expressions:
        """Return the simplest formulas within tolerance."""
        chosen = tuple(front[simplest_good(front, tolerance)].expression for front in self.fronts)
        return on_axes(*chosen) if self.is_in_frame else chosen

    def exchanges(self, present: Expressions, settings: FormulaSearch) -> Iterator[Expressions]:
        """Yield the formulas of the layer with some exchanged, from simple to complex."""
        tried = [self._tried(front, settings) for front in self.fronts]
        if self.is_in_frame:
            for normal, tangential in product(tried[0], (sympy.S.Zero, *tried[1][:3])):
                yield on_axes(normal, tangential)
            return
        for place, expressions in enumerate(tried):
            for one in expressions:
                yield from self._with(present, place, one)

    def _tried(self, front: Front, settings: FormulaSearch) -> list[sympy.Expr]:
        limit = max(settings.wide * min(one.error for one in front), settings.tolerance)
        return [one.expression for one in front if one.error <= limit][: settings.tried]

    def _with(self, present: Expressions, place: int, one: sympy.Expr) -> Iterator[Expressions]:
        """Exchange one formula: with that of the other component of a vector, and alone, as in a corridor."""
        image = mirrored(one, self.inputs)
        if len(present) == 2 and image != one:
            yield (one, image) if place == 0 else (image, one)
        yield (*present[:place], one, *present[place + 1 :])


def fit_layer(flow: Flow, layer: Layer, pairs: Pairs, settings: FormulaSearch, seed: int, samples) -> LayerFronts:
    """Fit the fronts of one layer.

    Args:
        flow: to which the layer belongs.
        layer: whose formulas are asked.
        pairs: what the layer is given and gives.
        settings: of stage 2.
        seed: of the symbolic regression.
        samples: `GraphSamples` that say the units.
    """
    is_in_frame = has_frame(pairs) and layer != flow.output
    asked = in_frame(pairs) if is_in_frame else pairs
    units = _units(flow, layer, samples) if settings.with_units else None
    fronts = [
        fit(asked.inputs, y, asked.names, settings.engine, seed, units, _target_unit(flow, layer, place, samples))
        for place, y in enumerate(asked.outputs.T)
    ]
    return LayerFronts(tuple(fronts) if is_in_frame else with_mirrored(fronts, pairs), pairs.names, is_in_frame)


def with_mirrored(fronts: list[Front], pairs: Pairs) -> tuple[Front, ...]:
    """Offer to each component of a vector what was found for the other, with x and y exchanged."""
    if len(fronts) != 2:
        return tuple(fronts)
    offered = []
    for place, front in enumerate(fronts):
        other = [_measured(mirrored(one.expression, pairs.names), pairs, place) for one in fronts[1 - place]]
        offered.append(front_of([*front, *other]))
    return tuple(offered)


def _measured(expression: sympy.Expr, pairs: Pairs, place: int) -> Fitted:
    y = pairs.outputs[:, place]
    wrong = np.square(evaluate(expression, pairs.names, pairs.inputs) - y).mean()
    return Fitted(expression, complexity(expression), float(wrong / (y.var() or 1.0)))


def _units(flow: Flow, layer: Layer, samples) -> dict[str, Unit]:
    """Return the units of the raw inputs of a layer; ends and aggregators change none."""
    units = {}
    for one in layer.reads:
        for name in one.variables or ():
            raw = name.removesuffix("_i").removesuffix("_j") if (one.level, layer.level) == ("V", "E") else name
            units[f"{one.aggregator}_{name}" if one.aggregator else name] = samples.units[raw]
    return units


def _target_unit(flow: Flow, layer: Layer, place: int, samples) -> Unit | None:
    return samples.units[samples.target_names[place]] if layer == flow.output else None
