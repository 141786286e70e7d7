"""Runs that look for laws: every method end to end on little data, resumption, judgement, walks."""

from pathlib import Path
from typing import Any

import pytest
import torch

from parsimony.baselines.social_force_fit import FORMS
from parsimony.baselines.symdl import SymDL
from parsimony.data.crowd import Crowd, Recorded
from parsimony.data.pedestrians import ThreeParts, Trials
from parsimony.data.social_force import LAWS as PEOPLE
from parsimony.experiments.catalogue.graph_laws import SPECIFICATIONS
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.graph_laws.law_recovery import LAWS, LawRecovery, draw, run
from parsimony.experiments.graph_laws.truth import has_flow_of, layers_of, truth_of
from parsimony.experiments.graph_laws.walking import walk_trials
from parsimony.experiments.graph_laws.walking_laws import WALKERS, both, cut
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Silent
from parsimony.methods.flow_search import FlowSearch
from parsimony.methods.flow_training import FlowTraining
from parsimony.methods.formula_fronts import FormulaSearch
from parsimony.records import Outcome, Specification
from parsimony.symbolic.engine import Engine

TRAINING = {"hidden": [12, 12], "cycle": {"steps": 20, "batch_size": 64}}
ENGINE = {"functions": [""], "runs": 1, "evaluations": 1000, "population": 100, "max_length": 9}
FORMULAS = {"training": TRAINING, "engine": ENGINE, "pairs": 100, "graphs": 20, "compared": 10, "tried": 2}
OPTIONS: dict[str, dict[str, Any]] = {
    "gsr": {
        "search": {"most_blocks": 1, "sizes": [1], "first": TRAINING, "child": TRAINING}, "formulas": FORMULAS,
    },
    "symdl": {"variant": "bottleneck", "hidden": [12], "cycle": {"steps": 30}, "engine": ENGINE, "pairs": 200},
    "aggregates": ENGINE,
    "black-box": {"training": TRAINING},
}  # fmt: skip


def carry_out(folder: Path, method: str, law: str = "circuit") -> Outcome:
    """Carry out a small run."""
    settings = {"train": 100, "valid": 40, "test": 10, "options": OPTIONS[method]}
    asked = Specification(task="law recovery", method=method, dataset=law, seed=1, profile="quick", settings=settings)
    return run(asked, Checkpoint(folder / "state.npz"), Silent(), "cpu")


@pytest.mark.parametrize("method", ["aggregates", "black-box"])
def test_every_method_is_measured_alike(tmp_path: Path, method: str) -> None:
    """Explained variance on three sizes; without formulas of a flow nothing is held against the law."""
    pytest.importorskip("pyoperon")
    found = carry_out(tmp_path, method)
    assert {"R2", "R2 x2", "R2 x4"} <= set(found.metrics)
    assert "recovered" not in found.metrics
    assert found.measurements["truth"]["flows"] == list(LAWS["circuit"].flows)


def test_symdl_serves_nodes_only(tmp_path: Path) -> None:
    """Springs are learned; a circuit is refused."""
    pytest.importorskip("pyoperon")
    assert "recovered" in carry_out(tmp_path, "symdl", "springs").metrics
    with pytest.raises(ValueError, match="SymDL serves outputs of nodes only"):
        carry_out(tmp_path, "symdl")


