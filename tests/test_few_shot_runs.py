"""Real few-shot runs on small molecules: deterministic, resumable, additive, blind to test properties."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from molecule_samples import sample_molecules
from parsimony import paths
from parsimony.data.episodes import draw_test_episodes, property_tasks
from parsimony.data.molecules import ACTIVE, INACTIVE, UNMEASURED, MoleculeSet
from parsimony.experiments import journal
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot import meta_training, property_prediction
from parsimony.experiments.few_shot.continuation import kept_end
from parsimony.experiments.few_shot.meta_testing import bounded, draw_exam, mean_areas
from parsimony.experiments.few_shot.meta_training import MetaTraining, as_batch, draw_training_episodes
from parsimony.experiments.few_shot.models import MODELS, method_of
from parsimony.experiments.few_shot.property_prediction import split_properties
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.records import Outcome, Record, Specification
from test_runs import Stop, StopAfter

ELEMENTS = ("N", "O", "F", "Cl", "Br", "S", "P", "I")
TRAIN, TEST = (0, 1, 2, 3, 4), (5, 6, 7)
SMALL = {
    "shots": 2, "iterations": 4, "schedule": 4, "tasks": 2, "queries": 4, "evaluate_every": 2, "draws": 5,
    "candidate_iterations": 2,
}  # fmt: skip


def small_molecules(size: int = 60) -> MoleculeSet:
    """Return chains of carbon; a molecule has property i if it ends in element i, on either side."""
    generator = torch.Generator().manual_seed(0)
    ends = torch.randint(len(ELEMENTS), (size, 2), generator=generator).tolist()
    smiles = [f"{ELEMENTS[a]}{'C' * (1 + number % 4)}{ELEMENTS[b]}" for number, (a, b) in enumerate(ends)]
    data = sample_molecules(smiles, [[int(one in pair) for one in range(len(ELEMENTS))] for pair in ends])
    return replace(data, train_properties=TRAIN, test_properties=TEST)


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MoleculeSet]:
    """Small molecules in the place of every data set, and a build folder of its own."""
    data = small_molecules()
    torch.set_num_threads(1)
    monkeypatch.setattr(property_prediction, "load_molecules", lambda name: data)
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    monkeypatch.setattr(journal, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every meta-iteration
    torch.set_deterministic_debug_mode("error")  # as in a run
    yield data
    torch.set_deterministic_debug_mode("default")


def specification(model: str = "protonet", **settings: Any) -> Specification:
    width = {"options": {"width": 16}} if model not in ("par", "pacia", "pacia-compact") else {}
    return Specification(
        task="few-shot property", method=model, dataset="NCI-fragments", seed=0, profile="quick",
        settings={"model": model, **SMALL, **width, **settings},
    )  # fmt: skip


def carry_out(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    return property_prediction.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def told(outcome: Outcome) -> tuple[dict, dict]:
    """Everything but the time that meta-iterations took."""
    return dict(outcome.metrics), {k: v for k, v in outcome.measurements.items() if k != "seconds per iteration"}


@pytest.mark.parametrize("model", MODELS)
def test_each_method_is_measured_as_pages_expect(model: str, tmp_path: Path, small: MoleculeSet) -> None:
    """Areas of five draws of each test property, and what the page of the method draws."""
    outcome = carry_out(specification(model, is_balanced=model == "adkf-ift", iterations=2), tmp_path / "run.npz")
    found = outcome.measurements
    areas = [area for draws in found["properties"].values() for area in draws]
    assert [small.properties[one] for one in TEST] == list(found["properties"]) and 15 == len(areas)
    assert outcome.metrics["ROC-AUC"] == pytest.approx(sum(areas) / 15)
    assert found["curve"][-1][2] == outcome.metrics["best-evaluation ROC-AUC"]
    assert [2] == [row[0] for row in found["curve"]] and all(4 == len(row) for row in found["curve"])
    assert (2, 4, 2, []) == tuple(found[name] for name in ("iterations", "schedule", "shots", "left out"))
    assert found["seconds per iteration"] > 0 and "validation ROC-AUC" not in outcome.metrics
    assert model.startswith("pacia") == ("depths" in found) and (model == "par") == ("example" in found)
    as_record(outcome)


def as_record(outcome: Outcome) -> None:
    """Write an outcome as a record, which refuses what is no JSON."""
    Record(
        specification=specification(), fingerprint="0" * 12, **vars(outcome), seconds=1.0, peak_memory_bytes=1,
        machine="", packages={}, commit="", data_sha256={}, source_sha256="", finished="",
    ).to_json()  # fmt: skip


def test_the_example_of_par_is_one_graph(tmp_path: Path, small: MoleculeSet) -> None:
    """Support molecules, then the first active query; a square of at most K neighbours a row, and the query's score."""
    example = carry_out(specification("par", iterations=2), tmp_path / "run.npz").measurements["example"]
    episode = draw_test_episodes(property_tasks(small, TEST)[0], 2, 1, 0)[0]
    rows = [*episode.support.tolist(), int(episode.query[episode.query_label == 1][0])]
    assert (small.properties[5], [small.smiles[row] for row in rows]) == (example["property"], example["smiles"])
    assert [0, 0, 1, 1, 1] == example["labels"]
    assert [5] * 5 == [len(row) for row in example["adjacency"]]
    assert all(0 < sum(value > 0 for value in row) <= 2 for row in example["adjacency"])
    assert 0 < example["score"] < 1


