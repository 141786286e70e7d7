"""When not to trust a prediction: accuracy by how well an emerging drug is known, and by how far the pair is apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.interaction_runs import FLOW, SETTINGS, best_rival, look_of, origin_text, pooled, runs_with
from parsimony.artifacts.names import name_of
from parsimony.artifacts.theme import SIZE, new_mosaic, say_not_run
from parsimony.evaluation.intervals import share_interval
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = tuple(SETTINGS)[:2]  # where a drug is emerging
PARTS = {"by_degree": "facts of the emerging drug in the network", "by_hops": "steps between both drugs"}
COLUMNS = ["setting", "part", "bin", "method", "asked", "accuracy", "low", "high", "runs"]
APART = 0.09  # how far two methods of one bin are drawn apart


def own_trust(archive: Archive) -> Artifact:
    """Draw accuracy with intervals in bins of degree and of distance, EmerGNN beside its best rival."""
    import pandas

    found = groups(archive)
    rows = [
        row
        for (setting, method), runs in found.items()
        for part in PARTS
        for row in rows_of(setting, part, method, runs)
    ]
    return Artifact(
        id="fig-own-trust", title="When not to trust it", caption=_caption(found, rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=draw_all(rows),
        records=tuple({one.path: one for runs in found.values() for one in runs}.values()),
    )  # fmt: skip


def groups(archive: Archive) -> dict[tuple[str, str], tuple[Filed, ...]]:
    """Return the runs of EmerGNN and of the best rival by setting and method."""
    every = {
        (setting, method): runs_with(archive, "by_degree", setting, method)
        for setting in SHOWN
        for method in (FLOW, best_rival(archive, setting))
        if method
    }
    return {key: runs for key, runs in every.items() if runs}


def rows_of(setting: str, part: str, method: str, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Return the share that is right in each bin that holds pairs, over all runs."""
    sums = pooled(runs, part, setting, lambda line: bin_text(part, line))
    return [
        dict(zip(COLUMNS, (setting, part, name, method, asked, hits / asked, *share_interval(hits, asked), len(runs)),
                 strict=True))
        for name, (asked, hits) in sums.items()
        if asked
    ]  # fmt: skip


def bin_text(part: str, line: dict[str, Any]) -> str:
    """Name a bin."""
    if part == "by_hops":
        return "no path\nof 3" if line["hops"] is None else str(line["hops"])
    low, high = line["from"], line["to"]
    return str(low) if low == high else f"{low}+" if high is None else f"{low}–{high}"


def draw_all(rows: Sequence[dict[str, Any]]) -> Figure:
    """Draw a row a setting: degree to the left, distance to the right."""
    if not rows:
        figure, axes = new_mosaic(2.4, [["none"]])
        say_not_run(axes["none"], "errors of EmerGNN")
        return figure
    shown = list(dict.fromkeys(row["setting"] for row in rows))
    figure, axes = new_mosaic(
        0.7 + 2.6 * len(shown), [[f"{setting} {part}" for part in PARTS] for setting in shown], width_ratios=[1.35, 1]
    )
    for setting in shown:
        for part in PARTS:
            chosen = [row for row in rows if (row["setting"], row["part"]) == (setting, part)]
            draw(axes[f"{setting} {part}"], chosen, PARTS[part])
        axes[f"{setting} by_degree"].set_ylabel("share that is right", fontsize=SIZE)
        axes[f"{setting} by_degree"].set_title(
            f"{setting}: {SETTINGS[setting]}", fontsize=SIZE, weight="bold", loc="left"
        )
    handles: dict[str, object] = {}
    for panel in axes.values():
        marks, names = panel.get_legend_handles_labels()
        handles |= dict(zip(names, marks, strict=True))
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    return figure


def draw(axes: Axes, rows: Sequence[dict[str, Any]], across: str) -> None:
    """Draw the bins of one panel with intervals, and below each how many pairs it holds."""
    names = list(dict.fromkeys(row["bin"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for order, method in enumerate(methods):
        part = [row for row in rows if row["method"] == method]
        x = [names.index(row["bin"]) + APART * (2 * order - len(methods) + 1) for row in part]
        y = [row["accuracy"] for row in part]
        reach = [[row["accuracy"] - row["low"] for row in part], [row["high"] - row["accuracy"] for row in part]]
        axes.errorbar(x, y, yerr=reach, linestyle="none", capsize=2, elinewidth=1, markersize=6, label=name_of(method),
                      **look_of(method))  # fmt: skip
    counts = {row["bin"]: row["asked"] // row["runs"] for row in rows}
    axes.set_xticks(range(len(names)), [f"{name}\n({counts[name]:,})" for name in names], fontsize=SIZE - 1.5)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel(across, fontsize=SIZE)
    axes.grid(axis="y", color="#e3e8ec", linewidth=0.7)
    axes.tick_params(axis="y", labelsize=SIZE - 1)


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say for EmerGNN the first and the last bin of each panel."""
    said = []
    for setting in dict.fromkeys(row["setting"] for row in rows):
        for part, what in PARTS.items():
            chosen = [row for row in rows if (row["setting"], row["part"], row["method"]) == (setting, part, FLOW)]
            if chosen:
                ends = [
                    f"{row['accuracy']:.2f} ({row['bin'].replace(chr(10), ' ')})" for row in (chosen[0], chosen[-1])
                ]
                said.append(f"{setting}, {what}: from {' to '.join(ends)}")
    return f"EmerGNN: {'; '.join(said)}." if said else ""


def _caption(found: dict[tuple[str, str], tuple[Filed, ...]], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Share of the test pairs whose type is found. Left: by the number of biomedical facts that name the emerging "
        "drug, of two emerging ones the less connected. Right: by the number of steps of a shortest path of biomedical "
        "facts between both drugs; EmerGNN walks at most three. In brackets: pairs a seed (with several types a pair, "
        "types). Bars: 95 % intervals of Wilson over the pairs of all seeds; these share drugs, so the truth is wider. "
        "EmerGNN beside the best other method of the setting. "
    )
    if not rows:
        return start + "No run has recorded it yet."
    return f"{start}Runs of the {origin_text(next(iter(found.values())))}. {finding(rows)}"


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no run has recorded its errors by degree and distance."
    return f"Dots with intervals, accuracy in bins of degree and of distance. {finding(rows)}"
