"""Runs of CompGCN and Interstellar on the smallest embedded graph: resumable at any epoch, seeded, golden."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.test_runs import Stop, StopAfter

from parsimony.experiments import journal, network_training, relational_network
from parsimony.experiments.catalogue import SPECIFICATIONS
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fitting import Task
from parsimony.experiments.network_objectives import OBJECTIVES
from parsimony.experiments.network_training import NetworkTraining
from parsimony.experiments.relational_network import RelationalNetwork
from parsimony.records import Outcome, Specification

TRAINING = {"dimension": 16, "epochs": 6, "batch_size": 256, "learning_rate": 0.01, "evaluate_every": 2}
RATES = [{"training": {"learning_rate": rate}} for rate in (0.001, 0.01)]
NETWORKS = {
    "distmult": ("compgcn", {"hidden": [12], "composition": "corr", "decoder": "distmult"}),
    "conve": (
        "compgcn",
        {
            "hidden": [12, 12], "composition": "mult", "decoder": "conve", "norm": "repaired",
            "decoder_options": {"height": 4, "filters": 2, "kernel": 3},
        },
    ),
    "interstellar": ("interstellar", {"architecture": [2, 1, 11, 1, 1, 0, 0, 0, 0, 0, 0], "dropout": 0.2}),
}  # fmt: skip
GOLDEN = {
    "distmult": {"MRR": 0.577, "H@1": 0.403, "valid MRR": 0.594},
    "interstellar": {"MRR": 0.691, "H@1": 0.535, "valid MRR": 0.689},
}


def specification(name: str, **changes) -> Specification:
    method, network = NETWORKS[name]
    settings = {"network": network, "training": TRAINING, "candidates": RATES, "candidate_epochs": 2, **changes}
    return Specification(
        task="relational network", method=method, dataset="Nations", seed=1, profile="quick", settings=settings
    )


def carry_out(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return relational_network.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


@pytest.fixture(autouse=True)
def deterministic() -> Iterator[None]:
    """Run as the driver does: an operation without a deterministic form is an error."""
    torch.set_deterministic_debug_mode("error")
    yield
    torch.set_deterministic_debug_mode("default")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after every few epochs and started again, it ends in the very same numbers."""
    monkeypatch.setattr(journal, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every epoch
    expected = carry_out(specification(name), tmp_path / "whole.npz")
    stops = 0
    while True:
        try:
            found = carry_out(specification(name), tmp_path / "part.npz", reports=3)
            break
        except Stop:
            stops += 1
            assert stops < 100
    assert stops > 1
    assert (expected.metrics, expected.measurements) == (found.metrics, found.measurements)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_run(name: str, tmp_path: Path) -> None:
    """Twenty epochs on Nations keep their values within 0.03 on any processor."""
    asked = specification(name, candidates=[], training={**TRAINING, "epochs": 20})
    outcome = carry_out(asked, tmp_path / "golden.npz")
    assert GOLDEN[name] == pytest.approx({key: outcome.metrics[key] for key in GOLDEN[name]}, abs=0.03)


def test_the_best_candidate_is_trained(tmp_path: Path) -> None:
    """The rate with the higher validation MRR is chosen, and all settings stand in the record."""
    measured = carry_out(specification("distmult"), tmp_path / "run.npz").measurements
    best = max(measured["tuning"], key=lambda trial: trial["valid MRR"])
    assert best["settings"]["training"]["learning_rate"] == measured["chosen"]["learning_rate"]
    assert [2, 4, 6] == [point[0] for point in measured["curve"]]
    assert measured["epoch"] == max(measured["curve"], key=lambda point: point[2])[0]


def test_candidates_may_change_the_architecture() -> None:
    """What a candidate does not name stays."""
    settings = RelationalNetwork(network={"architecture": [0], "dropout": 0.3})
    changed = settings.changed({"network": {"architecture": [1]}})
    assert {"architecture": [1], "dropout": 0.3} == changed.network
    assert settings.training == changed.training


def test_test_triples_are_ranked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is chosen before the test triples are asked."""
    asked, rank = [], network_training.rank

    def watch(task, objective, triples):
        asked.append("test" if triples is task.graph.test else "valid")
        return rank(task, objective, triples)

    monkeypatch.setattr(network_training, "rank", watch)
    monkeypatch.setattr(relational_network, "rank", watch)
    carry_out(specification("interstellar"), tmp_path / "run.npz")
    assert ["test"] == asked[-1:] and "test" not in asked[:-1]


def test_training_ends_without_progress(tmp_path: Path) -> None:
    """A rate too small to change a rank: the first evaluation is the best, and `patience` more are made."""
    training = {**TRAINING, "epochs": 50, "learning_rate": 1e-12, "evaluate_every": 1, "patience": 3}
    asked = specification("interstellar", candidates=[], training=training)
    measured = carry_out(asked, tmp_path / "run.npz").measurements
    assert (1, 4) == (measured["epoch"], len(measured["curve"]))


@pytest.mark.parametrize("method", OBJECTIVES)
def test_every_network_of_the_catalogue_is_made(method: str) -> None:
    """The keyword arguments of every specification, and of every candidate, are those of the objective."""
    task = Task.open("Nations", 0)
    entries = {str(one.settings): one.settings for one in SPECIFICATIONS if one.method == method}
    for settings in (RelationalNetwork(**one) for one in entries.values()):
        for change in settings.candidates or [{}]:
            objective = relational_network.make_objective(task, method, settings.changed(change))
            assert objective.loss(objective.items[:4]).isfinite()


def test_every_query_is_asked_once() -> None:
    """The items of CompGCN are the distinct (entity, relation) of both directions."""
    task = Task.open("Nations", 0)
    method, network = NETWORKS["distmult"]
    settings = RelationalNetwork(network=network, training=NetworkTraining(**TRAINING))
    items = relational_network.make_objective(task, method, settings).items
    train = task.graph.train.tolist()
    assert {(h, r) for h, r, _ in train} | {(t, r + 55) for _, r, t in train} == set(map(tuple, items.tolist()))
    assert len(items) == len(torch.unique(items, dim=0))


def test_a_diverged_loss_is_named(tmp_path: Path) -> None:
    """A rate far too large is reported with the epoch and what to do."""
    training = {**TRAINING, "learning_rate": 1e30}
    with pytest.raises(ValueError, match=r"the loss is .* in epoch \d+; lower the learning rate"):
        carry_out(specification("distmult", candidates=[], training=training), tmp_path / "run.npz")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"precision": "float8"}, "float8"), ({"epochs": 0}, "epochs 0"), ({"patience": 0}, "patience 0")],
)
def test_wrong_settings_are_named(change: dict, said: str) -> None:
    """A setting out of range is refused with its name and value."""
    with pytest.raises(ValueError, match=said):
        replace(NetworkTraining(), **change)


def test_unknown_names_are_named() -> None:
    """A misspelt composition is refused with the names there are."""
    settings = RelationalNetwork(network={**NETWORKS["distmult"][1], "composition": "plus"})
    with pytest.raises(ValueError, match="composition 'plus' given; choose one of sub, mult, corr"):
        relational_network.make_objective(Task.open("Nations", 0), "compgcn", settings)


def test_unknown_changes_are_named() -> None:
    """A candidate can change the network and its training, nothing else."""
    with pytest.raises(ValueError, match=r"candidate changes \['epochs'\]"):
        RelationalNetwork(candidates=[{"epochs": 3}])
