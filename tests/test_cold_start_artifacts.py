"""Tables and figures of cold-start users, from made-up records: values by hand, no record at all, wrong records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.artifact_rows import names, row_of
from tests.cold_start_records import (
    FOUND,
    PLANTED,
    closed_form,
    gates_after,
    run_of,
    searched,
    trained,
    whole_archive,
)

from parsimony.artifacts.catalogue import build
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.claims import evaluate, evaluate_claims
from parsimony.artifacts.cold_start_methods import methods_on, reference_mse, shared_seeds
from parsimony.artifacts.figure_4 import figure_4
from parsimony.artifacts.modulation_gates import best_of, best_searches, cells_of, chosen_gates, planted_searches
from parsimony.artifacts.names import CLOSED_FORMS, name_of
from parsimony.artifacts.own_closed_forms import own_closed_forms
from parsimony.artifacts.own_cost import own_cost
from parsimony.artifacts.own_gates import course, own_gates
from parsimony.artifacts.own_leak import own_leak
from parsimony.artifacts.own_planted import by_chance, own_planted
from parsimony.artifacts.table_3 import PRINTED, ROWS, cells, runs_of, table_3
from parsimony.book.ledger import runs_behind
from parsimony.book.readme import results_table
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.published import Cell, advantage, is_error, read_claims, read_table, verdict
from parsimony.records import Archive

# Errors are better when small


@pytest.mark.parametrize(
    ("measure", "expected"), [("MSE", True), ("best-test MAE", True), ("valid MSE", True), ("MRR", False),
                              ("nDCG@5", False), ("H@1", False)],
)  # fmt: skip
def test_errors_are_known(measure: str, expected: bool) -> None:
    """The prefix of a measure changes nothing."""
    assert expected is is_error(measure)


def test_advantage_by_hand() -> None:
    """An MSE of 0.2 is 0.1 better than 0.3; an MRR is 0.1 worse."""
    assert (0.1, -0.1) == pytest.approx((advantage("MSE", 0.2, 0.3), advantage("MRR", 0.2, 0.3)))


def test_a_smaller_error_is_better() -> None:
    """The words of a verdict follow the measure."""
    cell = Cell("tab-3", "ColdNAS", "Last.fm", "MSE", 0.2091, 4, None, "somewhere")
    assert ["differs, better", "differs, worse"] == [verdict(cell, [x, x]).text for x in (0.15, 0.25)]
    assert "single run, better" == verdict(cell, [0.2]).text


CLAIM = {
    "id": "a-beats-b", "text": "A has a lower MSE than B.", "source": "arXiv 0000.00000", "kind": "beats",
    "dataset": "Last.fm", "measure": "MSE", "better": "coldnas", "worse": "tanp",
}  # fmt: skip


@pytest.mark.parametrize(
    ("better", "worse", "expected"),
    [
        ([0.20, 0.21, 0.22], [0.30, 0.31, 0.32], "reproduced"),
        ([0.30, 0.31, 0.32], [0.20, 0.21, 0.22], "not reproduced"),
        ([0.20, 0.30, 0.10], [0.21, 0.29, 0.11], "inconclusive"),
    ],
)
def test_a_claim_about_an_error(better: list[float], worse: list[float], expected: str) -> None:
    """The lower MSE wins."""
    runs = [searched(mse, seed) for seed, mse in enumerate(better)]
    runs += [trained("tanp", mse, seed) for seed, mse in enumerate(worse)]
    assert expected == evaluate(CLAIM, Archive(tuple(runs))).verdict


def test_numbers_of_a_claim_about_an_error() -> None:
    """0.09, 0.10 and 0.11 better, seed by seed: the paired interval; published values keep the same direction."""
    runs = [searched(0.20 + 0.01 * seed, seed) for seed in range(3)]
    runs += [trained("tanp", 0.29 + 0.02 * seed, seed) for seed in range(3)]
    found = evaluate({**CLAIM, "published": [0.2, 0.25]}, Archive(tuple(runs)))
    half = 4.3026527 * 0.01 / 3**0.5
    assert (0.1, 0.05) == pytest.approx((found.ours, found.published))
    assert (0.1 - half, 0.1 + half) == pytest.approx(found.interval)


def test_every_claim_of_table_3_is_reproduced_by_records_that_agree() -> None:
    """ColdNAS is held against TaNP and MAMO on each data set; made-up records on Last.fm agree with it."""
    claims = {claim["id"] for claim in read_claims() if claim["better"] == "coldnas"}
    assert 6 == len(claims)
    found = {one.id: one.verdict for one in evaluate_claims(whole_archive()) if one.id in claims}
    assert {"reproduced"} == {found[name] for name in claims if name.endswith("last-fm")}
    assert {"not run"} == {found[name] for name in claims if not name.endswith("last-fm")}


# Which runs stand for a method


def test_runs_without_a_variant_come_first() -> None:
    """A departure is not pooled with them."""
    runs = (trained("tanp", 0.2), trained("tanp", 0.3, 1, variant="wide"))
    assert ["Last.fm/tanp-seed0"] == names(runs_of_method(Archive(runs), "tanp", "Last.fm", "paper"))


def test_one_departure_stands_in() -> None:
    """Of two, the first by name; never their mean."""
    runs = tuple(trained("tanp", 0.2, variant=name) for name in ("wide", "narrow"))
    assert ["Last.fm/tanp-narrow-seed0"] == names(runs_of_method(Archive(runs), "tanp", "Last.fm", "paper"))


def test_a_named_variant_is_a_method_of_its_own() -> None:
    """The released structure is found when asked for, and stands in for no search."""
    archive = Archive((trained("coldnas", 0.2, variant="released"),))
    assert () == runs_of_method(archive, "coldnas", "Last.fm", "paper")
    assert ["Last.fm/coldnas-released-seed0"] == names(
        runs_of_method(archive, "coldnas", "Last.fm", "paper", "released")
    )
    assert "not run" == evaluate(CLAIM, archive).verdict


def test_ledger_claims_and_table_rest_on_the_same_runs() -> None:
    """One rule chooses for all of them."""
    archive = whole_archive()
    cell = next(one for one in read_table("tab-3") if (one.row, one.column) == ("ColdNAS", "Last.fm"))
    expected = [f"Last.fm/coldnas-seed{seed}" for seed in range(3)]
    assert expected == names(runs_of(archive, cell, "paper")) == names(runs_behind(cell, archive))
    assert set(expected) <= set(names(evaluate(CLAIM, archive).runs))


def test_names_for_readers() -> None:
    """A variant follows after a comma; an unknown method keeps its own name."""
    assert ["ColdNAS", "ColdNAS, released structure", "item mean, all users", "other"] == [
        name_of("coldnas"), name_of("coldnas", "released"), name_of("item-mean", "all-users"), name_of("other"),
    ]  # fmt: skip


# Intervals over users


def test_interval_of_a_mean_by_hand() -> None:
    """The mean of two resampled values is one of them in one case of two: the ends are the values themselves."""
    assert (1.0, 3.0) == bootstrap_mean_interval([1.0, 3.0])
    assert (2.0, 2.0) == bootstrap_mean_interval([2.0, 2.0, 2.0])


def test_interval_narrows_like_the_root_of_the_users() -> None:
    """Half ones, half zeros: 1.96 * 0.5 / sqrt(n) on either side."""
    low, high = bootstrap_mean_interval([0.0, 1.0] * 200)
    assert (0.5 - 0.049, 0.5 + 0.049) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(("values", "level"), [([], 0.95), ([1.0], 1.0), ([1.0], 0.0)])
def test_an_impossible_interval_is_refused(values: list[float], level: float) -> None:
    """No user, or no level between 0 and 1."""
    with pytest.raises(ValueError, match="expected some values"):
        bootstrap_mean_interval(values, level)


# Table 3


def test_published_values_are_on_our_scale() -> None:
    """87.96 is printed for 0.8796, with four decimals; Book-Crossing is printed as it is."""
    found = {(c.column, c.measure): (c.value, c.digits, c.spread) for c in read_table("tab-3") if c.row == "ColdNAS"}
    assert (0.8796, 4, 0.0012) == found["MovieLens-1M", "MSE"]
    assert (0.4178, 4, 0.0024) == found["Last.fm", "MAE"]
    assert (14.15, 2, 0.08) == found["Book-Crossing", "MSE"]


def test_scale_stands_in_source_and_caption() -> None:
    """Where a value was divided by 100, the reader is told."""
    given = [one for one in read_table("tab-3") if one.value is not None]
    assert {"Book-Crossing"} == {one.column for one in given if "x 100" not in one.source}
    assert "100 times these values" in table_3(Archive()).caption


def test_a_cell_of_table_3_by_hand() -> None:
    """MSE 0.210, 0.211, 0.212; users at 0.9 and 1.1 of it; best test epochs at 0.95 of it."""
    row = row_of(table_3(whole_archive()), Data="Last.fm", Measure="MSE", Method="ColdNAS")
    expected = {
        "Published": "0.2091 ± 0.0005", "Archived": "0.2110 ± 0.0010 (n = 3)", "95 % interval": "0.1899 to 0.2321",
        "Difference": "+0.0019", "Verdict": "reproduced", "Best test epoch": "0.2004 ± 0.0010", "Quick": "not run",
    }  # fmt: skip
    assert expected == {name: row[name] for name in expected}


def test_our_rows_have_no_published_value() -> None:
    """The released structure stands in a row of its own, beside what was printed."""
    row = row_of(table_3(whole_archive()), Data="Last.fm", Measure="MSE", Method="ColdNAS, released structure")
    assert ("not available", "no published value") == (row["Published"], row["Verdict"])
    assert "0.2120 ± 0.0010 (n = 3)" == row["Archived"]


def test_all_methods_stand_in_one_table() -> None:
    """Eight rows, two measures, three data sets; generated users only where something ran."""
    assert len(PRINTED) * 2 * len(ROWS) == len(table_3(Archive()).data)
    assert len(cells()) == len({(one.row, one.column, one.measure) for one in cells()})


def test_a_quick_run_fills_no_archived_cell() -> None:
    """It stands in its own column, and a stale one is marked."""
    archive = Archive((trained("tanp", 0.25, dataset="Planted-users", profile="quick", state="stale"),))
    row = row_of(table_3(archive), Data="Planted-users", Measure="MSE", Method="TaNP")
    assert ("not run", "0.2500 (n = 1, stale)") == (row["Archived"], row["Quick"])


def test_generated_users_are_compared_on_shared_seeds() -> None:
    """Ten seeds of one method and one of another: other users, so one seed is compared."""
    at = {"dataset": "Planted-users", "profile": "quick"}
    archive = Archive((*(searched(0.2 + seed, seed, **at) for seed in range(3)), trained("tanp", 0.25, 1, **at)))
    assert {1} == shared_seeds(archive, "Planted-users", "quick")
    row = row_of(table_3(archive), Data="Planted-users", Measure="MSE", Method="ColdNAS")
    assert "1.2000 (n = 1)" == row["Quick"]
    assert [1, 1] == [len(one.runs) for one in methods_on(archive, "Planted-users")]


def test_the_readme_shows_errors_too() -> None:
    """MSE where there is no MRR; no closed form; the released structure is not held against the search's value."""
    table = results_table(whole_archive())
    assert "| ColdNAS | Last.fm | MSE | 0.2091 | 0.2110 ± 0.0010 (3 seeds) | +0.0019 |" in table
    assert "| ColdNAS, released structure | Last.fm | MSE | not available | 0.2120 ± 0.0010 (3 seeds) |" in table
    assert not any(f"| {name} |" in table for name in CLOSED_FORMS.values())


