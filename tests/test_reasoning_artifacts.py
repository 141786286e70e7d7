"""Tables and figures of reasoning on graphs, from made-up records: values by hand, short runs, no record at all."""

from __future__ import annotations

import json
import statistics
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.pairs import Spent, summary
from tests.artifact_rows import names, row_of
from tests.reasoning_records import EVIDENCE, LEVELS, compgcn, edge, exemplar, quick_archive, run_of, whole_archive

from parsimony.artifacts import measurements
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.digraph_drawing import BEND, bends_of, places_in_columns, point_of
from parsimony.artifacts.figure_6 import FAMILY, TOY, figure_6
from parsimony.artifacts.figure_7 import figure_7
from parsimony.artifacts.names import METHOD_NAMES, graph_of
from parsimony.artifacts.own_evidence import own_evidence
from parsimony.artifacts.own_reasoning_cost import own_reasoning_cost
from parsimony.artifacts.own_reasoning_curves import own_reasoning_curves
from parsimony.artifacts.own_reasoning_speed import BENCHMARKS, MEMORY, own_reasoning_speed
from parsimony.artifacts.own_rules import own_rules, sentence
from parsimony.artifacts.reasoning_digraph import (
    Edge,
    best_paths,
    columns_of,
    connected,
    expansion,
    kept_layers,
    layers_of,
    path_text,
)
from parsimony.artifacts.reasoning_runs import LOOKS, runs_with
from parsimony.artifacts.run_schedule import iterations_text, short_notes
from parsimony.artifacts.table_6 import METHODS, PRINTED, ROWS, own_reasoning_hits, runs_of, table_6
from parsimony.book.ledger import line, runs_behind
from parsimony.book.publish import render
from parsimony.book.readme import main_cells
from parsimony.published import read_claims, read_table
from parsimony.records import Archive

EMPTY, QUICK, WHOLE = Archive(), quick_archive(), whole_archive()
OF_RUNS = (table_6, own_reasoning_hits, figure_7, own_evidence, own_rules, own_reasoning_curves)


# Published values and claims


def test_published_values_are_fractions() -> None:
    """MRR, H@1 and H@10 of five methods on three graphs, each with a source; H@1 is never above MRR."""
    cells = {(one.row, one.column, one.measure): one for one in read_table("tab-6")}
    assert (0.564, 0.502, 0.678) == tuple(cells["RED-GNN", "WN18RR", name].value for name in ("MRR", "H@1", "H@10"))
    assert (0.5622, 0.5086) == tuple(cells["AdaProp", "WN18RR", name].value for name in ("MRR", "H@1"))
    assert 3 == cells["RED-GNN", "WN18RR", "H@10"].digits
    for row, column, measure in cells:
        values = [cells[row, column, name].value for name in ("H@1", "MRR", "H@10")]
        assert values == sorted(values) and 0 < values[0] and values[2] < 1
        assert cells[row, column, measure].source
    printed = [key for key in cells if "Table 6" in cells[key].source]
    assert 5 * len(PRINTED) * 3 == len(printed)


def test_claims_agree_with_the_table() -> None:
    """RED-GNN is printed above four rivals on three graphs; a claim repeats both values."""
    claims = [one for one in read_claims() if one["better"] == "redgnn"]
    cells = {(ROWS[one.row][0], one.column): one.value for one in read_table("tab-6")
             if one.measure == "MRR" and one.row in METHOD_NAMES.values()}  # fmt: skip
    assert 4 * len(PRINTED) == len(claims)
    for claim in claims:
        expected = [cells[claim[side], claim["dataset"]] for side in ("better", "worse")]
        assert expected == claim["published"] and expected[0] > expected[1]


def test_a_method_of_two_tables_keeps_the_cell_printed_first() -> None:
    """CompGCN on WN18RR is 0.479 in Table 2 and 0.487 in Table 6; RED-GNN's first row is that of Table 6."""
    cells = main_cells()
    assert ("tab-2", 0.479) == (cells["compgcn", "WN18RR", "MRR"].table, cells["compgcn", "WN18RR", "MRR"].value)
    assert "RED-GNN" == cells["redgnn", "WN18RR", "MRR"].row


