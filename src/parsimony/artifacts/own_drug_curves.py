"""Validation score against processor minutes of training, one line a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.interaction_runs import METHODS, SETTINGS, look_of, measure_of, runs_in, shown_set
from parsimony.artifacts.names import name_of
from parsimony.artifacts.theme import SIZE, in_whole_decades, new_mosaic, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = [
    "dataset",
    "profile",
    "setting",
    "method",
    "seed",
    "epoch",
    "minutes",
    "training loss",
    "valid score",
    "chosen",
]


def own_drug_curves(archive: Archive) -> Artifact:
    """Draw a panel for each setting of the data set shown."""
    import pandas

    found = {setting: runs for setting in SETTINGS if (runs := runs_on(archive, setting))}
    rows = [row for setting, runs in found.items() for one in runs for row in course(one, setting)]
    return Artifact(
        id="fig-own-drug-curves", title="What a minute of training buys, drug by drug", caption=_caption(rows),
        alt=_alt(rows), data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(found), records=tuple({one.path: one for runs in found.values() for one in runs}.values()),
    )  # fmt: skip


def runs_on(archive: Archive, setting: str) -> list[Filed]:
    """Return the runs of every method that recorded a curve in a setting."""
    place = shown_set(archive)
    every = (one for method in METHODS if place for one in runs_in(archive, method, *place, setting))
    return [one for one in every if course(one, setting)]


def course(one: Filed, setting: str) -> list[dict[str, Any]]:
    """Return the epochs of a run that looked at the validation pairs of a setting."""
    asked, measured = one.record.specification, one.record.measurements
    named = (asked.dataset, asked.profile, setting, asked.method, asked.seed)
    chosen = measured.get("chosen_epochs", {}).get(setting)
    return [
        dict(zip(COLUMNS, (*named, row["epoch"], row["minutes"], row.get("loss"), row[f"valid {setting}"],
                           row["epoch"] == chosen), strict=True))
        for row in measured.get("curve", [])
        if f"valid {setting}" in row
    ]  # fmt: skip


def draw_all(found: Mapping[str, Sequence[Filed]]) -> Figure:
    """Draw the settings side by side with one key."""
    if not found:
        figure, axes = new_mosaic(2.4, [["none"]])
        say_not_run(axes["none"], "trainings on interactions of drugs")
        return figure
    figure, axes = new_mosaic(3.9, [list(found)], sharey=True)
    handles: dict[str, object] = {}
    for setting, runs in found.items():
        draw(axes[setting], setting, runs)
        lines, names = axes[setting].get_legend_handles_labels()
        handles |= dict(zip(names, lines, strict=True))
    first = next(iter(found))
    measure = measure_of(found[first][0].record.specification.dataset, first).partition(" ")[2]
    axes[first].set_ylim(bottom=0)
    axes[first].set_ylabel(f"validation {measure}", fontsize=SIZE)
    columns = 3 if len(handles) <= 6 else 5
    figure.legend(
        handles.values(), handles, loc="outside lower center", ncols=columns, fontsize=SIZE - 1, frameon=False
    )
    return figure


def draw(axes: Axes, setting: str, runs: Sequence[Filed]) -> None:
    """Draw the runs of one setting; a ring marks the epoch that was chosen."""
    named = set()
    for one in runs:
        method, rows = one.record.specification.method, course(one, setting)
        label = None if method in named else name_of(method)
        named.add(method)
        look = look_of(method)
        x, y = [row["minutes"] for row in rows], [row["valid score"] for row in rows]
        axes.plot(x, y, label=label, linewidth=1.2, markersize=3.5, alpha=0.85, **look)
        for row in rows:
            if row["chosen"]:
                axes.plot(row["minutes"], row["valid score"], marker="o", markersize=9, markerfacecolor="none",
                          color=look["color"])  # fmt: skip
    axes.set_title(f"{setting}: {SETTINGS[setting]}", fontsize=SIZE - 0.5, weight="bold")
    in_whole_decades(axes)
    axes.set_xlabel("processor minutes", fontsize=SIZE)
    axes.tick_params(labelsize=SIZE - 1)
    axes.grid(axis="y", color="#e3e8ec", linewidth=0.7)


def best_text(rows: Sequence[dict[str, Any]], setting: str) -> str:
    """Say which method reaches the highest validation score of a setting, and after how many minutes."""
    best = max((row for row in rows if row["setting"] == setting), key=lambda row: row["valid score"])
    return (
        f"in {setting} the highest is {best['valid score']:.3f}, by {name_of(best['method'])} after "
        f"{time_text(best['minutes'])}"
    )


def time_text(minutes: float) -> str:
    """Write a time in minutes, a short one in seconds."""
    return f"{minutes:.1f} minutes" if minutes >= 1 else f"{60 * minutes:.0f} seconds"


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say the best of every setting."""
    said = "; ".join(best_text(rows, setting) for setting in dict.fromkeys(row["setting"] for row in rows))
    return f"{said[0].upper()}{said[1:]}."


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "The measure that chooses an epoch, on the validation pairs of each setting, against the processor minutes of "
        "training so far (logarithmic), looks at the validation pairs included; one line a run. A ring marks the epoch "
        "whose weights were tested. Methods that are fitted rather than trained, CSMDDI and HIN-DDI, are one dot. "
    )
    if not rows:
        return start + "No method has been run yet."
    return f"{start}Runs of the {rows[0]['profile']} profile on {rows[0]['dataset']}: {finding(rows)}"


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method has been trained on interactions of drugs."
    return f"Learning curves against minutes, a panel a setting. {finding(rows)}"
