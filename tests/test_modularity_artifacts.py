"""Tables and figures of the second paper, from made-up records: values by hand, no record at all, wrong order."""

from __future__ import annotations

import math

import pytest
from tests.artifact_rows import row_of
from tests.cold_start_records import whole_archive as cold_start_archive
from tests.modularity_records import NEEDED, RATES, images, law, searched, sines, whole_archive

from parsimony.artifacts.cells import GROWTH, grid_numbers, needed_by_dimension, numbers_of
from parsimony.artifacts.claims import evaluate, evaluate_claims
from parsimony.artifacts.common_axes import benchmarks, curve_of, normalised
from parsimony.artifacts.figure_mod_3 import figure_mod_3
from parsimony.artifacts.figure_mod_4 import figure_mod_4
from parsimony.artifacts.figure_mod_6 import figure_mod_6, focus
from parsimony.artifacts.law_points import held, is_inside, loss_rows, sample_rows
from parsimony.artifacts.own_steps import HEADS, MANY, own_steps
from parsimony.artifacts.sine_cells import sweeps
from parsimony.artifacts.table_mod_2 import growth, is_measured, published_factor, table_mod_2
from parsimony.artifacts.table_mod_3 import table_mod_3
from parsimony.artifacts.table_mod_4 import table_mod_4
from parsimony.book.readme import results_table
from parsimony.evaluation.growth import Needed
from parsimony.published import is_error, read_claims
from parsimony.records import Archive

# Samples needed


@pytest.mark.parametrize("method", RATES)
def test_planted_growth_comes_back(method: str) -> None:
    """n = 100 r^(m - 2) for an error of 0.1: rate log r, in the table and in the numbers of claims."""
    record = sines(method).record
    needed = needed_by_dimension(record)
    assert needed[9].samples == pytest.approx(max(NEEDED, min(10000, NEEDED * RATES[method] ** 7)), rel=1e-6)
    expected = math.log(needed[9].samples / needed[2].samples) / 7
    assert expected == pytest.approx(grid_numbers(record)[GROWTH])
    assert f"{math.exp(expected):.2f}" == row_of(
        table_mod_2(Archive((sines(method),))), Test="in distribution",
        Method=sweeps(Archive((sines(method),)))[0].name,
    )["Factor"]  # fmt: skip


def test_growth_is_named_by_its_interval() -> None:
    """Above zero, around zero, below zero, one seed."""
    names = [growth(one) for one in ((0.1, 0.2), (-0.1, 0.1), (-0.2, -0.1), None)]
    assert ["exponential", "flat", "falling", "single run"] == names


def test_growth_beyond_the_grid_is_not_named() -> None:
    """Half of the values within the grid are enough; fewer would look flat, as the ends of the grid are."""
    inside, beyond = {2: Needed(10.0, 0), 9: Needed(20.0, 0)}, {2: Needed(100.0, 1), 9: Needed(100.0, 1)}
    assert [True, True, False] == [is_measured(one) for one in ([inside], [inside, beyond], [beyond, beyond, inside])]


def test_theory_stands_in_the_table_of_growth() -> None:
    """Modules need as many samples in any dimension."""
    row = row_of(table_mod_2(whole_archive()), Method="theorem 2, modules")
    assert ("1.00", "flat") == (row["Factor"], row["Growth"])


def test_published_factors_by_hand() -> None:
    """From 2,000 at m = 2 to 11,000 at m = 9: the seventh root of 5.5."""
    assert 5.5 ** (1 / 7) == pytest.approx(published_factor("Monolithic"))
    assert published_factor("nobody") is None


def test_archived_sweeps_stand_before_quick_ones() -> None:
    """Only without any archived sweep do the quick ones count."""
    both = Archive((sines("monolithic"), sines("modular", profile="quick")))
    assert ["monolithic"] == [one.method for one in sweeps(both)]
    assert ["modular"] == [one.method for one in sweeps(Archive(both.filed[1:]))]


def test_the_size_of_a_step_by_hand() -> None:
    """Seed 9 has the larger errors, 0.358 * 1.01^(81 / 2); a method with one size alone has no line."""
    grid = {"dimensions": (9,), "samples": (1000,)}
    runs = [sines("monolithic", 9, "choice-1200", **grid), sines("monolithic", 0, "choice-4800", **grid)]
    artifact = own_steps(Archive((*runs, sines("modular", 0, "choice-4800", **grid))))
    row = row_of(artifact, Test="in distribution")
    shown = tuple(row[name] for name in ("Method", *HEADS.values(), "Smaller"))
    assert ("monolithic", "0.5353", "0.3578", HEADS[MANY]) == shown
    assert "smaller mean error for monolithic: 1 of 1" in artifact.caption and "m = 9, n = 1,000" in artifact.caption
    assert runs == list(artifact.records)


def test_figures_say_their_grid_and_sizes() -> None:
    """The caption counts parameters and lists what the grid holds."""
    caption = figure_mod_4(Archive((sines("monolithic"),))).caption
    assert "m = 2, 9. Trainable parameters: monolithic 11,052 to 11,122." in caption
    assert "2,000 tuples of 1, 4, 8 images, 1 seed." in figure_mod_6(Archive((images("modular", 0.9),))).caption


# The law


