"""Stage 2 of GSR: symmetry, alignment, constants; laws of circuits and springs are read from networks."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import sympy
import torch
from torch import nn

from graph_samples_small import random_samples
from parsimony.data.physical_laws import LAWS
from parsimony.methods.flow_training import FlowTraining, train_flow
from parsimony.methods.formula_fronts import FormulaSearch, LayerFronts, fit_layer
from parsimony.methods.gsr import FoundLaw, find_formulas, symmetric_form
from parsimony.methods.message_pairs import (
    Pairs,
    common_direction,
    in_frame,
    independent_rows,
    message_pairs,
    on_axes,
    symmetrised,
)
from parsimony.nn.dense_graph_block import GraphNetwork, rows_of
from parsimony.nn.graph_law import Evidence, GraphLaw, determination, settle_constants
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.engine import Engine, Fitted
from parsimony.symbolic.equivalence import compare_laws
from parsimony.symbolic.formula import parse
from parsimony.symbolic.law_text import law_of_text
from parsimony.symbolic.message_flow import Connection, Flow, GraphVariables, Layer, full_flow
from parsimony.symbolic.receiver_move import with_receiver_in_reader

SETTINGS = FormulaSearch(
    training=FlowTraining(cycle=OneCycle(steps=900)),
    engine=Engine(functions=("",), runs=1, evaluations=40_000),
    pairs=800,
    graphs=200,
    compared=80,
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices are fastest so."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def circuit_flow(data: GraphVariables) -> Flow:
    return full_flow(data, size=1).without_layer("v1").without_connection("u1", "V")


def springs_flow(data: GraphVariables) -> Flow:
    return full_flow(data, size=2).without_connection("e1", "V")


def law_from(flow: Flow, **formulas: list[str]) -> GraphLaw:
    parsed = {one.name: [parse(text, flow.inputs(one)) for text in formulas[one.name]] for one in flow.layers}
    return GraphLaw.of(flow, parsed)


def test_symmetrised_by_a_loop() -> None:
    """Each edge and its reverse are averaged; one without reverse stays."""
    samples = random_samples()
    values = torch.arange(float(samples.adjacency.sum())).unsqueeze(1)
    edges = samples.adjacency.nonzero().tolist()
    place = {tuple(edge): k for k, edge in enumerate(edges)}
    expected = [(k + place.get((s, j, i), k)) / 2 for k, (s, i, j) in enumerate(edges)]
    assert expected == symmetrised(values, rows_of(samples)).squeeze(1).tolist()
    assert any((s, j, i) not in place for s, i, j in edges)


def test_independent_rows_by_hand() -> None:
    """A row along earlier ones is passed over."""
    rows = torch.tensor([[2.0, 0, 0], [4.0, 0, 0], [0, 0, 0], [3.0, 4.0, 0], [1.0, 0, 0], [0, 0, 1.0]])
    assert [[2, 0, 0], [3, 4, 0], [0, 0, 1]] == independent_rows(rows, 3).tolist()


def test_the_frame_of_an_edge_by_hand() -> None:
    """Towards a neighbour at (3, 4): a pull of 5 is normal -5, a push to its right tangential; and back."""
    inputs = np.array([[3.0, 4.0, 5.0, 0.7], [3.0, 4.0, 5.0, 0.7]])
    parts = in_frame(Pairs(("dx", "dy", "r", "k"), inputs, np.array([[3.0, 4.0], [4.0, -3.0]])))
    assert ("r", "k") == parts.names
    assert [[-5, 0], [0, 5]] == parts.outputs.tolist()
    place = {sympy.Symbol(name): value for name, value in zip(("dx", "dy", "r"), (3, 4, 5), strict=True)}
    back = [[float(part.xreplace(place)) for part in on_axes(*map(sympy.Integer, one))] for one in ((-5, 0), (0, 5))]
    assert [[3, 4], [4, -3]] == back


def test_exchanges_of_a_vector_change_both_components_or_one() -> None:
    """A formula for x comes with its image for y; a scalar changes alone."""
    front = (Fitted(parse("0.5*dx"), 3, 0.001),)
    pair = LayerFronts((front, front), ("dx", "dy"))
    present = (parse("dx*dy"), parse("dx*dy"))
    found = list(pair.exchanges(present, SETTINGS))
    assert ["(0.5*dx, 0.5*dy)", "(0.5*dy, 0.5*dx)"] == [str(one) for one in found[::2]]
    assert [(found[0][0], present[1]), (present[0], found[0][0])] == found[1::2]  # a corridor has a direction
    alone = LayerFronts((front,), ("dx", "dy"))
    assert ["(0.5*dx,)"] == [str(one) for one in alone.exchanges(present[:1], SETTINGS)]


MIX = torch.tensor([[1.0, 0.6], [-0.4, 0.8]]).double()


def mixed_messages(law: str, flow: Flow, message: str, factor: str) -> tuple[Pairs, list[np.ndarray]]:
    """Record messages that a matrix has mixed and the node function unmixes, beside the true ones."""
    samples = Double(LAWS[law].sample(60, 0))
    forms = {"e1": [f"{message}*dx", f"{message}*dy"], "v1": [f"e1_0*{factor}", f"e1_1*{factor}"]}
    true = law_from(flow, **forms).network()
    v1 = lambda x: true.functions["v1"](torch.cat([x[:, :2] @ MIX.inverse().T, x[:, 2:]], 1))
    mixed = GraphNetwork(flow, {"e1": Function(lambda x: true.functions["e1"](x) @ MIX.T), "v1": Function(v1)})
    pairs = message_pairs(mixed.double(), samples, 500, torch.Generator().manual_seed(0))["e1"]
    place = dict(zip(pairs.names, pairs.inputs.T, strict=True))
    return pairs, [sympy.lambdify([*place], text, "numpy")(*place.values()) for text in forms["e1"]]


@pytest.mark.parametrize(
    ("law", "message", "factor"),
    [("springs", "k*(1 - 1/r)", "1/mass"), ("coulomb", "charge_j/r**3", "charge/mass")],
)
def test_mixed_messages_are_aligned(law: str, message: str, factor: str) -> None:
    """They come back, up to their scale, in the directions of the output, behind a factor of either sign too."""
    full = full_flow(GraphVariables.of(LAWS[law].sample(2, 0)), size=2)
    flows = {"springs": full.without_connection("e1", "V"), "coulomb": with_receiver_in_reader(full, "e1")}
    pairs, parts = mixed_messages(law, flows[law], message, factor)
    for place, part in enumerate(parts):
        ratio = pairs.outputs[:, place] / part
        assert ratio.std() < 1e-5 * abs(ratio.mean())


def test_what_jacobians_share_up_to_a_factor() -> None:
    """Factors of either sign leave the matrix; rows that share none have nothing."""
    factors = torch.tensor([2.0, -2.0, 0.5, -0.6]).reshape(-1, 1, 1)
    shared = torch.tensor([[0.6, 0.0], [0.0, 0.8]])
    found = common_direction(factors * shared)
    torch.testing.assert_close(found * found[0, 0].sign(), shared)
    unlike = torch.eye(4).reshape(4, 2, 2)
    assert not common_direction(unlike).any()


class Function(nn.Module):
    """A module that applies a function."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


