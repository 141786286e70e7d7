"""Figure 9: laws of pedestrians, found on generated and on recorded people, beside the social force model."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.law_runs import CORRIDORS, TITLES, WALKERS, runs_of, seed_text
from parsimony.artifacts.theme import INK, blank, new_mosaic, palette, say_not_run
from parsimony.published import read_table
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GENERATED = ("sfm", "bi", "uni")
FORMS = {
    "Social force model": "social\nforce", "Formula as printed": "as\nprinted",
    "Formula, only if closing": "only if\nclosing",
}  # fmt: skip
SHOWN = (*FORMS, "GSR", "Black box")
# Name of each constant, how it is set, its term, what that means, and its unit.
TERMS = (
    ("tau", r"$\tau$", r"$(c\,v^0 e - v)/\tau$", "walk at one's own pace", "s"),
    ("c", "$c$", "", "share of that pace", ""),
    ("A", "$A$", r"$A\,e^{-r/B}\,n$", "keep away from others", "m s$^{-2}$"),
    ("B", "$B$", "", "how far that reaches", "m"),
    ("delta", r"$\delta$", r"$\delta\,t$", "dodge to one side", "m s$^{-2}$"),
    ("h", "$h$", r"$h\,\bar v/\tau$", "walk with the others", ""),
)
COLUMNS = ["part", "data", "law", "name", "value", "deviation", "runs", "meaning"]
SIZE = 9  # points
LEFT = -0.215  # of the axes' width: text begins left of them, where the panels below have their labels
SOFT_INK = "#52606d"
Forms = Mapping[tuple[str, str], Sequence[Filed]]


def figure_9(archive: Archive) -> Artifact:
    """Draw equations of generated people, constants of recorded ones, and what each law explains."""
    import pandas

    found = {law: next(iter(runs_of(archive, "gsr", law, "paper")), None) for law in GENERATED}
    forms = {
        (data, row): runs_of(archive, WALKERS[row][0], data, "paper", WALKERS[row][1])
        for data in CORRIDORS
        for row in SHOWN
    }
    figure, axes = new_mosaic(
        10.9,
        [["equations"] * 2, ["found"] * 2, ["constants"] * 2, list(CORRIDORS)],
        height_ratios=[1.3, 0.65, 1.25, 1],
    )
    rows = [row for data in CORRIDORS for row in draw_explained(axes[data], data, forms)]
    rows += draw_constants(axes["constants"], forms)
    rows += draw_recorded(axes["found"], forms)
    rows += draw_equations(axes["equations"], found)
    used = [one for one in found.values() if one] + [one for runs in forms.values() for one in runs]
    return Artifact(
        id="fig-9", title="Laws of pedestrians", caption=_caption(found, forms), alt=_alt(rows),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=tuple({one.path: one for one in used}.values()),
    )  # fmt: skip


def row_of(*values: Any) -> dict[str, Any]:
    """Return a row of the data."""
    return dict(zip(COLUMNS, values, strict=True))


def write(axes: Axes, x: float, y: float, text: str, size: float = SIZE, **font: Any) -> Any:
    """Write text at x as a share of the width and y from 0 to 10, without moving the panels for it."""
    written = axes.text(10 * x, y, text, fontsize=size, va="center", **font)
    written.set_in_layout(False)
    return written


def sheet(axes: Axes, title: str) -> None:
    """Turn axes into a sheet to write on."""
    blank(axes, 10, 10)
    axes.set_title(title, fontsize=SIZE + 1, weight="bold")


def draw_equations(axes: Axes, found: Mapping[str, Filed | None]) -> list[dict[str, Any]]:
    """Write for generated people the acceleration along the corridor, as planted and as found."""
    sheet(axes, "generated people: planted and found")
    rows = []
    for number, (law, one) in enumerate(found.items()):
        y = 9.3 - 3.3 * number
        write(axes, LEFT, y, TITLES[law].partition(": ")[2], weight="bold")
        if one is None:
            write(axes, LEFT, y - 1.1, "not run", style="italic")
            continue
        rows += [_equation(axes, y - 1.1, law, one, "planted"), _equation(axes, y - 2.2, law, one, "found")]
    return rows


def _equation(axes: Axes, y: float, law: str, one: Filed, name: str) -> dict[str, Any]:
    measured = one.record.measurements
    equal = "equal" if measured["judged"]["recovered"] else "not equal"
    equation = (measured["truth"] if name == "planted" else measured)["equations"][0]
    colour = INK if name == "planted" else palette()[3]
    write(axes, LEFT, y, name if name == "planted" else f"found, {equal}", SIZE - 1, color=colour)
    shrink(axes, write(axes, LEFT + 0.19, y, f"$a_x = {equation}$", SIZE + 1, color=colour))
    return row_of("equation", law, name, "a_x", equation, "", 1, "" if name == "planted" else equal)


def draw_recorded(axes: Axes, forms: Forms) -> list[dict[str, Any]]:
    """Write both components of the acceleration that GSR found of recorded people, in the first fold that was run."""
    sheet(axes, "recorded people: found by GSR")
    rows = []
    for number, data in enumerate(CORRIDORS):
        x, one = (LEFT, 0.5)[number], next(iter(forms[data, "GSR"]), None)
        write(axes, x, 8.6, CORRIDORS[data], weight="bold")
        if one is None:
            write(axes, x, 5.5, "not run", style="italic")
            continue
        for place, equation in enumerate(one.record.measurements["equations"]):
            text = f"$a_{'xy'[place]} = {equation}$"
            shrink(axes, write(axes, x, 5.5 - 3.5 * place, text, SIZE + 1, color=palette()[3]), (0.49, 1.0)[number])
            rows.append(row_of("recorded", data, "found", f"a_{'xy'[place]}", equation, "", 1, seed_text(one)))
    return rows


def shrink(axes: Axes, text: Any, right: float = 1.0) -> None:
    """Make an equation smaller until it ends left of a share of the axes' width."""
    axes.figure.draw_without_rendering()
    place, sheet_place = text.get_window_extent(), axes.get_window_extent()
    room = sheet_place.x0 + right * sheet_place.width - place.x0
    if place.width > room:
        text.set_fontsize(text.get_fontsize() * 0.98 * room / place.width)