def test_depths_are_those_of_the_first_draw(tmp_path: Path, small: MoleculeSet) -> None:
    """Every query of the first draw has one of five depths."""
    depths = carry_out(specification("pacia-compact", iterations=2), tmp_path / "run.npz").measurements["depths"]
    assert {small.properties[one]: len(small) - 4 for one in TEST} == {name: sum(one) for name, one in depths.items()}
    assert all(5 == len(one) for one in depths.values())


CANDIDATES = [{"options": {"inner_rate": 0.05}}, {"options": {"inner_rate": 0.5}, "learning_rate": 1e-4}]
RUNS = {
    "one model": specification("protonet", held_out=1),
    "candidates": specification("maml", held_out=2, candidates=CANDIDATES),
}


@pytest.mark.parametrize("asked", RUNS.values(), ids=RUNS)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(asked: Specification, tmp_path: Path) -> None:
    """Stopped after every second report and started again, it ends in the very same numbers."""
    expected = carry_out(asked, tmp_path / "whole.npz")
    for stops in range(100):  # noqa: B007
        try:
            found = carry_out(asked, tmp_path / "part.npz", reports=2)
            break
        except Stop:
            continue
    assert stops > 1
    assert told(expected) == told(found)


def test_a_seed_decides_everything(tmp_path: Path) -> None:
    """The same seed gives the same numbers whatever was drawn before; another seed gives others."""
    first = carry_out(specification(), tmp_path / "first.npz")
    torch.rand(7)
    second = carry_out(specification(), tmp_path / "second.npz")
    other = carry_out(replace(specification(), seed=1), tmp_path / "other.npz")
    assert told(first) == told(second)
    assert told(first) != told(other)


