"""Would other settings of PAR reach further? Candidates judged on held-out meta-training properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.few_shot_methods import MEASURE
from parsimony.published import read_table
from parsimony.records import Archive, Filed

DATASET, METHOD, VARIANT = "Tox21", "par", "tuned"
COLUMNS = ("Settings", "Held-out properties", "Chosen")
WORDS = {
    "dropout": "dropout", "num_layers": "layers", "width": "width", "inner_rate": "inner rate",
    "learning_rate": "learning rate",
}  # fmt: skip


def own_tuning(archive: Archive) -> Artifact:
    """Return a row for each candidate, and say what the chosen one scores beside the authors' settings."""
    import pandas

    runs = {variant: run_of(archive, variant) for variant in ("", VARIANT)}
    tuned = runs[VARIANT]
    return Artifact(
        id="tab-own-tuning", title="Settings of PAR", caption=_caption(runs),
        data=pandas.DataFrame(rows_of(tuned), columns=list(COLUMNS)),
        records=tuple(one for one in runs.values() if one is not None),
    )  # fmt: skip


def run_of(archive: Archive, variant: str) -> Filed | None:
    """Return the first archived run of PAR on Tox21 in a variant."""
    found = archive.find(method=METHOD, dataset=DATASET, profile="paper")
    return next((one for one in found if one.record.specification.variant == variant), None)


def rows_of(tuned: Filed | None) -> list[dict[str, Any]]:
    """Return the candidates in the order in which they were tried."""
    if tuned is None:
        return [dict(zip(COLUMNS, (NOTHING, NOT_RUN, NOTHING), strict=True))]
    trials = tuned.record.measurements["tuning"]
    best = max(trials, key=lambda trial: trial["validation ROC-AUC"])
    return [
        dict(zip(COLUMNS, (text_of(one["settings"]), f"{one['validation ROC-AUC']:.4f}", mark), strict=True))
        for one in trials
        for mark in ("yes" if one is best else NOTHING,)
    ]


def text_of(settings: Mapping[str, Any]) -> str:
    """Write what a candidate changes."""
    changed = {**settings.get("options", {}), **{key: value for key, value in settings.items() if key != "options"}}
    return ", ".join(f"{WORDS.get(key, key)} {value:g}" for key, value in changed.items()) or "the authors'"


def _caption(runs: Mapping[str, Filed | None]) -> str:
    start = f"{MEASURE} of PAR on {DATASET}, 10-shot, with other settings than the authors'. {_elsewhere()} "
    tuned = runs[VARIANT]
    if tuned is None:
        return start + "Not run yet."
    asked = tuned.record.specification.settings
    text = (
        f"{start}Each candidate was trained for {asked['candidate_iterations']} meta-iterations without "
        f"{asked['held_out']} meta-training properties, on which it was then judged. "
    )
    return text + _outcome(tuned, runs[""])


def _elsewhere() -> str:
    """Say what two programs of PAR with pre-training are reported to reach."""
    paper, again = read_table("tab-own-tuning")
    return (
        f"(Published levels differ by program: for {paper.row}, {paper.column} has {paper.value:.4f} and "
        f"{again.column}, written by the same group, {again.value:.4f}.)"
    )


def _outcome(tuned: Filed, authors: Filed | None) -> str:
    """Set the final test of the tuned run beside that of the authors' settings, if both were trained equally long."""
    iterations, reached = tuned.record.measurements["iterations"], tuned.record.metrics[MEASURE]
    text = f"The chosen one, trained on all of them, reaches {reached:.4f} on new properties after {iterations:,}"
    if authors is None or authors.record.measurements["iterations"] != iterations:
        return f"{text}."
    return f"{text}, the authors' settings {authors.record.metrics[MEASURE]:.4f} after as many."
