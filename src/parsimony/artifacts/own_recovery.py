"""How well laws are explained: a table of every method; and recovery against noise and number of graphs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, difference_text, mean_text, published_text, values_of
from parsimony.artifacts.law_runs import LAWS, METHOD_OF_ROW, TITLES
from parsimony.artifacts.law_runs import runs_of as runs_of_variant
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.artifacts.theme import INK, new_mosaic, say_not_run
from parsimony.published import Cell, read_table, verdict
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIGITS = 3
NOISES = {"": 0.0, "noise1": 0.01, "noise10": 0.1}
GRAPHS = {"graphs100": 100, "graphs300": 300, "graphs1000": 1000, "": 8000}
OF_THE_WHOLE = ("circuit", "heat", "heat-complex")  # their target is no node's
NOT_APPLICABLE = "not applicable"
COLUMNS = ["law", "varied", "value", "recovered", "seeds", "R2"]
SIZE = 9.5  # points
LIGHT = 0.3  # share above which a cell is dark


def own_recovery_table(archive: Archive) -> Artifact:
    """Return for every law and method the explained variance beside the published one."""
    import pandas

    found = side_by_side(archive, cells(), runs_of, _row, lambda cell: bool(cell.source))
    return Artifact(
        id="tab-own-recovery", title="How well laws are explained", caption=_table_caption(found.rows, found.records),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-own-recovery", behind=found.behind,
    )  # fmt: skip


def cells() -> list[Cell]:
    """Return the published cells, and one without a value for each other law and method, law by law."""
    printed = {(cell.column, cell.row): cell for cell in read_table("tab-own-recovery")}
    keys = [(law, row) for law in LAWS for row in METHOD_OF_ROW]
    return [printed.get(key) or Cell("tab-own-recovery", key[1], key[0], "R2", None, DIGITS, None, "") for key in keys]


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: without noise, on all graphs."""
    return runs_of_variant(archive, METHOD_OF_ROW[cell.row], cell.column, profile)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    values = values_of(paper, "R2")
    return {
        "Law": TITLES[cell.column],
        "Method": cell.row,
        "Published": published_text(cell),
        "Archived": NOT_APPLICABLE if is_impossible(cell) else mean_text(paper, "R2", DIGITS),
        "Difference": difference_text(cell, values, DIGITS),
        "Verdict": NOTHING if is_impossible(cell) else verdict(cell, values).text,
        "Quick": NOT_APPLICABLE if is_impossible(cell) else mean_text(quick, "R2", DIGITS),
    }


def is_impossible(cell: Cell) -> bool:
    """Tell whether a method cannot learn a law at all."""
    return cell.row == "SymDL" and cell.column in OF_THE_WHOLE


def _table_caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed]) -> str:
    archived = sum(row["Archived"] not in (NOT_RUN, NOT_APPLICABLE) for row in rows)
    return (
        "Generated laws on graphs without noise: share of the variance of new graphs that each method explains (R²). "
        "Published: Shi et al., ICLR 2023, Table 5, who generate other graphs of the same laws. Archived and quick: "
        "mean and deviation over n seeds, each with its own graphs. "
        "Aggregates cannot hold most of the laws, and a black box has no formula. SymDL serves outputs of nodes only. "
        f"{archived} of {len(rows)} rows have an archived run; the table rests on {len(records)} records."
    )


def own_recovery(archive: Archive) -> Artifact:
    """Show how often GSR finds each law, against noise and against the number of graphs."""
    import pandas

    lines = {"noise": NOISES, "graphs": GRAPHS}
    found = {name: points(archive, name, variants) for name, variants in lines.items()}
    rows = [row for part in found.values() for row in part]
    laws = [law for law in LAWS if any(row["law"] == law for row in rows)]
    figure, axes = new_mosaic(1.2 + 0.27 * max(len(laws), 4), [list(lines)], width_ratios=[len(NOISES), len(GRAPHS)])
    for name in lines:
        draw(axes[name], name, found[name], laws)
    runs = tuple({one.path: one for row in rows for one in row.pop("runs")}.values())
    return Artifact(
        id="fig-own-recovery", title="Recovery against noise and number of graphs", caption=_caption(rows),
        alt=_alt(rows), data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=figure, records=runs,
    )  # fmt: skip


