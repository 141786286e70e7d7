"""Tables and figures of few-shot properties, from made-up records: values by hand, short runs, no record at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.artifact_rows import names, row_of
from tests.few_shot_records import COUNTS, LEVELS, PROPERTIES, SMILES, example, quick_archive, run_of, whole_archive

from parsimony.artifacts import measurements
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.claims import evaluate, evaluate_claims
from parsimony.artifacts.few_shot_methods import (
    DATASETS,
    EMBEDDED,
    LOOKS,
    METHODS,
    PRINTED,
    ROWS,
    Setting,
    methods_in,
    schedules,
    settings_with_runs,
    variant_of,
)
from parsimony.artifacts.figure_5 import PARTS, figure_5
from parsimony.artifacts.names import name_of
from parsimony.artifacts.own_adaptation import own_adaptation
from parsimony.artifacts.own_best_evaluation import own_best_evaluation
from parsimony.artifacts.own_depth import own_depth
from parsimony.artifacts.own_few_shot_speed import own_few_shot_speed
from parsimony.artifacts.own_fit import SHALLOW, own_fit, short_text
from parsimony.artifacts.own_learning_curves import own_learning_curves, published_value
from parsimony.artifacts.own_noise import own_noise
from parsimony.artifacts.own_per_property import own_per_property, shortened
from parsimony.artifacts.own_relation_graph import own_relation_graph, picture_of, places_of
from parsimony.artifacts.own_rounding import own_rounding, pairs_of
from parsimony.artifacts.own_tuning import own_tuning
from parsimony.artifacts.run_schedule import has_short, is_short, iterations_text, short_notes, verdict_of
from parsimony.artifacts.table_4 import table_4
from parsimony.artifacts.table_5 import runs_of, table_5
from parsimony.book.ledger import line, runs_behind
from parsimony.book.publish import render
from parsimony.book.readme import results_table
from parsimony.experiments.catalogue.few_shot import SHALLOW as LISTED_SHALLOW
from parsimony.published import Cell, advantage, is_count, read_claims, read_table, verdict
from parsimony.records import Archive, Filed

EMPTY, QUICK, WHOLE = Archive(), quick_archive(), whole_archive()
TOX21 = Setting("Tox21", 10)
PAR_ON_TOX21 = next(one for one in read_table("tab-5") if (one.row, one.column) == ("PAR", "Tox21"))
CLAIM = {
    "id": "a-beats-b", "text": "A is better.", "source": "arXiv 0000.00000", "kind": "beats", "dataset": "Tox21",
    "measure": "ROC-AUC", "better": "par", "worse": "egnn",
}  # fmt: skip


# Runs below the schedule


def test_a_short_run_is_one_below_the_schedule() -> None:
    """As many iterations as published are not short; a run that names no schedule is not, either."""
    full, short = run_of("par", 0.8), run_of("par", 0.8, iterations=500)
    assert [False, True] == [is_short(full), is_short(short)]
    assert [False, True] == [has_short([full]), has_short([full, short])]
    assert ([], ["500 of 5,000 iterations"]) == (short_notes([full]), short_notes([short]))
    assert "500 of 5,000, 5,000 iterations" == iterations_text([full, short])


def test_a_short_run_gets_no_verdict() -> None:
    """However near it is; one seed, several seeds, and beside a full run."""
    full, short = run_of("par", 0.8206), run_of("par", 0.8206, 1, iterations=500)
    assert "reproduced" == verdict_of(PAR_ON_TOX21, [full, full]).kind
    assert ["short run"] * 3 == [verdict_of(PAR_ON_TOX21, runs).kind for runs in ([short], [short] * 2, [full, short])]
    assert "not run" == verdict_of(PAR_ON_TOX21, []).kind


def test_a_short_cell_by_hand() -> None:
    """0.720, 0.721, 0.722 after 500 iterations: marked, without difference and verdict."""
    row = row_of(table_5(WHOLE), Data="SIDER", Shots=10, Method="PAR")
    assert ("0.7468 ± 0.0031", "0.7210 ± 0.0010 (n = 3, 500 of 5,000 iterations)", "–", "short run, no verdict") == (
        row["Published"], row["Archived"], row["Difference"], row["Verdict"],
    )  # fmt: skip
    assert "7 of them are short runs" in table_5(WHOLE).caption


def test_ledger_and_readme_give_short_runs_no_verdict() -> None:
    """The same words as in the table, and no difference."""
    cell = next(one for one in read_table("tab-5") if (one.row, one.column) == ("PAR", "SIDER"))
    found = line(cell, runs_behind(cell, WHOLE))
    assert ("short run", "0.7210 ± 0.0010", "") == (found["verdict"], found["ours"], found["tolerance"])
    assert "| PAR | SIDER | ROC-AUC | 0.7468 | 0.7210 ± 0.0010 (3 seeds, 500 of 5,000 iterations) |  |" in (
        results_table(WHOLE)
    )


def test_a_claim_on_short_runs_gets_no_verdict() -> None:
    """The advantage and its interval stand there all the same."""
    runs = [
        run_of(name, level + 0.001 * seed, seed, iterations=500)
        for seed in range(3)
        for name, level in (("par", 0.7), ("egnn", 0.6))
    ]
    found = evaluate(CLAIM, Archive(tuple(runs)))
    assert ("short run", 0.1) == (found.verdict, pytest.approx(found.ours))
    assert found.interval is not None


# Which runs stand for a method


def test_shots_are_never_pooled() -> None:
    """Ten shots have no variant; one shot is found only when asked for, and stands in for nothing."""
    cells = {one.column: one for one in read_table("tab-5") if one.row == "PAR"}
    assert [f"Tox21/par-seed{seed}" for seed in range(3)] == names(runs_of(WHOLE, cells["Tox21"], "paper"))
    assert [f"Tox21/par-1-shot-seed{seed}" for seed in range(3)] == names(
        runs_of(WHOLE, cells["Tox21, 1-shot"], "paper")
    )
    only = Archive((run_of("par", 0.7, shots=1),))
    assert () == runs_of(only, cells["Tox21"], "paper") == runs_of_method(only, "par", "Tox21", "paper")


def test_records_tell_the_shots() -> None:
    """Quick runs have five, in every figure and table; settings with other shots stay apart."""
    for make in (own_adaptation, own_learning_curves):
        assert {5} == set(make(QUICK).data["shots"])
        assert "NCI-fragments, 5-shot, " in make(QUICK).caption
    assert {5} == set(own_best_evaluation(QUICK).data["Shots"])
    table = table_5(QUICK).data
    assert {5} == set(table["Shots"][table["Quick"] != "not run"])
    for make in (own_per_property, own_depth):
        assert "quick profile, 5 known molecules of either class" in make(QUICK).caption
        assert "paper profile, 10 known molecules of either class" in make(WHOLE).caption
    mixed = Archive((run_of("par", 0.8), run_of("egnn", 0.7, shots=5)))
    assert [["PAR"], ["EGNN"]] == [[one.name for one in every] for every in settings_with_runs(mixed).values()]
    assert ["Tox21, 10-shot", "Tox21, 5-shot"] == [setting.label for setting in settings_with_runs(mixed)]


def test_captions_name_another_encoder() -> None:
    """Its settings, once, where a record has some; nothing is said of the published one."""
    options = {"width": 64, "num_layers": 3, "dropout": 0.0, "inner_rate": 0.1}
    small = [with_options(one, options) for one in QUICK.filed]
    said = "Runs of the quick profile on NCI-fragments have another encoder: width 64, number of layers 3, dropout 0.0."
    for make in (table_4, table_5, own_adaptation, own_learning_curves):
        assert 1 == make(Archive(tuple(small))).caption.count(said)
        assert "another encoder" not in make(WHOLE).caption
    assert "another encoder" not in table_5(Archive((with_options(small[0], {"inner_rate": 0.1}),))).caption
    shallow = with_options(run_of("par", 0.8, variant="shallow"), {"width": 200})
    row = row_of(table_4(Archive((shallow,))), Method="PAR, shallow", Parameters="adaptive")
    assert "embedding and classifier, by one gradient step" == row["Remark"]
    caption = table_5(Archive((run_of("par", 0.7), shallow))).caption
    assert 'seeds. Rows called "shallow" have another encoder: width 200. ' in caption


def with_options(one: Filed, options: dict) -> Filed:
    """Return a run with other options of its model."""
    asked = replace(one.record.specification, settings={"options": options})
    return replace(one, record=replace(one.record, specification=asked))


def test_a_variant_follows_the_shots() -> None:
    """As in the file names of the records, and as readers know it."""
    assert ["", "compact", "1-shot", "1-shot-second-order"] == [
        variant_of("", 10), variant_of("compact", 10), variant_of("", 1), variant_of("second-order", 1),
    ]  # fmt: skip
    assert ["PAR, 1-shot", "PACIA, compact", "MAML, 1-shot, second order"] == [
        name_of("par", "1-shot"), name_of("pacia", "compact"), name_of("maml", "1-shot-second-order"),
    ]  # fmt: skip


def test_methods_of_a_setting_are_sorted() -> None:
    """Highest ROC-AUC first; quick runs only where nothing is archived."""
    found = methods_in(WHOLE, TOX21)
    assert "PACIA" == found[0].name
    assert [one.mean for one in found] == sorted((one.mean for one in found), reverse=True)
    assert {"paper"} == {one.profile for one in found}
    assert {"quick"} == {one.profile for one in methods_in(WHOLE, Setting(EMBEDDED, 10))}


def test_embedded_molecules_stand_back() -> None:
    """They are drawn as long as a method ran on no others, whatever the others did."""
    assert [TOX21, Setting("Tox21", 1), Setting("SIDER", 10)] == list(settings_with_runs(WHOLE))
    assert [Setting(EMBEDDED, 5)] == list(settings_with_runs(QUICK))
    begun = Archive((*QUICK.filed, run_of("protonet", 0.6, iterations=500)))
    assert [TOX21, Setting(EMBEDDED, 5)] == list(settings_with_runs(begun))
    assert "not been run" not in own_depth(begun).caption
    assert {"PAR", "ProtoNet"} <= set(own_learning_curves(begun).data["method"])


def test_every_method_has_a_look() -> None:
    """No two share a colour or a marker."""
    assert set(METHODS) == set(LOOKS) == set(COUNTS) == set(LEVELS)
    for part in zip(*LOOKS.values(), strict=True):
        assert len(set(part)) == len(METHODS)


def test_schedules_by_hand() -> None:
    """One text for a setting, or one for each length with its methods."""
    archive = Archive((run_of("par", 0.8), run_of("egnn", 0.7, iterations=500)))
    assert "Tox21, 10-shot, 5,000 iterations (PAR) and 500 of 5,000 iterations (EGNN)" == (
        schedules(settings_with_runs(archive))
    )
    assert "SIDER, 10-shot, 500 of 5,000 iterations" in schedules(settings_with_runs(WHOLE))


# Published values and claims


def test_published_values_are_fractions() -> None:
    """82.06 (0.12) is printed for 0.8206 ± 0.0012; what no source gives says so."""
    cells = {(one.row, one.column): one for one in read_table("tab-5")}
    assert (0.8206, 4, 0.0012) == (PAR_ON_TOX21.value, PAR_ON_TOX21.digits, PAR_ON_TOX21.spread)
    assert 9 * 2 * len(PRINTED) == len(cells)
    assert all(0.4 < one.value < 1 and "percent" in one.source for one in cells.values() if one.value is not None)
    missing = {one.row for one in cells.values() if one.value is None and one.column == "Tox21"}
    assert {"ADKF-IFT", "PACIA"} == missing
    assert {"Siamese", "IterRefLSTM"} == {
        r for (r, c), one in cells.items() if c == "ToxCast" and not one.value
    } - missing


def test_the_mean_of_published_columns_is_that_of_the_sheet() -> None:
    """Six columns without ToxCast: 73.28 for PAR against 71.95 for EGNN."""
    means = [
        sum(one.value for one in read_table("tab-5") if one.row == row and "ToxCast" not in one.column) / 6
        for row in ("PAR", "EGNN")
    ]
    assert [0.7328, 0.7195] == pytest.approx(means, abs=5e-5)


def test_a_full_cell_by_hand() -> None:
    """0.820, 0.821, 0.822 against 0.8206 ± 0.0012."""
    row = row_of(table_5(WHOLE), Data="Tox21", Shots=10, Method="PAR")
    assert ("0.8206 ± 0.0012", "0.8210 ± 0.0010 (n = 3)", "+0.0004", "reproduced", "not run") == tuple(
        row[name] for name in ("Published", "Archived", "Difference", "Verdict", "Quick")
    )


def test_our_rows_stand_where_they_ran() -> None:
    """A variant of ours and the embedded molecules have no row without a run."""
    assert len(read_table("tab-5")) == len(table_5(EMPTY).data)
    row = row_of(table_5(WHOLE), Data="Tox21", Shots=10, Method="PACIA, compact")
    assert ("not available", "no published value") == (row["Published"], row["Verdict"])
    row = row_of(table_5(QUICK), Data=EMBEDDED, Shots=5, Method="PAR")
    assert ("not run", "0.8200 (n = 1, 100 of 5,000 iterations)") == (row["Archived"], row["Quick"])


def test_the_readme_holds_one_shot_against_one_shot() -> None:
    """0.8046 is printed for one shot, 0.8206 for ten; a variant of ours is held against neither."""
    table = results_table(WHOLE)
    assert "| PAR | Tox21 | ROC-AUC | 0.8206 | 0.8210 ± 0.0010 (3 seeds) | +0.0004 |" in table
    assert "| PAR, 1-shot | Tox21 | ROC-AUC | 0.8046 | 0.7710 ± 0.0010 (3 seeds) | -0.0336 |" in table
    assert "| PACIA, compact | Tox21 | ROC-AUC | not available |" in table


def test_the_readme_folds_what_compares_with_nothing() -> None:
    """Rows with a difference stand open; the others are folded, and counted."""
    shown, folded = results_table(WHOLE).split("<details><summary>")
    assert "| PAR | Tox21 |" in shown and "| PACIA, compact | Tox21 |" not in shown
    lines = [line for line in folded.splitlines() if line.startswith("|")][2:]
    assert folded.startswith(f"{len(lines)} more without a published value")
    assert all(line.split("|")[6].strip() == "" for line in lines)
    alone = results_table(Archive((run_of("pacia", 0.7, variant="compact"),)))
    assert alone.startswith("No run compares with a published value yet.")


def test_claims_of_the_chapter() -> None:
    """PAR against three rivals on two data sets with two numbers of shots; PACIA's adaptive parameters."""
    claims = {one["id"]: one for one in read_claims() if one["better"] in ("par", "pacia")}
    assert 14 == len(claims)
    found = {one.id: one for one in evaluate_claims(WHOLE) if one.id in claims}
    expected = {"10-shot": "reproduced", "1-shot": "reproduced"}
    assert all(found[f"par-beats-egnn-tox21-{shots}"].verdict == said for shots, said in expected.items())
    assert "short run" == found["par-beats-egnn-sider-10-shot"].verdict
    assert "not run" == found["par-beats-egnn-sider-1-shot"].verdict
    assert (0.0085, 0.0102) == pytest.approx(
        tuple(found[f"par-beats-egnn-tox21-{shots}"].published for shots in ("10-shot", "1-shot"))
    )


