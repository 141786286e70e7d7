"""Figure 3: the structure found, the two nested loops of the search, and the measured trajectory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parsimony.artifacts.artifact import Artifact, best_search
from parsimony.artifacts.explorable_structures import explorable_structures
from parsimony.artifacts.names import METHOD_NAMES
from parsimony.artifacts.theme import INK, arrow, blank, box, new_figure, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEARCHES = ("autoblm", "autoblm-plus")


def figure_3(archive: Archive) -> Artifact:
    """Draw grid, loops and trajectory from the search records; archived ones before quick ones."""
    import pandas

    runs = searches(archive)
    best = best_search(runs)
    explanation, compared = explorable_structures(archive)
    figure, axes = new_figure(3.3, columns=(1.0, 1.25, 1.5))
    draw_grid(axes[0], best)
    draw_loops(axes[1])
    rows = draw_trajectories(axes[2], runs)
    data = pandas.DataFrame(rows, columns=["dataset", "method", "seed", "trained", "valid MRR so far"])
    return Artifact(
        id="fig-3", title="Searching a scoring function", caption=_caption(best), alt=_alt(runs, best), data=data,
        figure=figure, records=tuple({one.path: one for one in (*runs, *compared)}.values()), explanation=explanation,
    )  # fmt: skip


def searches(archive: Archive) -> tuple[Filed, ...]:
    """Return the search records on UMLS: the archived ones, or the quick ones where none is archived."""
    for profile in ("paper", "quick"):
        found = archive.find(task="structure search", dataset="UMLS", profile=profile)
        if found:
            return found
    return ()


def draw_grid(axes: Axes, best: Filed | None) -> None:
    """Draw the structure with the best validation MRR as a grid of signed chunks."""
    if best is None:
        say_not_run(axes, "structure search")
        return
    entries, colours = best.record.measurements["structure"], palette()
    blank(axes, 4, 4.9)
    axes.set_aspect("equal")
    for cell, value in enumerate(entries):
        x, y = cell % 4, 3 - cell // 4
        colour = colours[abs(value) - 1] if value else "white"
        axes.add_patch(_square(x, y, colour))
        if value:
            sign = "+" if value > 0 else "−"
            axes.text(x + 0.5, y + 0.5, f"{sign}$r_{abs(value)}$", ha="center", va="center", weight="bold")
    axes.text(2, 4.2, "tail chunks $t_1$ to $t_4$", ha="center", va="bottom", fontsize=8)
    axes.text(-0.15, 2, "head chunks $h_1$ to $h_4$", ha="right", va="center", rotation=90, fontsize=8)
    axes.set_title("structure found", fontsize=9, weight="bold")


def _square(x: float, y: float, colour: str) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=colour, alpha=0.65, edgecolor=INK, linewidth=0.8)


def draw_loops(axes: Axes) -> None:
    """Draw the upper loop over structures and, inside it, the lower loop over embeddings."""
    blank(axes, 6, 6)
    axes.set_title("two nested loops", fontsize=9, weight="bold")
    box(axes, (3, 3), (5.8, 5.7), "", "#fdf4e3")
    axes.text(3, 5.4, "upper: structures $A$", ha="center", va="center", fontsize=8.5, weight="bold")
    axes.text(3, 4.9, "validation triples", ha="center", va="center", fontsize=8, style="italic")
    box(axes, (3, 2.75), (4.4, 1.9), "", "#d6e8f5")
    axes.text(3, 3.25, "lower: embeddings", ha="center", va="center", fontsize=8.5, weight="bold")
    axes.text(3, 2.75, "fit $E$, $R$ under $A$", ha="center", va="center", fontsize=8)
    axes.text(3, 2.25, "training triples", ha="center", va="center", fontsize=8, style="italic")
    arrow(axes, (1.4, 4.6), (1.4, 3.75))
    arrow(axes, (4.6, 3.75), (4.6, 4.6))
    axes.text(1.55, 4.2, "try $A$", ha="left", va="center", fontsize=7.5)
    axes.text(4.45, 4.2, "MRR", ha="right", va="center", fontsize=7.5)
    axes.text(3, 0.95, "keep the best,\nlearn which to try next", ha="center", va="center", fontsize=8)


def draw_trajectories(axes: Axes, runs: Sequence[Filed]) -> list[dict]:
    """Draw the best validation MRR against the number of trained structures, one line a seed."""
    axes.set_title("measured trajectory", fontsize=9, weight="bold")
    if not runs:
        say_not_run(axes, "structure search")
        return []
    rows, colours, named = [], palette(), set()
    for one in runs:
        asked, steps = one.record.specification, one.record.measurements["trajectory"]
        label = None if asked.method in named else METHOD_NAMES[asked.method]
        named.add(asked.method)
        best = [step["best"] for step in steps]
        colour = colours[SEARCHES.index(asked.method)]
        axes.step(range(1, len(best) + 1), best, where="post", color=colour, label=label, linewidth=1.3, alpha=0.85)
        rows += [
            {"dataset": asked.dataset, "method": asked.method, "seed": asked.seed, "trained": i, "valid MRR so far": y}
            for i, y in enumerate(best, start=1)
        ]
    for number, (name, score) in enumerate(_known_scores(runs).items()):
        style = ("--", "-.", ":", (0, (5, 1)))[number]
        axes.axhline(score, color=colours[2 + number], linestyle=style, linewidth=1.1, label=METHOD_NAMES[name])
    axes.set(xlabel="structures trained", ylabel="best validation MRR so far", xscale="log")
    axes.legend(fontsize=7, loc="lower right", ncols=2, frameon=True, framealpha=0.9, bbox_to_anchor=(1, 0.06))
    return rows


def _known_scores(runs: Sequence[Filed]) -> dict[str, float]:
    """Mean validation MRR of each known model under the settings of a candidate."""
    scores: dict[str, list[float]] = {}
    for one in runs:
        for known in one.record.measurements["known"]:
            scores.setdefault(known["name"], []).append(known["score"])
    return {name: sum(values) / len(values) for name, values in scores.items()}


def _caption(best: Filed | None) -> str:
    start = (
        "How AutoBLM works. Left: a scoring function is a 4 × 4 grid; a cell multiplies a head chunk, a signed "
        "relation chunk and a tail chunk. Middle: embeddings are fitted to training triples, structures are chosen on "
        "validation triples. Right: the search as it ran. "
    )
    if best is None:
        return start + "No search has been run yet."
    asked, metrics = best.record.specification, best.record.metrics
    return (
        f"{start}Shown is the structure of the {METHOD_NAMES[asked.method]} run on {asked.dataset} ({asked.profile} "
        f"profile, seed {asked.seed}) with the best validation MRR, {metrics['valid MRR']:.3f}; its test MRR is "
        f"{metrics['MRR']:.3f}. Dashed lines: the known models trained with the settings of a candidate."
    )


def _alt(runs: Sequence[Filed], best: Filed | None) -> str:
    if best is None:
        return "Sketch of the two nested loops of the search; no search has been run, so grid and curve are empty."
    ends = [
        (one.record.measurements["trajectory"][0]["best"], one.record.measurements["trajectory"][-1]["best"])
        for one in runs
    ]
    known = max(_known_scores(runs).items(), key=lambda pair: pair[1])
    cells = sum(value != 0 for value in best.record.measurements["structure"])
    return (
        f"Left, a grid of {cells} coloured cells; middle, a loop within a loop; right, {len(runs)} curves that rise "
        f"from {min(a for a, _ in ends):.3f} to between {min(b for _, b in ends):.3f} and "
        f"{max(b for _, b in ends):.3f} validation MRR, "
        f"beside the best known model, {METHOD_NAMES[known[0]]}, at {known[1]:.3f}."
    )
