"""The parsimony of adaptation: ROC-AUC against the numbers that a property may change."""

from __future__ import annotations

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
    settings_with_runs,
)
from parsimony.artifacts.theme import INK, SIZE, new_figure, new_panels, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ["dataset", "shots", "profile", "method", "adaptive parameters", "ROC-AUC", "deviation", "iterations"]
LEAST = 1  # adaptive parameters where the axis turns logarithmic; zero stands left of it


def own_adaptation(archive: Archive) -> Artifact:
    """Draw a panel for each setting, a point a method."""
    import pandas

    found = settings_with_runs(archive)
    rows = [row_of(setting, one) for setting, methods in found.items() for one in methods]
    return Artifact(
        id="fig-own-parsimony-of-adaptation", title="The parsimony of adaptation",
        caption=_caption(rows) + encoder_note(records_of(found)), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(found), records=records_of(found),
    )  # fmt: skip


def row_of(setting: Setting, one: Method) -> dict[str, Any]:
    """Return what is drawn of one method in one setting."""
    values = (*setting, one.profile, one.name, one.adaptive_parameters, one.mean, one.deviation, one.iterations)
    return dict(zip(COLUMNS, values, strict=True))


def draw_all(found: Mapping[Setting, Sequence[Method]]) -> Figure:
    """Draw all settings, two side by side, with one key."""
    if not found:
        figure, (axes,) = new_figure(2.4)
        say_not_run(axes, "few-shot property prediction")
        return figure
    figure, panels = new_panels([setting.label for setting in found], 2, 3.1, "test ROC-AUC")
    for setting, methods in found.items():
        draw(panels[setting.label], methods)
        panels[setting.label].set_title(setting.label, fontsize=SIZE, weight="bold")
    add_key(figure, panels)
    return figure


def draw(axes: Axes, methods: Sequence[Method]) -> None:
    """Draw the points of one setting over an axis that is logarithmic and holds zero."""
    for one in methods:
        axes.errorbar(
            one.adaptive_parameters, one.mean, yerr=one.deviation or None, markersize=8, elinewidth=1.2,
            linestyle="none", label=one.name, **look_of(one),
        )  # fmt: skip
    say_lengths(axes, methods)
    axes.axhline(CHANCE, color=INK, linestyle=(0, (4, 3)), linewidth=0.9)
    axes.set_xscale("symlog", linthresh=LEAST, linscale=0.6)
    axes.set_xlim(-0.4, 2e8)  # room for the words beside the points
    axes.set_xticks([0, 1e1, 1e3, 1e5, 1e7])
    axes.set_xlabel("adaptive parameters of a property", fontsize=SIZE)


def say_lengths(axes: Axes, methods: Sequence[Method]) -> None:
    """Write how long each method trained beside its point, where not all trained equally long."""
    if len({one.length for one in methods}) == 1:
        return
    for one in methods:
        axes.annotate(
            f"{one.length:,}", (one.adaptive_parameters, one.mean), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=SIZE - 2,
        )  # fmt: skip


def add_key(figure: Figure, panels: Mapping[Any, Axes]) -> None:
    """Name each method once, below all panels."""
    named = {
        name: handle for axes in panels.values() for handle, name in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(named.values()), list(named), loc="outside lower center", ncols=4, fontsize=SIZE, frameon=False)


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Mean test ROC-AUC of each method against its adaptive parameters: the numbers that differ between two "
        "properties (logarithmic axis, zero at its left end). Upper left is parsimonious. Bars: deviation over seeds; "
        "dashed: a score that says nothing. Where methods of a panel trained for different lengths, the number of "
        "meta-iterations stands beside each point, and only points of equal length compare. "
    )
    return start + (_finding(rows) if rows else "No method has been run yet.")


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    """Name the best method of each setting with its numbers."""
    best = best_rows(rows)
    profiles = " and ".join(sorted({row["profile"] for row in rows}))
    return f"Runs of the {profiles} profile. Highest: {'; '.join(map(row_text, best))}."


def best_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the row with the highest ROC-AUC of each setting."""
    settings = dict.fromkeys((row["dataset"], row["shots"]) for row in rows)
    return [
        max((row for row in rows if (row["dataset"], row["shots"]) == key), key=lambda row: row["ROC-AUC"])
        for key in settings
    ]


def row_text(row: dict[str, Any]) -> str:
    """Write setting, method, ROC-AUC, adaptive parameters and iterations."""
    return (
        f"on {row['dataset']}, {row['shots']}-shot, {row['method']} with {row['ROC-AUC']:.4f} and "
        f"{row['adaptive parameters']:,} adaptive parameters ({row['iterations']})"
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method of few-shot property prediction has been run."
    return f"Scatter plots of {len(rows)} runs of methods. Highest: {'; '.join(map(row_text, best_rows(rows)))}."
