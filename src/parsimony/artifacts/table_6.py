"""Table 6: reasoning on knowledge graphs, published beside archived beside live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import (
    NOT_RUN,
    NOTHING,
    difference_text,
    interval_text,
    mean_text,
    published_text,
    values_of,
)
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import FILES_OF_GRAPH, name_of
from parsimony.artifacts.run_schedule import has_short, short_notes, verdict_of
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.evaluation.intervals import bootstrap_interval
from parsimony.published import Cell, read_table
from parsimony.records import Archive, Filed

# Method and variant behind each row: the printed ones first in the order of the paper.
ROWS = {
    "DRUM": ("drum", ""), "RNNLogic": ("rnnlogic", ""), "CompGCN": ("compgcn", ""), "NBFNet": ("nbfnet", ""),
    "RED-GNN": ("redgnn", ""), "RED-GNN, WWW 2022": ("redgnn", ""), "AdaProp": ("adaprop", ""),
    "RED-GNN, 90 % of the facts": ("redgnn", "facts90"), "RED-GNN, settings of 2022": ("redgnn", "www2022"),
}  # fmt: skip
METHOD_OF_ROW = {row: method for row, (method, _) in ROWS.items()}
METHODS = tuple(dict.fromkeys(METHOD_OF_ROW.values()))
PRINTED = ("WN18RR", "FB15k-237", "YAGO3-10")
REDUCED = "YAGO3-10-quarter"
GENERATED = "Family-trees"
COLUMNS = (*PRINTED, REDUCED, "family", "umls", "WN18RR_v1", "fb237_v1", "nell_v1", GENERATED)
FILES = tuple(name for column in COLUMNS for name in FILES_OF_GRAPH.get(column, (column,)))
HITS = ("H@1", "H@10")
DIGITS = 3


def table_6(archive: Archive) -> Artifact:
    """Return the MRR of every method on every graph: published value, archived and live runs, interval, verdict."""
    return reasoning_table(archive, "tab-6", "Reasoning on knowledge graphs: MRR", ("MRR",))


def own_reasoning_hits(archive: Archive) -> Artifact:
    """Return H@1 and H@10 of the same runs."""
    return reasoning_table(archive, "tab-own-reasoning-hits", "Reasoning on knowledge graphs: H@1 and H@10", HITS)


def reasoning_table(archive: Archive, identifier: str, title: str, measures: Sequence[str]) -> Artifact:
    """Return the cells of some measures, graph by graph; a cell that no source gives is shown where it was run."""
    import pandas

    found = side_by_side(archive, cells(measures), runs_of, _row, lambda cell: bool(cell.source))
    return Artifact(
        id=identifier, title=title, caption=_caption(found.rows, found.records, measures),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-6", behind=found.behind,
    )  # fmt: skip


def cells(measures: Sequence[str]) -> list[Cell]:
    """Return the published cells, and one without value and source for each other method, graph by graph."""
    printed = {(cell.column, cell.measure, cell.row): cell for cell in read_table("tab-6")}
    own_rows = [row for row in ROWS if row != "RED-GNN, WWW 2022"]  # that row repeats the runs of another
    keys = [(column, measure, row) for column in COLUMNS for measure in measures for row in ROWS]
    return [
        printed.get(key) or Cell("tab-6", key[2], key[0], key[1], None, DIGITS, None, "")
        for key in keys
        if key in printed or key[2] in own_rows
    ]


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method, in its variant, on its graph."""
    method, variant = ROWS[cell.row]
    return runs_of_method(archive, method, cell.column, profile, variant)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    values = values_of(paper, cell.measure)
    return {
        "Data": cell.column,
        "Method": cell.row,
        **({} if cell.measure == "MRR" else {"Measure": cell.measure}),
        "Published": published_text(cell),
        "Archived": _mean(paper, cell),
        "95 % interval": _interval(paper, cell.measure),
        "Difference": NOTHING if has_short(paper) else difference_text(cell, values, DIGITS),
        "Verdict": verdict_of(cell, paper).text,
        "Quick": _mean(quick, cell),
    }


def _mean(runs: Sequence[Filed], cell: Cell) -> str:
    """Write mean and deviation over seeds; and that a run is short, on part of the graph, or under other settings."""
    reduced = ["a quarter of the graph"] * (cell.column == REDUCED)
    departures = sorted({one.record.specification.variant for one in runs} - {ROWS[cell.row][1]})
    return mean_text(runs, cell.measure, DIGITS, [*departures, *reduced, *short_notes(runs)])


def _interval(runs: Sequence[Filed], measure: str) -> str:
    """Write the bootstrap interval over the test queries, averaged over seeds."""
    ranks = [one.record.measurements["ranks"] for one in runs]
    return interval_text([bootstrap_interval([*one["tail"], *one["head"]], measure) for one in ranks], DIGITS)


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed], measures: Sequence[str]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    short = sum(row["Verdict"].startswith("short run") for row in rows)
    return (
        f"Reasoning on knowledge graphs: {' and '.join(measures)} over both directions. Published: for "
        f"{', '.join(PRINTED)} as in Table 6 of arXiv 2407.00478, elsewhere from the authors' README files; the ledger "
        "names each source. RED-GNN, WWW 2022 are the values of the first paper, which Table 6 exceeds; no source says "
        "under which settings. Ranks are filtered, a tie counts half; among the sources, DRUM's program gives the "
        "answer the best place of a tie and NBFNet's the worst. The inductive pairs (WN18RR_v1, fb237_v1, nell_v1) "
        f"rank all entities of a graph unseen in training. {REDUCED} holds a quarter of the triples of YAGO3-10, and "
        f"its values are not comparable; {GENERATED} is generated for quick runs. Archived and quick: mean and "
        f"deviation over n seeds; interval: bootstrap over the test queries. {archived} of {len(rows)} cells have an "
        f"archived run; {short} of them are short runs below the published schedule, marked with their epochs, without "
        f"difference and verdict. The table rests on {len(records)} records.{protocols(records)}"
    )


def protocols(records: Sequence[Filed]) -> str:
    """Say under which protocol the methods ran, as their records state it."""
    said: dict[str, dict[str, None]] = {}
    for one in records:
        if "protocol" in one.record.measurements:
            sentence = one.record.measurements["protocol"].rstrip(".")
            said.setdefault(sentence, {})[name_of(one.record.specification.method)] = None
    parts = [f"{sentence} ({', '.join(names)})" for sentence, names in said.items()]
    return f" Protocol: {'; '.join(parts)}." if parts else ""
