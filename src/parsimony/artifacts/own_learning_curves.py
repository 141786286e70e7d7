"""Learning curves: test ROC-AUC of each method against meta-iterations, beside the published value."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.few_shot_methods import (
    CHANCE,
    Method,
    Setting,
    encoder_note,
    look_of,
    records_of,
    schedules,
    settings_with_runs,
)
from parsimony.artifacts.own_adaptation import add_key
from parsimony.artifacts.table_5 import METHOD_OF_ROW, column_of
from parsimony.artifacts.theme import INK, SIZE, new_figure, new_panels, say_not_run
from parsimony.published import read_table
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ["dataset", "shots", "profile", "method", "iteration", "training loss", "ROC-AUC", "deviation", "seeds"]
SEVERAL = 4  # times as long, and the axis turns logarithmic
MARKS = 10  # of a line at most


def own_learning_curves(archive: Archive) -> Artifact:
    """Draw a panel for each setting, a line a method."""
    import pandas

    found = settings_with_runs(archive)
    rows = [row for setting, methods in found.items() for one in methods for row in course(setting, one)]
    return Artifact(
        id="fig-own-learning-curves", title="Learning curves", caption=_caption(found, rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(found, rows), records=records_of(found),
    )  # fmt: skip


def course(setting: Setting, one: Method) -> list[dict[str, Any]]:
    """Return mean and deviation over seeds at every evaluation that all seeds share."""
    curves = [{row[0]: row for row in run.record.measurements["curve"]} for run in one.runs]
    rows = []
    for iteration in sorted(set.intersection(*map(set, curves))):
        values = [curve[iteration][2] for curve in curves]
        loss = statistics.fmean(curve[iteration][1] for curve in curves)
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        numbers = (iteration, loss, statistics.fmean(values), deviation, len(values))
        rows.append(dict(zip(COLUMNS, (*setting, one.profile, one.name, *numbers), strict=True)))
    return rows


def draw_all(found: Mapping[Setting, Sequence[Method]], rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw all settings, two side by side, with one key."""
    if not found:
        figure, (axes,) = new_figure(2.4)
        say_not_run(axes, "few-shot property prediction")
        return figure
    figure, panels = new_panels([setting.label for setting in found], 2, 3.1, "test ROC-AUC")
    for setting, methods in found.items():
        axes = panels[setting.label]
        for one in methods:
            part = [row for row in rows if (row["dataset"], row["shots"], row["method"]) == (*setting, one.name)]
            draw(axes, one, part)
            draw_published(axes, setting, one)
        axes.axhline(CHANCE, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
        axes.set_title(setting.label, fontsize=SIZE, weight="bold")
        scale_iterations(axes, methods)
        axes.set_xlabel("meta-iterations", fontsize=SIZE)
    add_key(figure, panels)
    return figure


def scale_iterations(axes: Axes, methods: Sequence[Method]) -> None:
    """Begin at zero, or go logarithmic where one method trained several times as long as another."""
    lengths = [one.length for one in methods]
    if max(lengths) > SEVERAL * min(lengths):
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)


def draw(axes: Axes, one: Method, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the line of one method with its deviation over seeds."""
    x, y = [row["iteration"] for row in rows], [row["ROC-AUC"] for row in rows]
    every = -(-len(x) // MARKS)
    axes.plot(x, y, linewidth=1.5, markersize=5, markevery=every, label=one.name, **look_of(one))
    low, high = ([row["ROC-AUC"] + side * row["deviation"] for row in rows] for side in (-1, 1))
    axes.fill_between(x, low, high, color=look_of(one)["color"], alpha=0.15, linewidth=0)


def draw_published(axes: Axes, setting: Setting, one: Method) -> None:
    """Draw a dotted line at the published value of a method, if there is one."""
    value = published_value(setting, one)
    if value is not None:
        axes.axhline(value, color=look_of(one)["color"], linestyle=":", linewidth=1.4)


def published_value(setting: Setting, one: Method) -> float | None:
    """Return the published ROC-AUC of a method; a variant of ours has none."""
    cells = (cell for cell in read_table("tab-5") if cell.column == column_of(setting) and not one.variant)
    return next((cell.value for cell in cells if METHOD_OF_ROW[cell.row] == one.method), None)


def _caption(found: dict[Setting, tuple[Method, ...]], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "ROC-AUC on the meta-testing properties against meta-iterations; each evaluation draws fewer support sets than "
        "the final one. Line and band: mean and deviation over seeds; dotted: the published value of the method of "
        "this colour; dashed: a score that says nothing. Where lengths differ much the axis is logarithmic. No choice "
        "is made here: tables take the last iteration. "
    )
    if not rows:
        return start + "No method has been run yet."
    profiles = " and ".join(sorted({row["profile"] for row in rows}))
    return f"{start}Runs of the {profiles} profile. Schedule: {schedules(found)}.{encoder_note(records_of(found))}"


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method of few-shot property prediction has been run."
    return f"Learning curves. {'; '.join(_ends(rows, *key) for key in dict.fromkeys(map(_setting, rows)))}."


def _setting(row: dict[str, Any]) -> tuple[str, int]:
    return row["dataset"], row["shots"]


def _ends(rows: Sequence[dict[str, Any]], dataset: str, shots: int) -> str:
    """Say between which values the curves of a setting start and end."""
    part = [row for row in rows if _setting(row) == (dataset, shots)]
    curves = [[row["ROC-AUC"] for row in part if row["method"] == name]
              for name in dict.fromkeys(row["method"] for row in part)]  # fmt: skip
    first, last = ([curve[end] for curve in curves] for end in (0, -1))
    return (
        f"On {dataset}, {shots}-shot, {len(curves)} curves start between {min(first):.3f} and {max(first):.3f} and end "
        f"between {min(last):.3f} and {max(last):.3f}"
    )
