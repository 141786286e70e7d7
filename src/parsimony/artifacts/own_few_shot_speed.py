"""How much faster meta-iterations and tests on Tox21 are than in the official order; from benchmarks."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.measurements import read_measurement
from parsimony.records import Archive

WORK = {  # name of the benchmark without its precision -> what is timed
    "par-step": "meta-iteration of PAR", "pacia-step": "meta-iteration of PACIA", "par-test": "full test of PAR",
}  # fmt: skip
PRECISIONS = {"": "float32", "-bfloat16": "bfloat16"}
AUTHORS = "par-authors"  # their own program, against ours in bfloat16
ROWS = {
    **{work + end: (said, precision) for work, said in WORK.items() for end, precision in PRECISIONS.items()},
    AUTHORS: ("authors' program of PAR", "bfloat16"),
}
COLUMNS = ("Work", "Products", "Official order", "Ours", "Ratio", "Target", "Pairs")


def own_few_shot_speed(archive: Archive) -> Artifact:
    """Return a row for each piece of work and precision."""
    import pandas

    kept = {name: read_measurement(name) for name in ROWS}
    rows = [row_of(ROWS[name], found) for name, found in kept.items()]
    return Artifact(
        id="tab-own-few-shot-speed", title="What sharing work saves",
        caption=_caption([found for found in kept.values() if found]) + _likeness(kept[AUTHORS]),
        data=pandas.DataFrame(rows, columns=list(COLUMNS)),
    )  # fmt: skip


def row_of(named: tuple[str, str], kept: dict[str, Any] | None) -> dict[str, Any]:
    """Return the row of one benchmark, in processor seconds; `named` says what is timed, and in which precision."""
    if kept is None:
        return dict(zip(COLUMNS, (*named, NOT_RUN, *[NOTHING] * 4), strict=True))
    plain, ours = (f"{statistics.median(kept[f'{way}_cpu_seconds']):.2f} s" for way in ("plain", "ours"))
    cells = (*named, plain, ours, f"{kept['cpu_ratio']:.1f} ×", f"{kept['target']:g} ×", kept["pairs"])
    return dict(zip(COLUMNS, cells, strict=True))


def _caption(measured: Sequence[dict[str, Any]]) -> str:
    start = (
        "Processor seconds (median) on Tox21, 10-shot, of a plain program in the order of the authors' and of ours, in "
        "turn within one process, from the same weights on the same episodes; the ratio is the median over pairs. A "
        "meta-iteration has nine properties with 20 support and 16 query molecules, forward and backward; the full "
        "test has three properties, five support sets each, all other molecules asked. The plain program always "
        "computes in float32; of its test one batch in fifty is timed and the seconds are scaled. "
    )
    if not measured:
        return start + "No benchmark is kept in data/measurements yet."
    missed = sum(one["cpu_ratio"] < one["target"] for one in measured)
    machines = "; ".join(dict.fromkeys(one["machine"] for one in measured))
    verdict = f"{missed} of {len(measured)} miss their target" if missed else "All reach their target"
    return f"{start}{verdict}. Machine: {machines}."


def _likeness(kept: dict[str, Any] | None) -> str:
    """Say how near the authors' own program is to ours, if that was measured."""
    if kept is None:
        return ""
    return (
        " The last row is a meta-iteration of the authors' own program. With dropout off and the batches of "
        "normalisation as theirs, "
        f"its loss differs from ours by {kept['loss_difference']:.1g}, its {kept['gradient_numbers']:,} gradients by "
        f"{kept['gradient_difference']:.1g} of their norm, as float32 rounds."
    )
