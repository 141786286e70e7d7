"""Figure 11: why one interaction is predicted, how well methods predict, and how many parameters they take."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import MILLION, values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.explorable_interaction import explorable
from parsimony.artifacts.interaction_drawing import colours_of, draw_key, group_of
from parsimony.artifacts.interaction_explanation import (
    CASE,
    Explanation,
    explaining_runs,
    explanations_of,
    is_case,
    prediction_text,
    sentence,
)
from parsimony.artifacts.interaction_runs import DRUGBANK, GENERATED, measure_of
from parsimony.artifacts.interaction_subgraph import LINE, draw_paths, height_of, sentence_lines, write_sentences
from parsimony.artifacts.own_drugs import METHOD_OF_ROW, TABLE
from parsimony.artifacts.run_schedule import has_short
from parsimony.artifacts.theme import INK, new_mosaic, palette, say_not_run
from parsimony.published import read_table
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROWS = ("EmerGNN", "TextDDI", "TIGER", "DeepLGF", "Decagon", "SumGNN", "KG-DDI", "HIN-DDI", "CSMDDI", "TextDDI-lite",
        "fingerprint MLP")  # fmt: skip
COUNT = "million parameters"
MEASURES = (measure_of(DRUGBANK, "S1"), measure_of(DRUGBANK, "S2"), COUNT)
SOURCES = {"paper": (DRUGBANK, "archived, DrugBank", 3, "o"), "quick": (GENERATED, "quick, Planted-drugs", 0, "^")}
COLUMNS = ["part", "method", "measure", "origin", "value", "deviation", "runs", "short"]
SENTENCES = 5
SIZE = 9  # points


def figure_11(archive: Archive) -> Artifact:
    """Draw the best paths of the paper's case, or of what was explained instead, and the numbers of all methods."""
    import pandas

    explaining = explaining_runs(archive)
    run = explaining[0] if explaining else None
    explained = explanations_of(run) if run else []
    numbers = [row for measure in MEASURES for row in number_rows(archive, measure)]
    rows = [*path_rows(explained[0] if explained else None), *numbers]
    graphs = tuple(
        explorable(each, one.record.specification.dataset) for one in explaining for each in explanations_of(one)
    )
    return Artifact(
        id="fig-11", title="Why an interaction is predicted", caption=_caption(run, explained, numbers),
        alt=_alt(explained, numbers), data=pandas.DataFrame(rows, columns=[*COLUMNS, "sentence"]),
        figure=draw(explained[0] if explained else None, numbers), records=used_runs(archive, explaining),
        published="fig-11", graphs=graphs, weight="gate",
    )  # fmt: skip


def path_rows(shown: Explanation | None) -> list[dict[str, Any]]:
    """Return the best paths, or that there are none."""
    if shown is None:
        return [{"part": "paths", "sentence": "not run"}]
    rows = []
    for path in shown.paths:
        named = {"part": "paths", "sentence": sentence(path)}
        values = {"adds to the logit": path.added, "all paths like it add": path.together, "mean gate": path.gate}
        rows += [{**named, "measure": measure, "value": value} for measure, value in values.items()]
    return rows


def number_rows(archive: Archive, measure: str) -> list[dict[str, Any]]:
    """Return published, archived and quick values of a measure for each method."""
    return [row for name in ROWS for row in (*published_rows(name, measure), *measured_rows(archive, name, measure))]


def published_rows(name: str, measure: str) -> list[dict[str, Any]]:
    """Return the published value of a method, if a source gives one."""
    cells = [*read_table(TABLE), *read_table("fig-11")]
    found = [one for one in cells if (one.row, one.column, one.measure) == (name, DRUGBANK, measure)]
    return [
        dict(zip(COLUMNS, ("numbers", name, measure, "published", one.value, one.spread or 0.0, 0, False), strict=True))
        for one in found
        if one.value is not None
    ]


def measured_rows(archive: Archive, name: str, measure: str) -> list[dict[str, Any]]:
    """Return the mean over our runs of a method, archived and quick."""
    rows = []
    for origin, runs in runs_by_origin(archive, name, measure).items():
        values = values_of(runs, measure)
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        found = ("numbers", name, measure, origin, statistics.fmean(values), deviation, len(runs), has_short(runs))
        rows.append(dict(zip(COLUMNS, found, strict=True)))
    return rows


