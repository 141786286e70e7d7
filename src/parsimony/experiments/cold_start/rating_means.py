"""Closed forms for cold-start users, measured like any method (companion of Table 3)."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from parsimony.baselines.rating_means import (
    Means,
    SupportMean,
    counted_rows,
    fit_constant,
    fit_half_ones,
    fit_half_ones_alone,
    fit_item_and_user_mean,
    fit_item_mean,
)
from parsimony.data.cold_start import ColdStart
from parsimony.data.cold_start_sets import load_cold_start
from parsimony.evaluation.regression import summarise_ratings
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification

FITS: Mapping[str, Callable[[ColdStart, Tensor], Means]] = {
    "constant": lambda data, rows: fit_constant(rows),
    "support-mean": lambda data, rows: SupportMean(),
    "item-mean": fit_item_mean,
    "item-user-mean": fit_item_and_user_mean,
    "half-ones": lambda data, rows: fit_half_ones_alone(data),
    "half-ones-items": fit_half_ones,
}


@dataclass(frozen=True, kw_only=True)
class RatingMeans:
    """What a closed form counts.

    Attributes:
        counts_others: whether users that are in no task are counted beside the training users.
    """

    counts_others: bool = False


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Fit one closed form and measure the test users; there is nothing to resume and no device to choose."""
    settings = RatingMeans(**specification.settings)
    data = load_cold_start(specification.dataset, specification.seed)
    rows = counted_rows(data) if settings.counts_others else data.train.rows()
    means = FITS[specification.method](data, rows)
    measured = {
        name: summarise_ratings(means.predict(tasks), tasks.query_rating, tasks.has_query)
        for name, tasks in (("valid", data.valid), ("test", data.test))
    }
    users = {name: values.tolist() for name, values in measured["test"].items()}
    progress.update(1, 1, "closed form")
    metrics = {name: statistics.fmean(values) for name, values in users.items()}
    return Outcome(
        metrics={**metrics, "valid MSE": float(measured["valid"]["MSE"].mean())},
        measurements={"users": users, "counted rows": len(rows)},
        parameters=0,
    )