def test_a_claim_that_counts() -> None:
    """One run is enough: 380,210 - 3,000 fewer, in millions, with the range over runs; turned around it is refuted."""
    runs = Archive((run_of("par", 0.8), run_of("pacia", 0.8, iterations=10)))
    claim = {**CLAIM, "kind": "fewer", "measure": "million adaptive parameters", "better": "pacia", "worse": "par"}
    found = evaluate(claim, runs)
    assert ("reproduced", 0.37721, (0.37721, 0.37721)) == (
        found.verdict, pytest.approx(found.ours), pytest.approx(found.interval),
    )  # fmt: skip
    assert "not reproduced" == evaluate({**claim, "better": "par", "worse": "pacia"}, runs).verdict
    assert "not run" == evaluate(claim, EMPTY).verdict


# Table 4


def test_counts_are_better_when_small() -> None:
    """And one run suffices for a verdict."""
    assert [True, False, False] == [is_count(name) for name in ("million parameters", "MSE", "ROC-AUC")]
    assert pytest.approx(0.1) == advantage("million parameters", 0.2, 0.3)
    cell = Cell("tab-4", "PAR", "any data set", "million parameters", 2.31, 2, None, "somewhere")
    assert ["reproduced", "differs, worse"] == [verdict(cell, [value]).text for value in (2.314, 2.5)]


