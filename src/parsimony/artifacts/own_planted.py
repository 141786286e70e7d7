"""Does the modulation search find the structure that made the data?"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.chosen_runs import archived_or_quick
from parsimony.artifacts.modulation_gates import OPERATIONS, POSITIONS, SIGNS, found_cells, planted_cells
from parsimony.artifacts.theme import INK, blank, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATASET = "Planted-users"
WORTH = ("planted MSE", "found MSE")
FEW = 4  # so many grids stand in pairs, more in threes
GRIDS_WIDTH = 3.8  # inches, nearly
STEP_X, STEP_Y = 5.6, 6.0
SIZE = 9.5  # points
COLUMNS = ["seed", "planted", "found", "common", *WORTH]


def own_planted(archive: Archive) -> Artifact:
    """Draw planted beside found cells, seed by seed, and what each structure is worth on validation users."""
    import pandas

    runs = tuple(one for one in archived_or_quick(archive, task="modulation search", dataset=DATASET)
                 if planted_cells(one))  # fmt: skip
    rows = [row_of(one) for one in runs]
    figure, axes = new_mosaic(height_of(len(runs)), [["grids", "worth"]], width_ratios=[1.35, 1])
    draw_grids(axes["grids"], runs)
    draw_worth(axes["worth"], rows)
    return Artifact(
        id="fig-own-planted", title="Is the planted structure found?", caption=_caption(rows, runs), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=runs,
    )  # fmt: skip


def sheet(count: int) -> tuple[int, int]:
    """Return how many grids stand side by side, and in how many lines."""
    across = min(max(count, 1), 2 if count <= FEW else 3)
    return across, -(-max(count, 1) // across)


def height_of(count: int) -> float:
    """Return the height of the figure in inches that gives the grids their whole width."""
    across, lines = sheet(count)
    return max(3.2, GRIDS_WIDTH / (STEP_X * max(across, 2)) * (STEP_Y * lines + 1.6) + 0.4)


def row_of(one: Filed) -> dict[str, Any]:
    """Return what one seed planted and found."""
    planted, found, measured = planted_cells(one), found_cells(one), one.record.measurements
    return {
        "seed": one.record.specification.seed,
        "planted": text_of(planted),
        "found": text_of(found),
        "common": len(planted & found),
        **{name: measured.get(name) for name in WORTH},
    }


def text_of(cells: set[tuple[int, str]]) -> str:
    """Write a structure, position by position."""
    parts = [[name for name in OPERATIONS if (position, name) in cells] for position in range(POSITIONS)]
    return " | ".join("+".join(part) or "none" for part in parts)


def draw_grids(axes: Axes, runs: Sequence[Filed]) -> None:
    """Draw a grid of positions and operations for each seed."""
    axes.set_title("cells", fontsize=SIZE + 1, weight="bold")
    if not runs:
        say_not_run(axes, f"modulation search on {DATASET}")
        return
    across, lines = sheet(len(runs))
    blank(axes, STEP_X * across, STEP_Y * lines + 1.6)
    axes.set_aspect("equal")
    for number, one in enumerate(runs):
        corner = (STEP_X * (number % across) + 1, STEP_Y * (lines - 1 - number // across) + 1.6)
        draw_grid(axes, corner, one)
    draw_key(axes)


def draw_grid(axes: Axes, corner: tuple[float, float], one: Filed) -> None:
    """Draw one seed: filled cells were found, framed cells planted."""
    from matplotlib.patches import Rectangle

    planted, found = planted_cells(one), found_cells(one)
    for position in range(POSITIONS):
        for column, name in enumerate(OPERATIONS):
            place, cell = (corner[0] + column, corner[1] + POSITIONS - 1 - position), (position, name)
            colour = (palette()[2] if cell in planted else palette()[1]) if cell in found else "white"
            axes.add_patch(Rectangle(place, 1, 1, facecolor=colour, edgecolor="#b8c2cc", linewidth=0.6, alpha=0.85))
            if cell in planted:
                inner = (place[0] + 0.12, place[1] + 0.12)
                axes.add_patch(Rectangle(inner, 0.76, 0.76, fill=False, edgecolor=INK, linewidth=2))
    middle, top = corner[0] + len(OPERATIONS) / 2, corner[1] + POSITIONS
    axes.text(middle, top + 0.15, f"seed {one.record.specification.seed}: {len(planted & found)} of {len(planted)}",
              ha="center", va="bottom", fontsize=SIZE)  # fmt: skip
    for column, name in enumerate(OPERATIONS):
        axes.text(corner[0] + column + 0.5, corner[1] - 0.15, SIGNS[name], ha="center", va="top", fontsize=SIZE)
    for position in range(POSITIONS):
        y = corner[1] + POSITIONS - 0.5 - position
        axes.text(corner[0] - 0.15, y, str(position), ha="right", va="center", fontsize=SIZE)


def draw_key(axes: Axes) -> None:
    """Say below the grids what fill and frame mean."""
    from matplotlib.patches import Patch

    keys = [
        Patch(facecolor="white", edgecolor=INK, linewidth=2, label="planted"),
        Patch(facecolor=palette()[2], label="found, planted"),
        Patch(facecolor=palette()[1], label="found, not planted"),
    ]
    axes.legend(handles=keys, loc="upper center", bbox_to_anchor=(0.5, 0.08), ncols=3, fontsize=SIZE - 1,
                frameon=False, handlelength=1.2, columnspacing=1)  # fmt: skip


def draw_worth(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the validation MSE of the found against the planted structure, one point a seed."""
    axes.set_title("worth", fontsize=SIZE + 1, weight="bold")
    pairs = compared(rows)
    if not pairs:
        say_not_run(axes, "planted and found structure, trained alike")
        return
    values = [value for pair in pairs for value in pair]
    margin = 0.12 * (max(values) - min(values)) or 0.01
    ends = (min(values) - margin, max(values) + margin)
    axes.plot(ends, ends, color=INK, linewidth=0.8)
    axes.fill_between(ends, ends, [ends[0]] * 2, color="#e9eef2")
    axes.scatter(*zip(*pairs, strict=True), s=42, color=palette()[0], zorder=3)
    axes.text(ends[1] - margin / 3, ends[0] + margin / 3, "found is better", ha="right", va="bottom", fontsize=SIZE)
    axes.set(xlim=ends, ylim=ends, xlabel="validation MSE, planted", ylabel="validation MSE, found")
    axes.set_box_aspect(1)
    axes.locator_params(nbins=4)


