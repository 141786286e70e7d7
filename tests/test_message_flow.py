"""Flows: complexities of the paper, rules of pruning by hand, text, Pareto front."""

import pytest

from parsimony.symbolic.message_flow import Flow, GraphVariables, Layer, full_flow

CIRCUIT = GraphVariables({"E": ("R",), "V": ("V",), "U": ()}, "U", 1)
SPRINGS = GraphVariables({"E": ("k", "dx", "dy", "r"), "V": ("mass",), "U": ()}, "V", 2)
HEAT = GraphVariables({"E": (), "V": ("T",), "U": ("alpha",)}, "U", 1)


def test_complexities_of_the_circuit_flows() -> None:
    """Full block 14, without phi_v 8, without V of phi_u 7, with a message of one number 3 (paper, Figure 3)."""
    full = full_flow(CIRCUIT, size=3)
    pruned = full.without_layer("v1")
    lean = pruned.without_connection("u1", "V")
    assert [14, 8, 7, 3] == [flow.complexity for flow in (full, pruned, lean, lean.with_size("e1", 1))]


def test_a_deleted_layer_is_an_identity() -> None:
    """Without phi_v the whole gathers the raw potentials: V -> rho -> phi_u."""
    flow = full_flow(CIRCUIT, size=3).without_layer("v1")
    assert "e1(E: R, V: V_i V_j; 3) -> u1(sum E, sum V: V; 1)" == str(flow)
    assert ("e1_0", "e1_1", "e1_2", "sum_V") == flow.inputs(flow.output)
    assert None is flow.source(flow.output, "V")


def test_layers_that_cannot_reach_the_output_vanish() -> None:
    """phi_u of the last block cannot reach the nodes; phi_e falls with the last connection that reads it."""
    full = full_flow(SPRINGS, blocks=2)
    assert ["e1", "v1", "u1", "e2", "v2"] == [layer.name for layer in full.layers]
    alone = full_flow(SPRINGS).without_connection("v1", "E")
    assert "v1(V: mass; 2)" == str(alone)


def test_levels_without_variables_are_not_read() -> None:
    """Heat has no edge variables, a circuit none of the whole; in a second block both levels exist."""
    assert "e1(V: T_i T_j, U: alpha; 8)" == str(full_flow(HEAT).layers[0])
    assert "e1(E: R, V: V_i V_j; 8)" == str(full_flow(CIRCUIT).layers[0])
    assert ("E", "V", "U") == full_flow(HEAT, 2).layer("e2").levels
    flow = full_flow(HEAT, 2, size=2)
    expected = ("e1_0", "e1_1", "v1_0_i", "v1_1_i", "v1_0_j", "v1_1_j", "u1_0", "u1_1")
    assert expected == flow.inputs(flow.layer("e2"))


def test_the_output_layer_stays() -> None:
    """It cannot be deleted, and its size is the output's."""
    flow = full_flow(SPRINGS)
    with pytest.raises(ValueError, match="gives the output"):
        flow.without_layer("v1")
    assert 2 == flow.with_size("v1", 5).output.size
    with pytest.raises(ValueError, match="no layer of level V"):
        Flow(SPRINGS, (flow.layers[0],))


def test_single_variables_of_a_connection() -> None:
    """The mass of the sender alone; when the level is gathered raw, its variables count anew."""
    flow = full_flow(SPRINGS).without_variables("e1", "V", ("mass_i",))
    assert "e1(E: k dx dy r, V: mass_j; 8) -> v1(sum E, V: mass; 2)" == str(flow)
    assert "v1(sum E: k dx dy r, V: mass; 2)" == str(flow.without_layer("e1"))
    assert [6, 5] == [full_flow(SPRINGS).variables - 1, flow.variables - 1]


def test_readers_and_skeleton() -> None:
    """Who reads what; the skeleton leaves out variables and aggregators."""
    flow = full_flow(CIRCUIT, size=3).with_aggregator("u1", "E", "max")
    assert [("v1", "sum"), ("u1", "max")] == [(one.name, way.aggregator) for one, way in flow.readers(flow.layer("e1"))]
    assert "e1(E, V; 3) -> v1(E, V; 3) -> u1(E, V; 1)" == flow.skeleton
    assert 6 == flow.connections and 1 == flow.blocks


def test_layer_names_and_text() -> None:
    """A layer is named after its level and block."""
    layer = Layer(2, "V", (), 3)
    assert ("v2", "v2(; 3)") == (layer.name, str(layer))
