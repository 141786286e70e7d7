"""Layers that read the outputs of others linearly: by hand, what a child inherits, where a search keeps them."""

import pytest
import torch
from torch import Tensor, nn

from graph_samples_small import random_samples
from parsimony.data.physical_laws import LAWS
from parsimony.methods import flow_search
from parsimony.methods.flow_search import FlowSearch, _Search
from parsimony.methods.flow_training import inherit
from parsimony.nn.dense_graph_block import graph_network, rows_of
from parsimony.nn.flow_function import LinearReader, ScaledPerceptron
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow
from parsimony.symbolic.receiver_move import with_receiver_in_reader


def seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def naive(reader: LinearReader, x: Tensor) -> list[list[float]]:
    """A matrix times the embedded inputs plus the perceptron of the others, number by number."""
    found = []
    for row in x.tolist():
        rest = reader.rest(torch.tensor([[row[column] for column in reader.others]]))[0].tolist()
        sums = [
            sum(weight * row[column] for weight, column in zip(weights, reader.embedded, strict=True)) + bias
            for weights, bias in zip(reader.matrix.weight.tolist(), reader.matrix.bias.tolist(), strict=True)
        ]
        found.append([scale * one + more for scale, one, more in zip(reader.out.tolist(), sums, rest, strict=True)])
    return found


def test_the_reader_by_numbers() -> None:
    """Equal to loops, and straight along what other layers gave."""
    is_embedded = torch.tensor([True, False, True, False])
    reader = LinearReader(is_embedded, torch.ones(4), torch.tensor([2.0, 3.0]), (5,), seeded(0))
    x = torch.randn(6, 4, generator=seeded(1))
    torch.testing.assert_close(torch.tensor(naive(reader, x)), reader(x))
    step = torch.tensor([1.0, 0.0, -2.0, 0.0])
    torch.testing.assert_close(reader(x + step) - reader(x), reader(x + 2 * step) - reader(x + step))


def test_without_raw_variables_only_a_matrix_is_left() -> None:
    """Of two messages and two outputs: four weights and two offsets."""
    reader = LinearReader(torch.ones(2, dtype=torch.bool), torch.ones(2), torch.ones(2), (5,), seeded(0))
    assert [4, 2] == [one.numel() for one in reader.parameters()]


def test_only_what_layers_give_is_read_linearly() -> None:
    """Raw variables are not; nor is a level that has become raw because its layer was deleted."""
    flow = full_flow(GraphVariables.of(random_samples("whole")), size=3).with_linear_reading("u1")
    assert "u1(linear sum E, linear sum V, U: g h; 1)" == str(flow.output)
    assert "u1(linear sum E, sum V: a b, U: g h; 1)" == str(flow.without_layer("v1").output)
    functions = graph_network(flow, random_samples("whole"), (4,), seeded(0)).functions
    assert [ScaledPerceptron, ScaledPerceptron, LinearReader] == [type(functions[one]) for one in ("e1", "v1", "u1")]


@pytest.mark.parametrize("level", ["V", "U"])
def test_a_child_of_a_linear_reader_inherits_it(level: str) -> None:
    """Without a raw variable and without messages whose weights are 0, parent and child compute the same."""
    samples = random_samples("node" if level == "V" else "whole")
    name = f"{level.lower()}1"
    flow = full_flow(GraphVariables.of(samples), size=3).with_linear_reading(name)
    flow = flow if level == "V" else flow.without_connection("v1", "E")  # no other layer shall read messages
    variable = {"V": "b", "U": "h"}[level]
    child = flow.without_variables(name, level, (variable,)).with_size("e1", 2)
    parent = graph_network(flow, samples, (8,), seeded(0))
    reader = parent.functions[name]
    reader.matrix.weight.data[:, 2] = 0
    reader.rest.layers[0].weight.data[:, 1] = 0
    small = graph_network(child, samples, (8,), seeded(1))
    inherit(small, parent)
    rows = rows_of(samples)
    assert torch.allclose(parent.predict(rows), small.predict(rows), atol=1e-6)