def compared(rows: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return planted and found MSE of the seeds that measured both."""
    pairs = [(row[WORTH[0]], row[WORTH[1]]) for row in rows]
    return [pair for pair in pairs if None not in pair]


def _caption(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    start = (
        "Users whose ratings come from a modulated predictor with known cells (Planted-users), and the cells that the "
        "search kept; rows are positions, columns operations. Right: validation MSE of the found against the planted "
        "structure, both trained alike; below the diagonal the found one is better. "
    )
    if not rows:
        return start + "No search has been run yet."
    planted = statistics.fmean(len(planted_cells(one)) for one in runs)
    return f"{start}{recovery(rows, planted)} {worth(rows)}"


def recovery(rows: Sequence[dict[str, Any]], planted: float) -> str:
    """Say how often and how much of the planted structure came back."""
    exact = sum(row["planted"] == row["found"] for row in rows)
    common = statistics.fmean(row["common"] for row in rows)
    return (
        f"The planted structure is recovered exactly in {exact} of {len(rows)} seeds; on average {common:.1f} "
        f"of its {planted:g} cells are found."
    )


def worth(rows: Sequence[dict[str, Any]]) -> str:
    """Say how often the found structure is at least as good as the planted one."""
    pairs = compared(rows)
    if not pairs:
        return "What the structures are worth has not been measured."
    good = sum(found <= planted for planted, found in pairs)
    return f"The found structure is at least as good as the planted one in {good} of {len(pairs)}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: no modulation search on users with a planted structure has been run."
    said = ", ".join(f"{row['common']} for seed {row['seed']}" for row in rows)
    return f"Grids of 16 cells with planted and found ones marked; common cells are {said}. {worth(rows)}"
