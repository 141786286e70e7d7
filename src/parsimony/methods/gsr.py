"""GSR: symbolic regression on graphs (Shi et al., ICLR 2023; first paper, section 5.2, Figures 8 and 9).

Given pairs of a graph with known variables and an unknown quantity y, find an accurate and compact law y = F(G, X).

    stage 1   which quantities depend on which: a message-passing flow          (`methods.flow_search`)
    stage 2   a formula for every number that a layer of the flow gives         (this module)

Stage 2 trains the flow, records what each layer computes (`methods.message_pairs`), fits a front of formulas to each
number, chooses from the fronts, cascades what was chosen, and fits all constants together on the data.

Departure from the paper: the choice. Messages of a network are noisy, so the simplest formula within tolerance is
only the start; the formulas of a layer are then exchanged for others of their front as long as that shortens the
description length n log(error) + complexity log(n) of the whole law on the data. The output layer gets a second front,
fitted to the target with the messages of the formulas in place of those of the network.

FullGN, a baseline of the paper, is `full_flow(data, size=3)` through the same stage 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
import torch

from parsimony.methods.flow_search import FlowSearch, FoundFlow, search_flow
from parsimony.methods.flow_training import FlowTraining, train_flow
from parsimony.methods.message_pairs import Pairs, loses_direction, message_pairs
from parsimony.nn.dense_graph_block import GraphNetwork
from parsimony.nn.graph_law import GraphLaw, Sheet, double_rows, settle_constants, shorten
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.engine import Engine, Fitted, evaluate, fit, front_of, simplest_good
from parsimony.symbolic.formula import complexity, mirrored, shortest, swapped
from parsimony.symbolic.message_flow import ODD, Flow, Layer
from parsimony.symbolic.units import Unit

Front = tuple[Fitted, ...]


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
class FoundLaw:
    """What stage 2 ends with.

    Attributes:
        law: flow and formulas with fitted constants.
        error: 1 - R^2 on the held-out graphs, averaged over output dimensions.
        fronts: for each layer the front of each number that it gives.
        network: the trained flow that the formulas were read from.
    """

    law: GraphLaw
    error: float
    fronts: Mapping[str, tuple[Front, ...]]
    network: GraphNetwork


def find_law(
    train,
    valid,
    search: FlowSearch,
    formulas: FormulaSearch,
    seed: int,
    memo: MutableMapping[str, Any] | None = None,
    after: Callable[[MutableMapping[str, Any]], None] = lambda memo: None,
) -> tuple[FoundFlow, FoundLaw]:
    """Carry out both stages; `memo` and `after` are those of `search_flow`."""
    found = search_flow(train, valid, search, seed, memo, after)
    return found, find_formulas(found.flow, train, valid, formulas, seed)


def find_formulas(flow: Flow, train, valid, settings: FormulaSearch, seed: int) -> FoundLaw:
    """Carry out stage 2 for a given flow.

    Args:
        flow: skeleton of the law.
        train: `GraphSamples` that the flow is trained on.
        valid: `GraphSamples` on which pairs are recorded and constants fitted.
        settings: of this stage.
        seed: of training, draws and symbolic regression.
    """
    network = train_flow(flow, train, settings.training, seed)
    held_out = valid.take(torch.arange(min(settings.graphs, valid.num_samples)))
    pairs = message_pairs(network, held_out, settings.pairs, torch.Generator().manual_seed(seed))
    fronts = {one.name: fit_layer(flow, one, pairs[one.name], settings, seed, valid) for one in flow.layers}
    sheet, small = Sheet(held_out), Sheet(held_out.take(torch.arange(min(settings.compared, held_out.num_samples))))
    law, _ = choose(start_law(flow, fronts, settings), fronts, small, settings)
    fronts[flow.output.name] = refit_output(law, held_out, settings, seed)
    law, _ = choose(law, fronts, small, settings)
    law, error = settle_constants(law.without_free_factors(), sheet)
    law = shorten(symmetric_form(law))
    return FoundLaw(law, error, fronts, network)


def symmetric_form(law: GraphLaw) -> GraphLaw:
    """Where both directions of an edge are added up, write the mean of both if that is no longer.

    V_i (V_i - V_j) / R and (V_i - V_j)^2 / (2 R) are one law; the second shows that its ends are alike.
    """
    for layer in law.flow.layers:
        if loses_direction(law.flow, layer):
            names, own = law.flow.inputs(layer), law.expressions[layer.name]
            means = [shortest((one + swapped(one, names, ODD)) / 2) for one in own]
            other = GraphLaw.of(law.flow, {**law.expressions, layer.name: means}).without_free_factors()
            law = other if other.complexity <= law.complexity + 1 else law
    return law


def fit_layer(flow: Flow, layer: Layer, pairs: Pairs, settings: FormulaSearch, seed: int, samples) -> tuple[Front, ...]:
    """Fit a front of formulas to every number that a layer gives."""
    units = _units(flow, layer, samples) if settings.with_units else None
    wanted = [_target_unit(flow, layer, place, samples) for place in range(layer.size)]
    fronts = [_fit_one(pairs, place, settings, seed, units, unit) for place, unit in enumerate(wanted)]
    return with_mirrored(fronts, pairs)


def _fit_one(pairs: Pairs, place: int, settings: FormulaSearch, seed: int, units, unit) -> Front:
    return fit(pairs.inputs, pairs.outputs[:, place], pairs.names, settings.engine, seed, units, unit)


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


def start_law(flow: Flow, fronts: Mapping[str, tuple[Front, ...]], settings: FormulaSearch) -> GraphLaw:
    """Take from every front the simplest formula within tolerance."""
    chosen = {
        name: tuple(front[simplest_good(front, settings.tolerance)].expression for front in own)
        for name, own in fronts.items()
    }
    return GraphLaw.of(flow, chosen)


def choose(
    law: GraphLaw, fronts: Mapping[str, tuple[Front, ...]], sheet: Sheet, settings: FormulaSearch
) -> tuple[GraphLaw, float]:
    """Exchange formulas for others of their front as long as that shortens the description of the data."""
    law, error = sheet.fit(law)
    length, improved = sheet.description_length(law, error), True
    while improved:
        improved = False
        for name, places in _exchanges(law.flow, fronts, settings):
            other = _exchanged(law, name, places)
            if sheet.description_length(other, 0.0) >= length:
                continue  # too long even without any error
            other, other_error = sheet.fit(other)
            if (new := sheet.description_length(other, other_error)) < length - 1e-6:
                law, error, length, improved = other, other_error, new, True
    return law, error


def _exchanges(flow: Flow, fronts: Mapping[str, tuple[Front, ...]], settings: FormulaSearch):
    """Yield layer and formulas by place of all that may be tried; vectors change in both components at once."""
    for name, own in fronts.items():
        inputs = flow.inputs(flow.layer(name))
        for place, front in enumerate(own):
            limit = max(settings.wide * min(one.error for one in front), settings.tolerance)
            for one in [one.expression for one in front if one.error <= limit][: settings.tried]:
                image = mirrored(one, inputs)
                is_vector = len(own) == 2 and image != one
                yield name, {place: one, 1 - place: image} if is_vector else {place: one}


def _exchanged(law: GraphLaw, name: str, places: Mapping[int, sympy.Expr]) -> GraphLaw:
    expressions = law.expressions
    own = tuple(places.get(place, one) for place, one in enumerate(expressions[name]))
    return GraphLaw.of(law.flow, {**expressions, name: own})


def refit_output(law: GraphLaw, samples, settings: FormulaSearch, seed: int) -> tuple[Front, ...]:
    """Fit the formulas of the output layer anew, to the target and with the messages of the formulas."""
    layer = law.flow.output
    network, rows = law.network(), double_rows(samples)
    with torch.no_grad():
        inputs = network.trace(rows)[layer.name].inputs
    inputs = inputs if rows.asked is None else inputs[rows.asked]
    target = Sheet(samples).target
    chosen = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed))[: settings.pairs]
    pairs = Pairs(law.flow.inputs(layer), inputs[chosen].numpy(), target[chosen].numpy())
    return fit_layer(law.flow, layer, pairs, settings, seed, samples)
