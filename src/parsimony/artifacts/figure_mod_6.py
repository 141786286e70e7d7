"""Compositional images: accuracy against images a tuple, and where modules look before and after the rule."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.image_cells import DATASET, PRINTED, accuracy_line, image_runs, reference
from parsimony.artifacts.sine_cells import LOOKS, Sweep, records_of
from parsimony.artifacts.theme import SIZE, new_mosaic, palette, say_not_run
from parsimony.published import read_table
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

METHOD_OF_ROW = {"Monolithic": "monolithic", "Modular": "modular", "Modular, rule": "modular-rule"}
MAPS = {"shares at random": "at random", "shares before": "after the rule", "shares after": "after training"}
COLUMNS = ["source", "method", "slots", "accuracy", "low", "high"]
SLOTS = 4  # images a tuple of the maps, or the most below it


def figure_mod_6(archive: Archive) -> Artifact:
    """Draw accuracies as printed and as measured, and three maps of one seed."""
    import pandas

    found = image_runs(archive)
    rows = [*published_rows(), *(row for one in found for row in measured_rows(one))]
    figure, axes = new_mosaic(
        5.8, [["printed"] * 3 + ["measured"] * 3, [name for name in MAPS for _ in range(2)]], height_ratios=[1.25, 1]
    )
    draw_lines(axes["printed"], [row for row in rows if row["source"] == PRINTED], f"{PRINTED}\n(published)")
    draw_lines(axes["measured"], [row for row in rows if row["source"] == DATASET], f"{DATASET}\n(ours)")
    draw_maps(axes, next((one for one in found if one.method == "modular-rule"), None))
    handles, labels = axes["measured" if found else "printed"].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=SIZE, frameon=False)
    return Artifact(
        id="fig-mod-6", title="Compositional images", caption=_caption(found, rows), alt=_alt(found, rows),
        data=pandas.DataFrame(rows if found else [*rows, dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=figure, records=records_of(found), published="fig-mod-6",
    )  # fmt: skip


def published_rows() -> list[dict[str, Any]]:
    """Return what the paper's curves show."""
    return [
        dict(zip(COLUMNS, (PRINTED, cell.row, int(cell.column.rpartition(" ")[2]), cell.value, None, None),
                 strict=True))
        for cell in read_table("fig-mod-6")
    ]  # fmt: skip


def measured_rows(one: Sweep) -> list[dict[str, Any]]:
    """Return the accuracies of one method."""
    return [
        dict(zip(COLUMNS, (DATASET, one.name, *place), strict=True))
        for place in accuracy_line(one, "test", reference(one)["samples"])
    ]


def draw_lines(axes: Axes, rows: Sequence[dict[str, Any]], title: str) -> None:
    """Draw one line a method."""
    axes.set_title(title, fontsize=SIZE, weight="bold")
    if not rows:
        say_not_run(axes, "classifiers of compositional images")
        return
    for method in dict.fromkeys(row["method"] for row in rows):
        part = [row for row in rows if row["method"] == method]
        key = METHOD_OF_ROW.get(method) or method.replace(", rule", "-rule").replace(", truth", "-true")
        colour, marker = LOOKS[key]
        x = [row["slots"] for row in part]
        axes.plot(x, [row["accuracy"] for row in part], color=palette()[colour], marker=marker, linewidth=1.8,
                  markersize=6, label=method.lower() if method in METHOD_OF_ROW else method)  # fmt: skip
        if part[0]["low"] is not None:
            axes.fill_between(x, [row["low"] for row in part], [row["high"] for row in part], color=palette()[colour],
                              alpha=0.18, linewidth=0)  # fmt: skip
    axes.set_xlabel("images a tuple, $k$", fontsize=SIZE)
    axes.set_ylabel("accuracy of an image", fontsize=SIZE)


def draw_maps(axes: dict[Any, Axes], one: Sweep | None) -> None:
    """Draw which share of each module lies on each image, three times."""
    for name, title in MAPS.items():
        place = axes[name]
        if one is None:
            say_not_run(place, "the rule on images")
            continue
        grid = map_cell(one)[name]
        image = place.imshow(grid, cmap="mako_r", vmin=0, vmax=1, aspect="auto")
        place.set_title(title, fontsize=SIZE, weight="bold")
        place.set_xlabel("image", fontsize=SIZE)
        place.set_xticks(range(len(grid[0])), [str(number + 1) for number in range(len(grid[0]))])
        place.set_yticks([])
        place.tick_params(length=0)
    if one is not None:
        axes["shares at random"].set_ylabel("module", fontsize=SIZE)
        bar = axes["shares after"].figure.colorbar(image, ax=axes["shares after"], pad=0.04)
        bar.set_label("share of the module", fontsize=SIZE - 1)


def map_cell(one: Sweep) -> dict[str, Any]:
    """Return the cell whose maps are drawn: of the first seed, with four images a tuple or the most below."""
    cells = one.cells(samples=reference(one)["samples"])
    slots = max(cell["slots"] for cell in cells if cell["slots"] <= SLOTS)
    return next(cell for cell in cells if cell["slots"] == slots)


def focus(grid: Sequence[Sequence[float]]) -> float:
    """Return the mean over modules of the largest share on one image."""
    return statistics.fmean(max(row) for row in grid)


def _caption(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        f"Accuracy of each image of a tuple against the number of images: as read off the paper's figure on {PRINTED} "
        "(left), and ours on digits, a substitute that is far easier (right; band: 95 % bootstrap interval over "
        "seeds). Below: which share of each module's projection lies on each image, in one network. "
    )
    if not found:
        return start + "No classifier has been trained yet."
    one = found[0]
    drawn = sorted({row["slots"] for row in rows if row["source"] == DATASET})
    said = (
        f"{start}Runs of the {one.profile} profile with {reference(one)['samples']:,} tuples of "
        f"{', '.join(map(str, drawn))} images, {len(one.runs)} seed{'s' * (len(one.runs) > 1)}. "
    )
    return said + _finding(found, rows)


def _finding(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    """Say the accuracies at the largest number of images, and how modules focus."""
    most = max(row["slots"] for row in rows if row["source"] == DATASET)
    at = [row for row in rows if row["source"] == DATASET and row["slots"] == most]
    text = f"With {most} images: " + ", ".join(f"{row['method']} {row['accuracy']:.3f}" for row in at) + ". "
    rule = next((one for one in found if one.method == "modular-rule"), None)
    if rule is None:
        return text
    cell = map_cell(rule)
    return (
        text
        + "Largest share of a module on one image, mean: "
        + (", ".join(f"{focus(cell[name]):.2f} {title}" for name, title in MAPS.items()) + ".")
    )


def _alt(found: Sequence[Sweep], rows: Sequence[dict[str, Any]]) -> str:
    if not found:
        return "Published accuracies against images a tuple; our panel and the maps are empty, as nothing has been run."
    return f"Falling accuracies against images a tuple, published and ours, and three maps. {_finding(found, rows)}"
