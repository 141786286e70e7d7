"""Few-shot runs that end at a smaller learning rate: their beginning, their stops, what they refuse."""

from pathlib import Path
from typing import Any

import pytest

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot import annealing
from parsimony.experiments.few_shot.annealing import AnnealedRun
from parsimony.experiments.few_shot.meta_training import MetaTraining
from parsimony.records import Outcome, Specification
from test_few_shot_runs import SMALL, carry_out, small, specification, told  # noqa: F401
from test_runs import Stop, StopAfter

FIRST = {"model": "protonet", **SMALL, "options": {"width": 16}}


def annealed(factor: float = 0.1, **changes: Any) -> Specification:
    return Specification(
        task="annealed few-shot property", method="protonet", dataset="NCI-fragments", seed=0, profile="quick",
        variant="annealed", settings={"first": FIRST, "annealed": 4, "factor": factor, **changes},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def same_molecules(small, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """The small molecules serve this task too."""
    monkeypatch.setattr(annealing, "load_molecules", lambda name: small)


def anneal(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    return annealing.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def test_it_begins_as_the_run_at_one_rate(tmp_path: Path) -> None:
    """The curve agrees up to the change, and goes on after it."""
    plain = carry_out(specification(), tmp_path / "plain.npz").measurements
    found = anneal(annealed(), tmp_path / "run.npz").measurements
    assert plain["curve"] == found["curve"][:2]
    assert [2, 4, 6, 8] == [row[0] for row in found["curve"]]
    assert (8, 4) == (found["iterations"], found["schedule"])


def test_only_the_end_has_the_smaller_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate of every step; what came before the change is not lost, so that factors part after it."""
    rates, step = [], MetaTraining.step

    def noted(training: MetaTraining) -> None:
        rates.append(training.optimiser.param_groups[0]["lr"])
        step(training)

    monkeypatch.setattr(MetaTraining, "step", noted)
    slow = anneal(annealed(0.1), tmp_path / "slow.npz").measurements["curve"]
    assert [1e-3] * 4 + [1e-4] * 4 == pytest.approx(rates)
    fast = anneal(annealed(0.9), tmp_path / "fast.npz").measurements["curve"]
    assert slow[:2] == fast[:2] and slow[3] != fast[3]


def test_stopped_many_times_it_equals_an_undisturbed_one(tmp_path: Path) -> None:
    """Stopped after every second report, before and after the change."""
    expected = anneal(annealed(), tmp_path / "whole.npz")
    for stops in range(100):  # noqa: B007
        try:
            found = anneal(annealed(), tmp_path / "part.npz", reports=2)
            break
        except Stop:
            continue
    assert stops > 2
    assert told(expected) == told(found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"factor": 1.0}, "factor 1.0 given; expected one between 0 and 1"),
        ({"annealed": 3}, "3 annealed meta-iterations with a row of the curve every 2 given"),
        ({"first": {**FIRST, "held_out": 1}}, "an annealed run chooses nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], said: str) -> None:
    """A rate that does not fall, a last row before the end, a choice."""
    with pytest.raises(ValueError, match=said):
        AnnealedRun(**annealed(**changes).settings)
