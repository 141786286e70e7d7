"""The gates of the modulation search over its epochs, one panel a position."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.modulation_gates import OPERATIONS, POSITIONS, SIGNS, best_searches, chosen_gates, colour_of
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = {"max": "-", "min": (0, (5, 2)), "times": (0, (1, 1.5)), "plus": (0, (6, 2, 1, 2))}
COLUMNS = ["position", "operation", "epoch", "mean gate", "deviation", "seeds"]


def own_gates(archive: Archive) -> Artifact:
    """Draw the weight of each operation after each epoch: mean and deviation over seeds."""
    import pandas

    runs = best_searches(archive)
    figure, axes = new_mosaic(4.8, [[0, 1], [2, 3]], sharex=True, sharey=True)
    rows = [row for position in range(POSITIONS) for row in draw(axes[position], position, runs)]
    if runs:
        label(figure, axes)
    return Artifact(
        id="fig-own-gates", title="Gates over the search", caption=_caption(runs), alt=_alt(rows, runs),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=runs,
    )  # fmt: skip


def draw(axes: Axes, position: int, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Draw one position; return what is drawn."""
    axes.set_title(f"position {position}", fontsize=SIZE, weight="bold")
    if not runs:
        say_not_run(axes, "modulation search")
        return []
    axes.axhline(0.5, color=INK, linewidth=0.6)
    rows = []
    for number, name in enumerate(OPERATIONS):
        part = course(position, number, runs)
        rows += part
        x, mean, spread = ([row[key] for row in part] for key in ("epoch", "mean gate", "deviation"))
        axes.plot(x, mean, color=colour_of(name), linestyle=DASHES[name], linewidth=1.8, label=SIGNS[name])
        low, high = ([m + sign * s for m, s in zip(mean, spread, strict=True)] for sign in (-1, 1))
        axes.fill_between(x, low, high, color=colour_of(name), alpha=0.18, linewidth=0)
    return rows


def course(position: int, number: int, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Return mean and deviation over seeds of one gate, epoch by epoch; the shortest search sets the end."""
    lines = [[gates[position][number] for gates in one.record.measurements["gates"]] for one in runs]
    return [
        {
            "position": position,
            "operation": OPERATIONS[number],
            "epoch": epoch,
            "mean gate": statistics.fmean(values),
            "deviation": statistics.stdev(values) if len(values) > 1 else 0.0,
            "seeds": len(values),
        }
        for epoch, values in enumerate(zip(*lines, strict=False), start=1)
    ]


def label(figure: Figure, axes: dict[Any, Axes]) -> None:
    """Name the axes once, and the lines below all panels."""
    for number in (2, 3):
        axes[number].set_xlabel("epoch of the search")
        axes[number].xaxis.get_major_locator().set_params(integer=True)
    for number in (0, 2):
        axes[number].set_ylabel(r"gate $\beta$")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, fontsize=SIZE, frameon=False, handlelength=3.4)


def _caption(runs: Sequence[Filed]) -> str:
    start = (
        "Weight of each operation at each position of the predictor over the epochs of the search; of several seeds "
        "the mean, with a band of one deviation. All gates start at one half; the largest are kept. "
    )
    if not runs:
        return start + "No search has been run yet."
    asked, means = runs[0].record.specification, last_means(runs)
    (position, name), top = max(means.items(), key=lambda pair: pair[1])
    return (
        f"{start}Data: {asked.dataset} ({asked.profile} profile, {seeds(runs)}). Where validation users stop the "
        f"search, the gates lie between {min(means.values()):.3f} and {top:.3f}; the largest is that "
        f"of {name} at position {position}. {stable(runs)}"
    )


def seeds(runs: Sequence[Filed]) -> str:
    """Write how many seeds there are, or which one."""
    return f"{len(runs)} seeds" if len(runs) > 1 else f"seed {runs[0].record.specification.seed}"


def last_means(runs: Sequence[Filed]) -> dict[tuple[int, str], float]:
    """Return the mean over seeds of each gate at the chosen epoch."""
    grids = [chosen_gates(one) for one in runs]
    return {
        (position, name): statistics.fmean(grid[position][number] for grid in grids)
        for position in range(POSITIONS)
        for number, name in enumerate(OPERATIONS)
    }


def stable(runs: Sequence[Filed]) -> str:
    """Say how far the mean gates lie apart, measured by their deviation over seeds."""
    if len(runs) < 2:
        return "With one seed no deviation can be given."
    grids = [[value for row in chosen_gates(one) for value in row] for one in runs]
    noise = statistics.fmean(statistics.stdev(values) for values in zip(*grids, strict=True))
    spread = statistics.stdev(last_means(runs).values())
    return (
        f"The deviation of a gate over seeds is {noise:.4f} on average; the mean gates differ among themselves with a "
        f"deviation of {spread:.4f}."
    )


def _alt(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    if not runs:
        return "Four empty panels, one for each position; no modulation search has been run."
    last = max(row["epoch"] for row in rows)
    tops = [
        max((row for row in rows if row["position"] == position and row["epoch"] == last), key=lambda r: r["mean gate"])
        for position in range(POSITIONS)
    ]
    said = ", ".join(f"{row['operation']} at position {row['position']} ({row['mean gate']:.3f})" for row in tops)
    return f"Four panels of four lines that start at one half; after epoch {last} the largest are {said}."
