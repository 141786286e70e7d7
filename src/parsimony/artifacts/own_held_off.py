"""What holds EmerGNN back where both drugs are emerging? Settings against overfitting, judged on validation pairs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING
from parsimony.artifacts.interaction_runs import DRUGBANK, FLOW, TASK, measure_of, pooled, runs_in
from parsimony.artifacts.names import name_of
from parsimony.records import Archive, Filed

SETTING = "S2"
MEASURE = measure_of(DRUGBANK, SETTING)
VALIDATION = f"valid {SETTING}"
RIVAL = "fingerprint-mlp"
DIGITS = 3
COLUMNS = ("Width", "Rate", "Decay", "Epoch", "Loss then", "Last loss", "Validation", "Test")


def own_held_off(archive: Archive) -> Artifact:
    """Return a row for each training of EmerGNN on two emerging drugs of DrugBank."""
    import pandas

    runs = runs_of(archive)
    rivals = runs_in(archive, RIVAL, DRUGBANK, "paper", SETTING)
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "Width": NOT_RUN}
    return Artifact(
        id="tab-own-held-off", title="Settings against overfitting",
        caption=_caption(runs, rivals),
        data=pandas.DataFrame([row_of(one) for one in runs] or [empty], columns=list(COLUMNS)),
        records=(*runs, *rivals),
    )  # fmt: skip


def runs_of(archive: Archive) -> tuple[Filed, ...]:
    """Return the trainings for this setting of the first seed, those of the authors' settings first."""
    found = [(one.record.specification, one) for one in archive.find(FLOW, DRUGBANK, "paper", task=TASK)]
    own = [one for asked, one in found if asked.variant.startswith(SETTING.lower()) and asked.seed == 0]
    return tuple(sorted(own, key=lambda one: len(one.record.specification.variant)))


def row_of(one: Filed) -> dict[str, Any]:
    """Return the row of one training."""
    asked, measured = one.record.specification.settings, one.record.measurements
    training, chosen = asked["training"], measured["chosen_epochs"][SETTING]
    then = next(point["loss"] for point in measured["curve"] if point["epoch"] == chosen)
    cells = (
        asked["options"]["width"], f"{training['learning_rate']:g}", f"{training['weight_decay']:g}",
        chosen, f"{then:.2f}", f"{measured['curve'][-1]['loss']:.2f}",
        f"{one.record.metrics[VALIDATION]:.{DIGITS}f}", f"{one.record.metrics[MEASURE]:.{DIGITS}f}",
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def best_on_validation(runs: Sequence[Filed]) -> Filed:
    """Return the training with the highest validation measure."""
    return max(runs, key=lambda one: one.record.metrics[VALIDATION])


def _caption(runs: Sequence[Filed], rivals: Sequence[Filed]) -> str:
    start = (
        f"Macro F1 of EmerGNN on {DRUGBANK}, {SETTING}, under the authors' settings (first row) and under settings "
        "that hold overfitting off: a narrower model, weight decay, and both at the larger learning rate of DDI-Bench. "
        "An epoch is chosen by macro F1 on the validation pairs; the loss is the cross-entropy of the training pairs. "
        "A decay weighs more here than in the authors' program, whose loss is this one times the size of a batch. "
    )
    if not runs:
        return start + "Not run yet."
    best = best_on_validation(runs)
    text = f"{start}Of these, validation pairs choose {describe(best)}, with {_value(best, MEASURE)} in the test"
    return f"{text}{_rival(rivals)}. {_joined(best, rivals)}One row a training, of seed 0."


def right_by_path(runs: Sequence[Filed]) -> dict[bool, float]:
    """Return the share of test pairs answered rightly, of those that a path of three facts joins and of the others."""
    joined_or_not = pooled(runs, "by_hops", SETTING, lambda line: line["hops"] is not None)
    return {joined: hits / pairs for joined, (pairs, hits) in joined_or_not.items()}


def _joined(best: Filed, rivals: Sequence[Filed]) -> str:
    """Say what a path between the two drugs is worth to both methods."""
    if not rivals:
        return ""
    ours, theirs = right_by_path((best,)), right_by_path(rivals)
    return (
        f"Accuracy where a path of at most three facts joins the drugs: {ours[True]:.{DIGITS}f}, the perceptron "
        f"{theirs[True]:.{DIGITS}f}; where none does: {ours[False]:.{DIGITS}f} and {theirs[False]:.{DIGITS}f}. "
    )


def describe(one: Filed) -> str:
    """Say in words which training this is."""
    variant = one.record.specification.variant
    return "the authors' settings" if variant == SETTING.lower() else f'"{name_of(FLOW, variant)}"'


def _value(one: Filed, name: str) -> str:
    return f"{one.record.metrics[name]:.{DIGITS}f}"


def _rival(rivals: Sequence[Filed]) -> str:
    """Set the perceptron beside it."""
    if not rivals:
        return ""
    mean, valid = (statistics.fmean(one.record.metrics[name] for one in rivals) for name in (MEASURE, VALIDATION))
    return (
        f"; the perceptron on fingerprints has {mean:.{DIGITS}f} there, and {valid:.{DIGITS}f} on the validation pairs "
        f"(mean over {len(rivals)} seed{'s' * (len(rivals) > 1)})"
    )
