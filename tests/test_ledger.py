"""The ledger holds each published value against the runs of the same method and data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from book_samples import sample_run
from parsimony.artifacts.cells import NOTHING, difference_text
from parsimony.artifacts.table_2 import runs_of
from parsimony.book.ledger import identities, line, ours, runs_behind
from parsimony.experiments.archive import open_archive
from parsimony.published import Cell, read_table
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


def names(runs: Sequence[Filed]) -> list[str]:
    """Return the names of runs."""
    return [one.record.specification.name for one in runs]


def test_a_quick_run_stands_for_no_published_value(archive: Archive) -> None:
    """Only the paper profile enters the mean."""
    assert "UMLS/distmult-quick-seed0" not in names(runs_behind(CELL, archive))


def test_ledger_and_table_rest_on_the_same_runs(archive: Archive) -> None:
    """Variants included, since one function chooses for both."""
    found = names(runs_behind(CELL, archive))
    assert names(runs_of(archive, CELL, "paper")) == found
    assert {"UMLS/distmult-seed0", "UMLS/distmult-seed1"} <= set(found)


def test_a_cell_of_the_archive_rests_on_one_variant() -> None:
    """A mean over runs with different settings would be the result of none."""
    cells = {(cell.row, cell.column): cell for cell in read_table("tab-2") if cell.measure == "MRR"}
    found = [identities(runs_behind(cell, open_archive())) for cell in cells.values()]
    assert any(found)
    assert [] == [one for one in found if len(one) > 1]


def test_a_cell_that_no_table_shows_takes_the_runs_without_variant(archive: Archive) -> None:
    """Quick runs and departures do not enter the mean."""
    other = replace(CELL, table="tab-9")
    assert ["UMLS/distmult-seed0", "UMLS/distmult-seed1"] == names(runs_behind(other, archive))


@pytest.mark.parametrize("table", ["tab-2", "tab-9"])
def test_a_departure_stands_in_where_there_is_nothing_else(archive: Archive, table: str) -> None:
    """It is named as what it is."""
    cell, only = replace(CELL, table=table), Archive(archive.filed[3:])
    assert "1 of UMLS/distmult-d64" == line(cell, runs_behind(cell, only))["runs"]


def test_runs_of_two_variants_are_both_named(archive: Archive) -> None:
    """Whoever reads the line sees that the mean is over two settings."""
    paper = archive.find(profile="paper")
    assert "2 of UMLS/distmult, 1 of UMLS/distmult-d64" == line(CELL, paper)["runs"]


def test_a_plus_is_part_of_the_name(archive: Archive) -> None:
    """DistMult+ is another method than DistMult."""
    assert () == runs_behind(replace(CELL, row="DistMult+"), archive)


def test_a_line_carries_mean_deviation_and_verdict(archive: Archive) -> None:
    """0.5 and 0.6 against 0.550: the distance is nothing."""
    found = line(CELL, archive.find(profile="paper", variant=""))
    assert ("0.550", "0.550 ± 0.071", "reproduced") == (found["published"], found["ours"], found["verdict"])


def test_a_cell_without_a_run_says_so() -> None:
    """Never a blank, never the published number."""
    found = line(CELL, runs_behind(CELL, Archive()))
    assert ("not run", "not run", "") == (found["ours"], found["verdict"], found["runs"])


@pytest.mark.parametrize(("expected", "values"), [("not run", []), ("0.500", [0.5]), ("0.500 ± 0.000", [0.5, 0.5])])
def test_ours_is_written_with_its_spread(expected: str, values: list[float]) -> None:
    """One run has no spread."""
    assert expected == ours(values, 3)


@pytest.mark.parametrize(
    ("expected", "values"), [("+0.010", [0.56]), ("-0.050", [0.4, 0.6]), ("0.000", [0.5498]), (NOTHING, [])]
)
def test_a_difference_that_rounds_to_nothing_has_no_sign(expected: str, values: list[float]) -> None:
    """Published are 0.55."""
    assert expected == difference_text(CELL, values, 3)
