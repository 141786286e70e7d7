"""Real runs on the smallest embedded graph: deterministic, resumable at any moment, and golden."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from parsimony.experiments import fitting, journal, link_prediction, structure_search
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.methods.bilinear_structure import KNOWN
from parsimony.records import Outcome, Specification

TRAINING = {"dimension": 16, "epochs": 6, "batch_size": 256, "learning_rate": 0.5, "evaluate_every": 2}
SINGLE = Specification(
    task="link prediction", method="complex", dataset="Nations", seed=0, profile="quick",
    settings={
        "structure": list(KNOWN["complex"].entries), "training": TRAINING, "tuning_trials": 10, "tuning_epochs": 2,
    },
)  # fmt: skip
BUDGETS = {"autoblm": {"rounds": 1, "last_stage": 6, "candidates": 16}, "autoblm-plus": {"budget": 14}}
SEARCHES = [
    Specification(
        task="structure search", method=method, dataset="Nations", seed=1, profile="quick",
        settings={"budget": budget, "candidate": {**TRAINING, "epochs": 2}, "training": TRAINING},
    )
    for method, budget in BUDGETS.items()
]  # fmt: skip
RUNS = [(link_prediction.run, SINGLE), *((structure_search.run, one) for one in SEARCHES)]
GOLDEN = {"MRR": 0.621, "H@1": 0.465, "valid MRR": 0.602}
NAMES = ["link prediction", "autoblm", "autoblm-plus"]


class Stop(Exception):
    """Stands for a killed process."""


class StopAfter:
    """Progress that ends the run at its n-th report."""

    def __init__(self, reports: float) -> None:
        self.left = reports

    def update(self, done: int, total: int, note: str = "") -> None:
        self.left -= 1
        if self.left < 0:
            raise Stop


def carry_out(run: Callable, specification: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return run(specification, Checkpoint(path), StopAfter(reports), "cpu")


@pytest.mark.parametrize(("run", "specification"), RUNS, ids=NAMES)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    run: Callable, specification: Specification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after every few epochs and started again, it ends in the very same numbers."""
    monkeypatch.setattr(journal, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every epoch
    expected = carry_out(run, specification, tmp_path / "whole.npz")
    stops = 0
    while True:
        try:
            found = carry_out(run, specification, tmp_path / "part.npz", reports=3)
            break
        except Stop:
            stops += 1
            assert stops < 100
    assert stops > 1
    assert (expected.metrics, expected.measurements) == (found.metrics, found.measurements)


@pytest.mark.parametrize(("run", "specification"), RUNS, ids=NAMES)
def test_a_seed_gives_the_same_outcome(run: Callable, specification: Specification, tmp_path: Path) -> None:
    """Two runs of one specification agree bit for bit."""
    first, second = (carry_out(run, specification, tmp_path / f"{k}.npz") for k in range(2))
    assert (first.metrics, first.measurements) == (second.metrics, second.measurements)


def test_golden_run(tmp_path: Path) -> None:
    """ComplEx on Nations without tuning keeps its values within 0.02 on any processor."""
    golden = Specification(**{**vars(SINGLE), "settings": {**SINGLE.settings, "tuning_trials": 0}})
    outcome = carry_out(link_prediction.run, golden, tmp_path / "golden.npz")
    assert GOLDEN == pytest.approx({name: outcome.metrics[name] for name in GOLDEN}, abs=0.02)
    assert 16 * (14 + 55) == outcome.parameters


def test_the_search_sees_no_test_triple(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test triples are ranked once, after everything is chosen."""
    asked = []
    rank = fitting.Task.rank

    def watch(task, training, structure, triples):
        asked.append("test" if triples is task.graph.test else "valid")
        return rank(task, training, structure, triples)

    monkeypatch.setattr(fitting.Task, "rank", watch)
    carry_out(structure_search.run, SEARCHES[1], tmp_path / "search.npz")
    assert ["test"] == asked[-1:] and "test" not in asked[:-1]
