"""Every test property on its own: ROC-AUC of each method, with its spread over draws of the support set."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.few_shot_methods import (
    CHANCE,
    EMBEDDED,
    SHOTS,
    Method,
    Setting,
    look_of,
    records_of,
    settings_with_runs,
)
from parsimony.artifacts.theme import INK, SOFT, new_figure, new_panels, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DATASETS = ("Tox21", "SIDER", "MUV", EMBEDDED)  # ToxCast has too many properties for a panel each
COLUMNS = ["dataset", "profile", "property", "method", "draws", "ROC-AUC", "deviation", "least", "greatest"]
SIZE = 9.5  # points
LONGEST = 23  # letters of a title


def own_per_property(archive: Archive) -> Artifact:
    """Draw a panel for each test property, a line a method; ten shots."""
    import pandas

    found = settings_with_runs(archive, [Setting(dataset, SHOTS[0]) for dataset in DATASETS])
    rows = [row for setting, methods in found.items() for one in methods for row in rows_of(setting, one)]
    return Artifact(
        id="fig-own-per-property", title="Every property on its own", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(found, rows), records=records_of(found),
    )  # fmt: skip


def rows_of(setting: Setting, one: Method) -> list[dict[str, Any]]:
    """Return mean and spread over all draws of all seeds, property by property."""
    return [
        dict(zip(COLUMNS, (setting.dataset, one.profile, name, one.name, len(values), statistics.fmean(values),
                           statistics.stdev(values), min(values), max(values)), strict=True))
        for name, values in one.draws().items()
    ]  # fmt: skip


def draw_all(found: Mapping[Setting, Sequence[Method]], rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw all properties, three side by side."""
    if not rows:
        figure, (axes,) = new_figure(2.4)
        say_not_run(axes, "few-shot property prediction")
        return figure
    methods = {(setting.dataset, one.name): one for setting, every in found.items() for one in every}
    keys = list(dict.fromkeys((row["dataset"], row["property"]) for row in rows))
    most = max(sum(dataset == one for one, _ in methods) for dataset, _ in methods)
    figure, panels = new_panels([" ".join(key) for key in keys], 3, 0.9 + 0.19 * most)
    for number, key in enumerate(keys):
        part = [row for row in rows if (row["dataset"], row["property"]) == key]
        draw(panels[" ".join(key)], part, methods, is_first=number % 3 == 0)
    return figure


def draw(
    axes: Axes, rows: Sequence[dict[str, Any]], methods: Mapping[tuple[str, str], Method], *, is_first: bool
) -> None:
    """Draw one property: a dot with a bar for each method, the best of the data set on top."""
    for y, row in enumerate(rows):
        axes.plot([row["least"], row["greatest"]], [y, y], color="#b8c2cc", linewidth=1)
        axes.errorbar(
            row["ROC-AUC"], y, xerr=row["deviation"], markersize=6, elinewidth=2,
            **look_of(methods[row["dataset"], row["method"]]),
        )  # fmt: skip
    axes.axvline(CHANCE, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
    axes.set_title(f"{rows[0]['dataset']}\n{shortened(rows[0]['property'])}", fontsize=SIZE, weight="bold")
    axes.set_yticks(range(len(rows)), [row["method"] for row in rows] if is_first else [], fontsize=SIZE)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("test ROC-AUC", fontsize=SIZE)
    axes.grid(axis="y", color=SOFT)
    axes.tick_params(axis="y", length=0)


def shortened(name: str) -> str:
    """Cut a name that is too long for a title."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def hardest_and_easiest(rows: Sequence[dict[str, Any]]) -> str:
    """Say on which property the methods are worst and best on average, and how far draws lie apart."""
    means = {
        key: statistics.fmean(row["ROC-AUC"] for row in rows if (row["dataset"], row["property"]) == key)
        for key in dict.fromkeys((row["dataset"], row["property"]) for row in rows)
    }
    low, high = min(means, key=lambda key: means[key]), max(means, key=lambda key: means[key])
    spread = statistics.fmean(row["deviation"] for row in rows)
    return (
        f"Averaged over the methods, {' '.join(low)} is the hardest ({means[low]:.3f}) and {' '.join(high)} the "
        f"easiest ({means[high]:.3f}); the deviation over draws is {spread:.3f} on average"
    )


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Test ROC-AUC of every meta-testing property for ten known molecules of either class. Dot: mean over the draws "
        "of the support set, of all seeds; thick bar: deviation over these draws; thin line: from the worst to the "
        "best draw; dashed: a score that says nothing. Methods stand in the order of their mean on the data set. "
    )
    if not rows:
        return start + "No method has been run yet."
    profiles = " and ".join(sorted({row["profile"] for row in rows}))
    draws = sorted({row["draws"] for row in rows})
    counts = str(draws[0]) if len(draws) == 1 else f"{draws[0]} to {draws[-1]}"
    return f"{start}Runs of the {profiles} profile, {counts} draws each. {hardest_and_easiest(rows)}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method of few-shot property prediction has been run."
    return f"Dots with bars, one panel a property and one line a method. {hardest_and_easiest(rows)}."
