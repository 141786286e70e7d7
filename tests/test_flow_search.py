"""Stage 1 of GSR: training, inheritance, pruning, resumption; the circuit's flow is found."""

from collections.abc import Iterator

import pytest
import torch

from graph_samples_small import random_samples
from parsimony.data.physical_laws import LAWS
from parsimony.methods.flow_search import FlowSearch, FoundFlow, _grouped, _Search, search_flow, without_hidden
from parsimony.methods.flow_training import FlowTraining, inherit, normalised_error, train_flow
from parsimony.nn.dense_graph_block import graph_network, rows_of
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.message_flow import GraphVariables, full_flow
from parsimony.symbolic.receiver_move import with_receiver_in_reader

SHORT = FlowTraining(hidden=(24, 24), cycle=OneCycle(steps=240, batch_size=128, peak=1e-2))
ORDER = ("blocks", "layers", "inputs", "aggregators", "variables", "readers", "sizes", "receivers")
CHILD = FlowTraining(hidden=(24, 24), cycle=OneCycle(steps=120, batch_size=128, peak=1e-2))


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices are fastest so."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def short_search(**changed: object) -> FlowSearch:
    return FlowSearch(first=SHORT, child=CHILD, most_blocks=1, **changed)


@pytest.fixture(scope="module")
def found() -> tuple[FoundFlow, dict]:
    """One search on the circuit, and its memo."""
    memo: dict = {}
    sample = LAWS["circuit"].sample
    return search_flow(sample(1500, 1), sample(400, 2), short_search(), 0, memo), memo


def test_the_circuit_flow_is_found(found: tuple[FoundFlow, dict]) -> None:
    """V, E -> phi_e (one number) -> sum -> phi_u, of complexity 3; phi_u only passes the sum on."""
    assert "e1(E: R, V: V_i V_j; 1) -> u1(linear sum E; 1)" == str(found[0].flow)
    assert 3 == found[0].flow.complexity


def test_the_log_tells_every_candidate(found: tuple[FoundFlow, dict]) -> None:
    """In the order of the steps; a needed part makes the loss jump, a superfluous one does not."""
    log = found[0].log
    steps = [one.step for one in log]
    assert list(dict.fromkeys(steps)) == [one for one in ORDER if one in steps]
    kept = [one for one in log if one.is_kept]
    dropped = [one for one in log if not one.is_kept and one.step in ("layers", "inputs", "variables")]
    assert max(one.loss for one in kept) + 0.1 < min(one.loss for one in dropped)
    assert len({one.flow for one in log}) == len(found[1])