def test_a_search_goes_on_and_ends_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the candidates of an interrupted run the same law comes out."""
    pytest.importorskip("pyoperon")
    monkeypatch.setattr("parsimony.experiments.journal.SECONDS_BETWEEN_SAVES", 0.0)
    first = carry_out(tmp_path, "gsr")
    kept = Journal(Checkpoint(tmp_path / "state.npz"), Silent()).get("memo")
    assert kept and set(kept) <= {line["flow"] for line in first.measurements["log"]}
    again = carry_out(tmp_path, "gsr")
    for name in ("flow", "formulas", "log", "judged"):
        assert first.measurements[name] == again.measurements[name]


def test_data_of_two_seeds_share_nothing() -> None:
    """Training, validation and test graphs of two seeds all differ; noise moves only what is learned from."""
    small = LawRecovery(train=3, valid=3, test=3, noise=0.5)
    one, two = draw(LAWS["circuit"], small, 0), draw(LAWS["circuit"], small, 1)
    parts = [one.train, one.valid, one.test[5], two.train, two.valid, two.test[5]]
    assert 6 == len({float(part.node.sum()) for part in parts})
    clean = draw(LAWS["circuit"], LawRecovery(train=3, valid=3, test=3), 0)
    assert torch.equal(clean.test[5].target, one.test[5].target)
    assert not torch.allclose(clean.train.target, one.train.target)


def test_flows_are_compared_without_numbers_of_blocks() -> None:
    """Order and block do not matter, aggregation and variables do."""
    assert has_flow_of(LAWS["heat"], "e2(V: T_i T_j; 1) -> u3(sum E, U: alpha; 1)")
    assert has_flow_of(LAWS["heat"], "e2(V: T_i T_j; 1) -> u3(linear sum E, U: alpha; 1)")
    assert not has_flow_of(LAWS["heat"], "e1(V: T_i T_j; 1) -> u1(mean E, U: alpha; 1)")
    assert layers_of("u1(sum V; 1) -> e2(E; 2)") == layers_of("e1(E; 2) -> u1(sum V; 1)")


def test_true_laws_are_written_as_equations() -> None:
    """Half the sum over both directions."""
    (written,) = truth_of(LAWS["circuit"], LAWS["circuit"].sample(1, 0))["equations"]
    assert all(part in written for part in (r"\sum_{i, j}", r"\left(V_{i} - V_{j}\right)^{2}", "{R}"))


def parts_of(law: str) -> ThreeParts:
    """Generated people in place of recorded ones."""
    return ThreeParts(*(PEOPLE[law].sample(30, seed) for seed in (1, 2, 3)))


def test_a_fitted_form_is_the_planted_law(tmp_path: Path) -> None:
    """The social force model on its own people: constants of 4 m/s^2 and 0.5 m, and the accelerations."""
    parts, journal = parts_of("sfm"), Journal(Checkpoint(tmp_path / "a.npz"), Silent())
    walker = WALKERS["social-force"](parts, {"form": "social force"}, 0, journal)
    assert [4.0, 0.5] == pytest.approx([walker.measurements["constants"][name] for name in "AB"], rel=1e-3)
    assert torch.allclose(walker.acceleration(parts.test).float(), parts.test.target, atol=1e-2)
    again = walker.refitted(parts.test, 0)
    assert 4 == again.parameters and torch.allclose(
        again.acceleration(parts.test).float(), parts.test.target, atol=1e-2
    )


def test_training_and_validation_people_are_joined() -> None:
    """All targets of both, and only edges that reach somebody asked."""
    parts = parts_of("bi")
    joined = both(parts)
    assert 60 == joined.num_samples and "wx" not in joined.edge_names
    assert int(joined.counted.sum()) == int(parts.train.counted.sum() + parts.valid.counted.sum())


def test_wild_accelerations_are_cut() -> None:
    """Nothing beyond 10 m/s^2; what is no number counts as none."""
    wild = torch.tensor([float("nan"), float("inf"), -50.0, 3.0])
    assert [0.0, 10.0, -10.0, 3.0] == cut(wild).tolist()


def test_someone_without_a_law_walks_straight_on(tmp_path: Path) -> None:
    """Two steps of 0.5 s at 1 m/s from the origin, among a recorded person who stands."""
    position = torch.tensor([[[0.0, 0.0], [5.0, 0.0]]])
    velocity = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    present = torch.ones(1, 2, dtype=torch.bool)
    start = Crowd(position, velocity, position + 9, present, torch.ones(1, 2))
    still = [one.repeat(3, 1, 1, 1) for one in (position, velocity)]
    recorded = Recorded(*still, present.repeat(3, 1, 1), torch.tensor([[True, False]]))
    walker = WALKERS["constant-velocity"](parts_of("sfm"), {}, 0, Journal(Checkpoint(tmp_path / "a.npz"), Silent()))
    walked = walk_trials(walker, Trials("test", start, recorded, 0.5))
    assert [[[0.0, 0.0]], [[0.5, 0.0]], [[1.0, 0.0]]] == walked.tolist()


@pytest.mark.parametrize("one", SPECIFICATIONS, ids=lambda one: one.name)
def test_options_are_those_of_the_method(one: Specification) -> None:
    """Every nested setting is a keyword argument of what it configures."""
    options = dict(one.settings["options"])
    kinds = {"search": FlowSearch, "formulas": FormulaSearch, "training": FlowTraining}
    for name, kind in kinds.items():
        kind(**options.pop(name, {}))
    alone = {"symdl": SymDL, "aggregates": Engine}
    if one.method in alone:
        alone[one.method](**options)
    else:
        assert set(options) <= {"form", "blocks"} and options.get("form", "printed") in FORMS