# Closed forms


def test_closed_forms_are_sorted_by_error() -> None:
    """Least MSE first within each data set; what a leak gives stands on top."""
    frame = own_closed_forms(whole_archive()).data
    part = frame[frame["Data"] == "Last.fm"]
    assert list(part["MSE"]) == sorted(part["MSE"])
    assert ("half ones and item mean", "closed form") == tuple(part.iloc[0][["Method", "Kind"]])


def test_gain_over_the_item_mean_by_hand() -> None:
    """Item mean 0.2148, ColdNAS 0.2110: 0.0038."""
    row = row_of(own_closed_forms(whole_archive()), Data="Last.fm", Method="ColdNAS")
    assert ("trained", "+0.0038", "paper") == (row["Kind"], row["Gain over item mean"], row["Profile"])


def test_no_gain_without_the_item_mean() -> None:
    """A dash, and no reference."""
    archive = Archive((trained("tanp", 0.25),))
    assert "–" == row_of(own_closed_forms(archive), Data="Last.fm", Method="TaNP")["Gain over item mean"]
    assert reference_mse(methods_on(archive, "Last.fm")) is None


def test_the_caption_counts_better_closed_forms() -> None:
    """One of six is below ColdNAS; without a trained method the first closed form is named."""
    assert "ColdNAS, has an MSE of 0.2110; 1 of 6 closed forms are better." in own_closed_forms(whole_archive()).caption
    assert "no trained method" in own_closed_forms(Archive((closed_form("constant", 0.25),))).caption