def runs_by_origin(archive: Archive, name: str, measure: str) -> dict[str, tuple[Filed, ...]]:
    """Return our runs behind one dot, by profile."""
    every = {
        profile: runs_of_method(archive, METHOD_OF_ROW[name], dataset, profile, measure=measure)
        for profile, (dataset, *_) in SOURCES.items()
    }
    return {profile: runs for profile, runs in every.items() if runs}


def used_runs(archive: Archive, explaining: Sequence[Filed]) -> tuple[Filed, ...]:
    """Return every run that is shown, once."""
    found = list(explaining)
    for measure in MEASURES:
        found += [one for name in ROWS for runs in runs_by_origin(archive, name, measure).values() for one in runs]
    return tuple({one.path: one for one in found}.values())


def draw(shown: Explanation | None, numbers: Sequence[dict[str, Any]]) -> Figure:
    """Draw all panels."""
    graph = height_of(shown.paths) if shown else 1.5
    text = LINE * (len(sentence_lines(shown, SENTENCES)) + 1) if shown else 0.2
    figure, axes = new_mosaic(
        graph + text + 4.9, [["graph"] * 4, ["text"] * 4, ["key"] * 4, ["names", *MEASURES]],
        height_ratios=[graph, text, 0.45, 3.2], width_ratios=[0.62, 1, 1, 1],
    )  # fmt: skip
    draw_explanation(axes, shown)
    write_names(axes["names"])
    for measure in MEASURES:
        draw_numbers(axes[measure], [row for row in numbers if row["measure"] == measure])
        axes[measure].set_title(
            f"{'c' if measure == COUNT else 'b'}: {title_of(measure)}", fontsize=SIZE, weight="bold"
        )
    axes[COUNT].set_xscale("log")
    figure.legend(handles=marks(), loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    return figure


def draw_explanation(axes: dict[Any, Axes], shown: Explanation | None) -> None:
    """Draw the paths of one pair with their key."""
    if shown is None:
        say_not_run(axes["graph"], "explanations of EmerGNN")
        for name in ("text", "key"):
            axes[name].set_axis_off()
        return
    colours = colours_of(edge for path in shown.paths for edge in path.edges)
    draw_paths(axes["graph"], shown, colours)
    write_sentences(axes["text"], shown, SENTENCES)
    drawn = {name for path in shown.paths for edge in path.edges for name in (edge.head, edge.tail)}
    draw_key(axes["key"], {group_of(shown.kinds[name]) for name in drawn}, colours)


def title_of(measure: str) -> str:
    """Return a measure as a title."""
    return "parameters" if measure == COUNT else measure


def write_names(axes: Axes) -> None:
    """Write the methods beside the panels; as labels of an axis they would push all panels to the right."""
    axes.set_axis_off()
    axes.set_ylim(-0.6, len(ROWS) - 0.4)
    for number, name in enumerate(ROWS[::-1]):
        axes.text(1.0, number, name, fontsize=SIZE - 0.5, ha="right", va="center")


def draw_numbers(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Draw a line a method: star published, dot archived, triangle quick."""
    for row in rows:
        scale = MILLION if row["measure"] == COUNT else 1.0
        colour, marker = look_of(row["origin"])
        axes.errorbar(
            row["value"] * scale, len(ROWS) - 1 - ROWS.index(row["method"]), xerr=row["deviation"] * scale,
            color=colour, marker=marker, markersize=8 if marker == "*" else 6, capsize=2, elinewidth=0.8,
            linestyle="none",
        )  # fmt: skip
    axes.set_yticks(range(len(ROWS)), [""] * len(ROWS))
    axes.set_ylim(-0.6, len(ROWS) - 0.4)
    axes.grid(color="#e3e8ec", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="x", labelsize=SIZE - 0.5)


def look_of(origin: str) -> tuple[str, str]:
    """Return colour and marker of published, archived or quick values."""
    if origin == "published":
        return INK, "*"
    _, _, number, marker = SOURCES[origin]
    return palette()[number], marker


def marks() -> list[Any]:
    """Return the key of the dots."""
    from matplotlib.lines import Line2D

    names = {"published": "published, DrugBank", **{origin: name for origin, (_, name, *_) in SOURCES.items()}}
    return [
        Line2D([], [], color=look_of(origin)[0], marker=look_of(origin)[1], linestyle="none", label=name)
        for origin, name in names.items()
    ]


def _caption(run: Filed | None, explained: Sequence[Explanation], numbers: Sequence[dict[str, Any]]) -> str:
    return (
        f"a: {explained_text(run, explained)} b: main measure with one and with both drugs emerging, on DrugBank as "
        "arXiv 2311.09261 prints it (star) and as archived here (dot), and of quick runs on generated drugs "
        "(triangle), which compare with nothing else; bars: deviation over seeds. The values of Figures 11b and c of "
        "arXiv 2407.00478 are not printed; no source gives those of TIGER and TextDDI on these splits. c: parameters, "
        f"logarithmic; of TextDDI those of the pretrained model inside it. {numbers_text(numbers)}"
    )


def explained_text(run: Filed | None, explained: Sequence[Explanation]) -> str:
    """Say what is explained, and how to read the drawing."""
    if run is None:
        return "no run of EmerGNN that explains its predictions has been made yet."
    shown, asked = explained[0], run.record.specification
    return (
        f"the {len(shown.paths)} paths of both flows that speak most for the true type, that {lower_first(shown)} "
        f"({case_text(shown)}; EmerGNN gives it rank {shown.raw['rank_of_type']}). One row a path, the strongest on "
        "top; arrows follow the message, dashed edges walk a fact backwards, grey ones are known interactions with the "
        "number of their type. What a path adds is exact: its share of the logit, beyond the mean of all types. Of "
        "paths with the same chain of relations the best is drawn; beside it stands what all of them add together, "
        "and how many they are. Gate: the mean of its gates, which is the score of the paper. Run: "
        f"{asked.profile} profile, {asked.dataset}, seed {asked.seed}."
    )


def case_text(shown: Explanation) -> str:
    """Say which pair this is, and where the path of the paper stands."""
    if not is_case(shown):
        return f"{shown.raw['rule']}; the case of the paper, Tapentadol and Dolasetron, has not been explained yet"
    place = shown.place_through(CASE[2])
    through = "none of them runs" if place is None else f"number {place} runs"
    return f"the case of Figure 11 of arXiv 2407.00478; {through} through CYP2D6"


def lower_first(shown: Explanation) -> str:
    """Write a prediction within a sentence."""
    text = prediction_text(shown)
    return f"the {text.removeprefix('The ')}" if text.startswith("The ") else text


def numbers_text(numbers: Sequence[dict[str, Any]]) -> str:
    """Say how EmerGNN stands to the best other method in each setting."""
    said = []
    for measure in MEASURES[:2]:
        for origin in ("paper", "quick"):
            part = {row["method"]: row for row in numbers if (row["measure"], row["origin"]) == (measure, origin)}
            others = [name for name in part if name != "EmerGNN"]
            if "EmerGNN" in part and others:
                best = max(others, key=lambda name: part[name]["value"])
                short = ", some below schedule" * any(row["short"] for row in part.values())
                said.append(
                    f"{measure}, {SOURCES[origin][1]}{short}: EmerGNN {part['EmerGNN']['value']:.3f}, best other "
                    f"{best} {part[best]['value']:.3f}"
                )
                break
    return f"{'; '.join(said)}." if said else "No method has been run yet."


def _alt(explained: Sequence[Explanation], numbers: Sequence[dict[str, Any]]) -> str:
    if not explained:
        return f"An empty panel for paths, since nothing was explained yet, and dots. {numbers_text(numbers)}"
    best = explained[0].paths[0]
    return (
        f"{len(explained[0].paths)} paths between {' and '.join(explained[0].pair)}; the strongest, which adds "
        f"{best.added:.2f} to the logit: {sentence(best)}. Below, dots of scores and parameters. "
        f"{numbers_text(numbers)}"
    )
