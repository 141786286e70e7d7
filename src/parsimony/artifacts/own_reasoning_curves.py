"""Validation MRR against seconds of training, one line a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import name_of
from parsimony.artifacts.reasoning_runs import LOOKS, TASK, look_of
from parsimony.artifacts.table_6 import COLUMNS as GRAPHS
from parsimony.artifacts.table_6 import GENERATED
from parsimony.artifacts.theme import SIZE, in_whole_decades, new_figure, new_panels, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ["dataset", "profile", "method", "seed", "epoch", "training loss", "valid MRR", "seconds of training"]


def own_reasoning_curves(archive: Archive) -> Artifact:
    """Draw a panel for each graph; that of the generated families only where nothing else was run."""
    import pandas

    found = runs_by_graph(archive)
    rows = [row for graph, runs in found.items() for one in runs for row in course(graph, one)]
    return Artifact(
        id="fig-own-reasoning-curves", title="What a minute of training buys", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=draw(found),
        records=tuple(one for runs in found.values() for one in runs),
    )  # fmt: skip


def runs_by_graph(archive: Archive) -> dict[str, list[Filed]]:
    """Return the runs of every method on each graph: archived ones, or where a graph has none the quick ones."""
    found = {graph: runs for graph in GRAPHS if (runs := runs_on(archive, graph))}
    return {graph: runs for graph, runs in found.items() if graph != GENERATED} or found


def runs_on(archive: Archive, graph: str) -> list[Filed]:
    """Return the runs of one graph."""
    for profile in ("paper", "quick"):
        every = (one for method in LOOKS for one in runs_of_method(archive, method, graph, profile))
        if runs := [one for one in every if one.record.specification.task == TASK]:
            return runs
    return []


def course(graph: str, one: Filed) -> list[dict[str, Any]]:
    """Return the epochs of a run, each with the seconds of all epochs up to it."""
    asked, epochs = one.record.specification, one.record.measurements["curve"]
    named = (graph, asked.profile, name_of(asked.method), asked.seed)
    so_far = accumulate(seconds for _, _, _, seconds, _ in epochs)
    return [
        dict(zip(COLUMNS, (*named, *epoch[:3], seconds), strict=True))
        for epoch, seconds in zip(epochs, so_far, strict=True)
    ]


def draw(found: Mapping[str, Sequence[Filed]]) -> Figure:
    """Draw all graphs, two side by side, with one key."""
    if not found:
        figure, (axes,) = new_figure(2.4)
        say_not_run(axes, "reasoning on knowledge graphs")
        return figure
    figure, panels = new_panels(list(found), 2, 3.0, "validation MRR")
    handles: dict[str, object] = {}
    for graph, runs in found.items():
        draw_graph(panels[graph], graph, runs)
        lines, names = panels[graph].get_legend_handles_labels()
        handles |= dict(zip(names, lines, strict=True))
    figure.legend(
        handles.values(), handles, loc="outside lower center", ncols=len(LOOKS), fontsize=SIZE, frameon=False
    )  # fmt: skip
    return figure


def draw_graph(axes: Axes, graph: str, runs: Sequence[Filed]) -> None:
    """Draw the runs on one graph; a ring marks the epoch that was chosen."""
    named = set()
    for one in runs:
        asked, rows = one.record.specification, course(graph, one)
        label = None if asked.method in named else name_of(asked.method)
        named.add(asked.method)
        x, y = [row["seconds of training"] for row in rows], [row["valid MRR"] for row in rows]
        look = look_of(asked.method)
        axes.plot(x, y, label=label, linewidth=1.3, markersize=3, alpha=0.85, **look)
        chosen = [row["epoch"] for row in rows].index(one.record.measurements["epoch"])
        axes.plot(x[chosen], y[chosen], marker="o", markersize=9, markerfacecolor="none", color=look["color"])
    axes.set_title(graph, fontsize=SIZE, weight="bold")
    in_whole_decades(axes)
    axes.set_xlabel("seconds of training", fontsize=SIZE)


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Validation MRR after each epoch against the seconds of training so far (logarithmic; evaluation not counted), "
        "one line a run. A ring marks the epoch whose weights were tested. Times of runs on unlike machines do not "
        "compare; a processor's are its own, whatever else it does. "
    )
    if not rows:
        return start + "No method has been run yet."
    profiles = " and ".join(sorted({row["profile"] for row in rows}))
    return f"{start}Runs of the {profiles} profile. {' '.join(_best(rows, name) for name in _graphs(rows))}"


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method of reasoning on knowledge graphs has been run."
    return f"Learning curves, rising with time. {' '.join(_best(rows, name) for name in _graphs(rows))}"


def _graphs(rows: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["dataset"] for row in rows))


def _best(rows: Sequence[dict[str, Any]], graph: str) -> str:
    """Say which method reaches the highest validation MRR on a graph, and after which time."""
    best = max((row for row in rows if row["dataset"] == graph), key=lambda row: row["valid MRR"])
    return (
        f"On {graph} the highest is {best['valid MRR']:.3f}, by {best['method']} after "
        f"{best['seconds of training']:,.0f} seconds."
    )