# Figures


def test_the_map_of_gates_by_hand() -> None:
    """The search with the least validation MSE is that of seed 0; its four kept gates are 0.53."""
    artifact = figure_4(whole_archive())
    kept = artifact.data[artifact.data["kept"]]
    assert ["plus", "times", "min", "plus"] == list(kept["operation"])
    assert [0.53] * 4 == pytest.approx(list(kept["gate"]))
    assert ["Last.fm/coldnas-seed0"] == names(artifact.records)
    assert "between 0.500 and 0.530, and 4 of 16 are kept" in artifact.caption


def test_generated_users_stand_in_for_real_ones() -> None:
    """Without a search on Last.fm, the best one on generated users; no mean over seeds with other users."""
    quick = Archive(whole_archive().find(profile="quick"))
    assert ["Planted-users/coldnas-quick-seed0"] == names(best_searches(quick))
    assert "Planted-users (quick profile, seed 0" in own_gates(quick).caption


def test_gates_of_another_shape_are_refused() -> None:
    """The message names the file, and what to do."""
    one = searched(0.2, gates=[[[0.5] * 3] * 4], **{"search epoch": 1})
    with pytest.raises(ValueError, match=r"coldnas-seed0.json holds gates of \[3, 3, 3, 3\].*Run the search again"):
        chosen_gates(one)