# Table 6


def test_files_of_one_graph_are_one_column() -> None:
    """WN18RR of the ConvE archive and of RED-GNN's folder hold the same triples; the former counts if both ran."""
    assert ["WN18RR", "WN18RR", "family"] == [graph_of(name) for name in ("WN18RR", "WN18RR-facts", "family")]
    assert ["WN18RR-facts/redgnn-seed0"] == names(runs_of_method(WHOLE, "redgnn", "WN18RR", "paper"))[:1]
    both = Archive((run_of("redgnn", 0.5, dataset="WN18RR-facts"), run_of("redgnn", 0.6, dataset="WN18RR")))
    assert ["WN18RR/redgnn-seed0"] == names(runs_of_method(both, "redgnn", "WN18RR", "paper"))


def test_a_short_run_gets_no_verdict() -> None:
    """Ten epochs of fifty: marked, without difference."""
    row = row_of(table_6(WHOLE), Data="WN18RR", Method="RED-GNN")
    assert ("0.564", "0.561 ± 0.001 (n = 3, 10 of 50 epochs)", "–", "short run, no verdict") == (
        row["Published"], row["Archived"], row["Difference"], row["Verdict"],
    )  # fmt: skip
    assert "6 of them are short runs" in table_6(WHOLE).caption


def test_epochs_and_iterations_are_told_apart() -> None:
    """A full run has no note; the unit is that of the record."""
    short, full = run_of("redgnn", 0.5, epochs=10), run_of("redgnn", 0.5)
    assert (["10 of 50 epochs"], []) == (short_notes([short]), short_notes([full]))
    assert "10 of 50, 50 epochs" == iterations_text([full, short])


def test_a_full_run_is_held_against_the_published_value() -> None:
    """0.861 against 0.992 on family; H@1 and H@10 likewise, and the ledger tells the same."""
    row = row_of(table_6(WHOLE), Data="family", Method="RED-GNN")
    assert ("0.992", "-0.131", "differs, worse") == (row["Published"], row["Difference"], row["Verdict"])
    assert "0.811 ± 0.001 (n = 3)" == row_of(
        own_reasoning_hits(WHOLE), Data="family", Method="RED-GNN", Measure="H@1"
    )["Archived"]  # fmt: skip
    cell = next(one for one in read_table("tab-6") if (one.row, one.column) == ("RED-GNN", "family"))
    assert ("differs", "3 of family/redgnn") == tuple(
        line(cell, runs_behind(cell, WHOLE))[name] for name in ("verdict", "runs")
    )


def test_compgcn_shows_the_runs_of_table_2() -> None:
    """They belong to another task and count no epochs; they are held against Table 6 all the same."""
    row = row_of(table_6(Archive((compgcn(0.479, 0), compgcn(0.481, 1)))), Data="WN18RR", Method="CompGCN")
    assert ("0.487", "0.480 ± 0.001 (n = 2)", "close, worse") == (row["Published"], row["Archived"], row["Verdict"])


def test_a_reduced_graph_is_no_run_of_the_whole() -> None:
    """The quarter of YAGO3-10 has a row of its own, without a published value; YAGO3-10 stays "not run"."""
    table = table_6(WHOLE)
    row = row_of(table, Data="YAGO3-10-quarter", Method="RED-GNN")
    assert "0.500 (n = 1, a quarter of the graph)" == row["Archived"]
    assert ("not available", "no published value") == (row["Published"], row["Verdict"])
    assert "not run" == row_of(table, Data="YAGO3-10", Method="RED-GNN")["Archived"]


def test_more_facts_are_a_row_of_their_own() -> None:
    """They stand in for nothing, not even where nothing else ran; other departures do, by name."""
    only = Archive((run_of("redgnn", 0.6, dataset="WN18RR-facts", variant="facts90"),))
    table = table_6(only)
    assert "not run" == row_of(table, Data="WN18RR", Method="RED-GNN")["Archived"]
    assert "0.600 (n = 1)" == row_of(table, Data="WN18RR", Method="RED-GNN, 90 % of the facts")["Archived"]
    departure = table_6(Archive((run_of("redgnn", 0.6, variant="own-protocol"),)))
    assert "0.600 (n = 1, own-protocol)" == row_of(departure, Data="family", Method="RED-GNN")["Archived"]


