"""Interactions of emerging drugs: published beside archived beside live, in three settings."""

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
from parsimony.artifacts.interaction_runs import DRUGBANK, GENERATED, MEASURES, SETTINGS, TWOSIDES
from parsimony.artifacts.run_schedule import has_short, short_notes, verdict_of
from parsimony.artifacts.side_by_side import side_by_side
from parsimony.evaluation.confusion import confusion_interval
from parsimony.evaluation.intervals import bootstrap_mean_interval
from parsimony.published import Cell, read_table
from parsimony.records import Archive, Filed

TABLE = "tab-own-drugs"
# Method behind each row: the printed ones first, in the order of the paper; some have no run here.
METHOD_OF_ROW = {
    "MLP": "perceptron-a-drug", "Similarity": "similarity", "CSMDDI": "csmddi", "STNN-DDI": "stnn-ddi",
    "HIN-DDI": "hin-ddi", "MSTE": "mste", "KG-DDI": "kg-ddi", "CompGCN": "compgcn", "Decagon": "decagon",
    "KGNN": "kgnn", "SumGNN": "sumgnn", "DeepLGF": "deeplgf", "TIGER": "tiger", "TextDDI": "text-ddi",
    "TextDDI-lite": "text-ddi-lite", "fingerprint MLP": "fingerprint-mlp", "EmerGNN": "emergnn",
}  # fmt: skip
PRINTED_NETWORK = 1_690_693  # triples of the network of arXiv 2311.09261, Supplementary Table 1
DIGITS = 3


def own_drugs(archive: Archive) -> Artifact:
    """Return the measure that each data set is judged by, of every method in every setting."""
    return drugs_table(archive, TABLE, "Interactions of emerging drugs", slice(0, 1))


def own_drugs_further(archive: Archive) -> Artifact:
    """Return the two other measures of the same runs."""
    return drugs_table(archive, f"{TABLE}-further", "Interactions of emerging drugs: further measures", slice(1, 3))


def drugs_table(archive: Archive, identifier: str, title: str, which: slice) -> Artifact:
    """Return the cells of some measures; a cell that no source gives is shown where it was run."""
    import pandas

    found = side_by_side(archive, cells(which), runs_of, _row, lambda cell: bool(cell.source))
    return Artifact(
        id=identifier, title=title, caption=_caption(found.rows, found.records, which),
        data=pandas.DataFrame(found.rows), records=found.records, published=TABLE, behind=found.behind,
    )  # fmt: skip


def cells(which: slice) -> list[Cell]:
    """Return the published cells of some measures, and one without value and source for each other method."""
    printed = {(cell.column, cell.measure, cell.row): cell for cell in read_table(TABLE)}
    keys = [
        (dataset, f"{setting} {measure}", row)
        for dataset in (DRUGBANK, TWOSIDES, GENERATED)
        for setting in SETTINGS
        for measure in MEASURES[dataset][which]
        for row in METHOD_OF_ROW
    ]
    return [printed.get(key) or Cell(TABLE, key[2], key[0], key[1], None, DIGITS, None, "") for key in keys]


def runs_of(archive: Archive, cell: Cell, profile: str) -> tuple[Filed, ...]:
    """Return the runs behind a cell: those of its method on its data that recorded its measure."""
    return runs_of_method(archive, METHOD_OF_ROW[cell.row], cell.column, profile, measure=cell.measure)


def _row(cell: Cell, paper: Sequence[Filed], quick: Sequence[Filed]) -> dict[str, Any]:
    setting, measure = cell.measure.split(" ", 1)
    return {
        "Data": cell.column,
        "Setting": setting,
        "Method": cell.row,
        "Measure": measure,
        "Published": published_text(cell),
        "Archived": _mean(paper, cell),
        "95 % interval": interval_text([interval_of(one, setting, measure) for one in paper], DIGITS),
        "Difference": NOTHING if has_short(paper) else difference_text(cell, values_of(paper, cell.measure), DIGITS),
        "Verdict": verdict_of(cell, paper).text,
        "Quick": _mean(quick, cell),
    }


def interval_of(one: Filed, setting: str, measure: str) -> tuple[float, float]:
    """Return the bootstrap interval of a measure over the test pairs, with several types a pair over the types."""
    tally = one.record.measurements["tally"][setting]
    if "confusion" in tally:
        return confusion_interval(tally["confusion"], measure)
    place = 1 + MEASURES[one.record.specification.dataset].index(measure)
    return bootstrap_mean_interval([row[place] for row in tally["types"] if row[place] is not None])


def _mean(runs: Sequence[Filed], cell: Cell) -> str:
    """Write mean and deviation over seeds; and that a run is short or under other settings."""
    departures = sorted({one.record.specification.variant for one in runs} - {"", cell.measure[:2].lower()})
    return mean_text(runs, cell.measure, DIGITS, [*departures, *short_notes(runs)])


def _caption(rows: Sequence[dict[str, Any]], records: Sequence[Filed], which: slice) -> str:
    archived = sum(row["Archived"] != NOT_RUN for row in rows)
    short = sum(row["Verdict"].startswith("short run") for row in rows)
    names = [f"{' and '.join(MEASURES[data][which])} ({data})" for data in (DRUGBANK, TWOSIDES)]
    return (
        f"Test results, {', '.join(names)}: {said_settings()}. Published: arXiv 2311.09261, mean over five splits; the "
        "ledger names the source of each cell, and what no source gives is not available (TIGER, TextDDI). "
        f"Three things keep ours from being reruns. The network is assembled from public sources, not the authors' "
        f"file: {network_text(records)}. DrugBank is split as in DDI-Bench, TWOSIDES as by the authors but from less "
        "than half of its training pairs. And TextDDI without its pretrained weights is another method, listed as "
        "TextDDI-lite; the fingerprint MLP reads both drugs together, the MLP of the paper each alone. So a verdict "
        f"here is one on the trend. {GENERATED} is generated for quick runs. Archived and quick: mean and deviation "
        "over n seeds; interval: bootstrap over the test pairs, on TWOSIDES over the side effects. "
        f"{archived} of {len(rows)} cells have an archived run; {short} of them are short runs below the "
        f"published schedule, marked with their epochs, without difference and verdict. The table rests on "
        f"{len(records)} records."
    )


def said_settings() -> str:
    """Say what each setting is."""
    return ", ".join(f"{name} {meaning}" for name, meaning in SETTINGS.items())


def network_text(records: Sequence[Filed]) -> str:
    """Say how much of the published network the runs had, as their records tell."""
    sizes = {
        one.record.measurements["network"]["triples"]
        for one in records
        if one.record.specification.dataset != GENERATED and "network" in one.record.measurements
    }
    printed = f"{PRINTED_NETWORK:,} triples"
    return f"{max(sizes):,} of {printed}, each a fact of the original" if sizes else f"the original has {printed}"
