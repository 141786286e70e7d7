"""Real runs on generated users: deterministic, resumable at any moment, golden, and blind to test users."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from parsimony.experiments import journal
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.cold_start import modulation_search, rating_means, recommender, training
from parsimony.methods.modulation_space import RELEASED
from parsimony.records import Outcome, Specification
from test_runs import Stop, StopAfter

SMALL = {"width": 4, "hidden": [8, 8, 8], "spread": 0.3}
TRAINING = {"epochs": 4, "learning_rate": 5e-3}


def specification(task: str, method: str, settings: dict) -> Specification:
    return Specification(
        task=task, method=method, dataset="Planted-users", seed=0, profile="quick", settings=settings
    )  # fmt: skip


SINGLE = specification(
    "cold start", "coldnas",
    {
        "model": "coldnas", "training": TRAINING,
        "candidates": [{"options": {**SMALL, "cells": RELEASED.to_list()}, "training": {"learning_rate": rate}}
                       for rate in (1e-3, 5e-3)],
    },
)  # fmt: skip
SEARCH = specification(
    "modulation search", "coldnas",
    {"search": TRAINING, "training": TRAINING, "sizes": [2, 4], "learning_rates": [5e-3], "options": SMALL},
)  # fmt: skip
RUNS = [(recommender.run, SINGLE), (modulation_search.run, SEARCH)]
NAMES = ["cold start", "modulation search"]


def carry_out(run: Callable, asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def told(outcome: Outcome) -> tuple[dict, dict]:
    """Everything but the time that predictions took."""
    return dict(outcome.metrics), {k: v for k, v in outcome.measurements.items() if k != "milliseconds per user"}


@pytest.mark.parametrize(("run", "asked"), RUNS, ids=NAMES)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    run: Callable, asked: Specification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after every few epochs and started again, it ends in the very same numbers."""
    monkeypatch.setattr(journal, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every epoch
    expected = carry_out(run, asked, tmp_path / "whole.npz")
    for stops in range(100):  # noqa: B007
        try:
            found = carry_out(run, asked, tmp_path / "part.npz", reports=3)
            break
        except Stop:
            continue
    assert stops > 1
    assert told(expected) == told(found)


def test_the_best_epoch_is_the_best_on_validation_users(tmp_path: Path) -> None:
    """Metrics are those of the epoch with the least validation error, whatever the test error of others."""
    outcome = carry_out(recommender.run, SINGLE, tmp_path / "run.npz")
    curve, epoch = outcome.measurements["curve"], outcome.measurements["epoch"]
    assert min(row[2] for row in curve) == curve[epoch - 1][2] == outcome.metrics["valid MSE"]
    assert curve[epoch - 1][3] == pytest.approx(outcome.metrics["MSE"])
    assert min(row[3] for row in curve) == outcome.metrics["best-test MSE"]
    assert min(one["valid MSE"] for one in outcome.measurements["tried"]) == outcome.metrics["valid MSE"]


def test_test_users_decide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other test ratings the same epoch, candidate and validation error come out."""
    expected = carry_out(modulation_search.run, SEARCH, tmp_path / "first.npz")
    load = recommender.load_cold_start

    def with_other_ratings(name: str, seed: int):
        data = load(name, seed)
        data.test.query_rating.mul_(0.5)
        return data

    monkeypatch.setattr(recommender, "load_cold_start", with_other_ratings)
    found = carry_out(modulation_search.run, SEARCH, tmp_path / "second.npz")
    keys = ("epoch", "chosen", "gates", "search epoch", "planted MSE")
    assert [expected.measurements[key] for key in keys] == [found.measurements[key] for key in keys]
    assert expected.metrics["valid MSE"] == found.metrics["valid MSE"]
    assert expected.metrics["MSE"] != found.metrics["MSE"]


def test_golden_search(tmp_path: Path) -> None:
    """The search on generated users keeps its values within 0.05 on any processor."""
    outcome = carry_out(modulation_search.run, SEARCH, tmp_path / "golden.npz")
    assert {"MSE": 0.70, "valid MSE": 0.52} == pytest.approx(
        {name: outcome.metrics[name] for name in ("MSE", "valid MSE")}, abs=0.05
    )
    assert [4, 4, 4] == [len(outcome.measurements[key]) for key in ("gates", "planted", "curve")]


@pytest.mark.parametrize("method", rating_means.FITS)
def test_closed_forms_are_measured_like_methods(method: str, tmp_path: Path) -> None:
    """Metrics are the means of what each test user has."""
    outcome = carry_out(rating_means.run, specification("rating means", method, {}), tmp_path / "none.npz")
    users = outcome.measurements["users"]
    assert {name: sum(values) / 200 for name, values in users.items()} == pytest.approx(
        {name: outcome.metrics[name] for name in users}
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "oracle"}, "known are coldnas, tanp, melu, mamo"),
        ({"model": "tanp", "candidates": []}, "tries at least one"),
        ({"model": "tanp", "training": {"epochs": 0}}, "epochs 0 given"),
    ],
)
def test_wrong_settings_are_named(settings: dict, said: str) -> None:
    """An unknown model, no candidate, no epoch."""
    with pytest.raises(ValueError, match=said):
        recommender.ColdStartRun(**settings)
    assert training.CourseSettings()