def test_a_search_goes_on_where_it_was_interrupted(found: tuple[FoundFlow, dict]) -> None:
    """From half a memo, in equal steps to an equal log, training only what is missing."""
    whole, memo = found
    sample = LAWS["circuit"].sample
    half, trained = dict(list(memo.items())[: len(memo) // 2]), []
    again = search_flow(
        sample(1500, 1), sample(400, 2), short_search(), 0, half, lambda memo: trained.append(len(memo))
    )
    assert whole.log == again.log
    assert list(range(len(memo) // 2 + 1, len(memo) + 1)) == trained


def test_a_child_inherits_what_it_still_reads() -> None:
    """Without one input whose weights are 0, parent and child compute the same."""
    samples = random_samples("whole")
    flow = full_flow(GraphVariables.of(samples), size=3)
    parent = graph_network(flow, samples, (8, 8), torch.Generator().manual_seed(0))
    column = flow.inputs(flow.layer("e1")).index("a_j")
    parent.functions["e1"].layers[0].weight.data[:, column] = 0
    smaller = flow.without_variables("e1", "V", ("a_j",))
    child = graph_network(smaller, samples, (8, 8), torch.Generator().manual_seed(1))
    inherit(child, parent)
    rows = rows_of(samples)
    assert torch.allclose(parent.predict(rows), child.predict(rows), atol=1e-6)


def test_training_is_a_function_of_its_seed() -> None:
    """Equal seeds give equal weights, others do not; the error of an untrained network is near 1."""
    samples = LAWS["circuit"].sample(200, 0)
    flow = full_flow(GraphVariables.of(samples), size=2)
    short = FlowTraining(hidden=(8,), cycle=OneCycle(steps=5, batch_size=50))
    errors = [normalised_error(train_flow(flow, samples, short, seed), samples) for seed in (0, 0, 1)]
    assert errors[0] == errors[1] != errors[2]


def test_a_hopeless_candidate_stops_half_way() -> None:
    """Above the given error it takes half of the steps only."""
    samples = LAWS["circuit"].sample(200, 0)
    flow, taken = full_flow(GraphVariables.of(samples), size=2), []
    for hopeless in (1e-9, 1e9):
        network = train_flow(flow, samples, FlowTraining(hidden=(8,), cycle=OneCycle(steps=20)), 0, None, hopeless)
        taken.append(normalised_error(network, samples))
    assert taken[0] != taken[1]


def test_loss_per_step_of_a_golden_training() -> None:
    """Five steps of a circuit's full block from seed 0; the first loss equals that of the untrained network."""
    from parsimony.methods.flow_training import squared_error
    from parsimony.nn.one_cycle import train

    samples = LAWS["circuit"].sample(100, 0)
    flow = full_flow(GraphVariables.of(samples), size=2)
    network = graph_network(flow, samples, (8,), torch.Generator().manual_seed(0))
    before = squared_error(network, samples).mean().item()
    losses = train(
        network,
        lambda rows: squared_error(network, samples.take(rows)).mean(),
        100,
        OneCycle(steps=5),
        torch.Generator(),
    )
    assert before == pytest.approx(losses[0], rel=1e-5)
    assert losses[-1] < losses[0]


def test_what_is_hidden_is_not_read() -> None:
    """Private variables are for node layers alone, unseen ones not for messages; also once a layer is deleted."""
    flow = full_flow(GraphVariables.of(LAWS["heat-complex"].sample(2, 0)))
    private, unseen = FlowSearch(private=("q",)), FlowSearch(unseen=("q",))
    hidden = without_hidden(flow, private)
    assert "e1(V: T_i T_j, U: alpha; 8) -> v1(sum E, V: T q, U: alpha; 8) -> u1(sum E, sum V, U: alpha; 1)" == str(
        hidden
    )
    assert "sum V: T," in str(without_hidden(hidden.without_layer("v1"), private))
    assert "sum V: T q," in str(without_hidden(flow.without_layer("v1"), unseen))


def test_components_of_a_vector_stay_together() -> None:
    """At each end of an edge by themselves; other variables stand alone."""
    groups = FlowSearch().groups
    names = ("mass_i", "fx_i", "fy_i", "fx_j", "fy_j")
    assert [("fx_i", "fy_i"), ("fx_j", "fy_j"), ("mass_i",)] == _grouped(names, groups)
    assert [("dx", "dy", "r"), ("k",)] == _grouped(("k", "dx", "dy", "r"), groups)


def test_what_a_message_reads_of_its_receiver_moves_to_the_node() -> None:
    """The charge q_i in front of every message of a node may as well stand in front of their sum."""
    full = full_flow(GraphVariables.of(LAWS["coulomb"].sample(2, 0)))
    flow = full.without_variables("e1", "V", ("mass_j",)).without_connection("v1", "V").with_size("e1", 2)
    moved = "e1(E: dx dy r, V: charge_j; 2) -> v1(sum E, V: mass charge; 2)"
    assert moved == str(with_receiver_in_reader(flow, "e1"))
    assert with_receiver_in_reader(with_receiver_in_reader(flow, "e1"), "e1") is None


def test_messages_to_the_whole_keep_their_receiver() -> None:
    """There is no node layer that could know it."""
    flow = full_flow(GraphVariables.of(LAWS["circuit"].sample(2, 0))).without_layer("v1")
    assert with_receiver_in_reader(flow, "e1") is None and with_receiver_in_reader(flow, "none") is None


def test_two_blocks_are_trained_twice_as_long() -> None:
    """Else a second block would look useless."""
    assert [240, 480] == [short_search().first_of(blocks).cycle.steps for blocks in (1, 2)]


@pytest.mark.parametrize(
    ("mean", "chosen"), [(0.027, "sum"), (0.19, "sum"), (0.14, "mean")], ids=["by chance", "by a little", "clearly"]
)
def test_a_mean_takes_the_place_of_a_sum_only_if_clearly_better(mean: float, chosen: str) -> None:
    """By a tenth and by half the price; on graphs of as many edges both say the same, and chance would decide."""
    samples = LAWS["circuit"].sample(2, 0)
    flow = full_flow(GraphVariables.of(samples), size=1).without_layer("v1").without_connection("u1", "V")
    search = _Search(samples, samples, FlowSearch(), 0, {}, lambda memo: None)
    losses = {"sum": 0.03 if mean < 0.1 else 0.2, "mean": mean, "max": 0.9}
    search._loss = lambda flow, parent=None: losses[flow.layer("u1").reads[0].aggregator]
    assert f"u1({chosen} E" in str(search.choose_aggregators(flow))
