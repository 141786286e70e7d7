"""What a query of RED-GNN reaches, step by step, and what a training step takes, as the graph grows."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.measurements import read_measurement
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, palette, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BENCHMARK = "redgnn-growth"
COLUMNS = ["triples", "step", "entities reached", "edges", "plain seconds", "our seconds", "machine"]
DASHED = (0, (4, 2))
SHADES = ("#8fbfe0", "#4a90c2", "#0b4a78")  # one a graph, darker for a larger one


def own_reasoning_cost(archive: Archive) -> Artifact:
    """Draw entities and edges of each step, and seconds of both ways; from a benchmark, not from runs."""
    import pandas

    kept = read_measurement(BENCHMARK)
    rows = [] if kept is None else [row for size in kept["rows"] for row in rows_of(size)]
    figure, axes = new_mosaic(3.6, [["reach", "seconds"]], width_ratios=[1.4, 1])
    draw_reach(axes["reach"], rows)
    draw_seconds(axes["seconds"], rows)
    return Artifact(
        id="fig-own-reasoning-cost", title="The cost of a query", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
    )  # fmt: skip


def rows_of(size: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row a step of a graph, with the median seconds of a training step of both ways."""
    timed = size["seconds"]
    seconds = [statistics.median(timed[f"{way}_seconds"]) for way in ("plain", "ours")]
    return [
        dict(zip(COLUMNS, (size["triples"], number, step["reached"], step["edges"], *seconds, timed["machine"]),
                 strict=True))
        for number, step in enumerate(size["layers"], start=1)
    ]  # fmt: skip


def sizes_of(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return how many triples each graph has."""
    return list(dict.fromkeys(row["triples"] for row in rows))


def draw_reach(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw edges (solid) and entities reached (dashed) after each step, a shade a graph."""
    if not rows:
        say_not_run(axes, "benchmark of RED-GNN")
        return
    for colour, size in zip(SHADES, sizes_of(rows), strict=True):
        part = [row for row in rows if row["triples"] == size]
        x = [row["step"] for row in part]
        axes.plot(x, [row["edges"] for row in part], marker="o", color=colour, label=f"{size:,} triples")
        axes.plot(x, [row["entities reached"] for row in part], marker="s", linestyle=DASHED, color=colour)
    axes.plot([], [], marker="o", color=INK, label="edges")
    axes.plot([], [], marker="s", linestyle=DASHED, color=INK, label="entities")
    axes.set_yscale("log")
    axes.set_xticks(sorted({row["step"] for row in rows}))
    axes.set_xlabel("step", fontsize=SIZE)
    axes.set_ylabel("edges, entities per query", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False)


def draw_seconds(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the seconds of both ways against the size of the graph."""
    if not rows:
        say_not_run(axes, "benchmark of RED-GNN")
        return
    firsts = [row for row in rows if row["step"] == 1]
    x = [row["triples"] for row in firsts]
    for column, name, number, marker in (("plain seconds", "plain", 7, "s"), ("our seconds", "ours", 3, "o")):
        axes.plot(x, [row[column] for row in firsts], marker=marker, color=palette()[number], label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("triples", fontsize=SIZE)
    axes.set_ylabel("seconds of a training step", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False)


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say how edges and seconds grow from the smallest graph to the largest."""
    first, last = (
        [row for row in rows if row["triples"] == size] for size in (sizes_of(rows)[0], sizes_of(rows)[-1])
    )  # fmt: skip
    edges = [sum(row["edges"] for row in part) for part in (first, last)]
    return (
        f"From {first[0]['triples']:,} to {last[0]['triples']:,} triples the edges of a query go from {edges[0]:,.0f} "
        f"to {edges[1]:,.0f}, the seconds of our training step from {first[0]['our seconds']:.3f} to "
        f"{last[0]['our seconds']:.3f}, those of the plain one from {first[0]['plain seconds']:.3f} to "
        f"{last[0]['plain seconds']:.3f}"
    )


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "What a query costs as the graph grows, on generated graphs with five triples an entity. Left: edges that a "
        "query follows in each step and entities that it has reached (logarithmic), means over the queries of a batch, "
        "identity steps included. Right: median seconds of a training step of that batch, forward and "
        "backward, ours and a plain transcription in turn. "
    )
    if not rows:
        return start + "No benchmark is kept in data/measurements yet."
    return f"{start}{finding(rows)}. Machine: {rows[0]['machine']}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: the benchmark of growing graphs is not kept."
    return f"Edges and entities of each step, and two curves of seconds. {finding(rows)}."