def test_table_4_by_hand() -> None:
    """PAR: 124,976 more than 2.31 million, 2.32 where a million is 2^20; PACIA's adaptive count is met."""
    total = row_of(table_4(WHOLE), Method="PAR", Parameters="in all")
    assert ("2,310,000", "2,434,976 (n = 9)", "+124,976", "differs, worse") == tuple(
        total[name] for name in ("Published", "Archived", "Difference", "Verdict")
    )
    assert "2.32 where a million is 2^20" in total["Remark"]
    adaptive = row_of(table_4(WHOLE), Method="PACIA", Parameters="adaptive")
    assert ("3,000", "3,000 (n = 9)", "+0", "reproduced") == tuple(
        adaptive[name] for name in ("Published", "Archived", "Difference", "Verdict")
    )


def test_table_4_without_runs_shows_what_is_published() -> None:
    """Four cells, none of them run; the ledger agrees."""
    assert 4 == len(table_4(EMPTY).data) == len(read_table("tab-4"))
    assert {"not run"} == set(table_4(EMPTY).data["Archived"])
    cells = read_table("tab-4")
    assert ["differs", "reproduced", "differs", "reproduced"] == [
        line(one, runs_behind(one, WHOLE))["verdict"] for one in cells
    ]


def test_counts_that_differ_are_all_shown() -> None:
    """A run with other options is no less a run."""
    archive = Archive((run_of("par", 0.8), run_of("par", 0.8, dataset="SIDER", **{"adaptive parameters": 7})))
    assert "7 or 380,210 (n = 2)" == row_of(table_4(archive), Method="PAR", Parameters="adaptive")["Archived"]


