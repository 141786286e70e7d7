"""What makes the rule find modules: with and without each of its additions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, spread_text
from parsimony.artifacts.figure_mod_5 import searches
from parsimony.records import Archive, Filed

COLUMNS = ("Rule", "m", "Frequencies", "Modules found", "Projections kept", "Nearest |cos| of a start", "Seeds")


def table_mod_3(archive: Archive) -> Artifact:
    """Return one line a rule and task."""
    import pandas

    runs = searches(archive)
    groups: dict[tuple, list[dict[str, Any]]] = {}
    for one in runs:
        for row in one.record.measurements["searches"]:
            key = (row["rule"], row["dimension"], tuple(row["frequencies"]), row["modules"])
            groups.setdefault(key, []).append(row)
    lines = [line(*key, rows) for key, rows in sorted(groups.items(), key=lambda pair: pair[0][1:3])]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "Modules found": NOT_RUN}
    return Artifact(
        id="tab-mod-3", title="What makes the rule find modules", caption=_caption(runs),
        data=pandas.DataFrame(lines or [empty], columns=list(COLUMNS)), records=runs,
    )  # fmt: skip


def line(rule: str, dimension: int, frequencies: Sequence[float], modules: int, rows: Sequence[dict]) -> dict[str, str]:
    """Write one rule on one task."""
    cells = (
        rule, str(dimension), ", ".join(f"{one:g}" for one in frequencies),
        f"{statistics.fmean(row['found'] for row in rows):.1f} of {modules}",
        f"{statistics.fmean(row['kept'] for row in rows):.1f}",
        spread_text([row["cosine"] for row in rows], 2), str(len(rows)),
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _caption(runs: Sequence[Filed]) -> str:
    start = (
        "Projections that the rule finds before any training. A module counts as found if a projection kept has |cos| "
        "above 0.9 with its direction. Rule: parts of degree one and two removed from the target, penalty 1; then only "
        "degree one removed; raw: nothing removed but the mean, as the rule is printed; and a penalty of 0.01. "
    )
    if not runs:
        return start + "No search has been run yet."
    row = runs[0].record.measurements["searches"][0]
    return f"{start}{row['samples']:,} samples; runs of the {runs[0].record.specification.profile} profile."