class Double:
    """Graph samples in double precision."""

    def __init__(self, samples) -> None:
        double = lambda one: one.double() if isinstance(one, torch.Tensor) and one.is_floating_point() else one
        self.__dict__.update({name: double(value) for name, value in vars(samples).items()})


def test_constants_are_fitted_rounded_dropped_and_moved() -> None:
    """From a disturbed law of heat on a grid, whose constant hides in the reader, to T_j / T_i - 1."""
    samples = LAWS["heat"].sample(60, 0)
    flow = full_flow(GraphVariables.of(samples), size=1).without_layer("v1").without_connection("u1", "V")
    law = law_from(flow, e1=["0.7*T_j/T_i + 0.01*T_j"], u1=["1.3*alpha*e1_0 - 20.0*alpha + 0.2"])
    found, error = settle_constants(law.without_free_factors(), Evidence(samples))
    assert error < 1e-10
    assert compare_laws(found.flow, found.expressions, *law_of_text(LAWS["heat"], flow.data)).is_recovered


def test_noise_does_not_keep_superfluous_constants() -> None:
    """With a tenth of noise the offset and the wrong term go, and k (1 - l0 / r) stays."""
    samples = LAWS["springs"].sample(120, 0).noisy(0.1, torch.Generator().manual_seed(0))
    flow = springs_flow(GraphVariables.of(samples))
    law = law_from(
        flow,
        e1=["0.9*k*dx*(1 - 1.1/r) + 0.01", "1.1*k*dy*(1 - 0.9/r)"],
        v1=["1.02*e1_0/mass + 0.02", "0.97*e1_1/mass"],
    )
    found, error = settle_constants(law.without_free_factors(), Evidence(samples))
    assert error == pytest.approx(0.01, rel=0.2)
    assert compare_laws(found.flow, found.expressions, *law_of_text(LAWS["springs"], flow.data)).is_recovered