def test_the_caption_tells_the_protocol() -> None:
    """Once for all methods that share it."""
    assert "Protocol: The training facts are split anew 3:1 after each epoch (DRUM, RNNLogic," in table_6(WHOLE).caption
    assert "Protocol" not in table_6(EMPTY).caption


def test_every_printed_method_has_a_row() -> None:
    """And every row is of a method that has a name."""
    assert {one.row for one in read_table("tab-6")} <= set(ROWS)
    assert set(METHODS) <= set(METHOD_NAMES)
    cell = next(one for one in read_table("tab-6") if one.row == "RED-GNN, WWW 2022")
    assert runs_of(WHOLE, cell, "paper") == runs_of(WHOLE, replace(cell, row="RED-GNN"), "paper")


# Relational digraphs


def test_the_toy_digraph_by_hand() -> None:
    """Lee is a nephew of Max, whose brother is Sam and whose child Sam is an uncle of: 2, 4 and 3 edges."""
    assert [2, 4, 3] == [len(layer) for layer in FAMILY.digraph]
    assert Edge("Ida", "inverse uncle", "Sam") in FAMILY.digraph[2]
    assert "Lee –nephew→ Max –father→ Ida –uncle⁻¹→ Sam" == path_text(FAMILY.path)


def test_an_expansion_agrees_with_walking() -> None:
    """Every walk of three steps, one by one, ends where the layers say; edges are facts, inverses and waits."""
    steps = {(f.head, f.relation, f.tail) for f in TOY} | {(f.tail, f"inverse {f.relation}", f.head) for f in TOY}
    steps |= {(name, "identity", name) for f in TOY for name in (f.head, f.tail)}
    walks = [("Lee",)]
    for layer in expansion(TOY, "Lee", 3):
        walks = [(*walk, step) for walk in walks for step in steps if step[0] == (walk[-1][2] if walk[1:] else "Lee")]
        assert {walk[-1] for walk in walks} == {one[:3] for one in layer}
    reaching = [walk[1:] for walk in walks if walk[-1][2] == "Sam"]
    assert {walk[1] for walk in reaching} == {one[:3] for one in FAMILY.digraph[1]}
    assert len(reaching) == len(best_paths(FAMILY.digraph, "Lee", "Sam", 1000))


def test_what_reaches_no_answer_is_left_out() -> None:
    """A dead end and an edge from elsewhere go; with no path at all nothing remains of the last layer."""
    layers = ((Edge("a", "r", "b"), Edge("a", "r", "c")), (Edge("b", "r", "d"), Edge("x", "r", "d")))
    assert ((Edge("a", "r", "b"),), (Edge("b", "r", "d"),)) == connected(layers, "a", "d")
    assert ((), ()) == connected(layers, "a", "nowhere")


def test_edges_below_the_threshold_go_with_what_hung_on_them() -> None:
    """0.1 falls; so does what only it led to, strong as it is."""
    digraph = exemplar()
    kept = kept_layers(digraph)
    assert [2, 4, 4] == [len(layer) for layer in kept]
    assert all(one.attention >= 0.3 for layer in kept for one in layer)
    assert Edge("1478", "inverse uncle", "1480", 0.35) not in kept[2]


def test_the_best_path_stays_where_the_threshold_leaves_none() -> None:
    """0.99 · 0.86 · 0.71 is the largest product."""
    kept = kept_layers({**exemplar(), "edges kept": 2.0})
    assert [["nephew"], ["inverse mother"], ["inverse son"]] == [[one.relation for one in layer] for layer in kept]


def test_best_paths_by_hand() -> None:
    """In falling order of their products; each is a walk."""
    paths = best_paths(layers_of(exemplar()), "1482", "1480", 5)
    assert [0.99 * 0.86 * 0.71, 0.99 * 0.5 * 1.0, 0.99 * 0.5 * 0.93] == pytest.approx(
        [one.attention for one in paths[:3]]
    )
    assert 5 == len(paths) and paths == sorted(paths, key=lambda one: -one.attention)
    assert all(one.tail == other.head for path in paths for one, other in pairwise(path.edges))


