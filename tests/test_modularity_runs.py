"""Real runs of the second paper: resumable at any moment, golden, in the order that knowledge suggests."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from parsimony.experiments import journal
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.modularity import image_classification, projection_search, scaling_law, sine_regression
from parsimony.experiments.modularity.image_classification import ImageClassification
from parsimony.experiments.modularity.projection_search import ProjectionSearch
from parsimony.experiments.modularity.scaling_law import ScalingLaw
from parsimony.experiments.modularity.sine_grid import Cell, Problem, SineRegression
from parsimony.records import Outcome, Specification
from test_runs import Stop, StopAfter

TRAINING = {"steps": 250, "batch_size": 16}
GRID = {"dimensions": [2, 3], "modules": [2], "samples": [50, 100], "widths": [8], "reference": [3, 2, 100],
        "training": TRAINING}  # fmt: skip


def specification(task: str, dataset: str, settings: dict, seed: int = 0) -> Specification:
    return Specification(
        task=task, method="modular-rule", dataset=dataset, seed=seed, profile="quick", settings=settings
    )  # fmt: skip


RUNS = {
    "law": (scaling_law.run, specification("scaling law", "Random-features", {
        "points": [[2, 30, 10]], "modular_points": [[30, 2, 4]], "dimensions": [2], "draws": 20})),
    "search": (projection_search.run, specification("projection search", "Sine-waves", {
        "tasks": [[4, 1, 3, 5]], "samples": 200, "rules": {"rule": {"steps": 5}, "raw": {"degree": 0, "steps": 5}}})),
    "rule": (sine_regression.run, specification("sine regression", "Sine-waves", {
        "network": "modular", "projections": "rule", **GRID, "rule": {"steps": 5}})),
    "monolithic": (sine_regression.run, specification("sine regression", "Sine-waves", {
        "network": "monolithic", **GRID})),
    "linear": (sine_regression.run, specification("sine regression", "Sine-waves", {
        "network": "linear", "projections": "true", **GRID})),
    "images": (image_classification.run, specification("image classification", "Compositional-digits", {
        "network": "modular", "projections": "rule", "grid": [[1, 50], [2, 50]], "reference": [2, 50], "tests": 50,
        "training": {**TRAINING, "steps": 40}, "rule": {"steps": 3, "samples": 40}})),
}  # fmt: skip


def carry_out(run: Callable, asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return run(asked, Checkpoint(path), StopAfter(reports), "cpu")


@pytest.mark.parametrize("name", RUNS)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after every few reports and started again, it ends in the very same numbers."""
    monkeypatch.setattr(journal, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every step
    expected = carry_out(*RUNS[name], tmp_path / "whole.npz")
    for stops in range(100):  # noqa: B007
        try:
            found = carry_out(*RUNS[name], tmp_path / "part.npz", reports=1)
            break
        except Stop:
            continue
    assert stops > 0
    assert (expected.metrics, expected.measurements) == (found.metrics, found.measurements)
    assert expected.parameters == found.parameters


def cells_of(network: str, projections: str = "random", width: int = 32, **asked: object) -> list[dict]:
    settings = {"network": network, "projections": projections, "dimensions": [9], "samples": [1000],
                "widths": [width], **asked}  # fmt: skip
    asked_for = specification("sine regression", "Sine-waves", settings)
    return carry_out(sine_regression.run, asked_for, Path(f"{network}-{projections}.npz")).measurements["cells"]


def test_the_rule_beats_the_monolithic_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """m = 9, n = 1000: the rule stays below 0.02, random projections below half the error of one network.

    The order of rule and random projections changes with the seed: a network of twice as many modules as the task has
    finds most projections while it trains.
    """
    monkeypatch.chdir(tmp_path)
    (rule,), (modular,) = cells_of("modular", "rule"), cells_of("modular")
    (monolithic,) = cells_of("monolithic", width=100)
    assert rule["test"] < 0.02 and modular["test"] < 0.5 * monolithic["test"]
    assert rule["test"] < 0.2 * monolithic["test"] and rule["wide"] < 0.5 * monolithic["wide"]
    assert 11_000 < rule["parameters"] < 12_000 and 11_000 < monolithic["parameters"] < 12_000


def test_linear_modules_at_the_truth_are_golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In closed form, so the error is the same everywhere: 0.0159 within a tenth."""
    monkeypatch.chdir(tmp_path)
    (found,) = cells_of("linear", "true")
    assert found["test"] == pytest.approx(0.0159, rel=0.1)
    assert [1.0] * 5 == pytest.approx([max(column) for column in zip(*found["cosines before"], strict=True)])


def test_a_problem_depends_on_its_cell_alone() -> None:
    """More samples only add rows; another seed, dimension or number of modules is another target."""
    few, many = (Problem.of(Cell(dimension=3, modules=2, samples=n, width=8), 0) for n in (10, 20))
    assert torch.equal(few.train[0], many.train[0][:10]) and torch.equal(few.test[1], many.test[1])
    assert not torch.equal(few.test[1], Problem.of(Cell(dimension=3, modules=2, samples=10, width=8), 1).test[1])
    x, y = few.wide
    assert 1.5 == pytest.approx(float(x.std()), rel=0.05)
    assert torch.equal(y, few.task.target(x))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SineRegression(network="oracle", **GRID), "known are monolithic, modular, linear"),
        (lambda: SineRegression(network="modular", **{**GRID, "reference": [9, 2, 50]}), "no cell of the grid"),
        (lambda: SineRegression(network="modular", **{**GRID, "samples": [40_000]}), "at most 30000"),
        (lambda: ImageClassification(network="modular", grid=[[1, 5]], reference=[2, 5]), "not in the grid"),
        (lambda: ProjectionSearch(tasks=[[3, 1, 3, 5]], rules={"raw": {}}), "expected a task and 'rule'"),
        (lambda: ScalingLaw(points=[], modular_points=[], dimensions=[2], draws=1), "at least 2"),
    ],
)
def test_wrong_settings_are_named(make: Callable, said: str) -> None:
    """An unknown network, a reference outside the grid, too many samples, no rule, one draw."""
    with pytest.raises(ValueError, match=said):
        make()