def test_factors_that_are_nearly_constant_lose_their_input() -> None:
    """(q - 700) (q + 700) in front of a force is a constant, though neither factor is one alone."""
    samples = LAWS["coulomb"].sample(60, 0)
    flow = full_flow(GraphVariables.of(samples), size=2).without_connection("v1", "V")
    flow = flow.without_variables("e1", "V", ("mass_j",))
    message = "charge_i*charge_j*(charge_j - 700.1)*(charge_j + 700.2)/(mass_i*r**3)"
    law = law_from(flow, e1=[f"dx*{message}", f"dy*{message}"], v1=["2.0e-6*e1_0", "2.0e-6*e1_1"])
    found, _ = settle_constants(law.without_free_factors(), Evidence(samples))
    assert compare_laws(found.flow, found.expressions, *law_of_text(LAWS["coulomb"], flow.data)).is_recovered


def test_both_ends_are_written_alike() -> None:
    """V_i (V_i - V_j) / R becomes (V_i - V_j)^2 / (2 R); predictions stay."""
    samples = LAWS["circuit"].sample(20, 0)
    law = law_from(circuit_flow(GraphVariables.of(samples)), e1=["V_i*(V_i - V_j)/R"], u1=["e1_0"])
    other = symmetric_form(law)
    assert parse("(V_i - V_j)**2/R") == sympy.factor(other.expressions["e1"][0])
    assert torch.allclose(law.predict(samples), other.predict(samples), rtol=1e-9)


@pytest.fixture(scope="module")
def circuit() -> FoundLaw:
    sample = LAWS["circuit"].sample
    train, valid = sample(4000, 1), sample(400, 2)
    return find_formulas(circuit_flow(GraphVariables.of(train)), train, valid, SETTINGS, 0)


def test_the_law_of_circuits_is_recovered(circuit: FoundLaw) -> None:
    """R^2 above 0.999 on fresh and on larger graphs, and the true formula."""
    pytest.importorskip("pyoperon")
    law = LAWS["circuit"]
    assert determination(circuit.law, law.sample(200, 3)) > 0.999
    assert determination(circuit.law, law.sample(100, 4, 12)) > 0.999
    true = law_of_text(law, circuit.law.flow.data)
    assert compare_laws(circuit.law.flow, circuit.law.expressions, *true).is_recovered


def test_symmetrised_messages_follow_the_law(circuit: FoundLaw) -> None:
    """R^2 of (V_i - V_j)^2 / R above 0.98 for the mean of both directions, and below it for raw messages."""
    samples = LAWS["circuit"].sample(200, 3)
    pairs = message_pairs(circuit.network, samples, 2000, torch.Generator().manual_seed(0))["e1"]
    resistance, receiver, sender = pairs.inputs.T
    law = torch.from_numpy((receiver - sender) ** 2 / resistance)
    with torch.no_grad():
        raw = circuit.network.trace(rows_of(samples))["e1"]
    resistance, receiver, sender = raw.inputs.double().T
    wrong = correlation((receiver - sender) ** 2 / resistance, raw.outputs[:, 0].double())
    assert correlation(law, torch.from_numpy(pairs.outputs[:, 0])) > 0.98 > wrong


