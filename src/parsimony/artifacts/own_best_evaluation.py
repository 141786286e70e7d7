"""What choosing the best evaluation on the test properties is worth, against a fixed iteration."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, mean_text, values_of
from parsimony.artifacts.few_shot_methods import MEASURE, Method, Setting, records_of, settings_with_runs
from parsimony.records import Archive

BEST = f"best-evaluation {MEASURE}"
DIGITS = 4
COLUMNS = ("Data", "Shots", "Method", "Last iteration", "Best evaluation", "Gain", "Evaluations", "Schedule", "Profile")


def own_best_evaluation(archive: Archive) -> Artifact:
    """Return both numbers of each method in each setting, and their difference."""
    import pandas

    found = settings_with_runs(archive)
    rows = [row_of(setting, one) for setting, methods in found.items() for one in methods]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "Last iteration": NOT_RUN}
    return Artifact(
        id="tab-own-best-evaluation", title="The last iteration and the best evaluation", caption=_caption(found),
        data=pandas.DataFrame(rows or [empty], columns=list(COLUMNS)), records=records_of(found),
    )  # fmt: skip


def row_of(setting: Setting, one: Method) -> dict[str, Any]:
    """Return the row of one method."""
    evaluations = sorted({len(run.record.measurements["curve"]) for run in one.runs})
    cells = (
        *setting, one.name, mean_text(one.runs, MEASURE, DIGITS), mean_text(one.runs, BEST, DIGITS),
        f"{gain_of(one):+.{DIGITS}f}", " or ".join(map(str, evaluations)), one.iterations, one.profile,
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def gain_of(one: Method) -> float:
    """Return by how much the best evaluation is above the last iteration, averaged over seeds."""
    pairs = zip(values_of(one.runs, BEST), values_of(one.runs, MEASURE), strict=True)
    return statistics.fmean(best - last for best, last in pairs)


def _caption(found: dict[Setting, tuple[Method, ...]]) -> str:
    start = (
        "ROC-AUC at the last iteration, as in all other tables, beside the highest of all evaluations on the test "
        "properties, which is how the authors' programs choose what they print. The second uses the labels of the test "
        "properties to stop and draws fewer support sets, so that it is optimistic; it is shown for comparison only "
        "and enters no verdict. "
    )
    methods = [one for every in found.values() for one in every]
    if not methods:
        return start + "No method has been run yet."
    return start + _finding([(one.name, gain_of(one)) for one in methods])


def _finding(gains: Sequence[tuple[str, float]]) -> str:
    """Say the mean gain and the largest."""
    name, most = max(gains, key=lambda pair: pair[1])
    mean = statistics.fmean(gain for _, gain in gains)
    return (
        f"Over {len(gains)} rows the choice is worth {mean:+.{DIGITS}f} on average, at most {most:+.{DIGITS}f} "
        f"({name})."
    )