def test_gates_are_those_of_the_chosen_epoch() -> None:
    """Epoch 2 of 3."""
    one = searched(0.2, **{"search epoch": 2})
    assert gates_after(2) == chosen_gates(one)


def test_course_of_a_gate_by_hand() -> None:
    """Seeds 0, 1, 2 add 0, 0.001 and 0.002: mean 0.001 above, deviation 0.001."""
    runs = best_searches(whole_archive())
    found = course(0, 3, runs)
    assert [0.511, 0.521, 0.531] == pytest.approx([row["mean gate"] for row in found])
    assert [0.001] * 3 == pytest.approx([row["deviation"] for row in found])
    assert [1, 2, 3] == [row["epoch"] for row in found]


def test_noise_of_the_gates_is_said() -> None:
    """Twelve gates of 0.501 and four of 0.531: deviation 0.03 sqrt(12 * 4 / (16 * 15)) = 0.0134."""
    assert "0.0010 on average" in own_gates(whole_archive()).caption
    assert "a deviation of 0.0134" in own_gates(whole_archive()).caption


def test_recovery_by_hand() -> None:
    """Four, three and three of four cells; found errors 0.09, 0.10, 0.12 against 0.1."""
    artifact = own_planted(whole_archive())
    assert [4, 3, 3] == list(artifact.data["common"])
    assert "exactly in 1 of 3 seeds; on average 3.3 of its 4 cells are found" in artifact.caption
    assert "at least as good as the planted one in 2 of 3." in artifact.caption


