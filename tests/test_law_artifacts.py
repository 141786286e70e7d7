"""Artifacts of laws on graphs: from no record, quick ones and all; what they say of made-up runs."""

import pytest
from tests.artifact_rows import row_of
from tests.law_records import PAPER, QUICK, WHOLE, law_run, walk_run

from parsimony.artifacts.figure_8 import log_of
from parsimony.artifacts.figure_9 import figure_9
from parsimony.artifacts.flow_text import Read, parse_flow
from parsimony.artifacts.formula_latex import formula_latex
from parsimony.artifacts.own_laws import own_laws
from parsimony.artifacts.own_pedestrians import own_pedestrians
from parsimony.artifacts.own_recovery import own_recovery, own_recovery_table
from parsimony.artifacts.own_trajectories import own_trajectories
from parsimony.book.ledger import line, runs_behind
from parsimony.published import read_claims, read_table
from parsimony.records import Archive


def test_a_flow_is_read_back() -> None:
    """Layers by level, with what they read and how."""
    flow = parse_flow("e1(E: R, V: V_i V_j; 2) -> u1(linear sum E, mean V: V; 1)")
    assert ["E", "U"] == list(flow) and 2 == flow["E"].size
    assert (Read("E", "", ("R",)), Read("V", "", ("V_i", "V_j"))) == flow["E"].reads
    assert (Read("E", "sum", is_linear=True), Read("V", "mean", ("V",))) == flow["U"].reads
    with pytest.raises(ValueError, match=r"'phi' given as a layer; expected"):
        parse_flow("phi")


def test_the_front_holds_what_nothing_beats() -> None:
    """The last two candidates are simpler than all others, and the simpler one is a little worse."""
    rows = log_of(law_run("gsr", "circuit", 1.0))
    assert [3, 5] == sorted(row["complexity"] for row in rows if row["on the front"])
    assert 6 == len(rows)  # one has no loss


def test_the_table_tells_shares_and_constants() -> None:
    """Two of two laws found; FullGN finds none; a black box has none."""
    table = own_laws(WHOLE)
    row = row_of(table, Law="circuit", Method="GSR")
    assert ("2", "2 of 2", "2 of 2", "2e-09") == tuple(row[one] for one in ("n", "Flow", "Law found", "Error"))
    rival = row_of(table, Law="circuit", Method="FullGN")
    assert ("0 of 2", "–") == (rival["Law found"], rival["Error"])
    assert "–" == row_of(table, Law="circuit", Method="Black box")["Law found"]
    missed = law_run("gsr", "heat", 0.9, recovered=False), law_run("gsr", "heat", 1.0, 1), law_run("gsr", "bi", 1.0)
    said = "GSR finds in every archived seed: people: two directions. Of the others: heat 1 of 2."
    assert own_laws(Archive(missed)).caption.endswith(said)
    assert own_laws(Archive()).caption.endswith("Not run yet.")
    far = own_laws(Archive((law_run("black-box", "heat", -300.0), law_run("black-box", "bi", 0.0199))))
    assert ["below -1", "0.000"] == [row_of(far, Law=law)["Larger"] for law in ("heat", "people: two directions")]


def test_explained_variance_stands_beside_the_published_one() -> None:
    """1.000 against 0.995; SymDL cannot serve a circuit."""
    table = own_recovery_table(WHOLE)
    row = row_of(table, Law="circuit", Method="GSR")
    assert ("1.000", "0.995 ± 0.007 (n = 2)") == (row["Published"], row["Archived"])
    impossible = row_of(table, Law="circuit", Method="SymDL")
    assert ("not applicable", "–") == (impossible["Archived"], impossible["Verdict"])


def test_quick_runs_fill_shares_until_archived_ones_are_there() -> None:
    """R^2 stays in its own column."""
    row = row_of(own_recovery_table(QUICK), Law="heat", Method="GSR")
    assert ("not run", "1.000 (n = 1)") == (row["Archived"], row["Quick"])
    found = row_of(own_laws(QUICK), Law="heat", Method="GSR")
    assert ("1, quick", "1 of 1") == (found["n"], found["Law found"])


def test_recovery_is_a_share_of_seeds() -> None:
    """Both seeds without noise, one of two with noise."""
    data = own_recovery(WHOLE).data
    found = data[(data["law"] == "springs") & (data["varied"] == "noise")]
    assert {0.0: 1.0, 0.01: 0.5, 0.1: 0.5} == dict(zip(found["value"], found["recovered"], strict=True))
    assert "noise of 1% 0.50" in own_recovery(WHOLE).caption


