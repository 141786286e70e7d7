"""How much faster RED-GNN's training steps and ranks are here than in a plain transcription, and how much leaner."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.measurements import read_measurement
from parsimony.artifacts.theme import INK, SIZE, new_figure, palette, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BENCHMARKS = {
    "redgnn-steps-family": "training on family", "redgnn-steps-umls": "training on umls",
    "redgnn-steps-wn18rr": "training on WN18RR", "redgnn-ranking-family": "ranking on family",
}  # fmt: skip
MEMORY = "redgnn-memory-wn18rr"
COLUMNS = ["work", "pairs", "plain seconds", "our seconds", "ratio", "processor ratio", "target", "machine"]


def own_reasoning_speed(archive: Archive) -> Artifact:
    """Draw the seconds of both ways and their ratio; from benchmarks, not from runs."""
    import pandas

    rows = [row_of(work, kept) for name, work in BENCHMARKS.items() if (kept := read_measurement(name))]
    figure, (axes,) = new_figure(1.5 + 0.55 * len(rows) if rows else 2.4)
    draw(axes, rows)
    return Artifact(
        id="fig-own-reasoning-speed", title="Speed of reasoning", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
    )  # fmt: skip


def row_of(work: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Return medians over the pairs of one benchmark."""
    seconds = (statistics.median(kept[f"{way}_seconds"]) for way in ("plain", "ours"))
    numbers = (kept["ratio"], kept["cpu_ratio"], kept["target"], kept["machine"])
    return dict(zip(COLUMNS, (work, kept["pairs"], *seconds, *numbers), strict=True))


def draw(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw one line a piece of work, from our seconds to those of the plain way, with the ratio above it."""
    if not rows:
        say_not_run(axes, "benchmarks of RED-GNN")
        return
    colours = palette()
    for number, row in enumerate(rows):
        ours, plain = row["our seconds"], row["plain seconds"]
        axes.plot([ours, plain], [number, number], color=INK, linewidth=1, zorder=1)
        named = ("ours", "plain") if number == 0 else (None, None)
        axes.plot(ours, number, "o", color=colours[3], markersize=9, label=named[0])
        axes.plot(plain, number, "s", color=colours[7], markersize=8, label=named[1])
        text = f"{row['ratio']:.1f} ×"
        axes.text((ours * plain) ** 0.5, number - 0.12, text, ha="center", va="bottom", fontsize=SIZE, weight="bold")
    axes.set_yticks(range(len(rows)), [row["work"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xscale("log")
    axes.set_xlabel("seconds for the same work (logarithmic)", fontsize=SIZE)
    axes.figure.legend(loc="outside lower center", ncols=2, fontsize=SIZE, frameon=False)


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Training steps of RED-GNN, forward and backward, and the ranks of 500 questions, from the same weights on the "
        "same batch with the authors' settings: a plain transcription of the equations, edge by edge, against sparse "
        "products over what is reached (`parsimony.methods.redgnn`). Both run in turn in one process; numbers are "
        "medians over pairs. "
    )
    if not rows:
        return start + "No benchmark is kept in data/measurements yet."
    said = "; ".join(
        f"{row['work']} {row['ratio']:.1f} times faster by the clock, {row['processor ratio']:.1f} times in processor "
        f"time ({row['pairs']} pairs)"
        for row in rows
    )
    machines = "; ".join(dict.fromkeys(row["machine"] for row in rows))
    return f"{start}{said[0].upper()}{said[1:]}. {_memory(read_measurement(MEMORY))}Machine: {machines}."


def _memory(kept: dict[str, Any] | None) -> str:
    """Say by how much the highest memory of a step is lower."""
    if kept is None:
        return ""
    plain, ours = (statistics.median(kept[f"{way}_bytes"]) / 2**20 for way in ("plain", "ours"))
    return (
        f"A step on WN18RR raises the memory of its process by {ours:,.0f} MiB at most, the plain one by {plain:,.0f}, "
        f"{kept['ratio']:.1f} times as much ({kept['pairs']} pairs of processes). "
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no benchmark of the training steps of RED-GNN is kept."
    said = ", ".join(f"{row['ratio']:.1f} times faster ({row['work']})" for row in rows)
    return f"Seconds of two ways for {len(rows)} pieces of work: the sparse way is {said} than the plain one."
