"""What a training step of EmerGNN costs if only what lies between two drugs is computed; from benchmarks."""

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

STEPS = {"emergnn-steps-drugbank": "paths only", "emergnn-steps-drugbank-bias": "with the\ncode's bias"}
GROWTH, MEMORY = "emergnn-growth", "emergnn-memory-drugbank"
WAYS = {"plain": ("whole network", 7, "s"), "ours": ("between the drugs", 3, "o")}
COLUMNS = ["benchmark", "triples", "pairs", "plain seconds", "our seconds", "ratio", "machine"]
GIBIBYTE = 2**30


def own_drug_speed(archive: Archive) -> Artifact:
    """Draw processor seconds of both ways on DrugBank, and on generated networks of growing size."""
    import pandas

    steps = [row_of(name, None, kept) for name in STEPS if (kept := read_measurement(name))]
    kept = read_measurement(GROWTH)
    growth = [] if kept is None else [row_of(GROWTH, one["triples"], one["seconds"]) for one in kept["rows"]]
    figure, axes = new_mosaic(3.3, [["steps", "growth"]], width_ratios=[1, 1.2])
    draw_steps(axes["steps"], steps)
    draw_growth(axes["growth"], growth)
    return Artifact(
        id="fig-own-drug-speed", title="The cost of a flow", caption=_caption(steps, growth), alt=_alt(steps, growth),
        data=pandas.DataFrame([*steps, *growth] or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
    )  # fmt: skip


def row_of(name: str, triples: int | None, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the median processor seconds of both ways in one benchmark."""
    seconds = (statistics.median(kept[f"{way}_cpu_seconds"]) for way in WAYS)
    return dict(zip(COLUMNS, (name, triples, kept["pairs"], *seconds, kept["cpu_ratio"], kept["machine"]), strict=True))


def draw_steps(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a line a benchmark, from our seconds to those of the plain way, with the ratio above it."""
    if not rows:
        say_not_run(axes, "benchmarks of EmerGNN")
        return
    for number, row in enumerate(rows):
        ends = row["our seconds"], row["plain seconds"]
        axes.plot(ends, [number] * 2, color=INK, linewidth=1, zorder=1)
        for (_, colour, marker), seconds in zip(WAYS.values(), ends[::-1], strict=True):
            axes.plot(seconds, number, marker, color=palette()[colour], markersize=8)
        text = f"{row['ratio']:,.0f} ×"
        axes.text(
            (ends[0] * ends[1]) ** 0.5, number - 0.1, text, ha="center", va="bottom", fontsize=SIZE, weight="bold"
        )
    axes.set_yticks(range(len(rows)), [STEPS[row["benchmark"]] for row in rows], fontsize=SIZE - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xscale("log")
    axes.set_xlabel("processor seconds of a step", fontsize=SIZE)
    axes.set_title("DrugBank", fontsize=SIZE, weight="bold")


def draw_growth(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the seconds of both ways against the size of the network."""
    if not rows:
        say_not_run(axes, "benchmark of growing networks")
        return
    x = [row["triples"] for row in rows]
    for column, (label, colour, marker) in zip(("plain seconds", "our seconds"), WAYS.values(), strict=True):
        axes.plot(x, [row[column] for row in rows], marker=marker, color=palette()[colour], label=label)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("triples of the network", fontsize=SIZE)
    axes.set_ylabel("processor seconds", fontsize=SIZE)
    axes.set_title("generated networks", fontsize=SIZE, weight="bold")
    axes.legend(fontsize=SIZE - 1, frameon=False)


def finding(steps: Sequence[dict[str, Any]], growth: Sequence[dict[str, Any]]) -> str:
    """Say how much is saved on DrugBank, and how seconds grow with the network."""
    said = []
    if steps:
        said.append(f"On DrugBank a step takes {steps[0]['our seconds']:.3f} processor seconds instead of "
                    f"{steps[0]['plain seconds']:.1f}")  # fmt: skip
    if growth:
        first, last = growth[0], growth[-1]
        said.append(
            f"from {first['triples']:,} to {last['triples']:,} triples the plain step goes from "
            f"{first['plain seconds']:.2f} to {last['plain seconds']:.1f} seconds, ours from "
            f"{first['our seconds']:.4f} to {last['our seconds']:.4f}"
        )
    return f"{'; '.join(said)}."


def _caption(steps: Sequence[dict[str, Any]], growth: Sequence[dict[str, Any]]) -> str:
    start = (
        "Processor seconds of a training step of EmerGNN, forward and backward, from the same weights on the same "
        "batch: a plain transcription that computes the states of the whole network for every pair, against sums over "
        "what lies on a path between the two drugs (`parsimony.nn.pair_flows`); both give the same numbers. Tables of "
        "drugs, made once an epoch, are not counted. Left: without and with the bias of the authors' code, under which "
        "every entity sends something. Right: networks of growing size with five triples an entity; they lack the hubs "
        "of real ones, so fewer and fewer paths join two drugs. "
    )
    if not steps and not growth:
        return start + "No benchmark is kept in data/measurements yet."
    measured = (*steps, *growth)
    times = " or ".join("once" if one == 1 else f"{one} times" for one in sorted({row["pairs"] for row in measured}))
    machines = "; ".join(dict.fromkeys(row["machine"] for row in measured))
    return f"{start}{finding(steps, growth)}{memory_text()} Measured {times} each. Machine: {machines}."


def memory_text() -> str:
    """Say how much memory a step takes, if that was measured."""
    kept = read_measurement(MEMORY)
    if kept is None:
        return ""
    plain, ours = (statistics.median(kept[f"{way}_bytes"]) / GIBIBYTE for way in WAYS)
    return f" Its peak memory on DrugBank falls from {plain:.1f} to {ours:.1f} GiB."


def _alt(steps: Sequence[dict[str, Any]], growth: Sequence[dict[str, Any]]) -> str:
    if not steps and not growth:
        return "Two empty panels: no benchmark of the training steps of EmerGNN is kept."
    return f"Seconds of two ways on DrugBank, and their growth with the network. {finding(steps, growth)}"