def test_columns_hold_every_entity_and_cross_little() -> None:
    """Two chains that cross in alphabetical order are untangled."""
    layers = (
        (Edge("s", "r", "a"), Edge("s", "r", "b")), (Edge("a", "r", "z"), Edge("b", "r", "y")),
        (Edge("z", "r", "t"), Edge("y", "r", "t")),
    )  # fmt: skip
    columns = columns_of(layers)
    assert [{"s"}, {"a", "b"}, {"y", "z"}, {"t"}] == [set(one) for one in columns]
    assert columns[1].index("a") == columns[2].index("z")


def test_parallel_edges_lie_apart() -> None:
    """Two between the same entities bend to either side, a third edge is straight."""
    edges = [Edge("a", "r", "b"), Edge("a", "q", "b"), Edge("a", "r", "c")]
    assert [-BEND, BEND, 0.0] == bends_of(edges)
    above, below = (point_of((0, 0), (2, 0), bend, 0.5) for bend in (-BEND, BEND))
    assert (1.0, 1.0) == (above[0], below[0])
    assert BEND == pytest.approx(above[1]) == pytest.approx(-below[1])


def test_places_do_not_overlap() -> None:
    """Columns go from left to right, entities of a column from top to bottom."""
    places = places_in_columns([["a"], ["a", "b"], ["b"]], 6, 2)
    assert sorted(one["a" if "a" in one else "b"][0] for one in places) == [one[next(iter(one))][0] for one in places]
    assert places[1]["a"][1] > places[1]["b"][1] and (0.0 < places[0]["a"][0] < places[2]["b"][0] < 6)


# Figures 6 and 7


def test_figure_6_needs_no_run() -> None:
    """It draws the toy family, of which the text speaks, whatever was run; nine edges lead to the answer."""
    artifact = figure_6(QUICK)
    assert "a toy family, fixed in advance" in artifact.caption and () == artifact.records
    assert 9 == artifact.data["reaches the answer"].sum()
    assert artifact.caption == figure_6(WHOLE).caption


def test_figure_7_by_hand() -> None:
    """Ten of fifteen edges at 0.3; ranks of both methods; the strongest path."""
    artifact = figure_7(WHOLE)
    assert (15, 10) == (len(artifact.data), artifact.data["kept"].sum())
    assert "Of the 3 + 6 + 6 edges of the digraph, 10 with an attention of at least 0.3" in artifact.caption
    assert "RED-GNN ranks the answer 1, DRUM ranks it 7.5." in artifact.caption
    assert "0.604, is id-1482 –nephew→ id-1432 –mother⁻¹→ id-1479 –son⁻¹→ id-1480" in artifact.alt
    assert ["family/redgnn-seed0", "family/drum-seed0"] == names(artifact.records)


def test_figure_7_without_drum_says_so() -> None:
    """The digraph is drawn all the same; a short run is marked."""
    artifact = figure_7(Archive((run_of("redgnn", 0.9, epochs=12, digraph=exemplar()),)))
    assert "DRUM was not run on this query" in artifact.caption and "12 of 50 epochs" in artifact.caption
    assert render(artifact)["png"]


def test_a_digraph_of_one_path_is_drawn() -> None:
    """One entity a column, at a threshold that nothing reaches."""
    lonely = {"query": ["1", "son"], "answer": "3", "rank": 2.5, "edges kept": 0.9, "paths": [],
              "layers": [[edge("1", "son", "2", 0.1)], [edge("2", "wife", "3", 0.2)]]}  # fmt: skip
    artifact = figure_7(Archive((run_of("redgnn", 0.9, digraph=lonely),)))
    assert "ranks the answer 2.5" in artifact.caption and render(artifact)["svg"]


# Evidence and rules


def test_evidence_by_hand() -> None:
    """The harmonic mean of precision and recall is largest at 0.3: 0.7 and 0.9."""
    artifact = own_evidence(QUICK)
    assert "attention 0.70 and 0.90; shortest path 0.80 and 0.40; random 0.30 and 0.90" in artifact.caption
    assert "At a threshold of 0.3 the attention" in artifact.alt
    assert "200 queries (8 of 50 epochs)" in artifact.caption


