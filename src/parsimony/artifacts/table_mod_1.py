"""The scaling law beside its simulation, value by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.law_points import is_inside, law_runs, loss_rows, sample_rows
from parsimony.records import Archive

COLUMNS = ("Quantity", "m", "K", "n", "p of one", "Closed form", "Simulated", "95 % interval", "Relative error")


def table_mod_1(archive: Archive) -> Artifact:
    """Return one line a quantity and point."""
    import pandas

    runs = law_runs(archive)
    rows = [*loss_rows(runs), *sample_rows(runs)] if runs else []
    lines = [line(row) for row in rows] or [{**dict.fromkeys(COLUMNS, NOTHING), "Simulated": NOT_RUN}]
    return Artifact(
        id="tab-mod-1", title="The scaling law beside its simulation", caption=_caption(rows, len(runs)),
        data=pandas.DataFrame(lines, columns=list(COLUMNS)), records=runs,
    )  # fmt: skip


def line(row: dict[str, Any]) -> dict[str, str]:
    """Write one value; m is what a module sees, and modules of theorem 2 see one dimension."""
    digits = 1 if row["quantity"] == "samples needed" else 4
    cells = (
        row["quantity"], str(row["dimension"]), str(row["modules"]), str(row["samples"]) or NOTHING,
        str(row["parameters"]), f"{row['predicted']:.{digits}f}", f"{row['simulated']:.{digits}f}",
        f"{row['low']:.{digits}f} to {row['high']:.{digits}f}",
        f"{100 * row['relative']:.1f} %" if row["predicted"] > 0 else NOTHING,
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _caption(rows: Sequence[dict[str, Any]], seeds: int) -> str:
    start = (
        "Expected losses (divided by the variance of the target) and samples needed by theorems 1 and 2, and the same "
        "by simulation. m: dimensions that a network or a module sees; K: modules, 1 for a single network; n: samples; "
        "p: parameters of each. "
    )
    if not rows:
        return start + "No check has been run yet."
    inside = sum(map(is_inside, rows))
    return f"{start}{inside} of {len(rows)} closed forms lie in the 95 % interval; {seeds} seed{'s' * (seeds > 1)}."
