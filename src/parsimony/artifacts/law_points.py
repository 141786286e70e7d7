"""What the checks of the scaling law hold: predicted and simulated values, seeds pooled."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from parsimony.records import Archive, Filed

DATASET, METHOD = "Random-features", "closed-form"
PLACE = ("kind", "dimension", "modules", "samples", "parameters")
WIDTH = 1.96  # standard errors of a 95 % interval


def law_runs(archive: Archive) -> tuple[Filed, ...]:
    """Return the archived checks, or the quick ones."""
    found = (archive.find(method=METHOD, dataset=DATASET, profile=profile) for profile in ("paper", "quick"))
    return next((runs for runs in found if runs), ())


def loss_rows(runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Return each loss of each point: predicted, simulated, its interval and the relative distance."""
    rows = []
    for points in zip(*(points_of(one, is_samples=False) for one in runs), strict=True):
        for loss in ("test", "train"):
            means = [point["measured"][loss]["mean"] for point in points]
            error = math.sqrt(sum(point["measured"][loss]["error"] ** 2 for point in points)) / len(points)
            row = {name: points[0][name] for name in PLACE}
            rows.append({**row, "quantity": f"{loss} loss", **held(points[0]["predicted"][loss], means, error)})
    return rows


def sample_rows(runs: Sequence[Filed]) -> list[dict[str, Any]]:
    """Return the samples needed for the asked error: predicted, found by simulation, interval, relative distance."""
    rows = []
    for points in zip(*(points_of(one, is_samples=True) for one in runs), strict=True):
        means = [point["measured"]["samples"] for point in points]
        halves = [(point["measured"]["interval"][1] - point["measured"]["interval"][0]) / 2 for point in points]
        error = math.sqrt(sum(half**2 for half in halves)) / len(points) / WIDTH
        row = {**{name: points[0].get(name, "") for name in PLACE}, "quantity": "samples needed"}
        rows.append({**row, **held(points[0]["predicted"], means, error)})
    return rows


def points_of(one: Filed, *, is_samples: bool) -> list[dict[str, Any]]:
    """Return the points of a run that are losses, or samples needed."""
    return [point for point in one.record.measurements["points"] if point["kind"].endswith("samples") is is_samples]


def held(predicted: float, means: Sequence[float], error: float) -> dict[str, float]:
    """Hold the mean of the seeds against the predicted value; a loss of zero has no relative distance."""
    mean = statistics.fmean(means)
    return {
        "predicted": predicted, "simulated": mean, "low": mean - WIDTH * error, "high": mean + WIDTH * error,
        "relative": abs(mean / predicted - 1) if predicted > 0 else abs(mean),
    }  # fmt: skip


def is_inside(row: dict[str, Any]) -> bool:
    """Tell whether the predicted value lies in the interval; a loss of zero does if no more than rounding is left."""
    return row["low"] <= row["predicted"] <= row["high"] or max(abs(row["simulated"]), row["predicted"]) < 1e-9
