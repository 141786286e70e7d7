"""Laws as one equation in LaTeX, by hand."""

from parsimony.symbolic.formula import name_all_constants, parse
from parsimony.symbolic.law_latex import equations
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow

CIRCUIT = GraphVariables({"E": ("R",), "V": ("V",), "U": ()}, "U", 1)


def written(flow: Flow, names: dict[str, str] | None = None, **texts: str) -> tuple[str, ...]:
    parsed = [parse(texts[layer.name], flow.inputs(layer)) for layer in flow.layers]
    named = zip(flow.layers, name_all_constants(parsed), strict=True)
    return equations(flow, {layer.name: (formula,) for layer, formula in named}, names)


def test_a_message_stands_where_it_is_read() -> None:
    """Power of a circuit: c_0 times the sum over edges."""
    flow = full_flow(CIRCUIT, size=1).without_layer("v1").without_connection("u1", "V")
    expected = r"c_{0} \sum_{i, j} \left(\frac{\left(V_{i} - V_{j}\right)^{2}}{R}\right)"
    assert (expected,) == written(flow, e1="(V_i - V_j)**2/R", u1="0.5*e1_0")


def test_raw_variables_are_gathered_by_name() -> None:
    """Names may be given another form; the mean over nodes has the index i."""
    flow = full_flow(CIRCUIT, size=1, aggregator="mean").without_layer("v1").without_connection("u1", "E")
    assert (r"3 \operatorname{mean}_{i} \left(\phi\right)",) == written(flow, {"V": r"\phi"}, u1="3*mean_V")


def test_layers_of_nodes_are_cascaded() -> None:
    """A message in a node formula in a formula of the whole."""
    flow = full_flow(CIRCUIT, size=1).without_connection("u1", "E").without_connection("e1", "V")
    expected = r"\sum_{i} \left(V + \sum_{j} \left(R\right)\right)"
    assert (expected,) == written(flow, e1="R", v1="V + e1_0", u1="v1_0")