# Figures


def test_the_drawing_needs_no_run() -> None:
    """Both methods are in it, and each adapts in its own way."""
    artifact = figure_5(EMPTY)
    assert () == artifact.records
    kinds = {method: {kind for owner, _, _, kind in PARTS if owner == method} for method in ("PAR", "PACIA")}
    assert (2, 2, 1) == (len(kinds["PAR"]), len(kinds["PACIA"]), len(kinds["PAR"] & kinds["PACIA"]))


def test_adaptation_by_hand() -> None:
    """PACIA is highest on Tox21, with 3,000 numbers; a method that adapts nothing stands at zero."""
    artifact = own_adaptation(WHOLE)
    assert "on Tox21, 10-shot, PACIA with 0.8310 and 3,000 adaptive parameters (5,000 iterations)" in artifact.caption
    row = row_of(artifact, dataset="Tox21", shots=10, method="ProtoNet")
    assert (0, 0.751, 0.001) == (
        row["adaptive parameters"],
        pytest.approx(row["ROC-AUC"]),
        pytest.approx(row["deviation"]),
    )


def test_properties_by_hand() -> None:
    """Five draws of three seeds; from 0.02 below the first seed to 0.02 above the last."""
    row = row_of(own_per_property(WHOLE), dataset="Tox21", property="SR-MMP", method="PAR")
    assert (15, 0.821, 0.80, 0.842) == (
        row["draws"], pytest.approx(row["ROC-AUC"]), pytest.approx(row["least"]), pytest.approx(row["greatest"]),
    )  # fmt: skip
    assert "Renal and urinary diso…" == shortened("Renal and urinary disorders")


