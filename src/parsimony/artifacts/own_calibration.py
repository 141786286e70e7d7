"""Are probabilities to be believed? Reliability diagrams, and accuracy if only the sure answers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.calibration import Bin, answered, expected_error, pooled_bins
from parsimony.artifacts.interaction_runs import FLOW, SETTINGS, best_rival, look_of, origin_text, runs_with
from parsimony.artifacts.names import name_of
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ["setting", "method", "from", "to", "pairs", "confidence", "accuracy", "share answered", "accuracy from here"]
Groups = Mapping[tuple[str, str], Sequence[Filed]]


def own_calibration(archive: Archive) -> Artifact:
    """Draw EmerGNN beside its best rival in every setting."""
    import pandas

    found = groups(archive)
    rows = [row for (setting, method), runs in found.items() for row in rows_of(setting, method, runs)]
    return Artifact(
        id="fig-own-calibration", title="Are its probabilities to be believed?", caption=_caption(found),
        alt=_alt(found), data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=draw_all(found), records=tuple({one.path: one for runs in found.values() for one in runs}.values()),
    )  # fmt: skip


def groups(archive: Archive) -> dict[tuple[str, str], tuple[Filed, ...]]:
    """Return the runs of EmerGNN and of the best rival by setting and method."""
    every = {
        (setting, method): runs_with(archive, "calibration", setting, method)
        for setting in SETTINGS
        for method in (FLOW, best_rival(archive, setting))
        if method
    }
    return {key: runs for key, runs in every.items() if runs}


def rows_of(setting: str, method: str, runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Return the bins of a method, each with what remains from there on."""
    bins = pooled_bins(runs, setting)
    return [
        dict(zip(COLUMNS, (setting, method, *one, share, accuracy), strict=True))
        for one, (_, share, accuracy) in zip(bins, answered(bins), strict=True)
    ]


def draw_all(found: Groups) -> Figure:
    """Draw reliability above, accuracy against the share answered below."""
    shown = [setting for setting in SETTINGS if any(key[0] == setting for key in found)]
    if not shown:
        figure, axes = new_mosaic(2.4, [["none"]])
        say_not_run(axes["none"], "probabilities of EmerGNN")
        return figure
    figure, axes = new_mosaic(
        5.6, [[f"{setting} {part}" for setting in shown] for part in ("reliability", "answered")],
    )  # fmt: skip
    for setting in shown:
        bins = {method: pooled_bins(runs, key) for (key, method), runs in found.items() if key == setting}
        draw_reliability(axes[f"{setting} reliability"], bins)
        axes[f"{setting} reliability"].set_title(f"{setting}: {SETTINGS[setting]}", fontsize=SIZE, weight="bold")
        draw_answered(axes[f"{setting} answered"], bins)
    axes[f"{shown[0]} reliability"].set_ylabel("share that is right", fontsize=SIZE)
    axes[f"{shown[0]} answered"].set_ylabel("share of the answers\nthat is right", fontsize=SIZE)
    add_key(figure, [method for _, method in found])
    return figure


def draw_reliability(axes: Axes, bins: Mapping[str, Sequence[Bin]]) -> None:
    """Draw the share that was right against the probability; a larger dot is a bin with more pairs."""
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
    for method, found in bins.items():
        x, y = [one.confidence for one in found], [one.accuracy for one in found]
        most = max(one.pairs for one in found)
        look = look_of(method)
        axes.plot(x, y, color=look["color"], linewidth=1, alpha=0.4)
        axes.scatter(x, y, s=[12 + 70 * one.pairs / most for one in found], zorder=3, **look)
    _square(axes, "largest probability")


def draw_answered(axes: Axes, bins: Mapping[str, Sequence[Bin]]) -> None:
    """Draw accuracy against the share of pairs answered if those of low probability are left open."""
    for method, found in bins.items():
        steps = answered(found)
        axes.plot([one[1] for one in steps], [one[2] for one in steps], linewidth=1.5, markersize=5, **look_of(method))
    _square(axes, "share of the pairs answered")


def _square(axes: Axes, across: str) -> None:
    axes.set(xlim=(0, 1.03), ylim=(0, 1.03))
    axes.set_xlabel(across, fontsize=SIZE)
    axes.grid(color="#e3e8ec", linewidth=0.7)
    axes.tick_params(labelsize=SIZE - 1)


def add_key(figure: Figure, methods: Sequence[str]) -> None:
    """Say which method has which look, and what the diagonal is."""
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], linewidth=1.5, label=name_of(one), **look_of(one)) for one in dict.fromkeys(methods)]
    marks.append(Line2D([], [], color=INK, linewidth=0.8, linestyle=(0, (4, 2)), label="probability as it should be"))
    figure.legend(handles=marks, loc="outside lower center", ncols=4, fontsize=SIZE, frameon=False)


def finding(found: Groups) -> str:
    """Say the calibration error of each, and what the surest half of EmerGNN's answers is worth."""
    said = []
    for (setting, method), runs in found.items():
        bins = pooled_bins(runs, setting)
        text = f"{setting} {name_of(method)} {expected_error(bins):.3f}"
        if method == FLOW:
            share, accuracy = min(((one[1], one[2]) for one in answered(bins)), key=lambda pair: abs(pair[0] - 0.5))
            whole = answered(bins)[0][2]
            text += f" (all answers {whole:.2f} right, the surest {100 * share:.0f} % of them {accuracy:.2f})"
        said.append(text)
    return f"Mean distance of probability and share that is right: {'; '.join(said)}."


def _caption(found: Groups) -> str:
    start = (
        "Above: pairs by the largest probability that the model gives to a type, in ten bins of equal width; what lies "
        "on the dashed diagonal means what it says, what lies below is too sure. Larger points hold more pairs. "
        "Below: what an honest silence buys. Only pairs whose probability is above a bound are answered; from right to "
        "left the bound rises. EmerGNN beside the best other method of the setting. "
    )
    if not found:
        return start + "No run has recorded it yet."
    return f"{start}Test pairs of all seeds together, {origin_text(next(iter(found.values())))}. {finding(found)}"


def _alt(found: Groups) -> str:
    if not found:
        return "An empty panel: no run of EmerGNN has recorded how its probabilities come true."
    return f"Reliability diagrams and curves of accuracy against the share answered. {finding(found)}"
