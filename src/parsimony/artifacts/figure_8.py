"""Figure 8: from a full block to the flow of a law, and from its functions to one formula, by a search as it ran."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.explorable_search import explorable_search
from parsimony.artifacts.flow_drawing import FULL, draw_flow
from parsimony.artifacts.formula_latex import formula_latex
from parsimony.artifacts.law_runs import CORRIDORS, TITLES, archived_or_quick, seed_text
from parsimony.artifacts.theme import INK, blank, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAW = "circuit"  # the example of the paper
STEPS = ("blocks", "layers", "inputs", "variables", "aggregators", "readers", "sizes", "receivers")
MARKERS = dict(zip(STEPS, ("P", "s", "^", "v", "D", "h", "o", "X"), strict=True))
COLUMNS = ["number", "step", "flow", "complexity", "loss", "score", "kept", "on the front"]
SIZE = 9.5  # points


def figure_8(archive: Archive) -> Artifact:
    """Draw block, flow, log and formulas of the first recorded search on the circuit."""
    import pandas

    shown = next(iter(archived_or_quick(archive, "gsr", LAW)), None)
    rows, browsed = [] if shown is None else log_of(shown), browsed_searches(archive)
    figure, axes = new_mosaic(6.4, [["block", "flow"], ["log", "formulas"]], height_ratios=[1, 1.15])
    draw_flow(axes["block"], "a full block", FULL)
    draw_found(axes["flow"], shown)
    draw_log(axes["log"], rows)
    draw_formulas(axes["formulas"], shown)
    return Artifact(
        id="fig-8", title="From a block to a formula", caption=_caption(shown, rows), alt=_alt(shown, rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=tuple({one.path: one for one in ((shown,) if shown else ()) + browsed}.values()),
        explanation=explained(browsed),
    )  # fmt: skip


def browsed_searches(archive: Archive) -> tuple[Filed, ...]:
    """Return one recorded search a law, the example first, and those of recorded pedestrians."""
    every = (archived_or_quick(archive, "gsr", law) for law in (LAW, *TITLES, *CORRIDORS))
    found = (next((one for one in runs if "log" in one.record.measurements), None) for runs in every)
    return tuple({one.path: one for one in found if one}.values())


def explained(browsed: Sequence[Filed]) -> dict[str, Any]:
    """Return the searches as the book's explorer takes them."""
    titles = TITLES | {name: f"pedestrians in a corridor, {ways}" for name, ways in CORRIDORS.items()}
    searches = []
    for one in browsed:
        note = f"Run: {seed_text(one)}{', by code that has changed since' if one.state == 'stale' else ''}."
        searches.append(explorable_search(one, titles[one.record.specification.dataset], note, log_of(one)))
    return {"kind": "searches", "searches": searches} if searches else {}


def log_of(one: Filed) -> list[dict[str, Any]]:
    """Return the candidates of a search in order; the front holds those than which none is simpler and better."""
    log = [line for line in one.record.measurements["log"] if line["loss"] is not None]
    front, least = set(), math.inf
    for number in sorted(range(len(log)), key=lambda place: (log[place]["complexity"], log[place]["loss"])):
        if log[number]["loss"] < least:
            front.add(number)
            least = log[number]["loss"]
    return [
        {
            "number": number, "step": line["step"], "flow": line["flow"], "complexity": line["complexity"],
            "loss": line["loss"], "score": line["score"], "kept": line["is_kept"], "on the front": number in front,
        }
        for number, line in enumerate(log)
    ]  # fmt: skip


def draw_found(axes: Axes, shown: Filed | None) -> None:
    """Draw the flow that is left."""
    if shown is None:
        say_not_run(axes, f"GSR, {TITLES[LAW]}")
        return
    draw_flow(axes, "the flow that is left", shown.record.measurements["flow"])


