"""Table 2: link prediction, published beside archived beside live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, difference_text, interval_text, mean_text, published_text, values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.evaluation.intervals import bootstrap_interval
from parsimony.published import Cell, read_table, verdict
from parsimony.records import Archive, Filed

METHOD_OF_ROW = {
    "AutoBLM": "autoblm", "AutoBLM+": "autoblm-plus", "DistMult": "distmult", "ComplEx": "complex",
    "SimplE": "simple", "Analogy": "analogy", "Interstellar": "interstellar", "CompGCN": "compgcn",
}  # fmt: skip
COLUMNS = ("WN18RR", "FB15k-237", "YAGO3-10", "UMLS", "Kinships")
DIGITS = 3


def table_2(archive: Archive) -> Artifact:
    """Return the MRR of every method on every graph: published value, archived and live runs, interval, verdict."""
    return link_prediction_table(archive, "tab-2", "Link prediction: MRR", ("MRR",))


def own_hits(archive: Archive) -> Artifact:
    """Return H@1 and H@10 of the same runs, where they were published or run."""
    return link_prediction_table(archive, "tab-own-hits", "Link prediction: H@1 and H@10", ("H@1", "H@10"))


def link_prediction_table(archive: Archive, identifier: str, title: str, measures: Sequence[str]) -> Artifact:
    """Return the cells of some measures, graph by graph."""
    import pandas

    cells = [cell for cell in read_table("tab-2") if cell.measure in measures]
    cells.sort(key=lambda cell: (COLUMNS.index(cell.column), measures.index(cell.measure)))
    found = side_by_side(archive, cells, runs_of, _row, lambda cell: cell.measure == "MRR" or cell.value is not None)
    return Artifact(
        id=identifier, title=title, caption=_caption(found.rows, found.records, measures),
        data=pandas.DataFrame(found.rows), records=found.records, published="tab-2", behind=found.behind,
    )  # fmt: skip


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method on its data set."""
    return runs_of_method(archive, METHOD_OF_ROW[cell.row], cell.column, profile)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    values = values_of(paper, cell.measure)
    return {
        "Data": cell.column,
        "Method": cell.row,
        **({} if cell.measure == "MRR" else {"Measure": cell.measure}),
        "Published": published_text(cell),
        "Archived": _mean(paper, cell.measure),
        "95 % interval": _interval(paper, cell.measure),
        "Difference": difference_text(cell, values, DIGITS),
        "Verdict": verdict(cell, values).text,
        "Quick": _mean(quick, cell.measure),
    }


def _mean(runs: Sequence[Filed], measure: str) -> str:
    """Write mean and deviation over seeds, with the width of the embeddings."""
    widths = sorted({one.record.specification.settings["training"]["dimension"] for one in runs})
    return mean_text(runs, measure, DIGITS, [f"d = {', '.join(map(str, widths))}"])


def _interval(runs: Sequence[Filed], measure: str) -> str:
    """Write the bootstrap interval over the test queries, averaged over seeds."""
    ranks = [one.record.measurements["ranks"] for one in runs]
    return interval_text([bootstrap_interval([*one["tail"], *one["head"]], measure) for one in ranks], DIGITS)


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed], measures: Sequence[str]) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    return (
        f"Filtered link prediction, {' and '.join(measures)} over both directions, ties shared. Published: as printed "
        "by the sources that the ledger names. Archived: mean and deviation over n seeds of the paper profile, with "
        "the width d of the embeddings (the authors' final training of AutoBLM has d of 512 to 2048). Interval: "
        f"bootstrap over the test queries. Quick: the runs made with this book. {archived} of {len(rows)} cells have "
        f"an archived run; the table rests on {len(records)} records. On WN18RR and FB15k-237 AutoBLM stands for the "
        "structure that its authors published, trained here; on UMLS and Kinships for a search of our own."
    )