def test_the_caption_names_the_hardest_property() -> None:
    """One property at 0.6, the others higher."""
    draws = {"SR-HSE": [0.6, 0.6], "SR-MMP": [0.9, 0.9], "SR-p53": [0.8, 0.8]}
    caption = own_per_property(Archive((run_of("par", 0.8, properties=draws),))).caption
    assert "Tox21 SR-HSE is the hardest (0.600) and Tox21 SR-MMP the easiest (0.900)" in caption


def test_depths_by_hand() -> None:
    """10, 20, 30, 0 and 40 of 100 queries: mean depth 3.4; three seeds add up."""
    artifact = own_depth(WHOLE)
    row = row_of(artifact, dataset="Tox21", property="SR-HSE", depth=5)
    assert (120, 0.4) == (row["queries"], pytest.approx(row["share"]))
    assert "on Tox21 the mean depth is 3.40" in artifact.caption
    assert {"pacia"} == {one.record.specification.method for one in artifact.records}


def test_curves_by_hand() -> None:
    """Four evaluations; the last is the score, with a deviation of 0.001 over seeds."""
    artifact = own_learning_curves(WHOLE)
    row = row_of(artifact, dataset="Tox21", shots=10, method="PAR", iteration=5000)
    assert (0.821, 0.001, 3) == (pytest.approx(row["ROC-AUC"]), pytest.approx(row["deviation"]), row["seeds"])
    assert "SIDER, 10-shot, 500 of 5,000 iterations" in artifact.caption


