"""Does the modulation search find the structure that made the data?"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.modulation_gates import (
    GENERATED,
    OPERATIONS,
    POSITIONS,
    SIGNS,
    found_cells,
    planted_cells,
    planted_searches,
)
from parsimony.artifacts.theme import INK, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORTH = ("planted MSE", "found MSE")
GAP = 0.6  # between the positions
BLOCK = len(OPERATIONS) + GAP
SIZE = 9.5  # points
COLUMNS = ["seed", "planted", "found", "common", *WORTH]


def own_planted(archive: Archive) -> Artifact:
    """Draw planted and found cells, a line a seed, and beside it what the found structure is worth."""
    import pandas

    runs = planted_searches(archive)
    rows = [row_of(one) for one in runs]
    figure, axes = new_mosaic(1.9 + 0.26 * max(len(runs), 4), [["cells", "worth"]], width_ratios=[1.7, 1])
    draw_cells(axes["cells"], runs)
    draw_worth(axes["worth"], rows)
    return Artifact(
        id="fig-own-planted", title="Is the planted structure found?", caption=_caption(rows, runs), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=runs,
    )  # fmt: skip


def row_of(one: Filed) -> dict[str, Any]:
    """Return what one seed planted and found."""
    planted, found, measured = planted_cells(one), found_cells(one), one.record.measurements
    return {
        "seed": one.record.specification.seed,
        "planted": text_of(planted),
        "found": text_of(found),
        "common": len(planted & found),
        **dict(zip(WORTH, (measured.get("planted MSE"), one.record.metrics["valid MSE"]), strict=True)),
    }


def text_of(cells: set[tuple[int, str]]) -> str:
    """Write a structure, position by position."""
    parts = [[name for name in OPERATIONS if (position, name) in cells] for position in range(POSITIONS)]
    return " | ".join("+".join(part) or "none" for part in parts)


def draw_cells(axes: Axes, runs: Sequence[Filed]) -> None:
    """Draw a line of sixteen cells for each seed, position after position."""
    if not runs:
        say_not_run(axes, f"modulation search on {GENERATED}")
        return
    ticks = [(place_of((position, name)) + 0.5, SIGNS[name]) for position in range(POSITIONS) for name in OPERATIONS]
    for number, one in enumerate(runs):
        draw_line(axes, number, one)
    axes.set(xlim=(-0.3, POSITIONS * BLOCK - GAP + 0.3))
    axes.set_xticks([x for x, _ in ticks], [text for _, text in ticks], fontsize=SIZE, rotation=90)
    for position in range(POSITIONS):
        middle = place_of((position, OPERATIONS[0])) + len(OPERATIONS) / 2
        axes.text(middle, -0.5, f"position {position}", ha="center", va="bottom", fontsize=SIZE, weight="bold")
    name_seeds(axes, [one.record.specification.seed for one in runs])
    axes.set_ylabel("seed", fontsize=SIZE)
    draw_key(axes)


def place_of(cell: tuple[int, str]) -> float:
    """Return where a cell begins on the horizontal axis."""
    return cell[0] * BLOCK + OPERATIONS.index(cell[1])


def draw_line(axes: Axes, number: int, one: Filed) -> None:
    """Draw one seed: filled cells were found, framed cells planted."""
    from matplotlib.patches import Rectangle

    planted, found = planted_cells(one), found_cells(one)
    for cell in ((position, name) for position in range(POSITIONS) for name in OPERATIONS):
        x, y = place_of(cell), number - 0.42
        colour = (palette()[2] if cell in planted else palette()[1]) if cell in found else "white"
        axes.add_patch(Rectangle((x + 0.04, y), 0.92, 0.84, facecolor=colour, edgecolor="#b8c2cc", linewidth=0.6))
        if cell in planted:
            axes.add_patch(Rectangle((x + 0.14, y + 0.1), 0.72, 0.64, fill=False, edgecolor=INK, linewidth=2))


def name_seeds(axes: Axes, seeds: Sequence[int]) -> None:
    """Give each seed its line, first on top."""
    axes.set_ylim(len(seeds) - 0.4, -0.7)
    axes.set_yticks(range(len(seeds)), list(map(str, seeds)), fontsize=SIZE)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def draw_key(axes: Axes) -> None:
    """Say below the cells what fill and frame mean."""
    from matplotlib.patches import Patch

    keys = [
        Patch(facecolor="white", edgecolor=INK, linewidth=2, label="planted"),
        Patch(facecolor=palette()[2], label="found, planted"),
        Patch(facecolor=palette()[1], label="found, not planted"),
    ]
    axes.figure.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)


def draw_worth(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the validation MSE of the found as a share of that of the planted structure, a line a seed."""
    axes.set_title("found : planted", fontsize=SIZE, weight="bold")
    if not compared(rows):
        say_not_run(axes, "planted and found structure, trained alike")
        return
    name_seeds(axes, [row["seed"] for row in rows])
    lines = [(number, *pair) for number, row in enumerate(rows) for pair in compared([row])]
    ratios = [found / planted for _, planted, found in lines]
    reach = 1.15 * max(abs(ratio - 1) for ratio in ratios) or 0.1
    axes.axvspan(1 - reach, 1, color="#e9eef2", linewidth=0)
    axes.axvline(1, color=INK, linewidth=0.8)
    axes.scatter(ratios, [number for number, _, _ in lines], s=42, color=palette()[0], zorder=3)
    axes.set_xlim(1 - reach, 1 + reach)
    axes.set_xlabel("ratio of validation MSE\n(shaded: found is better)", fontsize=SIZE)
    axes.spines["bottom"].set_visible(True)
    axes.tick_params(axis="x", length=3)
    axes.locator_params(axis="x", nbins=4)


def compared(rows: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return planted and found MSE of the seeds that measured both."""
    pairs = [(row[WORTH[0]], row[WORTH[1]]) for row in rows]
    return [pair for pair in pairs if None not in pair]


def _caption(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    start = (
        "Users whose ratings come from a modulated predictor with known cells (Planted-users; each seed has "
        "other users and another structure), and the cells that the search kept. Right: validation MSE of the found "
        "structure, divided by that of the planted one trained alike; below 1 the found one is better. "
    )
    if not rows:
        return start + "No search has been run yet."
    return f"{start}{recovery(rows, runs)} {worth(rows)}"


def recovery(rows: Sequence[dict[str, Any]], runs: Sequence[Filed]) -> str:
    """Say how often and how much of the planted structure came back, and how much chance alone would bring."""
    exact = sum(row["planted"] == row["found"] for row in rows)
    common = statistics.fmean(row["common"] for row in rows)
    planted = statistics.fmean(len(planted_cells(one)) for one in runs)
    return (
        f"The planted structure is recovered exactly in {exact} of {len(rows)} seeds; on average {common:.1f} of its "
        f"{planted:g} cells are found, where a random choice of as many cells would find {by_chance(runs):.1f}."
    )


def by_chance(runs: Sequence[Filed]) -> float:
    """Return how many planted cells a random choice of as many cells as were kept contains on average."""
    pairs = [(len(planted_cells(one)), len(found_cells(one))) for one in runs]
    return statistics.fmean(planted * found / (POSITIONS * len(OPERATIONS)) for planted, found in pairs)


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
    return (
        f"A line of 16 cells for each seed with planted and found ones marked; common cells are {said}. {worth(rows)}"
    )
