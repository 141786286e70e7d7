"""Is it fit or transfer that is missing? Whole runs on new properties, and on those that they learnt from."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.few_shot_methods import MEASURE, TASK, Method, Setting
from parsimony.artifacts.names import name_of
from parsimony.artifacts.own_best_evaluation import BEST as BEST_EVALUATION
from parsimony.artifacts.own_learning_curves import published_value
from parsimony.artifacts.own_tuning import WORDS, text_of
from parsimony.artifacts.run_schedule import is_short
from parsimony.records import Archive, Filed

TASKS = (TASK, f"annealed {TASK}")
SETTING = Setting("Tox21", 10)
SLOW = ("slow", "together")  # variants at another learning rate than the authors'
LAST = 5  # evaluations; their mean is steadier than any of them
SHALLOW = {"num_layers": 3, "width": 200, "dropout": 0.1}  # of the authors' program, where few layers are asked
DIGITS = 4
NEAR = 0.02
LEARNT, NEW, TESTED, BEST, PUBLISHED = "Learnt", "New", "Tested", "Best", "Printed"
COLUMNS = ("Method", "Settings", LEARNT, NEW, TESTED, BEST, PUBLISHED)


def own_fit(archive: Archive) -> Artifact:
    """Return a row for each archived run that went through the whole schedule."""
    import pandas

    found = (one for task in TASKS for one in archive.find(task=task, dataset=SETTING.dataset, profile="paper"))
    runs = [one for one in found if is_asked(one) and not is_short(one) and watches_training(one)]
    rows = [row_of(one) for one in runs]
    empty = {**dict.fromkeys(COLUMNS, NOTHING), NEW: NOT_RUN}
    return Artifact(
        id="tab-own-fit", title="Properties learnt from and new ones", caption=_caption(rows, runs),
        data=pandas.DataFrame(rows or [empty], columns=list(COLUMNS)), records=tuple(runs),
    )  # fmt: skip


def is_asked(one: Filed) -> bool:
    """Tell whether a run had as many known molecules as asked."""
    return one.record.measurements["shots"] == SETTING.shots


def watches_training(one: Filed) -> bool:
    """Tell whether the curve's second exam is on properties learnt from: no other is held out in the last training."""
    asked = one.record.specification.settings
    return not asked.get("held_out") or bool(asked.get("candidates"))


def row_of(one: Filed) -> dict[str, Any]:
    """Return the row of one run."""
    asked, measured = one.record.specification, one.record.measurements
    learnt, new = (late_mean(measured["curve"], column) for column in (3, 2))
    published = published_value(SETTING, Method(asked.method, "", (one,)))
    texts = (
        NOTHING if value is None else f"{value:.{DIGITS}f}"
        for value in (learnt, new, one.record.metrics[MEASURE], one.record.metrics[BEST_EVALUATION], published)
    )
    cells = (name_of(asked.method), chosen_text(one), *texts)
    return dict(zip(COLUMNS, cells, strict=True))


def late_mean(curve: Sequence[Sequence[float]], column: int) -> float:
    """Return the mean of a column over the last evaluations of a curve."""
    return statistics.fmean(row[column] for row in curve[-LAST:])


def chosen_text(one: Filed) -> str:
    """Write in which settings a run departs from the authors', whether held-out properties chose them or not."""
    if trials := one.record.measurements["tuning"]:
        return text_of(max(trials, key=lambda trial: trial[f"validation {MEASURE}"])["settings"])
    asked = one.record.specification.settings
    first = asked.get("first", asked)
    changed = {"options": {name: value for name, value in first.get("options", {}).items() if name in WORDS}}
    if one.record.specification.variant in SLOW:
        changed["learning_rate"] = first["learning_rate"]
    text = short_text(changed)
    return f"{text}; {asked['annealed']} at {asked['factor']:g}" if "annealed" in asked else text


def short_text(changed: Mapping[str, Any]) -> str:
    """Write what is changed, the numbers of the shallow encoder as one word."""
    options = changed["options"]
    if not SHALLOW.items() <= options.items():
        return text_of(changed)
    rest = {**changed, "options": {name: value for name, value in options.items() if name not in SHALLOW}}
    return "shallow" if list(rest) == ["options"] and not rest["options"] else f"shallow, {text_of(rest)}"


def _caption(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    start = (
        f"{MEASURE} of the runs on {SETTING.label} that went through the whole schedule, on the meta-training "
        f"properties that they learnt from and on new, meta-testing ones: the mean over the last {LAST} evaluations; "
        "then for the new ones the final test, which draws more support sets, the best of all evaluations, and the "
        "published value, which is such a best one. Settings: what differs from the authors', and how many "
        "meta-iterations went on at which share of the rate. "
    )
    printed = [row for row in rows if row[PUBLISHED] != NOTHING]
    if not printed:
        return start + "No such run yet."
    seeds = " and ".join(map(str, sorted({one.record.specification.seed for one in runs})))
    return f"{start}Shallow: {text_of({'options': SHALLOW})}. One row a run, of seed {seeds}. {_finding(printed)}"


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say how far new properties stay behind those learnt from, and what comes near the published values."""
    behind = [float(row[LEARNT]) - float(row[NEW]) for row in rows]
    above = sum(float(row[PUBLISHED]) > float(row[LEARNT]) for row in rows)
    return (
        f"New properties stay behind those learnt from by {min(behind):.3f} to {max(behind):.3f}; in {above} of "
        f"{len(rows)} rows the published value lies above both. Within {NEAR:g} of it in the final test: "
        f"{_near(rows, TESTED)}. Within {NEAR:g} if chosen as it was, by the best evaluation: {_near(rows, BEST)}."
    )


def _near(rows: Sequence[dict[str, Any]], column: str) -> str:
    """Name the runs that come near the published value, or lie above it."""
    near = [row for row in rows if float(row[PUBLISHED]) - float(row[column]) <= NEAR]
    return " and ".join(f"{row['Method']} ({row['Settings']})" for row in near) or "none"