def test_a_reader_that_becomes_linear_starts_anew() -> None:
    """Its messages keep their weights; a perceptron has nothing to give to a matrix."""
    samples = random_samples()
    flow = full_flow(GraphVariables.of(samples), size=3)
    parent = graph_network(flow, samples, (8,), seeded(0))
    child, same = (graph_network(flow.with_linear_reading("v1"), samples, (8,), seeded(1)) for _ in range(2))
    inherit(child, parent)
    assert equal(child.functions["e1"], parent.functions["e1"])
    assert equal(child.functions["v1"], same.functions["v1"])


def equal(one: nn.Module, other: nn.Module) -> bool:
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_nothing_moves_to_a_linear_reader() -> None:
    """It could not multiply by what it were told."""
    flow = full_flow(GraphVariables.of(LAWS["coulomb"].sample(2, 0))).without_connection("v1", "V")
    assert with_receiver_in_reader(flow, "e1") is not None
    assert with_receiver_in_reader(flow.with_linear_reading("v1"), "e1") is None


def springs() -> tuple[Flow, _Search]:
    samples = LAWS["springs"].sample(2, 0)
    return full_flow(GraphVariables.of(samples)), _Search(samples, samples, FlowSearch(), 0, {}, lambda memo: None)


@pytest.mark.parametrize(
    ("before", "linear", "is_kept"),
    [(0.02, 0.06, True), (0.02, 0.08, False), (0.8, 0.87, True), (0.8, 0.89, False)],
)
def test_a_linear_reader_may_cost_a_little(before: float, linear: float, is_kept: bool) -> None:
    """Half the price, 0.05, or a tenth of the loss."""
    flow, search = springs()
    search._loss = lambda flow, *more: linear if "linear" in str(flow) else before
    assert ("linear sum E" in str(search.choose_linear_readers(flow))) is is_kept


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, int, bool]], list[float]]:
    """Every training as (flow, steps, whether from given weights), and the losses that they will have, in order."""
    taken: list[tuple[str, int, bool]] = []
    losses: list[float] = []

    def train(flow, samples, settings, seed, parent=None, hopeless=0.0) -> str:
        taken.append((str(flow), settings.cycle.steps, parent is not None))
        return "network"

    monkeypatch.setattr(flow_search, "train_flow", train)
    monkeypatch.setattr(flow_search, "normalised_error", lambda network, samples: losses.pop(0))
    monkeypatch.setattr(flow_search, "weights_of", lambda network: {})
    monkeypatch.setattr(flow_search, "network_with", lambda *more: "parent")
    return taken, losses


@pytest.mark.parametrize(
    ("course", "kept"),
    [([0.05], 0.05), ([0.73, 0.07], 0.07), ([0.9, 0.5, 0.3], 0.3), ([0.9, 0.85], 0.85), ([0.9, 0.95], 0.9)],
    ids=["at once", "late", "three at most", "pays no more", "worse"],
)
def test_a_full_flow_is_trained_on_as_long_as_that_pays(trainings, course: list[float], kept: float) -> None:
    """At a price of 0.1; what is kept is the best state."""
    taken, losses = trainings
    losses += [*course, 7.0]
    flow, search = springs()
    assert kept == search._loss(flow)
    assert [(1200, False), *[(1200, True)] * (len(course) - 1)] == [one[1:] for one in taken]


def test_embeddings_that_change_are_trained_as_long_as_a_first_flow(trainings) -> None:
    """Readers, sizes and receivers take 1,200 steps; a deletion takes 350."""
    taken, losses = trainings
    losses += [0.05] * 20
    flow, search = springs()
    search._loss(flow)
    search.prune(flow, flow_search._connections)
    short = len(taken)
    search.choose_linear_readers(flow)
    search.choose_sizes(flow)
    search.move_receivers(flow)
    assert {350} == {steps for _, steps, _ in taken[1:short]}
    assert {1200} == {steps for _, steps, _ in taken[short:]} and len(taken) > short + 4