def draw_log(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw every candidate by complexity and loss; kept ones are filled."""
    if not rows:
        say_not_run(axes, "search of a flow")
        return
    axes.set_title("every candidate of the search", fontsize=SIZE + 0.5, weight="bold")
    front = sorted((row for row in rows if row["on the front"]), key=lambda row: row["complexity"])
    axes.step(
        [row["complexity"] for row in front], [row["loss"] for row in front], where="post", color=INK, linewidth=1,
        label="Pareto front", zorder=1,
    )  # fmt: skip
    for number, step in enumerate(STEPS):
        part = [row for row in rows if row["step"] == step]
        colour = palette()[number]
        faces = [colour if row["kept"] else "white" for row in part]
        if part:
            axes.scatter(
                [row["complexity"] for row in part], [row["loss"] for row in part], marker=MARKERS[step], s=38,
                c=faces, edgecolors=colour, linewidths=1.3, zorder=3, label=step,
            )  # fmt: skip
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("complexity of the flow", fontsize=SIZE)
    axes.set_ylabel("loss (RMSE / deviation)", fontsize=SIZE)
    _ticks(axes, rows)
    axes.legend(fontsize=SIZE - 2, frameon=False, loc="center left", handletextpad=0.2, labelspacing=0.25)


def _ticks(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Write plain numbers along both logarithmic axes."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    most, least = max(row["complexity"] for row in rows), min(row["loss"] for row in rows)
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    for axis, places in (
        (axes.xaxis, [x for x in (1, 2, 3, 5, 10, 20, 40, 80, 160) if x <= 1.5 * most]),
        (axes.yaxis, [y for y in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1) if y >= least / 2]),
    ):
        axis.set_major_locator(FixedLocator(places))
        axis.set_major_formatter(plain)
        axis.set_minor_locator(NullLocator())
    axes.tick_params(labelsize=SIZE - 1)


def draw_formulas(axes: Axes, shown: Filed | None) -> None:
    """Write the formula of each function, and below them the cascade."""
    if shown is None:
        say_not_run(axes, "formulas")
        return
    blank(axes, 10, 10)
    axes.set_title("a formula for each function, cascaded", fontsize=SIZE + 0.5, weight="bold")
    measured = shown.record.measurements
    y, sizes = 8.8, {layer: len(formulas) for layer, formulas in measured["formulas"].items()}
    for layer, formulas in measured["formulas"].items():
        for place, formula in enumerate(formulas):
            index = f"_{place}" if len(formulas) > 1 else ""
            written = rf"$\phi^{{{layer[0]}}}{index} = {formula_latex(formula, sizes)}$"
            axes.text(0.3, y, written, fontsize=SIZE + 3, va="center", ha="left")
            y -= 1.5
    axes.text(0.3, y - 0.3, "together", fontsize=SIZE, va="center", style="italic")
    for equation in measured["equations"]:
        y -= 1.9
        axes.text(0.6, y, f"$\\mathcal{{F}} = {equation}$", fontsize=SIZE + 3, va="center", ha="left")


def _caption(shown: Filed | None, rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "GSR. Top left: a full block of a graph network; circles are functions of edges (e), nodes (v) and the whole "
        "(u), boxes aggregate, E, V and U are the known variables, small squares count the numbers that a function "
        "gives. Top right: what pruning leaves of it. Bottom left: all flows that the search trained, filled where the "
        "search went on from them. Bottom right: the formula of each function that is left, and the cascade. "
    )
    if shown is None:
        return start + "No search has been run yet."
    kept = sum(row["kept"] for row in rows)
    judged = shown.record.measurements["judged"]
    verdict = "equals the true law" if judged["recovered"] else f"is not the true law ({judged['reason']})"
    return (
        f"{start}Shown is the search on the {TITLES[LAW]} law ({seed_text(shown)}): {len(rows)} trainings, {kept} of "
        f"them kept, {rows[0]['complexity']} to {rows[-1]['complexity']} in complexity; the formula {verdict}."
    )


def _alt(shown: Filed | None, rows: Sequence[dict[str, Any]]) -> str:
    start = "A full block with three functions and three aggregations beside the flow that the search leaves; "
    if shown is None:
        return f"{start}no search has been run, so that the other panels are empty."
    return (
        f"{start}the flow is {shown.record.measurements['flow']}. A scatter of {len(rows)} candidates by complexity "
        f"and loss with their Pareto front, and the formulas {shown.record.measurements['formulas']}."
    )