def test_a_dotted_line_stands_at_the_published_value() -> None:
    """That of the same shots; none for PACIA, none for a variant of ours."""
    found = {one.name: one for one in methods_in(WHOLE, TOX21)}
    one_shot = {one.name: one for one in methods_in(WHOLE, Setting("Tox21", 1))}
    assert [0.8206, None, None] == [published_value(TOX21, found[name]) for name in ("PAR", "PACIA", "PACIA, compact")]
    assert 0.8046 == published_value(Setting("Tox21", 1), one_shot["PAR"])
    assert published_value(Setting("Tox21", 1), one_shot["MAML, second order"]) is None


def test_the_best_evaluation_is_marked_as_such() -> None:
    """0.01 above the last iteration, of four evaluations."""
    artifact = own_best_evaluation(WHOLE)
    row = row_of(artifact, Data="Tox21", Shots=10, Method="PAR")
    assert ("0.8210 ± 0.0010 (n = 3)", "0.8310 ± 0.0010 (n = 3)", "+0.0100", "4") == tuple(
        row[name] for name in ("Last iteration", "Best evaluation", "Gain", "Evaluations")
    )
    assert "enters no verdict" in artifact.caption


def test_fit_and_transfer_stand_side_by_side() -> None:
    """Means over the curve's end; four evaluations lie 0.1, 0.05, -0.01 and 0 below 0.7, and 0.02 above it."""
    found = own_fit(Archive((run_of("par", 0.7), run_of("egnn", 0.7, iterations=500), run_of("pacia", 0.7))))
    row = row_of(found, Method="PAR")
    assert ("0.7200", "0.6650", "0.7000", "0.7100", "0.8206") == tuple(
        row[name] for name in ("Learnt", "New", "Tested", "Best", "Printed")
    )
    assert ["PACIA", "PAR"] == sorted(found.data["Method"])
    assert "by 0.055 to 0.055; in 1 of 1 rows the published value lies above both" in found.caption
    assert "Within 0.02 of it in the final test: none. Within" in found.caption
    near = own_fit(Archive((run_of("par", 0.7), with_options(run_of("par", 0.801, variant="shallow"), {"width": 200}))))
    assert "Within 0.02 of it in the final test: PAR (width 200). Within" in near.caption
    assert near.caption.endswith("by the best evaluation: PAR (width 200).")
    assert "No such run yet" in own_fit(Archive()).caption
    assert SHALLOW == LISTED_SHALLOW  # the catalogue's, which an artifact may not import


def annealed() -> Filed:
    """A run of MAML that ended at a smaller rate."""
    made = run_of("maml", 0.7, variant="annealed", iterations=5500)
    first = {"options": {"inner_rate": 0.01, "precision": "bfloat16"}}
    settings = {"first": first, "annealed": 500, "factor": 0.1}
    asked = replace(made.record.specification, task="annealed few-shot property", settings=settings)
    return replace(made, record=replace(made.record, specification=asked))


def test_fit_tells_the_chosen_settings() -> None:
    """A run whose last training leaves properties out watches those, and has no row."""
    trials = [
        {"settings": {}, "validation ROC-AUC": 0.6},
        {"settings": {"learning_rate": 3e-4}, "validation ROC-AUC": 0.7},
    ]
    tuned = row_of(own_fit(Archive((run_of("par", 0.7, tuning=trials),))), Method="PAR")
    assert "learning rate 0.0003" == tuned["Settings"]
    slowed = row_of(own_fit(Archive((annealed(), run_of("maml", 0.7, shots=1)))), Method="MAML")
    assert "inner rate 0.01; 500 at 0.1" == slowed["Settings"]
    slow = run_of("maml", 0.7, variant="slow")
    slow.record.specification.settings.update(learning_rate=3e-4, options={"inner_rate": 0.01})
    slow_row = row_of(own_fit(Archive((slow,))), Method="MAML")
    assert "inner rate 0.01, learning rate 0.0003" == slow_row["Settings"]
    narrow = {"num_layers": 3, "width": 200, "dropout": 0.1}
    assert "shallow" == short_text({"options": narrow})
    assert "shallow, inner rate 0.01" == short_text({"options": {**narrow, "inner_rate": 0.01}})
    assert "width 200" == short_text({"options": {"width": 200}})
    held = run_of("par", 0.7)
    held.record.specification.settings["held_out"] = 2
    assert NOT_RUN == own_fit(Archive((held,))).data["New"][0]


