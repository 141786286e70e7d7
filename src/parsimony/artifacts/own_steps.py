"""The choice of a step of the sine networks, made again on draws that no other run uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, spread_text
from parsimony.artifacts.sine_cells import KINDS, Sweep, records_of, sweeps
from parsimony.records import Archive

FEW, MANY = "choice-1200", "choice-4800"
HEADS = {FEW: "1,200 steps of 256 rows", MANY: "4,800 steps of 64 rows"}
COLUMNS = ("Method", "Test", *HEADS.values(), "Smaller", "Seeds")
Pair = Mapping[str, Sweep]


def own_steps(archive: Archive) -> Artifact:
    """Return one line a method and test."""
    import pandas

    pairs = paired(archive)
    lines = [line(pair, kind) for pair in pairs for kind in KINDS]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), HEADS[FEW]: NOT_RUN, HEADS[MANY]: NOT_RUN}
    return Artifact(
        id="tab-own-steps", title="The size of a step, chosen again", caption=_caption(pairs),
        data=pandas.DataFrame(lines or [empty], columns=list(COLUMNS)),
        records=tuple(run for pair in pairs for run in records_of(list(pair.values()))),
    )  # fmt: skip


def paired(archive: Archive) -> list[Pair]:
    """Return both sweeps of each method that has both."""
    found = {variant: {one.method: one for one in sweeps(archive, variant)} for variant in HEADS}
    return [{variant: found[variant][method] for variant in HEADS} for method in found[FEW] if method in found[MANY]]


def line(pair: Pair, kind: str) -> dict[str, str]:
    """Write both errors of one method on one test."""
    best = min(HEADS, key=lambda variant: pair[variant].mean(kind))
    each = (spread_text(pair[variant].values(kind), 4) for variant in HEADS)
    cells = (pair[FEW].name, KINDS[kind], *each, HEADS[best], str(len(pair[FEW].runs)))
    return dict(zip(COLUMNS, cells, strict=True))


def _caption(pairs: Sequence[Pair]) -> str:
    start = (
        "Mean squared error divided by the variance of the target, mean ± deviation over seeds, for two sizes of a "
        "step over as many rows in all. The choice was first made with a look at test losses of a seed that the other "
        "tables hold; these draws of the task stand in no other table. "
    )
    if not pairs:
        return start + "No network has been trained for this yet."
    asked = pairs[0][FEW].runs[0].record
    (cell,) = asked.measurements["cells"]
    return (
        f"{start}m = {cell['dimension']}, n = {cell['samples']:,}; runs of the {asked.specification.profile} profile. "
        f"{_finding(pairs)}"
    )


def _finding(pairs: Sequence[Pair]) -> str:
    """Say for which methods the short steps have the smaller mean error in distribution."""
    better = [pair[MANY].name for pair in pairs if pair[MANY].mean("test") < pair[FEW].mean("test")]
    names = "; ".join(better) if better else "no method"
    return f"In distribution, {HEADS[MANY]} have the smaller mean error for {names}: {len(better)} of {len(pairs)}."
