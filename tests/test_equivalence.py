"""Recovery: formulas and laws that are the true one, and those that are not."""

import pytest

from parsimony.data.physical_laws import LAWS
from parsimony.data.social_force import LAWS as SOCIAL_LAWS
from parsimony.symbolic.equivalence import Comparison, compare_formulas, compare_laws
from parsimony.symbolic.formula import parse
from parsimony.symbolic.law_text import law_of_text
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow

ALL_LAWS = {**LAWS, **SOCIAL_LAWS}


@pytest.mark.parametrize(
    ("found", "true", "error"),
    [
        ("1.02*k*dx*(1 - 0.98/r)", "k*dx*(1 - 1/r)", 0.02),
        ("k*(dx - dx/r)", "k*dx*(1 - 1/r)", 0.0),
        ("0.5*(1.001*a - 0.999*b)**2/R", "(a - b)**2/(2*R)", 0.002),
        ("3.9*exp(-2.1*r)", "4*exp(-2*r)", 0.05),
        ("0.5*x*a + 0.48*x*b", "x*(a + b)/2", 0.04),
        ("0.3*x*sign(v)", "0.3*x*sign(v)", 0.0),
        ("x/(2.0*y)", "x/(2*y)", 0.0),
        ("(x**2 - y**2)/(x - y)", "x + y", 0.0),
    ],
)
def test_equal_formulas(found: str, true: str, error: float) -> None:
    """Equal for some value of the constants, however they are written."""
    comparison = compare_formulas(parse(found), parse(true))
    assert (True, "exact") == (comparison.is_recovered, comparison.reason)
    assert comparison.error == pytest.approx(error, abs=2e-3)


@pytest.mark.parametrize(
    ("found", "true", "reason"),
    [
        ("x/(y + 0.001)", "x/y", "equal only if"),
        ("3.9*exp(-2.1*r) + 0.01", "4*exp(-2*r)", "equal only if"),
        ("0.9*x + 0.002*y", "x", "reads y"),
        ("1.01*x + 0.02*y", "x + 2*y", "equal only if"),
        ("x/r**2", "x/r**3", "differs"),
        ("-1.0*x", "x", "differs"),
        ("0.3*x", "0.3*x*sign(v)", "differs"),
        ("4*exp(-2*r)", "4/r**2", "differs"),
        ("0.7*k*dx", "k*dx*(1 - 1/r)", "differs"),
        ("k*dx*(1 - 1/r**2)", "k*dx*(1 - 1/r)", "differs"),
    ],
)
def test_formulas_that_are_refused(found: str, true: str, reason: str) -> None:
    """Another form, a wrong sign, or equal only where a constant vanishes."""
    comparison = compare_formulas(parse(found), parse(true))
    assert not comparison.is_recovered
    assert reason in comparison.reason


@pytest.mark.parametrize("name", ALL_LAWS)
def test_every_law_is_itself(name: str) -> None:
    """The text of each known law parses, fits its samples' variables, and equals itself."""
    law = ALL_LAWS[name]
    flow, formulas = law_of_text(law, GraphVariables.of(law.sample(2, 0)))
    assert compare_laws(flow, formulas, flow, formulas).is_recovered


def compared(name: str, flow: Flow, **formulas: list[str]) -> Comparison:
    """Compare a law given as text with the known one."""
    found = {
        layer.name: tuple(parse(text, flow.inputs(layer)) for text in formulas[layer.name]) for layer in flow.layers
    }
    return compare_laws(flow, found, *law_of_text(LAWS[name], flow.data))


def variables(name: str) -> GraphVariables:
    return GraphVariables.of(LAWS[name].sample(2, 0))


@pytest.mark.parametrize(
    ("message", "outer", "is_recovered"),
    [
        ("(V_i - V_j)**2/R", "0.5*e1_0", True),
        ("V_i*(V_i - V_j)/R", "e1_0", True),
        ("(V_i**2 - V_i*V_j + 3*V_i - 3*V_j)/R", "e1_0", True),
        ("-0.2*(V_j - V_i)**2/R", "-2.5*e1_0", True),
        ("(V_i - V_j)**2/R", "e1_0", False),
        ("(V_i - V_j)**2/R", "-0.5*e1_0", False),
        ("V_i**2/R", "e1_0", False),
        ("(V_i - V_j)**2/R", "0.5*e1_0 + 0.01", False),
    ],
)
def test_circuits(message: str, outer: str, is_recovered: bool) -> None:
    """Factors, and what cancels between both directions of an edge, do not matter; another law does."""
    flow = full_flow(variables("circuit"), size=1).without_layer("v1").without_connection("u1", "V")
    assert is_recovered == compared("circuit", flow, e1=[message], u1=[outer]).is_recovered


def test_springs_with_the_mass_on_either_side() -> None:
    """1/m may stand in the message or outside; the mean of messages is another law."""
    flow = full_flow(variables("springs"), size=2)
    inside = ["k*(dx - dx/r)/mass_i", "k*(dy - dy/r)/mass_i"]
    assert compared("springs", flow, e1=inside, v1=["e1_0", "e1_1"]).is_recovered
    assert not compared("springs", flow, e1=inside, v1=["e1_1", "e1_0"]).is_recovered
    mean = flow.with_aggregator("v1", "E", "mean")
    assert not compared("springs", mean, e1=inside, v1=["e1_0", "e1_1"]).is_recovered
    sender = [one.replace("mass_i", "mass_j") for one in inside]
    assert not compared("springs", flow, e1=sender, v1=["e1_0", "e1_1"]).is_recovered


def test_a_constant_that_counts_the_edges_of_one_shape() -> None:
    """On a 3 x 3 grid the sum of T_j / T_i, minus 24, is heat's law; on other graphs it is not."""
    flow = full_flow(variables("heat"), size=1).without_layer("v1").without_connection("u1", "V")
    right = compared("heat", flow, e1=["T_j/T_i - 1.0"], u1=["alpha*e1_0"])
    wrong = compared("heat", flow, e1=["T_j/T_i"], u1=["alpha*(e1_0 - 24.0)"])
    assert [True, False] == [right.is_recovered, wrong.is_recovered]