@pytest.mark.parametrize("asked", RUNS.values(), ids=RUNS)
def test_a_longer_run_goes_on_from_a_shorter_one(
    asked: Specification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 meta-iterations and then 8 are 8 at once; only the 4 new ones are trained."""
    long = {"schedule": 100, "iterations": 8}
    expected = carry_out(with_settings(asked, **long), tmp_path / "straight.npz")
    kept_end(with_settings(asked, **long)).clear()
    carry_out(with_settings(asked, schedule=100), tmp_path / "short.npz")
    steps = count_steps(monkeypatch)
    found = carry_out(with_settings(asked, **long), tmp_path / "long.npz")
    assert [5, 6, 7, 8] == steps
    assert told(expected) == told(found)


def with_settings(asked: Specification, **settings: Any) -> Specification:
    return replace(asked, settings={**asked.settings, **settings})


def count_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the number of every meta-iteration from now on."""
    steps, step = [], MetaTraining.step

    def noted(training: MetaTraining) -> None:
        step(training)
        steps.append(training.iteration)

    monkeypatch.setattr(MetaTraining, "step", noted)
    return steps


def test_only_what_belongs_to_it_is_gone_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a damaged end, nor a longer run, nor other settings; and a run of its full length keeps no end."""
    short = specification(schedule=100)
    carry_out(specification(), tmp_path / "full.npz")
    assert not (paths.BUILD / "ends").exists()
    carry_out(short, tmp_path / "short.npz")
    steps = count_steps(monkeypatch)
    carry_out(with_settings(short, iterations=2), tmp_path / "shorter.npz")
    carry_out(with_settings(short, learning_rate=1e-4), tmp_path / "other.npz")
    assert [1, 2, 1, 2, 3, 4] == steps
    assert 4 == kept_end(short).load()["training"]["training"]["iteration"]
    kept_end(short).path.write_bytes(b"half a file")
    steps.clear()
    with pytest.warns(UserWarning, match="begins anew"):
        carry_out(with_settings(short, iterations=6), tmp_path / "long.npz")
    assert [1, 2, 3, 4, 5, 6] == steps


def test_seconds_of_the_shorter_run_count(tmp_path: Path) -> None:
    """A longer run costs what both parts cost."""
    short = specification(schedule=100)
    carry_out(short, tmp_path / "short.npz")
    end = kept_end(short)
    state = end.load()
    end.add(1000.0)
    end.save(state)
    checkpoint = Checkpoint(tmp_path / "long.npz")
    property_prediction.run(with_settings(short, iterations=6), checkpoint, StopAfter(float("inf")), "cpu")
    assert 1000 < checkpoint.seconds < 2000


def test_test_properties_decide_nothing(tmp_path: Path, small: MoleculeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other labels of the test properties the same candidate is chosen and the same weights come out."""
    asked = with_settings(RUNS["candidates"], schedule=100)
    expected = carry_out(asked, tmp_path / "first.npz")
    weights = kept_end(asked).load()["training"]["training"]["model"]
    kept_end(asked).clear()
    labels = small.labels.clone()
    labels[:, TEST] = 1 - labels[:, TEST]
    monkeypatch.setattr(property_prediction, "load_molecules", lambda name: replace(small, labels=labels))
    found = carry_out(asked, tmp_path / "second.npz")
    again = kept_end(asked).load()["training"]["training"]["model"]
    assert expected.measurements["tuning"] == found.measurements["tuning"]
    assert all(torch.equal(value, again[name]) for name, value in weights.items())
    assert expected.measurements["properties"] != found.measurements["properties"]


def test_validation_properties_are_not_learnt_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last properties are held out of every trial; the chosen candidate then learns from all."""
    seen: list[set[int]] = []
    draw = meta_training.draw_training_episodes

    def noted(tasks, settings, generator):
        seen.append({one.column for one in tasks})
        return draw(tasks, settings, generator)

    monkeypatch.setattr(meta_training, "draw_training_episodes", noted)
    outcome = carry_out(with_settings(RUNS["candidates"], tasks=9), tmp_path / "run.npz")
    assert [{0, 1, 2}] * 4 + [set(TRAIN)] * 4 == seen
    areas = [trial["validation ROC-AUC"] for trial in outcome.measurements["tuning"]]
    assert CANDIDATES == [trial["settings"] for trial in outcome.measurements["tuning"]]
    assert max(areas) == outcome.metrics["validation ROC-AUC"]
    seen.clear()
    outcome = carry_out(specification(held_out=2, tasks=9), tmp_path / "single.npz")
    assert [{0, 1, 2}] * 4 == seen and 0 <= outcome.metrics["validation ROC-AUC"] <= 1


@pytest.mark.parametrize("model", ["par", "pacia-compact", "maml"])
def test_an_evaluation_changes_no_statistics(model: str, small: MoleculeSet) -> None:
    """Weights and running statistics are the same after a test; a meta-iteration does change them."""
    settings = FewShotRun(**specification(model).settings)
    method = method_of(model)
    tasks = property_tasks(small, TRAIN)
    training = MetaTraining(
        method.make(torch.Generator().manual_seed(0), **settings.options), small, tasks, settings, 0
    )
    training.step()
    before = {name: value.clone() for name, value in training.model.state_dict().items()}
    exam = draw_exam(property_tasks(small, TEST), small, shots=2, draws=2, queries=0, seed=0)
    mean_areas(method, training.model, small, [exam], 0)
    assert all(torch.equal(value, before[name]) for name, value in training.model.state_dict().items())
    training.step()
    assert not all(torch.equal(value, before[name]) for name, value in training.model.state_dict().items())


def test_a_batch_is_laid_out_property_by_property(small: MoleculeSet) -> None:
    """Support and query molecules of one episode after the other, with the labels of the queries."""
    tasks = property_tasks(small, TRAIN[:2])
    drawn = draw_training_episodes(tasks, FewShotRun(**specification().settings), torch.Generator().manual_seed(0))
    batch = as_batch(small, drawn)
    rows = torch.cat([drawn[0].support, drawn[0].query, drawn[1].support, drawn[1].query])
    assert torch.equal(small.batch(rows).atom, batch.molecules.atom)
    assert (2, (2, 4)) == (batch.shots, batch.label.shape)
    assert all(
        small.labels[one.query, one.column].tolist() == label.tolist()
        for one, label in zip(drawn, batch.label, strict=True)
    )


def test_balanced_episodes_are_as_large_as_the_rarest_class_allows(small: MoleculeSet) -> None:
    """With 5 active molecules and 2 shots, 3 queries of each class, in every episode of the meta-iteration."""
    labels = small.labels.clone()
    labels[(labels[:, 0] == ACTIVE).nonzero().flatten()[5:], 0] = UNMEASURED
    tasks = property_tasks(replace(small, labels=labels), TRAIN[:2])
    settings = FewShotRun(**specification(is_balanced=True, queries=32).settings)
    drawn = draw_training_episodes(tasks, settings, torch.Generator().manual_seed(0))
    assert [[0, 0, 0, 1, 1, 1]] * 2 == [one.query_label.tolist() for one in drawn]


def test_bounded_queries_keep_both_classes(small: MoleculeSet) -> None:
    """Three of each class, in the order of the data set; 0 keeps all; the same order keeps the same molecules."""
    (episode,) = draw_test_episodes(property_tasks(small, TEST)[0], 2, 1, 0)
    order = torch.arange(len(small))
    kept = bounded(episode, 6, order)
    first = [episode.query[episode.query_label == label][:3].tolist() for label in (INACTIVE, ACTIVE)]
    assert sorted(first[0] + first[1]) == kept.query.tolist()
    assert small.labels[kept.query, kept.column].tolist() == kept.query_label.tolist()
    assert episode is bounded(episode, 0, order)


def test_properties_with_too_few_molecules_are_left_out(tmp_path: Path, small: MoleculeSet, monkeypatch) -> None:
    """Two active molecules leave no active query beside two shots; the record names the property."""
    labels = small.labels.clone()
    for column in (1, 6):
        labels[(labels[:, column] == ACTIVE).nonzero().flatten()[2:], column] = UNMEASURED
    monkeypatch.setattr(property_prediction, "load_molecules", lambda name: replace(small, labels=labels))
    outcome = carry_out(specification(), tmp_path / "run.npz")
    assert ["P1", "P6"] == outcome.measurements["left out"]
    assert ["P5", "P7"] == list(outcome.measurements["properties"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shots": 0}, "shots 0 given; expected a whole number from 1"),
        ({"draws": 2.5}, "draws 2.5 given; expected a whole number"),
        ({"learning_rate": 0.0}, "learning_rate 0.0 given; it must be above zero"),
        ({"iterations": 5, "evaluate_every": 2}, "ask for a multiple"),
        ({"candidates": [{}]}, "held_out is 0"),
        ({"held_out": 1, "candidates": [{"shots": 3}]}, r"candidate changes \['shots'\]"),
    ],
)
def test_wrong_settings_are_named(settings: dict, said: str) -> None:
    """Counts that are none, rows of the curve that miss the end, candidates without validation properties."""
    with pytest.raises(ValueError, match=said):
        FewShotRun(model="par", **settings)


def test_wrong_requests_are_named(small: MoleculeSet) -> None:
    """An unknown model; more properties held out than there are; more shots than molecules."""
    with pytest.raises(ValueError, match="model 'oracle' given; known are par, pacia"):
        method_of("oracle")
    with pytest.raises(ValueError, match=r"5 properties to hold out, .* has 5 meta-training and 3 meta-testing"):
        split_properties(small, FewShotRun(model="par", shots=2, held_out=5))
    with pytest.raises(ValueError, match="0 meta-training and 0 meta-testing properties with enough molecules"):
        split_properties(small, FewShotRun(model="par", shots=40))


def test_a_diverged_training_is_named(small: MoleculeSet) -> None:
    """An infinite loss ends the run with the number of its meta-iteration."""
    settings = FewShotRun(**specification().settings)
    model = MODELS["protonet"].make(torch.Generator().manual_seed(0), width=16)
    model.loss = lambda episodes, generator: sum(w.sum() for w in model.parameters()) * float("inf")
    with pytest.raises(ValueError, match="in meta-iteration 1; lower the learning rate"):
        MetaTraining(model, small, property_tasks(small, TRAIN), settings, 0).step()
