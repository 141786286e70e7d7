"""Compositional images, clean, in unseen combinations and noisy: published on photographs, ours on digits."""

from __future__ import annotations

from collections.abc import Sequence

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_AVAILABLE, NOT_RUN, NOTHING, spread_text
from parsimony.artifacts.figure_mod_6 import METHOD_OF_ROW
from parsimony.artifacts.image_cells import DATASET, METHODS, PRINTED, TESTS, image_runs, reference
from parsimony.artifacts.names import name_of
from parsimony.artifacts.sine_cells import Sweep, records_of
from parsimony.published import read_table
from parsimony.records import Archive

COLUMNS = ("Method", "Test", f"Published, {PRINTED}", f"Ours, {DATASET}", "Seeds", f"Ours, {PRINTED}")
MEASURES = {"test": "accuracy", "unseen": "unseen accuracy", "noisy": "noisy accuracy"}


def table_mod_4(archive: Archive) -> Artifact:
    """Return one line a method and test."""
    import pandas

    digits = {one.method: one for one in image_runs(archive)}
    photographs = {one.method: one for one in image_runs(archive, PRINTED)}
    lines = [line(method, test, digits.get(method), photographs.get(method)) for test in TESTS for method in METHODS]
    found = [*digits.values(), *photographs.values()]
    return Artifact(
        id="tab-mod-4", title="Compositional images: clean, unseen, noisy", caption=_caption(list(digits.values())),
        data=pandas.DataFrame(lines, columns=list(COLUMNS)), records=records_of(found), published="tab-mod-4",
    )  # fmt: skip


def line(method: str, test: str, digits: Sweep | None, photographs: Sweep | None) -> dict[str, str]:
    """Write one method on one test."""
    printed = {
        (METHOD_OF_ROW[cell.row], cell.measure): f"{cell.value:.{cell.digits}f}"
        for cell in read_table("tab-mod-4")
        if cell.value is not None
    }
    cells = (
        name_of(method), TESTS[test], printed.get((method, MEASURES[test]), NOT_AVAILABLE), accuracy(digits, test),
        NOTHING if digits is None else str(len(digits.runs)), accuracy(photographs, test),
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def accuracy(one: Sweep | None, test: str) -> str:
    """Write the accuracy in the cell that stands for the runs."""
    return NOT_RUN if one is None else spread_text(one.values(test, **reference(one)), 4)


def _caption(found: Sequence[Sweep]) -> str:
    start = (
        "Accuracy of each image of a tuple: on other images in combinations of classes that trained, in combinations "
        "that did not, and with noise added to the test images. The paper prints values on photographs for unseen "
        "combinations and noise; digits are our substitute, which needs no download and is far easier, so the "
        "levels do not compare. "
    )
    if not found:
        return start + "No classifier has been trained yet."
    one = found[0]
    return (
        f"{start}Ours: {reference(one)['slots']} images a tuple, {reference(one)['samples']:,} tuples, runs of the "
        f"{one.profile} profile, mean ± deviation over seeds."
    )