def test_evidence_is_a_mean_over_seeds() -> None:
    """0.7 and 0.5 give 0.6 with their deviation; where nothing is shown a precision is left out."""
    lower = {**EVIDENCE, "precision": {**EVIDENCE["precision"], "attention": [0.4, 0.5, 0.9, None]}}
    at = {"dataset": "Family-trees", "profile": "quick"}
    artifact = own_evidence(
        Archive((run_of("redgnn", 0.5, **at, evidence=EVIDENCE), run_of("redgnn", 0.5, 1, **at, evidence=lower)))
    )
    row = row_of(artifact, explainer="attention", measure="precision", threshold=0.3)
    assert (0.6, 0.2 / 2**0.5, 2) == (pytest.approx(row["mean"]), pytest.approx(row["deviation"]), row["seeds"])
    assert 1 == row_of(artifact, explainer="attention", measure="precision", threshold=0.7)["seeds"]
    assert "400 queries" in artifact.caption


@pytest.mark.parametrize(
    ("relation", "body", "expected"),
    [
        ("uncle", ("brother", "parent"), "x is an uncle of y if x is a brother of a parent of y"),
        ("son", ("inverse parent",), "x is a son of y if y is a parent of x"),
        ("nephew", ("son", "inverse uncle"), "x is a nephew of y if x is a son of z and y is an uncle of z"),
        ("friend", (), "x is a friend of y if x is y"),
    ],
)
def test_rules_are_read_aloud(relation: str, body: tuple[str, ...], expected: str) -> None:
    """Chains as "a brother of a parent", inverse steps clause by clause."""
    assert expected == sentence(relation, body)


def test_rules_by_hand() -> None:
    """Bodies that differ in identity steps alone are one: 0.5 + 0.25; two rules a relation and method."""
    artifact = own_rules(QUICK)
    said = row_of(artifact, Relation="uncle", Method="RED-GNN", Rule=sentence("uncle", ("brother", "parent")))
    assert "0.75" == said["Share or weight"]
    of_uncle = artifact.data[artifact.data["Relation"] == "uncle"]
    assert [2, 2] == [sum(of_uncle["Method"] == name) for name in ("RED-GNN", "DRUM")]
    assert "(RED-GNN 8 of 50 epochs, DRUM 8 of 50 epochs)" in artifact.caption


def test_rules_are_those_of_one_graph() -> None:
    """Rules that DRUM learned on another graph do not stand beside those of the generated families."""
    more = run_of("drum", 0.9, rules={"uncle": [{"body": ["nephew"], "weight": 1.0}]})
    assert own_rules(QUICK).data.equals(own_rules(Archive((*QUICK.filed, more))).data)


def test_archived_runs_come_before_quick_ones() -> None:
    """Of both profiles the archived runs are shown, all of one data set and variant."""
    both = Archive(
        (*QUICK.filed, run_of("redgnn", 0.9, evidence=EVIDENCE), run_of("redgnn", 0.9, 1, evidence=EVIDENCE))
    )
    assert ["family/redgnn-seed0", "family/redgnn-seed1"] == names(runs_with(both, "evidence", "redgnn"))
    assert () == runs_with(both, "rules", "nbfnet")


# Curves and benchmarks


def test_curves_by_hand() -> None:
    """Four epochs of ten seconds, so the last ends after forty; generated families only where nothing else ran."""
    artifact = own_reasoning_curves(WHOLE)
    row = row_of(artifact, dataset="family", method="RED-GNN", seed=0, epoch=50)
    assert (0.87, 40.0) == (pytest.approx(row["valid MRR"]), row["seconds of training"])
    assert "On family the highest is 0.882, by AdaProp after 40 seconds." in artifact.caption
    assert "Family-trees" not in set(artifact.data["dataset"])
    assert {"Family-trees"} == set(own_reasoning_curves(QUICK).data["dataset"])
    assert "CompGCN" not in set(artifact.data["method"])  # of another task, without seconds


def test_every_method_has_a_look() -> None:
    """No two share a colour or a marker."""
    assert set(LEVELS) == set(LOOKS)
    for part in zip(*LOOKS.values(), strict=True):
        assert len(set(part)) == len(LOOKS)