def test_pedestrians_are_held_against_figure_9() -> None:
    """0.470 against 0.71; the ledger tells the same."""
    row = row_of(own_pedestrians(WHOLE), Data="corridor-uni", Law="Social force model")
    assert ("0.71", "0.47 ± 0.02 (n = 3)", "-0.24") == tuple(row[n] for n in ("Published", "Archived", "Difference"))
    cell = next(one for one in read_table("tab-own-pedestrians") if one.row == "GSR" and one.column == "corridor-bi")
    assert "3 of corridor-bi/gsr" == line(cell, runs_behind(cell, WHOLE))["runs"]


def test_constants_are_means_over_folds() -> None:
    """A = 2.10, 2.11 and 2.12; the social force model has no dodge."""
    data = figure_9(WHOLE).data
    pushed = data[(data["name"] == "A") & (data["data"] == "corridor-bi") & (data["law"] == "Social force model")]
    assert [2.11] == pytest.approx(pushed["value"].tolist())
    assert data[(data["name"] == "delta") & (data["law"] == "Social force model")].empty


def test_formulas_found_for_recorded_people_are_written_out() -> None:
    """Two components in each corridor, of the first fold; without a run the sheet says so."""
    data = figure_9(WHOLE).data
    found = data[(data["law"] == "found") & (data["data"] == "corridor-uni")]
    assert [("a_x", "0.4 g_x - 0.5 v_x"), ("a_y", r"\frac{g_y}{2}")] == list(
        zip(found["name"], found["value"], strict=True)
    )
    assert all("seed 0" in text for text in found["meaning"])
    alternative = figure_9(WHOLE).alt
    assert "corridor-uni a_x = 0.4 g_x - 0.5 v_x" in alternative and "seed 0" not in alternative
    rest = Archive(tuple(one for one in WHOLE.filed if one.record.specification.dataset != "corridor-uni"))
    assert "corridor-uni" not in set(figure_9(rest).data["data"])


def test_walks_of_one_fold_are_drawn() -> None:
    """Laws whose folds differ share no walk: only the common fold is shown."""
    runs = (walk_run("social-force", "corridor-bi", 0.4, 0), walk_run("social-force", "corridor-bi", 0.4, 1),
            walk_run("gsr", "corridor-bi", 0.5, 1))  # fmt: skip
    artifact = own_trajectories(Archive(runs))
    assert {1} == {one.record.specification.seed for one in artifact.records}
    assert {"recorded", "Social force model", "GSR"} == set(artifact.data["law"])


def test_claims_repeat_the_published_values() -> None:
    """GSR above FullGN, SymDL and the social force model, as printed."""
    tables = {(one.row, one.column): one.value for name in ("recovery", "pedestrians")
              for one in read_table(f"tab-own-{name}")}  # fmt: skip
    rows = {"gsr": "GSR", "fullgn": "FullGN", "symdl": "SymDL", "social-force": "Social force model"}
    claims = [one for one in read_claims() if one["better"] == "gsr"]
    assert 7 == len(claims)
    for claim in claims:
        expected = [tables[rows[claim[side]], claim["dataset"]] for side in ("better", "worse")]
        assert expected == claim["published"] and expected[0] > expected[1]


def test_made_up_runs_are_of_the_paper() -> None:
    """The records of these tests stand for archived runs."""
    assert {"paper"} == {one.record.specification.profile for one in PAPER}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(V_i - V_j)**2/R", r"\frac{\left(V_{i} - V_{j}\right)^{2}}{R}"),
        ("0.5*e1_0", r"0.5 \rho\,\phi^{e}"),
        ("v1_1*S", r"S \rho\,\phi^{v}_{1}"),  # S is a variable here, not SymPy's registry
    ],
)
def test_formulas_in_latex_by_hand(text: str, expected: str) -> None:
    """Outputs of other functions are numbered where there are several."""
    assert expected == formula_latex(text, {"e1": 1, "v1": 2})


def test_a_text_that_is_no_formula_is_refused() -> None:
    """The message repeats it."""
    with pytest.raises(ValueError, match=r"'a \+\* b' given"):
        formula_latex("a +* b", {})
