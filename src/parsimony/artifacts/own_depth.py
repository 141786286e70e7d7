"""How deep PACIA looks: the layer of the relation graph that it chooses for the queries of each property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.few_shot_methods import (
    EMBEDDED,
    SHOTS,
    Method,
    Setting,
    records_of,
    settings_with_runs,
    shots_text,
)
from parsimony.artifacts.theme import SIZE, new_figure, new_mosaic, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DATASETS = ("Tox21", "SIDER", "MUV", EMBEDDED)  # ToxCast has too many properties for a bar each
COLUMNS = ["dataset", "profile", "property", "depth", "queries", "share"]


def own_depth(archive: Archive) -> Artifact:
    """Draw, for each property, the share of its queries that were scored at each depth; no single shots."""
    import pandas

    every = settings_with_runs(archive, [Setting(dataset, SHOTS[0]) for dataset in DATASETS])
    found = {setting: chosen for setting, methods in every.items() if (chosen := with_depths(methods))}
    rows = [row for setting, (one,) in found.items() for row in rows_of(setting, one)]
    return Artifact(
        id="fig-own-depth", title="The depth that PACIA chooses", caption=_caption(found, rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(rows), records=records_of(found),
    )  # fmt: skip


def with_depths(methods: Sequence[Method]) -> tuple[Method, ...]:
    """Return PACIA as its authors released it, if it ran."""
    return tuple(one for one in methods if (one.method, one.variant) == ("pacia", ""))


def rows_of(setting: Setting, one: Method) -> list[dict[str, Any]]:
    """Return the queries scored at each depth, summed over seeds."""
    counts: dict[str, list[int]] = {}
    for run in one.runs:
        for name, queries in run.record.measurements["depths"].items():
            counts[name] = [a + b for a, b in zip(counts.get(name, [0] * len(queries)), queries, strict=True)]
    return [
        dict(zip(COLUMNS, (setting.dataset, one.profile, name, depth, number, number / sum(queries)), strict=True))
        for name, queries in counts.items()
        for depth, number in enumerate(queries, start=1)
    ]


def draw_all(rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw one panel a data set, as high as it has properties."""
    if not rows:
        figure, (axes,) = new_figure(2.4)
        say_not_run(axes, "PACIA")
        return figure
    counts = {name: len({row["property"] for row in rows if row["dataset"] == name})
              for name in dict.fromkeys(row["dataset"] for row in rows)}  # fmt: skip
    figure, panels = new_mosaic(
        0.9 + sum(0.5 + 0.36 * count for count in counts.values()), [[name] for name in counts],
        height_ratios=[1 + count for count in counts.values()], sharex=True,
    )  # fmt: skip
    for name in counts:
        draw(panels[name], [row for row in rows if row["dataset"] == name])
        panels[name].set_title(name, fontsize=SIZE, weight="bold")
    panels[name].set_xlabel("share of the queries (first draw of each seed)", fontsize=SIZE)
    handles, labels = panels[name].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=SIZE, frameon=False,
                  title="scored at depth", title_fontsize=SIZE)  # fmt: skip
    return figure


def draw(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a bar a property, cut into depths from left to right, dark to light."""
    names = list(dict.fromkeys(row["property"] for row in rows))
    colours, left = shades(max(row["depth"] for row in rows)), [0.0] * len(names)
    for depth, colour in enumerate(colours, start=1):
        shares = [row["share"] for row in rows if row["depth"] == depth]
        axes.barh(range(len(names)), shares, left=left, color=colour, edgecolor="white", height=0.75, label=str(depth))
        left = [a + b for a, b in zip(left, shares, strict=True)]
    axes.set_yticks(range(len(names)), names, fontsize=SIZE)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.tick_params(axis="y", length=0)


def shades(number: int) -> list[tuple[float, float, float]]:
    """Return colours in order of lightness, which the colour-blind can tell apart."""
    import seaborn

    return seaborn.color_palette("cividis", number)


def mean_depth(rows: Sequence[dict[str, Any]]) -> float:
    """Return the mean depth over queries."""
    return sum(row["depth"] * row["queries"] for row in rows) / sum(row["queries"] for row in rows)


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say the mean depth on each data set and the properties between which it ranges."""
    said = []
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        part = [row for row in rows if row["dataset"] == dataset]
        names = dict.fromkeys(row["property"] for row in part)
        means = {name: mean_depth([row for row in part if row["property"] == name]) for name in names}
        low, high = min(means, key=lambda name: means[name]), max(means, key=lambda name: means[name])
        said.append(
            f"on {dataset} the mean depth is {mean_depth(part):.2f}, from {means[low]:.2f} ({low}) to "
            f"{means[high]:.2f} ({high})"
        )
    return "; ".join(said)


def _caption(found: Mapping[Setting, Sequence[Method]], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "PACIA scores each query molecule after one of the layers of its relation graph, chosen by a controller that "
        "reads the support set and the query. Bars: share of the queries of a test property scored after one layer, "
        "two layers, and so on. "
    )
    if not rows:
        return start + "PACIA has not been run yet."
    profiles = " and ".join(sorted({row["profile"] for row in rows}))
    return f"{start}Runs of the {profiles} profile, {shots_text(found)}: {_finding(rows)}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: PACIA has not been run, so that no depths are known."
    return f"Stacked bars, one a property: {_finding(rows)}."