def test_speed_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians of the seconds that a benchmark printed; without files the figure says so."""
    monkeypatch.setattr(measurements, "FOLDER", tmp_path)
    assert "not run" in own_reasoning_speed(EMPTY).data.to_csv()
    assert "not run" in own_reasoning_cost(EMPTY).data.to_csv()
    kept = {
        "name": "redgnn-steps-umls", "ratio": 4.0, "cpu_ratio": 3.0, "target": 2.0, "pairs": 3,
        "plain_seconds": [4.0, 9.0, 5.0], "ours_seconds": [1.0, 1.0, 2.0], "machine": "a machine",
    }  # fmt: skip
    (tmp_path / "redgnn-steps-umls.json").write_text(json.dumps(kept), encoding="utf-8")
    artifact = own_reasoning_speed(EMPTY)
    row = row_of(artifact, work="training on umls")
    assert (5.0, 1.0, 4.0) == (row["plain seconds"], row["our seconds"], row["ratio"])
    said = "Training on umls 4.0 times faster by the clock, 3.0 times in processor time (3 pairs). "
    assert artifact.caption.endswith(f"{said}Machine: a machine.")
    peaks = {
        "name": "redgnn-memory-wn18rr", "ratio": 2.5, "pairs": 3, "plain_bytes": [5 * 2**20] * 3,
        "ours_bytes": [2**20, 2 * 2**20, 3 * 2**20],
    }  # fmt: skip
    (tmp_path / "redgnn-memory-wn18rr.json").write_text(json.dumps(peaks), encoding="utf-8")
    assert "by 2 MiB at most, the plain one by 5, 2.5 times as much (3 pairs" in own_reasoning_speed(EMPTY).caption


def test_a_file_of_another_benchmark_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy under a wrong name would show the speed of other work."""
    monkeypatch.setattr(measurements, "FOLDER", tmp_path)
    (tmp_path / "redgnn-growth.json").write_text('{"name": "par-step"}', encoding="utf-8")
    with pytest.raises(ValueError, match="holds 'par-step', expected 'redgnn-growth'"):
        own_reasoning_cost(EMPTY)


def test_kept_benchmarks_are_those_that_exist() -> None:
    """Every file is of a benchmark that can be run again."""
    from parsimony.cli.bench import benchmarks

    kept = {path.stem for path in measurements.FOLDER.glob("*.json")}
    assert {*BENCHMARKS, MEMORY, "redgnn-growth"} <= kept <= set(benchmarks())


def test_kept_benchmarks_have_the_fields_of_today() -> None:
    """Every file, and every row in it, says what `benchmarks.pairs` writes; both ratios are those of its pairs."""
    every = [json.loads(path.read_text(encoding="utf-8")) for path in measurements.FOLDER.glob("*.json")]
    for one in every:
        assert {"name", "ratio", "target", "pairs", "machine"} <= set(one)
    kept = [one for one in every if "memory" not in one["name"]]
    for one in every:
        if one not in kept:
            ratios = (plain / ours for plain, ours in zip(one["plain_bytes"], one["ours_bytes"], strict=True))
            assert statistics.median(ratios) == pytest.approx(one["ratio"])
    for one in [*kept, *(row["seconds"] for file in kept for row in file.get("rows", []))]:
        assert set(summary("", 1.0, [(Spent(1.0, 1.0), Spent(1.0, 1.0))])) <= set(one)
        for ratio, seconds in (("ratio", "seconds"), ("cpu_ratio", "cpu_seconds")):
            pairs = zip(one[f"plain_{seconds}"], one[f"ours_{seconds}"], strict=True)
            assert statistics.median(plain / ours for plain, ours in pairs) == pytest.approx(one[ratio])
        assert one["pairs"] == len(one["ours_seconds"])


def test_cost_tells_how_edges_and_seconds_grow() -> None:
    """Three graphs, three steps; each step reaches more."""
    rows = own_reasoning_cost(EMPTY).data
    assert 9 == len(rows)
    for _, part in rows.groupby("triples"):
        assert part["edges"].is_monotonic_increasing and (part["edges"] >= part["entities reached"]).all()
