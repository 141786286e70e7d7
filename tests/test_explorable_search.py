"""Searches that readers step through: words of a flow, candidates, plot."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.law_records import CIRCUIT, FULL, LOG, law_run

from parsimony.artifacts.explorable_search import flow_in_words
from parsimony.artifacts.figure_8 import figure_8
from parsimony.book.search_explorer import search_explorer
from parsimony.book.search_plot import Scale, search_plot
from parsimony.records import Archive

FIGURE = figure_8(Archive((law_run("gsr", "heat", 0.9, state="stale"), law_run("gsr", "circuit", 0.9))))
FIRST, SECOND = FIGURE.explanation["searches"]


def test_flows_in_words_by_hand() -> None:
    """Variables of the data, sums over them, and what earlier functions gave."""
    assert flow_in_words(FULL) == (
        "Each edge gives 8 numbers from R; and V_i, V_j. Each node gives 8 numbers from the sum of what the edges "
        "give; and V. The whole graph gives 1 number from the sum of what the edges give; and the sum of what the "
        "nodes give."
    )
    assert "Each edge gives 2 numbers from the numbers of this edge; and the numbers of its two nodes." == (
        flow_in_words("e2(E, V; 2)")
    )
    assert "Each node gives 1 number from the mean of a, b over the edges; and the numbers of the whole graph." == (
        flow_in_words("v2(mean E: a b, U; 1)")
    )
    assert "The whole graph gives 1 number from the sum of what the edges give, linearly." == (
        flow_in_words("u1(linear sum E; 1)")
    )


@pytest.mark.parametrize("flow", ["x1(E; 1)", "e1(E: R)", "e1(Q; 1)"])
def test_what_is_no_flow_is_refused(flow: str) -> None:
    """An unknown level of a layer, a layer without size, an unknown input."""
    with pytest.raises(ValueError, match="expected a text such as"):
        flow_in_words(flow)


def test_the_searches_say_what_their_records_say() -> None:
    """The example first; each finished training is a candidate, and those of the front are the least losses so far."""
    assert ["circuit", "heat"] == [FIRST["title"], SECOND["title"]]
    assert "has changed since" in SECOND["note"] and "has changed since" not in FIRST["note"]
    assert [one[1] for one in LOG if one[2] is not None] == [one["flow"] for one in FIRST["candidates"]]
    assert {(3, 0.02), (5, 0.017)} == {(one["complexity"], one["loss"]) for one in FIRST["candidates"] if one["front"]}
    assert (CIRCUIT, ["e1 = (V_i - V_j)**2/R", "u1 = 0.5*e1_0"]) == (FIRST["settled"], FIRST["formulas"])
    assert 2 == len(FIGURE.records) and {} == figure_8(Archive()).explanation


def test_the_axis_by_hand() -> None:
    """From 1 to 100 with six hundredths to spare at each end: 10 stands in the middle, 1 at 3/56 of the way."""
    axis = Scale([1, 100], 0, 112)
    assert [6, 56, 106] == pytest.approx([axis(one) for one in (1, 10, 100)])
    assert [1, 2, 100] == axis.ticks([0.5, 1, 2, 100, 200])
    assert 5 == pytest.approx(Scale([7], 0, 10)(7))


def test_the_plot_is_sound_xml_with_every_candidate() -> None:
    """Simpler flows stand to the left, better ones below; the front falls."""
    drawn = ElementTree.fromstring(search_plot(FIRST["candidates"], "a label"))
    points = {int(one.get("data-number")): one for one in drawn.findall("circle[@data-number]")}
    assert len(FIRST["candidates"]) == len(points)
    for one in FIRST["candidates"]:
        for other in FIRST["candidates"]:
            x, other_x = (float(points[each["number"]].get("cx")) for each in (one, other))
            y, other_y = (float(points[each["number"]].get("cy")) for each in (one, other))
            assert (one["complexity"] < other["complexity"]) == (x < other_x)
            assert (one["loss"] < other["loss"]) == (y > other_y)
    steps = [float(one) for one in re.findall(r"V([\d.]+)", drawn.find("path[@class='front']").get("d"))]
    assert steps and steps == sorted(steps)


def test_without_a_script_the_candidates_are_there() -> None:
    """The list stands open, the controls wait; titles are escaped."""
    text = search_explorer("fig-8", {"searches": [FIRST, {**SECOND, "title": "A < B"}]})
    assert 'class="explorer-controls" hidden' in text and 1 == text.count('id="fig-8-search-1" hidden')
    assert 2 * len(FIRST["candidates"]) == text.count("<li data-number=") and 2 == text.count("<details open>")
    assert "A &lt; B" in text and "(V_i - V_j)**2/R" in text and 2 == text.count("<svg")
