"""Artifacts of every chapter from made-up records: fit for the book, honest without runs, alike in any making."""

from __future__ import annotations

from functools import cache

import pytest
from tests import cold_start_records, few_shot_records, law_records, modularity_records, reasoning_records

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.catalogue import ARTIFACTS, build
from parsimony.book.publish import check_artifact, render
from parsimony.records import Archive

COLD_START = (
    "fig-4", "tab-3", "tab-own-closed-forms", "fig-own-leak", "fig-own-gates", "fig-own-planted", "fig-own-cost",
)  # fmt: skip
LAWS = (
    "fig-8",
    "tab-own-laws",
    "tab-own-recovery",
    "fig-own-recovery",
    "fig-9",
    "tab-own-pedestrians",
    "fig-own-trajectories",
)
REASONING = (
    "tab-6", "tab-own-reasoning-hits", "fig-7", "fig-own-evidence", "tab-own-rules", "fig-own-reasoning-curves",
    "fig-6", "fig-own-reasoning-speed", "fig-own-reasoning-cost",
)  # fmt: skip
WITHOUT_RUNS = (  # drawn from none, or from benchmarks
    "fig-5", "fig-6", "fig-own-reasoning-speed", "fig-own-reasoning-cost", "tab-own-few-shot-speed",
)  # fmt: skip


def of_notebook(name: str) -> tuple[str, ...]:
    """Return the artifacts that a notebook publishes."""
    return tuple(identifier for identifier, entry in ARTIFACTS.items() if entry.notebook == name)


# Made-up runs by state, for groups of artifacts.
GROUPS = {
    COLD_START: {"whole": cold_start_records.whole_archive()},
    of_notebook("training"): {"quick": few_shot_records.quick_archive(), "whole": few_shot_records.whole_archive()},
    REASONING: {"quick": reasoning_records.quick_archive(), "whole": reasoning_records.whole_archive()},
    LAWS: {"quick": law_records.QUICK, "whole": law_records.WHOLE},
    of_notebook("modularity"): {"whole": modularity_records.whole_archive()},
}
ARCHIVES = {identifier: {"empty": Archive(), **archives} for group, archives in GROUPS.items() for identifier in group}
CASES = [(identifier, state) for identifier, archives in ARCHIVES.items() for state in archives]


@cache
def made(identifier: str, state: str) -> Artifact:
    """Make an artifact once for all tests that only look at it."""
    return build(identifier, ARCHIVES[identifier][state])


@pytest.mark.parametrize(("identifier", "state"), CASES)
def test_every_artifact_can_be_published(identifier: str, state: str) -> None:
    """Without records, with quick ones and with all: fit for the book, and every file is written."""
    artifact = made(identifier, state)
    check_artifact(artifact)
    files = render(artifact)
    assert ({"csv", "png", "svg", "pdf"} if artifact.figure else {"csv"}) == set(files)
    assert all(files.values())


@pytest.mark.parametrize("identifier", [name for name in ARCHIVES if name not in WITHOUT_RUNS])
def test_what_is_missing_says_so(identifier: str) -> None:
    """No record: the words "not run" stand in the data, and no record is named; with records some are."""
    artifact = made(identifier, "empty")
    assert "not run" in artifact.data.to_csv()
    assert () == artifact.records
    assert made(identifier, "whole").records


@pytest.mark.parametrize(("identifier", "state"), CASES)
def test_the_catalogue_names_what_an_artifact_shows(identifier: str, state: str) -> None:
    """Every run behind it is of a method and a data set of its entry, and the titles agree."""
    artifact, entry = made(identifier, state), ARTIFACTS[identifier]
    assert (identifier, entry.title) == (artifact.id, artifact.title)
    asked = [one.record.specification for one in artifact.records]
    assert {one.method for one in asked} <= set(entry.methods)
    assert {one.dataset for one in asked} <= set(entry.datasets)


@pytest.mark.parametrize("identifier", ARCHIVES)
def test_two_makings_are_equal(identifier: str) -> None:
    """Caption, alternative text and data depend on the records alone, not on their order."""
    first = made(identifier, "whole")
    second = build(identifier, Archive(ARCHIVES[identifier]["whole"].filed[::-1]))
    assert (first.caption, first.alt) == (second.caption, second.alt)
    assert first.data.equals(second.data)
