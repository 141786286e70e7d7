"""The ledger holds each published value against the runs of the same method and data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from book_samples import sample_run
from parsimony.book.ledger import line, ours, runs_behind
from parsimony.published import Cell
from parsimony.records import Archive, Filed

CELL = Cell("tab-2", "DistMult", "UMLS", "MRR", 0.55, 3, None, "somewhere")


def variant(filed: Filed, name: str) -> Filed:
    """Return the run under a variant."""
    asked = replace(filed.record.specification, variant=name)
    return replace(filed, record=replace(filed.record, specification=asked))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two paper runs, a quick run, and a narrower paper run."""
    paper = (sample_run(tmp_path, 0, "paper"), sample_run(tmp_path, 1, "paper"))
    return Archive((*paper, sample_run(tmp_path, 0), variant(sample_run(tmp_path, 2, "paper"), "d64")))


def test_a_cell_takes_the_paper_runs_without_variant(archive: Archive) -> None:
    """Quick runs and departures do not enter the mean."""
    names = [one.record.specification.name for one in runs_behind(CELL, archive)]
    assert ["UMLS/distmult-seed0", "UMLS/distmult-seed1"] == names


def test_a_departure_stands_in_where_there_is_nothing_else(archive: Archive) -> None:
    """It is named as what it is."""
    only = Archive(archive.filed[3:])
    assert "1 of UMLS/distmult-d64" == line(CELL, runs_behind(CELL, only))["runs"]


def test_a_plus_is_part_of_the_name(archive: Archive) -> None:
    """DistMult+ is another method than DistMult."""
    assert () == runs_behind(replace(CELL, row="DistMult+"), archive)


def test_a_line_carries_mean_deviation_and_verdict(archive: Archive) -> None:
    """0.5 and 0.6 against 0.550: the distance is nothing."""
    found = line(CELL, runs_behind(CELL, archive))
    assert ("0.550", "0.550 ± 0.071", "reproduced") == (found["published"], found["ours"], found["verdict"])


def test_a_cell_without_a_run_says_so() -> None:
    """Never a blank, never the published number."""
    found = line(CELL, runs_behind(CELL, Archive()))
    assert ("not run", "not run", "") == (found["ours"], found["verdict"], found["runs"])


@pytest.mark.parametrize(("expected", "values"), [("not run", []), ("0.500", [0.5]), ("0.500 ± 0.000", [0.5, 0.5])])
def test_ours_is_written_with_its_spread(expected: str, values: list[float]) -> None:
    """One run has no spread."""
    assert expected == ours(values, 3)
