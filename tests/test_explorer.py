"""Graphs that readers explore: what is drawn, said and listed."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from tests.reasoning_records import exemplar, run_of

from parsimony.artifacts.explorable_digraph import explorable, question
from parsimony.artifacts.figure_7 import explorable_graphs, figure_7
from parsimony.artifacts.reasoning_digraph import INVERSE, layers_of
from parsimony.book.explorer import explorer
from parsimony.book.graph_layout import Layout
from parsimony.records import Archive

GRAPH = explorable(exemplar(), "family")


def test_an_explorable_digraph_says_what_its_record_says() -> None:
    """Every edge of the record, read aloud; an inverse one from its tail; paths by the product of their gates."""
    assert sum(map(len, layers_of(exemplar()))) == len(GRAPH["edges"]) == 15
    first = GRAPH["edges"][0]
    assert ("id-1482 is a nephew of id-1432", "fact", 0.99, 0) == tuple(
        first[name] for name in ("text", "kind", "weight", "layer")
    )
    assert "id-1432 is an uncle of id-1482" == GRAPH["edges"][2]["text"] and "inverse" == GRAPH["edges"][2]["kind"]
    assert "stays at id-1482" == GRAPH["edges"][1]["text"]
    weights = [path["weight"] for path in GRAPH["paths"]]
    assert weights == sorted(weights, reverse=True) and 5 == len(weights)
    for path in GRAPH["paths"]:
        steps = [GRAPH["edges"][place] for place in path["edges"]]
        assert [0, 1, 2] == [step["layer"] for step in steps]
        assert all(before["tail"] == after["head"] for before, after in itertools.pairwise(steps))
        product = steps[0]["weight"] * steps[1]["weight"] * steps[2]["weight"]
        assert path["weight"] == pytest.approx(product, abs=1e-4)


def test_a_query_is_asked_in_good_english() -> None:
    """With an article, and for the head of the facts where the relation is walked backwards."""
    assert "family: id-1482 is a son of whom?" == GRAPH["title"]
    assert "x is an aunt of whom?" == question("x", "aunt")
    assert "who is a term of agreement of x?" == question("x", f"{INVERSE}term_of_agreement")


def test_the_drawing_is_sound_xml_with_every_edge_and_node() -> None:
    """Nodes can be reached by keyboard, edges say their fact, parallel edges bend apart."""
    text = explorer("fig-7", [GRAPH, {**GRAPH, "title": "A < B"}], "attention")
    first = ElementTree.fromstring(re.search(r"<svg.*?</svg>", text, re.DOTALL)[0])
    edges = first.findall("path")
    assert 15 == len(edges) and 15 == len({edge.get("d") for edge in edges})
    assert "(nephew, attention 0.99)" in edges[0].find("title").text
    nodes = first.findall("g")
    assert sum(map(len, GRAPH["columns"])) == len(nodes)
    assert all(("0", "button", "false") == tuple(map(one.get, ("tabindex", "role", "aria-pressed"))) for one in nodes)
    assert "A &lt; B" in text and 2 == text.count("<svg") and 1 == text.count('id="fig-7-graph-1" hidden')


def test_without_a_script_the_words_are_there() -> None:
    """The controls wait for the script; paths and the table of edges do not."""
    text = explorer("fig-7", [GRAPH], "attention")
    assert 'class="explorer-controls" hidden' in text
    assert 5 == text.count("<li data-edges=") and "All 15 edges as a table" in text
    assert "id-1482 is a nephew of id-1432" in text.split("<ol>")[1]


def test_places_by_hand() -> None:
    """Two columns of one and two names: the ends of a line of 720 by 138, the second column at its quarters."""
    layout = Layout([["a"], ["b", "c"]])
    assert (720, 138) == (layout.width, layout.height)
    assert [(70, 69), (650, 34.5), (650, 103.5)] == [layout.place(*one) for one in ((0, "a"), (1, "b"), (1, "c"))]
    assert "M81.7 69.0 Q360.0 51.8 638.3 34.5" == layout.curve(0, "a", "b", 0)
    assert "ABCDEFGHIJKLMNO…" == layout.short("ABCDEFGHIJKLMNOPQRS")


def test_browsed_queries_follow_the_figure() -> None:
    """The exemplar first, then the kept queries of one run a graph, the archived one before quick ones."""
    quick = run_of("redgnn", 0.9, dataset="Family-trees", profile="quick", digraphs=[exemplar(), exemplar()])
    paper = run_of("redgnn", 0.9, digraph=exemplar(), digraphs=[exemplar()])
    second = run_of("redgnn", 0.9, 1, digraph=exemplar(), digraphs=[exemplar()] * 4)
    found = figure_7(Archive((quick, paper, second)))
    assert ["family", "family", "Family-trees", "Family-trees"] == [one["title"].split(":")[0] for one in found.graphs]
    assert {paper.path, quick.path} == {one.path for one in found.records}
    assert () == explorable_graphs(None, [])
