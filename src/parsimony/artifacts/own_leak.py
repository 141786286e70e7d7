"""What the sampled zeros of Last.fm give away: every method with and without the leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cold_start_methods import Method, best_trained, methods_on, records_of, reference_mse
from parsimony.artifacts.theme import INK, SIZE, new_figure, palette, say_not_run
from parsimony.published import advantage
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAKY, FRESH = DATASETS = ("Last.fm", "Last.fm-fresh")
LABELS = {LEAKY: "the authors' episodes, half ones", FRESH: "fresh zeros, no leak"}
COLUMNS = ["method", "kind", "dataset", "MSE", "low", "high", "gain over item mean"]


def own_leak(archive: Archive) -> Artifact:
    """Draw the MSE of each method on both versions as paired dots with intervals over test users."""
    import pandas

    found = {dataset: methods_on(archive, dataset) for dataset in DATASETS}
    names = list(dict.fromkeys(one.name for methods in found.values() for one in methods))
    figure, (axes,) = new_figure(max(2.4, 1.1 + 0.3 * len(names)))
    rows = [row for dataset in DATASETS for row in rows_of(dataset, found[dataset])]
    draw(axes, names, rows)
    return Artifact(
        id="fig-own-leak", title="With and without the leak", caption=_caption(found), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=tuple(run for methods in found.values() for run in records_of(methods)),
    )  # fmt: skip


def rows_of(dataset: str, methods: Sequence[Method]) -> list[dict[str, Any]]:
    """Return error, interval and gain of each method on one version."""
    reference, rows = reference_mse(methods), []
    for one in methods:
        mse, (low, high) = one.mean("MSE"), one.interval("MSE")
        gain = None if reference is None else advantage("MSE", mse, reference)
        kind = "closed form" if one.is_closed_form else "trained"
        rows.append(dict(zip(COLUMNS, (one.name, kind, dataset, mse, low, high, gain), strict=True)))
    return rows


def draw(axes: Axes, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Draw a line a method; the least MSE with the leak stands on top."""
    if not rows:
        say_not_run(axes, "Last.fm")
        return
    for number, dataset in enumerate(DATASETS):
        part = [row for row in rows if row["dataset"] == dataset]
        errors = [[row["MSE"] - row["low"] for row in part], [row["high"] - row["MSE"] for row in part]]
        y = [names.index(row["method"]) + 0.32 * (number - 0.5) for row in part]
        axes.errorbar(
            [row["MSE"] for row in part], y, xerr=errors, fmt="os"[number], color=palette()[number], elinewidth=1.2,
            markersize=6, markerfacecolor=palette()[number] if number == 0 else "white", label=LABELS[dataset],
        )  # fmt: skip
        reference = [row["MSE"] for row in part if row["method"] == "item mean"]
        for value in reference:
            axes.axvline(value, color=palette()[number], linestyle=("--", ":")[number], linewidth=1.2)
    finish(axes, names, {row["method"] for row in rows if row["kind"] == "trained"})


def finish(axes: Axes, names: Sequence[str], are_trained: set[str]) -> None:
    """Name the rows, trained methods in bold, and the axis."""
    axes.set_yticks(range(len(names)), names, fontsize=SIZE)
    for text in axes.get_yticklabels():
        text.set_weight("bold" if text.get_text() in are_trained else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel("test MSE (dashed and dotted: item mean)", fontsize=SIZE)
    axes.grid(axis="y", color="#e9eef2")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, fontsize=SIZE, frameon=False, labelcolor=INK)


def _caption(found: Mapping[str, Sequence[Method]]) -> str:
    start = (
        "Test MSE on Last.fm, as the authors sampled its zeros (as many as ones for nearly every user, which the "
        "support set gives away) and with fresh zeros that do not. Bars: bootstrap interval over test users, averaged "
        "over seeds; in bold what is trained, the rest are closed forms. "
    )
    said = " ".join(filter(None, (gain_text(dataset, found[dataset]) for dataset in DATASETS)))
    return start + (said or "Nothing has been run yet.")


def gain_text(dataset: str, methods: Sequence[Method]) -> str:
    """Say what the best trained method gains over the item mean."""
    best, reference = best_trained(methods), reference_mse(methods)
    if best is None or reference is None:
        return "" if methods else f"{dataset} has not been run."
    gain = advantage("MSE", best.mean("MSE"), reference)
    word = "gain" if gain > 0 else "loss"
    return (
        f"On {dataset} the best trained method is {best.name} with {best.mean('MSE'):.4f}, a {word} of {abs(gain):.4f} "
        f"over the item mean ({reference:.4f})."
    )


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "An empty panel: no method has been run on Last.fm, with or without the leak."
    said = [
        f"on {dataset} the errors run from {part[0]['MSE']:.4f} ({part[0]['method']}) to {part[-1]['MSE']:.4f} "
        f"({part[-1]['method']})"
        for dataset in DATASETS
        if (part := [row for row in rows if row["dataset"] == dataset])
    ]
    return f"Paired dots with bars, one line a method: {'; '.join(said)}."