def test_the_law_is_held_by_hand() -> None:
    """Two means of 1 and 3 with a standard error of one half around 2: inside; a loss of zero by rounding alone."""
    row = held(2.0, [1.0, 3.2], 0.5)
    assert (2.1, 2.1 - 0.98, 0.05) == pytest.approx((row["simulated"], row["low"], row["relative"]))
    assert is_inside(row) and not is_inside(held(5.0, [1.0], 0.5))
    assert is_inside(held(0.0, [1e-30], 0.0)) and not is_inside(held(0.0, [0.1], 0.0))


def test_seeds_are_pooled() -> None:
    """Three seeds shrink the interval by the root of three."""
    one, three = loss_rows([law()]), loss_rows([law(seed) for seed in range(3)])
    assert (one[0]["high"] - one[0]["low"]) / 3**0.5 == pytest.approx(three[0]["high"] - three[0]["low"])
    assert {"samples needed"} == {row["quantity"] for row in sample_rows([law()])}
    assert "differ by at most 2.0 %" in figure_mod_3(Archive((law(),))).caption


# Projections and images


def test_the_table_of_rules_counts_modules() -> None:
    """All five by the rule, none from the raw target."""
    artifact = table_mod_3(Archive((searched(), searched(1))))
    assert "5.0 of 5" == row_of(artifact, Rule="rule", m="9")["Modules found"]
    assert "0.0 of 5" == row_of(artifact, Rule="raw", m="9")["Modules found"]


def test_unseen_combinations_need_two_images() -> None:
    """A single image has none, so the line of unseen accuracies starts behind it."""
    assert 0.7 == pytest.approx(focus([[0.7, 0.3], [0.3, 0.7]]))
    table = table_mod_4(Archive((images("monolithic", 0.9), images("monolithic", 0.9, 1))))
    row = row_of(table, Method="monolithic", Test="unseen combinations")
    assert ("0.4256", "not run") == (row["Published, Compositional-CIFAR-10"], row["Ours, Compositional-CIFAR-10"])
    assert row["Ours, Compositional-digits"].startswith("0.8095 ±")


# Claims, README, common axes


def test_a_smaller_growth_is_better() -> None:
    """The measure of growth counts as an error, whatever stands before it."""
    assert is_error(GROWTH) and is_error("m=9 k=5 n=1000 relative MSE") and not is_error("unseen accuracy")


def test_claims_of_the_second_paper_are_evaluated() -> None:
    """On the made-up records each has a verdict, and those on growth are reproduced."""
    results = {one.id: one for one in evaluate_claims(whole_archive())}
    mine = [one["id"] for one in read_claims() if "2409.05780" in one["source"]]
    verdicts = {name: results[name].verdict for name in mine if "high" not in name}  # m = 12 is not made up
    assert {"reproduced", "not reproduced"} == set(verdicts.values())
    assert "reproduced" == verdicts["rule-grows-slower-than-monolithic"]
    assert "not reproduced" == verdicts["monolithic-beats-modular-sines"]


def test_a_cell_of_the_grid_can_be_claimed() -> None:
    """The error of any cell stands under its numbers; a claim about a cell that nobody ran is not run."""
    record = sines("monolithic").record
    assert record.measurements["cells"][0]["test"] == numbers_of(record)["m=2 k=5 n=100 relative MSE"]
    claim = next(one for one in read_claims() if one["id"] == "rule-beats-monolithic-sines-high")
    assert "not run" == evaluate(claim, whole_archive()).verdict


def test_the_readme_lists_every_run() -> None:
    """Each method and variant has a line with its main measure."""
    table = results_table(whole_archive())
    assert "| modular, rule | Sine-waves | relative MSE |" in table
    assert "| monolithic | Compositional-digits | accuracy |" in table
    assert "| closed form | Random-features | relative error |" in table


def test_scores_are_normalised_within_a_data_set() -> None:
    """0 for the worst and 1 for the best; of an error the smallest is best."""
    assert {"a": 0.0, "b": 0.5, "c": 1.0} == pytest.approx(normalised({"a": 1, "b": 2, "c": 3}, "accuracy"))
    assert {"a": 1.0, "b": 0.5, "c": 0.0} == pytest.approx(normalised({"a": 1, "b": 2, "c": 3}, "relative MSE"))
    assert {"a": 1.0} == normalised({"a": 2}, "MSE")


def test_common_axes_take_whatever_is_archived() -> None:
    """Chapters appear by their records; sweeps, closed forms and quick runs do not."""
    both = Archive((*whole_archive().filed, *cold_start_archive().filed))
    found = benchmarks(both)
    assert {"Sine-waves", "Compositional-digits", "Last.fm", "Last.fm-fresh"} == set(found)
    names = {(one.dataset, one.name) for methods in found.values() for one in methods}
    assert ("Last.fm", "ColdNAS") in names and ("Last.fm", "item mean") not in names
    assert not {name for _, name in names if "sweep" in name or "truth" in name}
    coldnas = next(one for one in found["Last.fm"] if one.name == "ColdNAS")
    assert coldnas.is_adaptive and 288 == coldnas.parameters


def test_learning_curves_are_those_of_the_reference_cell() -> None:
    """Errors of m = 9 by samples; on images those of four a tuple."""
    assert list(curve_of(sines("monolithic"))) == [100, 1000, 10000]
    assert list(curve_of(images("modular", 0.9))) == [300, 2000]
    assert {} == curve_of(law())