def test_constants_hidden_in_two_messages_are_found_again() -> None:
    """On grids of one shape sums of 1 - T_j / T_i and 1 + q / T hide constants in their reader; they are taken out."""
    law = LAWS["heat-complex"]
    samples = law.sample(60, 0)
    data = GraphVariables.of(samples)
    edge = Layer(1, "E", (Connection("V", ("T_i", "T_j")),), 1)
    node = Layer(1, "V", (Connection("V", ("T", "q")),), 1)
    reads = (Connection("E", None, "sum"), Connection("V", None, "sum"), Connection("U"))
    flow = Flow(data, (edge, node, Layer(1, "U", reads, 1)))
    texts = {
        "e1": "1.0 - 0.449926*T_j/T_i", "v1": "1.0 + 0.4522*q/T",
        "u1": "29.342*alpha*(1.0 - 0.0757475*e1_0) + 2.21141*v1_0 - 19.9027",
    }  # fmt: skip
    found = GraphLaw.of(flow, {one.name: [parse(texts[one.name], flow.inputs(one))] for one in flow.layers})
    settled, error = settle_constants(found.without_free_factors(), Evidence(samples))
    assert 1e-10 > error
    assert compare_laws(settled.flow, settled.expressions, *law_of_text(law, data)).is_recovered


def correlation(x: torch.Tensor, y: torch.Tensor) -> float:
    """Return the squared correlation: R^2 of the best line."""
    return float(torch.corrcoef(torch.stack([x, y]))[0, 1] ** 2)


def test_the_law_of_springs_is_recovered() -> None:
    """Aligned messages are the two components of the force, unmixed; the true formula, R^2 above 0.999."""
    pytest.importorskip("pyoperon")
    law = LAWS["springs"]
    train, valid = law.sample(4000, 1), law.sample(400, 2)
    flow = springs_flow(GraphVariables.of(train))
    found = find_formulas(flow, train, valid, SETTINGS, 0)
    pairs = message_pairs(found.network, valid, 2000, torch.Generator().manual_seed(0))["e1"]
    k, dx, dy, r = torch.from_numpy(pairs.inputs).T
    force = torch.stack([k * (1 - 1 / r) * dx, k * (1 - 1 / r) * dy], dim=1)
    slopes = torch.linalg.lstsq(force, torch.from_numpy(pairs.outputs)).solution
    assert float(slopes.fliplr().diagonal().abs().max()) < 0.05 * float(slopes.diagonal().abs().min())
    assert determination(found.law, law.sample(200, 3)) > 0.999
    assert compare_laws(found.law.flow, found.law.expressions, *law_of_text(law, flow.data)).is_recovered


def test_units_leave_inconsistent_formulas_out() -> None:
    """With units, no formula of the front adds what cannot be added."""
    pytest.importorskip("pyoperon")
    from parsimony.symbolic.units import needed_constants

    samples = LAWS["circuit"].sample(300, 0)
    flow = circuit_flow(GraphVariables.of(samples))
    network = train_flow(flow, samples, FlowTraining(cycle=OneCycle(steps=60)), 0)
    pairs = message_pairs(network, samples, 400, torch.Generator().manual_seed(0))["e1"]
    settings = replace(SETTINGS, engine=Engine(functions=("",), runs=1, evaluations=6000), with_units=True)
    (front,) = fit_layer(flow, flow.layer("e1"), pairs, settings, 0, samples).fronts
    units = {"R": samples.units["R"], "V_i": samples.units["V"], "V_j": samples.units["V"]}
    needed = [needed_constants(one.expression, units) for one in front]
    assert len(front) > 1 and all(one is not None and one <= 2 for one in needed)