def draw_constants(axes: Axes, forms: Forms) -> list[dict[str, Any]]:
    """Write each term with its meaning, and its constant in each formula and corridor."""
    sheet(axes, "recorded people: terms, and constants by least squares")
    columns = {key: 0.37 + 0.118 * number for number, key in enumerate((d, f) for d in CORRIDORS for f in FORMS)}
    for (data, form), x in columns.items():
        write(axes, x, 8.6, FORMS[form], SIZE - 1, ha="center", linespacing=1.1)
        if form == list(FORMS)[1]:
            write(axes, x, 9.8, CORRIDORS[data], weight="bold", ha="center")
    rows = []
    for number, (name, symbol, term, meaning, unit) in enumerate(TERMS):
        y = 7.1 - 1.3 * number
        write(axes, LEFT, y, term, SIZE + 0.5)
        write(axes, LEFT + 0.17, y, meaning, SIZE - 1, color=SOFT_INK)
        write(axes, 0.19, y, f"{symbol}, {unit}" if unit else symbol, SIZE - 0.5)
        for key, x in columns.items():
            rows += _constant(axes, (x, y), key, forms[key], (name, meaning))
    return rows


def _constant(
    axes: Axes, place: tuple[float, float], key: tuple[str, str], runs: Sequence[Filed], named: tuple[str, str]
) -> list[dict[str, Any]]:
    """Write the mean of a constant over folds; a dash where a formula lacks it."""
    name, meaning = named
    fitted = [one.record.measurements["constants"] for one in runs]
    values = [one[name] for one in fitted if name in one]
    if not values:
        write(axes, *place, "–" if runs else "not run", SIZE - 1, ha="center", color=SOFT_INK)
        return []
    write(axes, *place, f"{statistics.fmean(values):.2g}", ha="center")
    return [row_of("constant", *key, name, statistics.fmean(values), spread(values), len(values), meaning)]