def points(archive: Archive, name: str, variants: dict[str, float]) -> list[dict[str, Any]]:
    """Return how often each law was found at each value of what is varied; laws with one value are left out."""
    rows = []
    for law in LAWS:
        found = {variant: runs_of_variant(archive, "gsr", law, "paper", variant) for variant in variants}
        if sum(map(bool, found.values())) > 1:
            rows += [_point(law, name, variants[variant], runs) for variant, runs in found.items() if runs]
    return rows


def _point(law: str, name: str, value: float, runs: Sequence[Filed]) -> dict[str, Any]:
    recovered = statistics.fmean(one.record.metrics["recovered"] for one in runs)
    explained = statistics.fmean(values_of(runs, "R2"))
    return dict(zip(COLUMNS, (law, name, value, recovered, len(runs), explained), strict=True)) | {"runs": runs}


def draw(axes: Axes, name: str, rows: Sequence[dict[str, Any]], laws: Sequence[str]) -> None:
    """Draw one row a law and one column a value, with the seeds in which the law is found."""
    label = "noise, share of the target's deviation" if name == "noise" else "training graphs"
    if not rows:
        say_not_run(axes, f"GSR, {label} varied")
        return
    places = sorted({row["value"] for row in rows})
    cells = {(row["law"], row["value"]): row for row in rows}
    grid = [[cells[law, place]["recovered"] if (law, place) in cells else math.nan for place in places] for law in laws]
    axes.pcolormesh(grid, cmap="crest", vmin=0, vmax=1, edgecolors="white", linewidth=2)
    for (row, law), (column, place) in product(enumerate(laws), enumerate(places)):
        _write(axes, (column + 0.5, row + 0.5), cells.get((law, place)))
    axes.set_xticks(
        [column + 0.5 for column in range(len(places))],
        [f"{place:.0%}" if name == "noise" else f"{place:,}" for place in places],
    )
    axes.set_yticks([row + 0.5 for row in range(len(laws))], [TITLES[law] for law in laws])
    axes.invert_yaxis()
    axes.set_xlabel(label, fontsize=SIZE)
    axes.tick_params(labelsize=SIZE, colors=INK, length=0)


def _write(axes: Axes, place: tuple[float, float], row: dict[str, Any] | None) -> None:
    """Write "4 of 5" into a cell, or a dash where no run was finished."""
    share = row["recovered"] if row else 0.0
    text = f"{share * row['seeds']:.0f} of {row['seeds']}" if row else NOTHING
    colour = "white" if share > LIGHT else INK
    axes.text(*place, text, ha="center", va="center", fontsize=SIZE, color=colour)


def _caption(rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "Share of seeds in which GSR finds a generated law exactly: the whole formula equals the true one for some "
        "value of its constants. Left: Gaussian noise on the target of all training and validation graphs. Right: "
        "fewer training graphs, without noise. "
    )
    if not rows:
        return start + "No run has varied either yet."
    return f"{start}A run that ended with an error is not counted; a dash: no finished run. {finding(rows)}"


def finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say how the share goes on average over laws."""
    said = []
    for name, unit in (("noise", "noise of {:.0%}"), ("graphs", "{:,} graphs")):
        part = [row for row in rows if row["varied"] == name]
        for value in sorted({row["value"] for row in part}):
            share = statistics.fmean(row["recovered"] for row in part if row["value"] == value)
            said.append(f"{unit.format(value)} {share:.2f}")
    return f"Mean over laws with a finished run: {', '.join(said)}."


def _alt(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return "Two empty panels: no run of GSR with noise or with fewer graphs has been archived."
    return (
        "Two grids of laws against noise and number of graphs; each cell counts the seeds in which the law is found. "
        + finding(rows)
    )
