"""Would other settings of PAR and MAML reach further? Candidates judged on held-out meta-training properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.few_shot_methods import MEASURE, TASK
from parsimony.artifacts.names import name_of
from parsimony.published import read_table
from parsimony.records import Archive, Filed

DATASET, METHODS, VARIANT = "Tox21", ("par", "maml"), "tuned"
COLUMNS = ("Method", "Settings", "Held-out properties", "Chosen")
WORDS = {
    "dropout": "dropout", "num_layers": "layers", "width": "width", "inner_rate": "inner rate",
    "learning_rate": "learning rate",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """The run of a method that chose its settings, and the one of the authors' settings.

    Attributes:
        method: name in the records.
        tuned: the run that chose, if there is one.
        authors: the other, if there is one.
    """

    method: str
    tuned: Filed | None
    authors: Filed | None

    @property
    def records(self) -> tuple[Filed, ...]:
        """What of both is archived."""
        return tuple(one for one in (self.tuned, self.authors) if one is not None)


def own_tuning(archive: Archive) -> Artifact:
    """Return a row for each candidate, and say what the chosen ones score beside the authors' settings."""
    import pandas

    choices = [Choice(method, *(run_of(archive, method, variant) for variant in (VARIANT, ""))) for method in METHODS]
    return Artifact(
        id="tab-own-tuning", title="Settings of PAR and MAML", caption=_caption(choices),
        data=pandas.DataFrame([row for one in choices for row in rows_of(one)], columns=list(COLUMNS)),
        records=tuple(record for one in choices for record in one.records),
    )  # fmt: skip


def run_of(archive: Archive, method: str, variant: str) -> Filed | None:
    """Return the first archived run of a method on Tox21 in a variant."""
    found = archive.find(task=TASK, method=method, dataset=DATASET, profile="paper")
    return next((one for one in found if one.record.specification.variant == variant), None)


def rows_of(choice: Choice) -> list[dict[str, Any]]:
    """Return the candidates in the order in which they were tried."""
    name = name_of(choice.method)
    if choice.tuned is None:
        return [dict(zip(COLUMNS, (name, NOTHING, NOT_RUN, NOTHING), strict=True))]
    trials = choice.tuned.record.measurements["tuning"]
    best = max(trials, key=lambda trial: trial["validation ROC-AUC"])
    cells = [
        (name, text_of(one["settings"]), f"{one['validation ROC-AUC']:.4f}", "yes" if one is best else NOTHING)
        for one in trials
    ]
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells]


def text_of(settings: Mapping[str, Any]) -> str:
    """Write what a candidate changes."""
    changed = {**settings.get("options", {}), **{key: value for key, value in settings.items() if key != "options"}}
    return ", ".join(f"{WORDS.get(key, key)} {value:g}" for key, value in changed.items()) or "the authors'"


def _caption(choices: Sequence[Choice]) -> str:
    text = f"{MEASURE} on {DATASET}, 10-shot, with other settings than the authors'. {_elsewhere()} "
    run = [one for one in choices if one.tuned is not None]
    if not run:
        return text + "Not run yet."
    asked = run[0].tuned.record.specification.settings
    text += (
        f"Each candidate was trained for {asked['candidate_iterations']} meta-iterations without "
        f"{asked['held_out']} meta-training properties, on which it was then judged. The chosen one was trained on all "
        "of them. "
    )
    return text + " ".join(map(_outcome, run))


def _elsewhere() -> str:
    """Say what two programs of PAR with pre-training are reported to reach."""
    paper, again = read_table("tab-own-tuning")
    return (
        f"(Published levels differ by program: for {paper.row}, {paper.column} has {paper.value:.4f} and "
        f"{again.column}, written by the same group, {again.value:.4f}.)"
    )


def _outcome(choice: Choice) -> str:
    """Set the final test of the tuned run beside that of the authors' settings, if both were trained equally long."""
    measured, reached = choice.tuned.record.measurements, choice.tuned.record.metrics[MEASURE]
    text = f"{name_of(choice.method)} then reaches {reached:.4f} on new properties after {measured['iterations']:,}"
    if choice.authors is None or choice.authors.record.measurements["iterations"] != measured["iterations"]:
        return f"{text}."
    return f"{text}, with the authors' settings {choice.authors.record.metrics[MEASURE]:.4f}."
