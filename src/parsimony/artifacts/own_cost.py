"""What accuracy costs: time and adaptive numbers of a user against the error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cold_start_methods import Method, is_reference, methods_on, records_of, reference_mse
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, palette, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATASETS = ("Last.fm", "Planted-users")  # the first with runs is shown
COSTS = {"milliseconds per user": "milliseconds per user", "adaptive parameters": "adaptive parameters per user"}
MARKERS = "osD^vPX*<>hp"
COLUMNS = ["dataset", "profile", "method", "MSE", "low", "high", *COSTS]


def own_cost(archive: Archive) -> Artifact:
    """Draw MSE against milliseconds and against adaptive parameters, one point a trained method."""
    import pandas

    dataset, every = first_run(archive)
    methods = [one for one in every if is_timed(one)]
    rows = [row_of(dataset, one) for one in methods]
    figure, axes = new_mosaic(4.2, [list(COSTS)], sharey=True)
    for name, place in axes.items():
        draw(place, name, rows, reference_mse(every))
    if rows:
        axes["milliseconds per user"].set_ylabel(f"test MSE on {dataset}")
        handles, names = axes["milliseconds per user"].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    return Artifact(
        id="fig-own-cost", title="What accuracy costs", caption=_caption(rows), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=records_of([one for one in every if one in methods or is_reference(one)] if rows else ()),
    )  # fmt: skip


def first_run(archive: Archive) -> tuple[str, tuple[Method, ...]]:
    """Return the first data set on which a method was timed, with all methods that ran there."""
    for dataset in DATASETS:
        found = methods_on(archive, dataset)
        if any(map(is_timed, found)):
            return dataset, found
    return DATASETS[0], ()


def is_timed(one: Method) -> bool:
    """Tell whether every run of a method measured its cost."""
    return all(name in run.record.measurements for run in one.runs for name in COSTS)


def row_of(dataset: str, one: Method) -> dict[str, Any]:
    """Return error, interval and cost of one method."""
    low, high = one.interval("MSE")
    costs = {name: one.measured(name) for name in COSTS}
    named = {"dataset": dataset, "profile": one.profile, "method": one.name}
    return {**named, "MSE": one.mean("MSE"), "low": low, "high": high, **costs}


def draw(axes: Axes, name: str, rows: Sequence[dict[str, Any]], reference: float | None) -> None:
    """Draw one cost on a logarithmic axis that holds zero."""
    if not rows:
        say_not_run(axes, "recommenders for cold-start users")
        return
    smallest = min((row[name] for row in rows if row[name] > 0), default=1.0)
    for number, row in enumerate(rows):
        errors = [[row["MSE"] - row["low"]], [row["high"] - row["MSE"]]]
        axes.errorbar(
            row[name], row["MSE"], yerr=errors, fmt=MARKERS[number % len(MARKERS)], color=palette()[number % 10],
            markersize=8, elinewidth=1, label=row["method"],
        )  # fmt: skip
    if reference is not None:
        axes.axhline(reference, color=INK, linestyle=(0, (4, 3)), linewidth=1, label="item mean (closed form)")
    axes.set_xscale("symlog", linthresh=smallest)
    left = -0.3 * smallest if any(row[name] == 0 for row in rows) else 0.5 * smallest
    axes.set_xlim(left, 2 * max(smallest, *(row[name] for row in rows)))
    axes.set_xlabel(COSTS[name], fontsize=SIZE)


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Test MSE of each trained method against the time that it takes for one user, adaptation included (left), and "
        "against the numbers that the support set sets for one user (right); both axes are logarithmic above the "
        "smallest positive value. Bars: bootstrap interval over test users. Lower left is better. "
    )
    if not rows:
        return start + "No method has been run yet."
    best, quick = min(rows, key=lambda row: row["MSE"]), min(rows, key=lambda row: row["milliseconds per user"])
    return (
        f"{start}Data: {best['dataset']} ({best['profile']} profile). The least MSE is that of {cost_text(best)}; "
        f"the least time is that of {cost_text(quick)}."
    )


def cost_text(row: dict[str, Any]) -> str:
    """Write a method with its error and its cost."""
    return (
        f"{row['method']} (MSE {row['MSE']:.4f}, {row['milliseconds per user']:.3g} ms, "
        f"{row['adaptive parameters']:,.0f} adaptive parameters)"
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: no recommender for cold-start users has been run."
    return f"Two scatter plots of {len(rows)} methods: {'; '.join(map(cost_text, rows))}."
