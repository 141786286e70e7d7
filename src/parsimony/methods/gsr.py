"""GSR: symbolic regression on graphs (Shi et al., ICLR 2023; first paper, section 5.2, Figures 8 and 9).

Given pairs of a graph with known variables and an unknown quantity y, find an accurate and compact law y = F(G, X).

    stage 1   which quantities depend on which: a message-passing flow          (`methods.flow_search`)
    stage 2   a formula for every number that a layer of the flow gives         (this module)

Stage 2 trains the flow, records what each layer computes (`methods.message_pairs`), fits fronts of formulas to it
(`methods.formula_fronts`), chooses from the fronts, cascades what was chosen, and fits all constants together on the
data (`nn.graph_law`).

Departure from the paper: the choice. Messages of a network are noisy, so the simplest formula within tolerance is
only the start; the formulas of a layer are then exchanged for others of their fronts as long as that shortens the
description length n log(error) + complexity log(n) of the whole law on the data. The output layer gets another front,
fitted to the target with the messages of the formulas in place of those of the network.

Two rivals run through the same code: FullGN, `find_formulas` of `full_flow(data, size=3)` without any search; and the
black box, the network of `full_flow(data, blocks=2)` trained by `methods.flow_training`, without any formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from parsimony.methods.flow_training import train_flow
from parsimony.methods.formula_fronts import FormulaSearch, LayerFronts, fit_layer
from parsimony.methods.message_pairs import Pairs, loses_direction, message_pairs
from parsimony.nn.dense_graph_block import GraphNetwork
from parsimony.nn.graph_law import Evidence, GraphLaw, double_rows, settle_constants, shorten
from parsimony.symbolic.formula import shortest, swapped
from parsimony.symbolic.message_flow import ODD, Flow

NO_ERROR = 1e-10  # 1 - R^2 below which a law cannot be improved


@dataclass(frozen=True)
class FoundLaw:
    """What stage 2 ends with.

    Attributes:
        law: flow and formulas with fitted constants.
        error: 1 - R^2 on the held-out graphs, averaged over output dimensions.
        fronts: of each layer.
        network: the trained flow that the formulas were read from.
    """

    law: GraphLaw
    error: float
    fronts: Mapping[str, LayerFronts]
    network: GraphNetwork


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
    held_out = _first(valid, settings.graphs)
    pairs = message_pairs(network, held_out, settings.pairs, torch.Generator().manual_seed(seed))
    fronts = {one.name: fit_layer(flow, one, pairs[one.name], settings, seed, valid) for one in flow.layers}
    law, fronts = choose_all(flow, fronts, held_out, settings, seed)
    law, error = settle_constants(law.without_free_factors(), Evidence(held_out))
    return FoundLaw(shorten(symmetric_form(law)), error, fronts, network)


def choose_all(
    flow: Flow, fronts: Mapping[str, LayerFronts], samples, settings: FormulaSearch, seed: int
) -> tuple[GraphLaw, dict[str, LayerFronts]]:
    """Choose from the fronts; then fit the output layer anew and choose again, unless there is nothing to improve."""
    evidence, output = Evidence(_first(samples, settings.compared)), flow.output
    law = GraphLaw.of(flow, {name: own.first(settings.tolerance) for name, own in fronts.items()})
    law, error = choose(law, fronts, evidence, settings)
    if error > NO_ERROR:
        again = fit_layer(flow, output, output_pairs(law, samples, settings.pairs, seed), settings, seed, samples)
        fronts = {**fronts, output.name: again}
        law, _ = choose(law, fronts, evidence, settings)
    return law, dict(fronts)


def choose(
    law: GraphLaw, fronts: Mapping[str, LayerFronts], evidence: Evidence, settings: FormulaSearch
) -> tuple[GraphLaw, float]:
    """Exchange formulas for others of their fronts as long as that shortens the description of the data."""
    law, error = evidence.fit(law)
    length, improved = evidence.description_length(law, error), True
    while improved:
        improved = False
        for name, own in fronts.items():
            for expressions in own.exchanges(law.expressions[name], settings):
                other = GraphLaw.of(law.flow, {**law.expressions, name: expressions})
                if evidence.description_length(other, 0.0) >= length:
                    continue  # too long even without any error
                other, other_error = evidence.fit(other)
                if (new := evidence.description_length(other, other_error)) < length - 1e-6:
                    law, error, length, improved = other, other_error, new, True
    return law, error


def output_pairs(law: GraphLaw, samples, most: int, seed: int) -> Pairs:
    """Return what the output layer of a law is given and should give, at most `most` rows of `GraphSamples`."""
    layer, rows, evidence = law.flow.output, double_rows(samples), Evidence(samples)
    with torch.no_grad():
        inputs = law.network().trace(rows)[layer.name].inputs
    inputs = inputs if rows.asked is None else inputs[rows.asked]
    chosen = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed))[:most]
    chosen = chosen[inputs[chosen].isfinite().all(1)]
    return Pairs(law.flow.inputs(layer), inputs[chosen].numpy(), evidence.target[chosen].numpy())


def symmetric_form(law: GraphLaw) -> GraphLaw:
    """Where both directions of an edge are added up, write the mean of both if that is hardly longer.

    V_i (V_i - V_j) / R and (V_i - V_j)^2 / (2 R) are one law; the second shows that its ends are alike.
    """
    for layer in law.flow.layers:
        if loses_direction(law.flow, layer):
            names, own = law.flow.inputs(layer), law.expressions[layer.name]
            means = [shortest((one + swapped(one, names, ODD)) / 2) for one in own]
            other = GraphLaw.of(law.flow, {**law.expressions, layer.name: means}).without_free_factors()
            law = other if other.complexity <= law.complexity + 2 else law
    return law


def _first(samples, count: int):
    return samples.take(torch.arange(min(count, samples.num_samples)))