def test_chance_by_hand() -> None:
    """Four cells of sixteen at random hold one of four planted ones on average; two hold half of one."""
    at = {"planted": PLANTED, "dataset": "Planted-users", "profile": "quick"}
    few = [["plus"], ["times"], [], []]
    assert [1.0, 0.5] == [by_chance([searched(0.2, cells=cells, **at)]) for cells in (FOUND, few)]
    assert "a random choice of as many cells would find 1.0" in own_planted(whole_archive()).caption


def test_structures_that_were_not_compared_are_no_draw() -> None:
    """Cells are counted; the worth says that nothing was measured."""
    runs = (searched(0.2, planted=PLANTED, dataset="Planted-users", profile="quick"),)
    assert "has not been measured" in own_planted(Archive(runs)).caption


def test_real_users_have_no_planted_structure() -> None:
    """A search on them is not counted, nor one that lacks the structure."""
    runs = (searched(0.2), searched(0.2, dataset="Planted-users", profile="quick"))
    assert () == planted_searches(Archive(runs))


def test_cells_of_a_structure() -> None:
    """Position and operation of each."""
    assert {(0, "plus"), (1, "times"), (2, "min"), (3, "plus")} == cells_of(FOUND)
    assert set() == cells_of([[], [], [], []])


def test_the_leak_is_shown_in_pairs() -> None:
    """Each method once a version, with its interval and its gain; the caption names the best trained ones."""
    artifact = own_leak(whole_archive())
    row = row_of(artifact, method="ColdNAS", dataset="Last.fm-fresh")
    assert [0.221, 0.1989, 0.2431, 0.0038] == pytest.approx(
        [row[name] for name in ("MSE", "low", "high", "gain over item mean")]
    )
    assert "ColdNAS with 0.2210, a gain of 0.0038 over the item mean (0.2248)" in artifact.caption


def test_a_loss_is_called_a_loss() -> None:
    """Trained, and worse than the item mean; the other version is not run."""
    caption = own_leak(Archive((trained("tanp", 0.25), closed_form("item-mean", 0.21)))).caption
    assert "TaNP with 0.2500, a loss of 0.0400" in caption
    assert "Last.fm-fresh has not been run" in caption


def test_cost_by_hand() -> None:
    """The cheapest has no adaptive parameter and still a place on the logarithmic axis."""
    artifact = own_cost(whole_archive())
    row = row_of(artifact, method="no modulation")
    assert (0.01, 0) == (row["milliseconds per user"], row["adaptive parameters"])
    assert "ColdNAS (MSE 0.2110, 0.02 ms, 288 adaptive parameters)" in artifact.caption
    assert {"item-mean"} == {one.record.specification.method for one in artifact.records} & set(CLOSED_FORMS)


def test_cost_needs_measured_cost() -> None:
    """Closed forms alone, or a run that was not timed, leave the figure empty."""
    untimed = run_of("cold start", "tanp", 0.25)
    assert "No method has been run yet" in own_cost(Archive((untimed, closed_form("item-mean", 0.21)))).caption


def test_of_no_run_none_is_best() -> None:
    """Of some, the one with the least error on validation users."""
    assert best_of(()) is None
    worse, better = searched(0.3, 0), searched(0.2, 1)
    assert better is best_of((worse, better))


def test_a_record_without_users_is_refused() -> None:
    """An interval needs the error of each user; the message names the file."""
    one = trained("tanp", 0.25)
    bare = replace(one, record=replace(one.record, measurements={}), path=Path("results/bare.json"))
    with pytest.raises(ValueError, match=r"bare.json holds nothing of each test user, expected MSE; run it again"):
        build("tab-3", Archive((bare,)))