def test_speed_is_read_from_kept_benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians in processor seconds, the ratio of pairs, and whether it reaches its target."""
    monkeypatch.setattr(measurements, "FOLDER", tmp_path)
    kept = {
        "name": "par-step", "plain_cpu_seconds": [8.0, 6.0, 7.0], "ours_cpu_seconds": [2.0, 1.5, 1.0], "cpu_ratio": 4.0,
        "target": 4.5, "pairs": 3, "machine": "a machine",
    }  # fmt: skip
    (tmp_path / "par-step.json").write_text(json.dumps(kept))
    found = own_few_shot_speed(Archive())
    row = row_of(found, Work="meta-iteration of PAR", Products="float32")
    assert ("7.00 s", "1.50 s", "4.0 ×", "4.5 ×", 3) == tuple(
        row[name] for name in ("Official order", "Ours", "Ratio", "Target", "Pairs")
    )
    assert 6 == list(found.data["Official order"]).count(NOT_RUN)
    assert "1 of 1 miss their target. Machine: a machine." in found.caption
    (tmp_path / "par-step.json").write_text(json.dumps({**kept, "cpu_ratio": 5.0}))
    assert "All reach their target." in own_few_shot_speed(Archive()).caption
    beside = {"name": "par-authors", "loss_difference": 0.0, "gradient_difference": 5.4e-5, "gradient_numbers": 2434976}
    (tmp_path / "par-authors.json").write_text(json.dumps({**kept, **beside}))
    caption = own_few_shot_speed(Archive()).caption
    assert "its loss differs from ours by 0, its 2,434,976 gradients by 5e-05 of their norm" in caption


def test_a_single_short_run_is_called_short() -> None:
    """One seed of a whole run beside one of a short one: that it was short matters more than that it was one."""
    whole, short = run_of("par", 0.8), run_of("egnn", 0.7, iterations=500)
    assert "short run" == evaluate(CLAIM, Archive((whole, short))).verdict
    assert "single run" == evaluate(CLAIM, Archive((whole, run_of("egnn", 0.7)))).verdict


def test_unequal_lengths_are_told() -> None:
    """5,000 and 500 meta-iterations in one panel: numbers beside the points, and a logarithmic axis of curves."""
    equal = Archive((run_of("par", 0.8), run_of("egnn", 0.7)))
    unequal = Archive((run_of("par", 0.8), run_of("egnn", 0.7, iterations=500)))
    for archive, told, scale in ((equal, set(), "linear"), (unequal, {"5,000", "500"}, "log")):
        points, curves = (make(archive).figure.axes[0] for make in (own_adaptation, own_learning_curves))
        assert told == {one.get_text() for one in points.texts}
        assert scale == curves.get_xscale()


def test_rounding_by_hand() -> None:
    """Levels of 0.820 and 0.815, of which the four rows of the curve lie 0.035 below; 0.001 and 0.002 a seed."""
    artifact = own_rounding(WHOLE)
    rounded, exact = artifact.data.to_dict("records")
    assert ("bfloat16", "0.7860 ± 0.0010", "3", "4") == tuple(
        rounded[name] for name in ("Products", "New properties", "Seeds", "Evaluations")
    )
    assert ("float32", "0.7820 ± 0.0020") == (exact["Products"], exact["New properties"])
    assert "by +0.0040, beyond the spread of the seeds (0.0020)" in artifact.caption
    assert 6 == len(artifact.records)


def test_twins_are_compared_as_far_as_both_went() -> None:
    """Rows every 125 meta-iterations to 500 and every 250 to 1,000 share two; those of 4,000 and 500 share none."""
    short = run_of("par", 0.7, iterations=500, variant="float32")
    found = Archive((short, run_of("par", 0.8, iterations=1000)))
    (pair,) = pairs_of(found, "par")
    assert [250, 500] == [rounded[0] for rounded, _ in pair.rows()]
    assert "one seed tells no spread" in own_rounding(found).caption
    assert [] == pairs_of(Archive((short, run_of("par", 0.8, iterations=4000))), "par")


def test_tuning_by_hand() -> None:
    """The second of two candidates is better on held-out properties; its test compares with a run as long."""
    trials = [
        {"settings": {}, "validation ROC-AUC": 0.61},
        {"settings": {"options": {"dropout": 0.1}, "learning_rate": 3e-4}, "validation ROC-AUC": 0.63},
    ]
    tuned = run_of("par", 0.7, iterations=500, variant="tuned", tuning=trials)
    asked = replace(tuned.record.specification, settings={"held_out": 2, "candidate_iterations": 400})
    tuned = replace(tuned, record=replace(tuned.record, specification=asked))
    artifact = own_tuning(Archive((tuned, run_of("par", 0.8, iterations=500))))
    assert [["the authors'", "0.6100", NOTHING], ["dropout 0.1, learning rate 0.0003", "0.6300", "yes"]] == (
        artifact.data.to_numpy().tolist()
    )
    assert "for 400 meta-iterations without 2 meta-training properties" in artifact.caption
    assert artifact.caption.endswith("0.7000 on new properties after 500, the authors' settings 0.8000 after as many.")
    assert 2 == len(artifact.records)
    for other in ((), (run_of("par", 0.8, iterations=2000),)):
        assert own_tuning(Archive((tuned, *other))).caption.endswith("after 500.")


def test_noise_table_sets_equal_iterations_side_by_side() -> None:
    """Means of windows of 500 that both curves cover; the shorter run ends the table."""
    curves = [[[100 * n, loss + n, area - n / 100, 0.5] for n in range(1, last + 1)]
              for loss, area, last in ((0.0, 0.7, 20), (1.0, 0.8, 12))]  # fmt: skip
    shared, apart = (
        run_of("par", 0.7, variant=name, curve=one) for name, one in zip(("", "apart"), curves, strict=True)
    )
    artifact = own_noise(Archive((shared, apart)))
    assert ["1 to 500", "501 to 1,000"] == list(artifact.data["Meta-iterations"])
    first, second = artifact.data.iloc[0], artifact.data.iloc[1]
    assert ("3.0000", "4.0000") == (first["Loss, shared"], first["Loss, apart"])
    assert ("0.6200", "0.7200") == (second["New, shared"], second["New, apart"])
    assert "changes the means by +0.100 and +0.100; single evaluations jump by 0.010 on" in artifact.caption
    for archive in (Archive(), Archive((shared,))):
        assert NOT_RUN == own_noise(archive).data["Meta-iterations"][0]
        assert "Not run yet." in own_noise(archive).caption


def test_the_relation_graph_by_hand() -> None:
    """Five actives at 0.8 and five inactives at 0.4: two thirds of the weight on the query's class."""
    artifact = own_relation_graph(WHOLE)
    assert ["Tox21/par-seed0"] == names(artifact.records)
    assert "of the 10 support molecules that it keeps 5 are of its class, with 67% of the weight" in artifact.caption
    assert [20, 1] == [sum(artifact.data["role"] == role) for role in ("support", "query")]
    assert pytest.approx(1) == artifact.data["weight"].sum()


