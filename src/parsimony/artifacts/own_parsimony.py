"""All methods of the book on common axes: score against parameters, and against training samples.

Whatever is archived appears by itself: a method is a group of records with the main measure of its data set. A score
is normalised within its data set, 0 for the worst method there and 1 for the best, so that what is drawn is order and
spacing, never one benchmark's level beside another's.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.common_axes import PARSIMONIOUS, Method, benchmarks, curve_of, curve_runs, normalised
from parsimony.artifacts.names import name_of
from parsimony.artifacts.theme import INK, SIZE, new_mosaic, palette, say_not_run
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ["panel", "dataset", "method", "parsimonious", "measure", "score", "normalised", "parameters", "adaptive",
           "samples", "seeds"]  # fmt: skip
MARKERS = "osD^vPX*<>hpd"


def own_parsimony(archive: Archive) -> Artifact:
    """Draw every data set with a parsimonious method and a rival; and scores over samples where a record has them."""
    import pandas

    found = benchmarks(archive)
    curves = sample_curves(archive)
    rows = [*(row for methods in found.values() for row in parameter_rows(methods)), *curves]
    figure, axes = new_mosaic(7.4, [["parameters"], ["samples"]], height_ratios=[1.35, 1])
    draw_parameters(axes["parameters"], found, rows)
    draw_samples(axes["samples"], curves)
    used = {one.path: one for methods in found.values() for each in methods for one in each.runs}
    used |= {one.path: one for one in curve_runs(archive)}
    return Artifact(
        id="fig-own-parsimony", title="All methods on common axes", caption=_caption(found, rows), alt=_alt(found),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=tuple(used.values()),
    )  # fmt: skip


def parameter_rows(methods: Sequence[Method]) -> list[dict[str, Any]]:
    """Return one row a method of one data set."""
    shares = normalised({one.name: one.score for one in methods}, methods[0].measure)
    return [
        dict(zip(COLUMNS, ("parameters", one.dataset, one.name, one.is_parsimonious, one.measure, one.score,
                           shares[one.name], one.parameters, one.is_adaptive, None, len(one.runs)), strict=True))
        for one in methods
    ]  # fmt: skip


def draw_parameters(axes: Axes, found: Mapping[str, Sequence[Method]], rows: Sequence[dict[str, Any]]) -> None:
    """Draw rivals hollow, parsimonious methods filled, and a line from the largest rival to the best of the latter."""
    if not found:
        say_not_run(axes, "a parsimonious method beside a rival")
        return
    for number, dataset in enumerate(found):
        part = [row for row in rows if row["dataset"] == dataset and row["panel"] == "parameters"]
        draw_benchmark(axes, dataset, part, look(number))
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xlim(left=-2)
    axes.set_xlabel("parameters: adaptive where a method adapts, else trainable", fontsize=SIZE)
    axes.set_ylabel("score, 0 worst to 1 best\nmethod of its data set", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))


def look(number: int) -> dict[str, Any]:
    """Return colour and marker of a data set; colours come again, but never with the same marker."""
    colours = [*palette(), INK]
    return {"color": colours[number % len(colours)], "marker": MARKERS[number % len(MARKERS)]}


def draw_benchmark(axes: Axes, dataset: str, part: Sequence[dict[str, Any]], style: dict[str, Any]) -> None:
    """Draw the best parsimonious method beside the rival with most parameters, and all others small and pale."""
    ours = max((row for row in part if row["parsimonious"]), key=lambda row: row["normalised"])
    rival = max((row for row in part if not row["parsimonious"]), key=lambda row: row["parameters"])
    for row in part:
        is_paired = row in (ours, rival)
        axes.plot(row["parameters"], row["normalised"], linestyle="none", markersize=9 if is_paired else 4,
                  alpha=1.0 if is_paired else 0.45, zorder=3 if row is ours else 2, **style,
                  markerfacecolor=style["color"] if row["parsimonious"] else "white", markeredgewidth=1.4,
                  label=dataset if row is ours else None)  # fmt: skip
    axes.plot(*([row[name] for row in (rival, ours)] for name in ("parameters", "normalised")),
              color=style["color"], linewidth=1.3, alpha=0.7, zorder=1)  # fmt: skip


def sample_curves(archive: Archive) -> list[dict[str, Any]]:
    """Return normalised scores by training samples; 0 and 1 are the worst and best of one data set's curves."""
    groups: dict[str, dict[tuple[str, int], list[float]]] = {}
    for one in curve_runs(archive):
        asked = one.record.specification
        for samples, score in curve_of(one).items():
            groups.setdefault(asked.dataset, {}).setdefault((asked.method, samples), []).append(score)
    rows = []
    for dataset, values in groups.items():
        measure = "relative MSE" if dataset == "Sine-waves" else "accuracy"
        means = {key: statistics.fmean(scores) for key, scores in values.items()}
        shares = normalised(means, measure)
        rows += [
            dict(zip(COLUMNS, ("samples", dataset, name_of(method), method in PARSIMONIOUS, measure, means[key],
                               shares[key], None, None, samples, len(values[key])), strict=True))
            for key in means for method, samples in [key]
        ]  # fmt: skip
    return rows


