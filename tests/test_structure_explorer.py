"""Structures that readers compare: which are offered, and what stands in the page."""

from __future__ import annotations

import re

from tests.run_samples import GRID, filed, small_archive

from parsimony.artifacts.explorable_structures import explorable_structures
from parsimony.artifacts.figure_3 import figure_3
from parsimony.book.structure_explorer import structure_explorer
from parsimony.records import Archive

EXPLANATION, RUNS = explorable_structures(small_archive())


def test_the_best_search_stands_first_and_known_models_follow() -> None:
    """Of two seeds that with the better validation MRR; a known model with the mean over the searches."""
    (data,) = EXPLANATION["datasets"]
    assert ("UMLS", ["AutoBLM", "DistMult", "SimplE"]) == (data["name"], [one["name"] for one in data["structures"]])
    notes = [one["note"] for one in data["structures"]]
    assert "seed 1): validation MRR 0.910" in notes[0] and "0.885, mean of 2 searches" in notes[1]
    assert GRID == data["structures"][0]["entries"] and 2 == len(RUNS)


def test_runs_of_older_code_show_only_where_there_are_no_others() -> None:
    """A better structure of older code gives way to one of today's; alone it is shown, and says so."""
    old, new = filed("autoblm", 0.95, search=True, state="stale"), filed("autoblm", 0.9, 1, search=True)
    (data,) = explorable_structures(Archive((old, new)))[0]["datasets"]
    assert "seed 1): validation MRR 0.900" in data["structures"][0]["note"]
    (data,) = explorable_structures(Archive((old,)))[0]["datasets"]
    assert "seed 0, by code that has changed since): validation MRR 0.950" in data["structures"][0]["note"]


def test_graphs_without_a_search_show_what_was_trained_on_them() -> None:
    """The mean over archived runs, one run called so; quick runs are no part of it."""
    runs = [filed("complex", mrr, seed, dataset="WN18RR") for seed, mrr in enumerate((0.4, 0.5))]
    runs += [filed("autoblm", 0.6, dataset="WN18RR"), filed("simple", 0.6, profile="quick", dataset="WN18RR")]
    (data,) = explorable_structures(Archive(tuple(runs)))[0]["datasets"]
    assert ["AutoBLM, published structure", "ComplEx"] == [one["name"] for one in data["structures"]]
    assert ["0.600, one run.", "0.450, mean of 2 runs."] == [one["note"][-len(end) :] for one, end in zip(
        data["structures"], ("0.600, one run.", "0.450, mean of 2 runs."), strict=True)]  # fmt: skip


def test_the_figure_rests_on_every_run_that_it_shows() -> None:
    """Runs of the explorer are among those of the figure; without a run there is nothing to explore."""
    archive = small_archive()
    assert {one.path for one in explorable_structures(archive)[1]} <= {one.path for one in figure_3(archive).records}
    assert ({}, ()) == explorable_structures(Archive())


def test_the_page_holds_every_grid_and_says_every_cell() -> None:
    """One button for each cell that holds a term, with sign and relation part; names are escaped."""
    one = {"name": "A < B", "note": "Made up.", "entries": GRID}
    text = structure_explorer("fig-3", {"datasets": [{"name": "Toy", "structures": [one, one]}]})
    assert 2 * 6 == text.count("<button") == len(re.findall(r'data-place="\d+" aria-pressed="false"', text))
    assert 1 == text.count('id="fig-3-structure-0-1" hidden') and 'class="explorer-controls" hidden' in text
    assert "A &lt; B" in text and ">−r₄</button>" in text and "f(h, r, t) = " in text
    assert 'title="⟨h₃, r₄, t₄⟩: part 3 of the head times part 4 of the relation' in text
    assert "All 2 structures as a table" in text