def spread(values: Sequence[float]) -> float:
    """Return the deviation over folds."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def draw_explained(axes: Axes, data: str, forms: Forms) -> list[dict[str, Any]]:
    """Draw R^2 of each law, a dot a fold, with published values as stars."""
    axes.set_title(f"corridor, {CORRIDORS[data]}", fontsize=SIZE + 1, weight="bold")
    if not any(forms[data, row] for row in SHOWN):
        say_not_run(axes, f"laws of {data}")
        return []
    published = {cell.row: cell.value for cell in read_table("tab-own-pedestrians") if cell.column == data}
    rows = []
    for number, law in enumerate(SHOWN):
        values, y = [one.record.metrics["R2"] for one in forms[data, law]], len(SHOWN) - 1 - number
        axes.scatter(values, [y] * len(values), s=30, color=palette()[(0, 1, 2, 3, 7)[number]], zorder=3)
        axes.scatter(
            [published[law]] if law in published else [], [y] * (law in published), s=70, marker="*", color=INK
        )
        rows += (
            [row_of("R2", data, law, "R2", statistics.fmean(values), spread(values), len(values), "")] if values else []
        )
    _label(axes, is_first=data == next(iter(CORRIDORS)))
    return rows


def _label(axes: Axes, *, is_first: bool) -> None:
    names = [name.replace(", ", ",\n") for name in SHOWN[::-1]] if is_first else [""] * len(SHOWN)
    axes.set_yticks(range(len(SHOWN)), names, fontsize=SIZE - 0.5)
    axes.set_xlabel("$R^2$ of the acceleration over 2 s", fontsize=SIZE)
    axes.set_xlim(min(0.0, axes.get_xlim()[0]), 1)
    axes.set_ylim(-0.6, len(SHOWN) - 0.4)
    axes.grid(axis="x", color="#e3e8ec", linewidth=0.7)
    axes.tick_params(labelsize=SIZE - 0.5)


def _caption(found: Mapping[str, Filed | None], forms: Forms) -> str:
    searched = [one for one in found.values() if one]
    equal = sum(bool(one.record.metrics["recovered"]) for one in searched)
    return (
        "Top: acceleration of generated people along the corridor, as planted and as GSR found "
        "it; r is the distance to the other, H is 1 if both come closer and else 0, e points to the destination. "
        "Second: what GSR finds of recorded people in the first fold run, along (x) and across (y) the corridor; v is "
        "the velocity of a person, g the desired one. Third: terms of the social force model and of the formulas that "
        "the paper prints for recorded people, with their meaning and unit, and constants averaged over folds; n "
        "points away from the other, t to its left, the bar is "
        "a mean over everyone. As printed: the push changes its sign with the closing speed, the dodge is constant; "
        "only if closing: nobody reacts to someone who walks away. Bottom: variance of the accelerations of people who "
        "were not used that each law explains, a dot a fold; stars are the values of Figure 9 of arXiv 2407.00478, "
        f"whose quantity is not stated. Of {len(searched)} planted laws that were searched {equal} came back exactly. "
        f"{' '.join(explained_text(forms, data) for data in CORRIDORS)}"
    )


def explained_text(forms: Forms, data: str) -> str:
    """Say what each law explains in one corridor."""
    said = [f"{law} {statistics.fmean(one.record.metrics['R2'] for one in forms[data, law]):.3f}"
            for law in SHOWN if forms[data, law]]  # fmt: skip
    return f"{CORRIDORS[data].capitalize()}: {', '.join(said) or 'not run'}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    equations = [
        f"{row['data']} {row['meaning']}" for row in rows if row["part"] == "equation" and row["law"] == "found"
    ]
    recorded = [f"{row['data']} {row['name']} = {row['value']}" for row in rows if row["part"] == "recorded"]
    explained = [f"{row['data']} {row['law']} {row['value']:.2f}" for row in rows if row["part"] == "R2"]
    return (
        f"Equations of generated people beside the planted ones ({', '.join(equations) or 'not run'}), "
        f"equations found of recorded people ({', '.join(recorded) or 'not run'}), a table of "
        f"terms with constants, and dots of explained variance ({', '.join(explained) or 'not run'})."
    )
