"""The landscape of searched structures: validation MRR against number of cells, with the known models marked."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.names import METHOD_NAMES
from parsimony.artifacts.theme import INK, new_figure, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {
    "both": ("symmetric and skew", "o"),
    "symmetric": ("symmetric only", "s"),
    "skew": ("skew only", "^"),
    "neither": ("neither", "x"),
}
DATASETS = ("UMLS", "Kinships")


def own_structures(archive: Archive) -> Artifact:
    """Draw every structure that the searches trained, for each embedded graph."""
    import pandas

    figure, axes = new_figure(3.6, columns=(1, 1))
    runs = {dataset: searches(archive, dataset) for dataset in DATASETS}
    rows = [row for place, name in zip(axes, DATASETS, strict=True) for row in draw(place, name, runs[name])]
    columns = ["dataset", "method", "seed", "structure", "cells", "symmetry", "valid MRR"]
    return Artifact(
        id="fig-own-structures",
        title="The landscape of structures",
        caption=_caption(rows, runs),
        alt=_alt(rows),
        data=pandas.DataFrame(rows, columns=columns),
        figure=figure,
        records=tuple(one for found in runs.values() for one in found),
    )


def searches(archive: Archive, dataset: str) -> tuple[Filed, ...]:
    """Return the archived searches on a graph, or the quick ones where none is archived."""
    archived = archive.find(task="structure search", dataset=dataset, profile="paper")
    return archived or archive.find(task="structure search", dataset=dataset, profile="quick")


def draw(axes: Axes, dataset: str, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Scatter the structures of one graph; return what is drawn."""
    axes.set_title(dataset, weight="bold", fontsize=10)
    if not runs:
        say_not_run(axes, f"structure search on {dataset}")
        return []
    rows = [_row(one, step) for one in runs for step in one.record.measurements["trajectory"]]
    for number, (kind, (label, marker)) in enumerate(KINDS.items()):
        part = [row for row in rows if row["symmetry"] == kind]
        x = [row["cells"] + 0.16 * (number - 1.5) for row in part]
        axes.scatter(
            x, [row["valid MRR"] for row in part], s=14, marker=marker, alpha=0.6, color=palette()[number], label=label
        )
    known = [_known_row(one, step) for one in runs for step in one.record.measurements["known"]]
    mark_known(axes, known)
    axes.set(xlabel="cells of the structure", ylabel="validation MRR")
    if dataset == DATASETS[0]:
        axes.legend(fontsize=7, loc="lower right", title="can express, exactly", title_fontsize=7)
    return rows + known


def _row(one: Filed, step: dict[str, Any]) -> dict[str, Any]:
    asked = one.record.specification
    text = " ".join(map(str, step["structure"]))
    return {
        "dataset": asked.dataset, "method": asked.method, "seed": asked.seed, "structure": text, "cells": step["cells"],
        "symmetry": step["symmetry"], "valid MRR": step["score"],
    }  # fmt: skip


def _known_row(one: Filed, step: dict[str, Any]) -> dict[str, Any]:
    return {**_row(one, step), "method": step["name"]}


def mark_known(axes: Axes, known: Sequence[dict[str, Any]]) -> None:
    """Mark the mean of each known model over the runs."""
    for name in dict.fromkeys(row["method"] for row in known):
        part = [row for row in known if row["method"] == name]
        x, y = part[0]["cells"], statistics.fmean(row["valid MRR"] for row in part)
        axes.scatter([x], [y], s=70, marker="*", color="white", edgecolor=INK, linewidth=1, zorder=5)
        axes.annotate(METHOD_NAMES[name], (x, y), xytext=(5, -9), textcoords="offset points", fontsize=7.5, zorder=6)


def _caption(rows: Sequence[dict[str, Any]], runs: dict[str, tuple[Filed, ...]]) -> str:
    profiles = sorted({one.record.specification.profile for found in runs.values() for one in found})
    return (
        f"Every structure that the searches trained ({len(rows)} points with the known models, "
        f"{' and '.join(profiles) or 'no'} profile): validation MRR against the number of cells. "
        "Colour and marker: which relations the structure can express exactly, by its symmetry features. Stars: the "
        "known models under the settings of a candidate, mean over runs. Markers of a column are set apart sideways."
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    parts = []
    for dataset in DATASETS:
        part = [row for row in rows if row["dataset"] == dataset]
        if part:
            best = max(part, key=lambda row: row["valid MRR"])
            few = max((row["valid MRR"] for row in part if row["cells"] == 4), default=float("nan"))
            parts.append(
                f"on {dataset} the best structure has {best['cells']} cells and validation MRR "
                f"{best['valid MRR']:.3f}, against {few:.3f} for the best with four cells"
            )
    return "Two scatter plots; " + ("; ".join(parts) or "no search has been run, so both are empty") + "."