def test_archived_examples_come_before_quick_ones() -> None:
    """One shot stands in where ten were not run."""
    assert ["NCI-fragments/par-quick-seed0"] == names(own_relation_graph(QUICK).records)
    only = Archive((*QUICK.filed, run_of("par", 0.7, shots=1)))
    assert ["Tox21/par-1-shot-seed0"] == names(own_relation_graph(only).records)


def test_a_query_without_neighbours_is_drawn() -> None:
    """No weight is divided by nothing."""
    lonely = {**example(1), "adjacency": [[0.0] * 3] * 3}
    artifact = own_relation_graph(Archive((run_of("par", 0.7, shots=1, example=lonely),)))
    assert "The query keeps no support molecule" in artifact.caption
    assert render(artifact)["png"]


def test_molecules_do_not_overlap() -> None:
    """Every place is taken once: classes on either side of the query."""
    places = places_of(example()["labels"][:-1])
    assert 21 == len(set(places))
    query = places[-1][0]
    assert all(x < query for x, _ in places[:10]) and all(x > query for x, _ in places[10:-1])


def test_a_molecule_that_cannot_be_read_has_no_picture() -> None:
    """Its card shows the text instead."""
    assert picture_of("not a molecule") is None
    assert picture_of(SMILES[0]) is not None


def test_providers_are_data_sets_of_the_catalogue() -> None:
    """Every data set that a table may show is a card."""
    from parsimony.data.cards import DATASETS as CARDS

    assert set(DATASETS) <= set(CARDS)
    assert set(PROPERTIES) <= set(DATASETS)
    assert len(ROWS) == len(set(ROWS.values()))