def draw_samples(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a line for each data set and method."""
    if not rows:
        say_not_run(axes, "learning curves over training samples")
        return
    for number, dataset in enumerate(dict.fromkeys(row["dataset"] for row in rows)):
        for is_parsimonious, style in ((True, "-"), (False, (0, (4, 2)))):
            part = [row for row in rows if row["dataset"] == dataset and row["parsimonious"] is is_parsimonious]
            axes.plot(*([row[name] for row in part] for name in ("samples", "normalised")), linestyle=style,
                      marker=MARKERS[number], color=palette()[number], linewidth=1.8,
                      markerfacecolor=palette()[number] if is_parsimonious else "white",
                      label=f"{dataset}, {part[0]['method']}" if part else None)  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlabel("training samples", fontsize=SIZE)
    axes.set_ylabel("score, 0 worst to 1 best\ncell of its data set", fontsize=SIZE)
    axes.legend(fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))


def _caption(found: Mapping[str, Sequence[Method]], rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Archived runs of all chapters. Scores are normalised within each data set: 0 is its worst method drawn "
        "(below: its worst cell), 1 its best; levels of different data sets do not compare. Above: score against "
        "parameters, those that adapt to a user or a property where a method adapts, else all that are trained; "
        "filled: methods that the papers call parsimonious; hollow: their rivals; large and joined by a line: the "
        "rival with most parameters to the best filled one. Upper left is parsimonious. Below: score against training "
        "samples, where runs recorded several. Runs below the paper's schedule are left out, as are closed forms. "
    )
    if not found:
        return start + "No data set has both kinds of method yet."
    return f"{start}{_finding(found)}"


def _finding(found: Mapping[str, Sequence[Method]]) -> str:
    """Count the data sets on which a parsimonious method is best, and on which it beats its largest rival."""
    best = beats = smaller = 0
    for methods in found.values():
        shares = normalised({one.name: one.score for one in methods}, methods[0].measure)
        ours = max((one for one in methods if one.is_parsimonious), key=lambda one: shares[one.name])
        rival = max((one for one in methods if not one.is_parsimonious), key=lambda one: one.parameters)
        best += shares[ours.name] == 1.0
        beats += shares[ours.name] > shares[rival.name]
        smaller += ours.parameters < rival.parameters
    return (
        f"On {len(found)} data sets a parsimonious method is the best of all in {best} and beats the rival with most "
        f"parameters in {beats}; it has fewer parameters than that rival in {smaller}."
    )


def _alt(found: Mapping[str, Sequence[Method]]) -> str:
    if not found:
        return "Two empty panels: no data set has a parsimonious method beside a rival yet."
    return f"A scatter plot of {sum(map(len, found.values()))} methods and a panel of lines. {_finding(found)}"
