"""Few-shot runs with the noise of the authors' program: like other runs but for the noise, their stops, refusals."""

from pathlib import Path
from typing import Any

import pytest

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot import noise_apart
from parsimony.methods.par_apart import PARApart
from parsimony.records import Outcome, Specification
from test_few_shot_runs import SMALL, carry_out, small, specification, told  # noqa: F401
from test_runs import Stop, StopAfter

PAR = {**SMALL, "model": "par", "options": {"width": 16}}


def apart(**changes: Any) -> Specification:
    return Specification(
        task="few-shot property with noise apart", method="par", dataset="NCI-fragments", seed=0, profile="quick",
        variant="apart", settings={**PAR, **changes},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def same_molecules(small, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """The small molecules serve this task too."""
    monkeypatch.setattr(noise_apart, "load_molecules", lambda name: small)


def train(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    return noise_apart.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def test_only_the_noise_differs(tmp_path: Path) -> None:
    """Same size, same evaluations, another way."""
    shared = carry_out(specification(**PAR), tmp_path / "shared.npz")
    found = train(apart(), tmp_path / "apart.npz")
    assert shared.parameters == found.parameters
    assert [row[0] for row in shared.measurements["curve"]] == [row[0] for row in found.measurements["curve"]]
    assert shared.measurements["curve"] != found.measurements["curve"]


def test_it_trains_the_model_with_noise_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every loss of the run is one of `PARApart`."""
    losses, loss = [], PARApart.loss

    def noted(model: PARApart, *arguments: Any) -> Any:
        losses.append(1)
        return loss(model, *arguments)

    monkeypatch.setattr(PARApart, "loss", noted)
    train(apart(), tmp_path / "apart.npz")
    assert len(losses) == PAR["iterations"]


def test_stopped_many_times_it_equals_an_undisturbed_one(tmp_path: Path) -> None:
    expected = train(apart(), tmp_path / "whole.npz")
    for stops in range(100):  # noqa: B007
        try:
            found = train(apart(), tmp_path / "part.npz", reports=2)
            break
        except Stop:
            continue
    assert stops > 1
    assert told(expected) == told(found)


@pytest.mark.parametrize("changes", [{"model": "pacia"}, {"held_out": 1}])
def test_what_it_does_not_do_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="this task trains 'par' and chooses nothing"):
        train(apart(**changes), tmp_path / "run.npz")
