"""Runs on drug interactions: nothing asked is given away, resumable bit for bit, chosen on validation, with reasons."""

import itertools
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from parsimony.data.drug_interactions import LabelledPairs
from parsimony.evaluation.interactions import type_measures
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions import (
    evidence,
    fitted_once,
    interaction_prediction,
    measures,
    pairs_and_facts,
    problem,
    training,
)
from parsimony.experiments.interactions.evidence import THRESHOLDS, above, precision_and_recall
from parsimony.experiments.interactions.learners import embedded_facts
from parsimony.experiments.interactions.measures import Answers, by_degree, by_hops, calibration, degrees, hops, said
from parsimony.experiments.interactions.names import edge_name
from parsimony.experiments.interactions.problem import Problem
from parsimony.experiments.interactions.settings import CourseSettings, InteractionRun
from parsimony.experiments.interactions.training import reduced_rate
from parsimony.methods.path_contributions import Contribution
from parsimony.nn.augmented_network import RelationIds
from parsimony.records import Outcome, Specification
from test_runs import Stop, StopAfter

SHORT = {"epochs": 4, "batch_size": 64, "learning_rate": 0.01, "evaluate_every": 2}
SETTINGS = {
    "emergnn": {"served": ["S1"], "options": {"width": 8}, "training": {**SHORT, "patience": 1}},
    "fingerprint-mlp": {"served": ["S0", "S1"], "options": {"width": 16}, "training": {**SHORT, "is_decoupled": True}},
    "decagon": {"served": ["S1", "S2"], "options": {"width": 8}, "training": SHORT},
    "kg-ddi": {
        "served": ["S1"], "options": {"width": 4, "embedding_epochs": 2, "facts_at_once": 1024},
        "training": {**SHORT, "from_epoch": 3},
    },
    "csmddi": {"served": ["S1", "S2"], "options": {"depths": [8], "rank": 8, "sweeps": 2}},
    "hin-ddi": {"served": ["S1"], "options": {"depths": [2, 8]}},
}  # fmt: skip
TASKS = {
    "emergnn": ("drug interactions", interaction_prediction),
    **dict.fromkeys(pairs_and_facts.LEARNERS, ("drug interactions by pairs and facts", pairs_and_facts)),
    **dict.fromkeys(fitted_once.ESTIMATORS, ("drug interactions fitted once", fitted_once)),
}
TRAINED = [name for name, one in SETTINGS.items() if "training" in one]
GOLDEN = [1.72185, 1.36756]  # mean losses of the second and the fourth epoch of EmerGNN


@pytest.fixture(scope="module", autouse=True)
def few_explained_pairs() -> Iterator[None]:
    """Evidence of forty pairs is enough here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "MOST_PAIRS", 40)
        yield


def specification(method: str, **changes: object) -> Specification:
    settings = {"schedule": 40, **SETTINGS[method], **changes}
    return Specification(
        task=TASKS[method][0], method=method, dataset="Planted-drugs", seed=0, profile="quick", settings=settings
    )  # fmt: skip


def carry_out(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return TASKS[asked.method][1].run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def told(outcome: Outcome) -> tuple[dict, dict]:
    """Everything but minutes."""
    curve = [{key: value for key, value in row.items() if key != "minutes"} for row in outcome.measurements["curve"]]
    return dict(outcome.metrics), {**outcome.measurements, "curve": curve}


@pytest.fixture(scope="module")
def planted() -> Problem:
    return Problem.open("Planted-drugs", 0)


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """EmerGNN, trained to the end."""
    training_settings = {**SHORT, "epochs": 16, "batch_size": 32, "evaluate_every": 4}
    asked = specification("emergnn", options={"width": 16}, training=training_settings)
    return carry_out(asked, tmp_path_factory.mktemp("explained") / "run.npz")


def pairs_of(triples: Tensor) -> set[tuple[int, int]]:
    return {(head, tail) for head, tail, *_ in triples.tolist()}


# What is asked, and what is known


@pytest.mark.parametrize("setting", ["S0", "S1", "S2"])
def test_no_training_pair_is_a_fact_of_its_epoch(planted: Problem, setting: str) -> None:
    """Facts and pairs are apart; of the drugs that play emerging no fact is known."""
    for seed in range(3):
        lesson = planted.lesson(setting, torch.Generator().manual_seed(seed))
        asked = planted.train[lesson.asked]
        assert len(asked) and not pairs_of(asked) & pairs_of(lesson.view.facts)
        known = set(lesson.view.facts[:, :2].flatten().tolist())
        strangers = [sum(end not in known for end in pair) for pair in asked[:, :2].tolist()]
        assert min(strangers) >= {"S0": 0, "S1": 1, "S2": 2}[setting]


def test_emerging_drugs_show_when_their_turn_comes(planted: Problem) -> None:
    """Training sees no edge of validation and test drugs, validation none of test drugs, the test all."""
    valid, test = planted.pairs.valid_drugs, planted.pairs.test_drugs
    views = (planted.training_view, planted.validation_view, planted.test_view("S1"))
    seen = [
        [bool(torch.isin(view.triples[:, [0, 2]], drugs).any()) for drugs in (valid, test)] for view in views
    ]  # fmt: skip
    assert [[False, False], [True, False], [True, True]] == seen
    assert torch.equal(planted.network.triples, views[2].triples)


@pytest.mark.parametrize("setting", ["S0", "S1", "S2"])
def test_no_test_pair_is_a_fact(planted: Problem, setting: str) -> None:
    """Facts of the test are training pairs and the validation pairs of the same setting."""
    facts = planted.test_view(setting).facts
    assert not pairs_of(facts) & pairs_of(planted.pairs.splits[f"test {setting}"])
    assert pairs_of(facts) == pairs_of(planted.train) | pairs_of(planted.pairs.splits[f"valid {setting}"])
    assert not pairs_of(planted.validation_view.facts) & pairs_of(planted.pairs.splits[f"valid {setting}"])


def test_shares_contain_one_another(planted: Problem) -> None:
    """A tenth lies within three tenths; as much of the validation pairs is known, all are asked; seeds differ."""
    tenth, more, other = (Problem.open("Planted-drugs", *one) for one in ((0, 0.1), (0, 0.3), (1, 0.1)))
    assert (105, 314) == (len(tenth.train), len(more.train))
    assert pairs_of(tenth.train) < pairs_of(more.train) < pairs_of(planted.train)
    assert pairs_of(tenth.train) != pairs_of(other.train)
    assert (72, 721) == (len(tenth.known_valid["S1"]), len(tenth.pairs.splits["valid S1"]))
    assert pairs_of(tenth.validation_view.facts) == pairs_of(tenth.train)


def test_facts_to_embed(planted: Problem) -> None:
    """Interactions of training as head, type, tail, then all of the network with relations behind the types."""
    facts = embedded_facts(planted)
    head, kind, tail = facts[0].tolist()
    assert [head, tail, kind] == planted.train[0].tolist()
    first = planted.network.triples[0]
    assert [int(first[0]), int(first[1]) + 6, int(first[2])] == facts[len(planted.train)].tolist()
    assert len(planted.train) + len(planted.network.triples) == len(facts)


# Runs


@pytest.mark.parametrize("method", TRAINED)
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped within and between epochs and started again, it ends in the very same numbers."""
    expected = carry_out(specification(method), tmp_path / "whole.npz")
    monkeypatch.setattr(training, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every batch
    for stops in range(200):  # noqa: B007
        try:
            found = carry_out(specification(method), tmp_path / "part.npz", reports=13)
            break
        except Stop:
            continue
    assert stops > 0
    assert told(expected) == told(found)


@pytest.mark.parametrize("method", list(SETTINGS))
def test_what_a_record_holds(method: str, tmp_path: Path) -> None:
    """The three measures of each setting can be computed anew from the tally; bins hold every pair."""
    outcome = carry_out(specification(method), tmp_path / "run.npz")
    served, measured = SETTINGS[method]["served"], outcome.measurements
    names = {f"{one} {name}" for one in served for name in ("macro F1", "accuracy", "kappa")}
    assert names | {f"valid {one}" for one in served} == set(outcome.metrics)
    for setting in served:
        table = torch.tensor(measured["tally"][setting]["confusion"])
        truth, predicted = (table[:, column].repeat_interleave(table[:, 2]) for column in (0, 1))
        found = type_measures(predicted, truth)
        assert found == tuple(outcome.metrics[f"{setting} {name}"] for name in ("macro F1", "accuracy", "kappa"))
        hits = int((truth == predicted).sum())
        for bins in (measured["by_degree"][setting], measured["by_hops"][setting]):
            assert (len(truth), hits) == (sum(one["pairs"] for one in bins), sum(one["hits"] for one in bins))
        assert len(truth) == sum(one["pairs"] for one in measured["calibration"][setting])
        assert 0 <= measured["calibration_error"][setting] <= 1
        best = max(measured["curve"], key=lambda row: row[f"valid {setting}"])
        assert best["epoch"] == measured["chosen_epochs"][setting]
    assert (1048, 40) == (measured["training_pairs"], measured["schedule"])
    assert {"name": "Planted-drugs", "entities": 276, "relations": 12, "triples": 2045} == measured["network"]


def test_losses_of_a_fixed_seed_stay(tmp_path: Path) -> None:
    """Mean losses of EmerGNN's second and fourth epoch, to 1e-3."""
    curve = carry_out(specification("emergnn"), tmp_path / "run.npz").measurements["curve"]
    assert GOLDEN == pytest.approx([row["loss"] for row in curve], rel=1e-3)


def test_each_setting_is_tested_with_its_own_best_epoch(tmp_path: Path) -> None:
    """A run that ends with the epoch that S1 chose has the same S1 result."""
    asked = {"epochs": 24, "batch_size": 64, "learning_rate": 0.03, "evaluate_every": 4}
    long = carry_out(specification("fingerprint-mlp", training=asked), tmp_path / "long.npz")
    epoch = long.measurements["chosen_epochs"]["S1"]
    short = carry_out(specification("fingerprint-mlp", training={**asked, "epochs": epoch}), tmp_path / "short.npz")
    assert long.metrics["S1 macro F1"] == short.metrics["S1 macro F1"]
    assert 1 < len({*long.measurements["chosen_epochs"].values(), 24})


def test_test_pairs_decide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With half of the test pairs the same curve and epoch come out."""
    expected = carry_out(specification("emergnn"), tmp_path / "first.npz")
    load = problem.load_planted_drugs

    def with_fewer() -> object:
        drugs = load()
        splits = {name: one[: len(one) // 2] if "test" in name else one for name, one in drugs.pairs.splits.items()}
        return replace(drugs, pairs=replace(drugs.pairs, splits=splits))

    monkeypatch.setattr(problem, "load_planted_drugs", with_fewer)
    found = carry_out(specification("emergnn"), tmp_path / "second.npz")
    for name in ("curve", "chosen_epochs"):
        assert told(expected)[1][name] == told(found)[1][name]
    assert expected.metrics["S1 accuracy"] != found.metrics["S1 accuracy"]


def with_labels() -> object:
    """Planted drugs whose pairs have their type and the one behind it, with random negatives."""
    drugs, generator, splits = problem.planted_drugs.load_planted_drugs(), torch.Generator().manual_seed(0), {}
    for name, rows in drugs.pairs.splits.items():
        labels = torch.zeros(len(rows), 6, dtype=torch.uint8)
        for shift in (0, 1):
            labels[torch.arange(len(rows)), (rows[:, 2] + shift) % 6] = 1
        negatives = torch.stack([rows[:, 0], torch.randint(80, (len(rows),), generator=generator)], 1)
        splits[name] = LabelledPairs(rows[:, :2], labels, negatives)
    return replace(drugs, pairs=replace(drugs.pairs, splits=splits, is_multilabel=True), reasons={})


@pytest.mark.parametrize("method", list(SETTINGS))
def test_pairs_with_several_types(method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measures of TWOSIDES, means of the tally; every type of every pair is asked in the bins."""
    monkeypatch.setattr(problem, "load_planted_drugs", with_labels)
    outcome = carry_out(specification(method), tmp_path / "run.npz")
    setting = SETTINGS[method]["served"][0]
    types = outcome.measurements["tally"][setting]["types"]
    for place, name in enumerate(("PR-AUC", "ROC-AUC", "accuracy"), start=1):
        mean = sum(row[place] for row in types) / len(types)
        assert outcome.metrics[f"{setting} {name}"] == pytest.approx(mean, abs=1e-5)
    pairs = len(Problem.open("Planted-drugs", 0).pairs.splits[f"test {setting}"])
    assert 2 * pairs == sum(row[0] for row in types)
    assert 2 * pairs == sum(one["pairs"] for one in outcome.measurements["by_hops"][setting])
    assert 4 * pairs == sum(one["pairs"] for one in outcome.measurements["calibration"][setting])
    assert "explanations" not in outcome.measurements


def test_a_loss_that_is_no_number_is_named(planted: Problem) -> None:
    """The run stops at once."""
    learner = pairs_and_facts.LEARNERS["fingerprint-mlp"](planted, torch.Generator())
    torch.nn.init.constant_(learner.model.W1.bias, math.nan)
    with pytest.raises(ValueError, match="the loss is nan in epoch 1"):
        training.Training(learner, CourseSettings(), 0).run_epoch(0.1, lambda batches: None)


@pytest.mark.parametrize("method", ["hin-ddi", "csmddi"])
def test_depths_of_trees_are_chosen_on_validation_pairs(tmp_path: Path, method: str) -> None:
    """The one with the larger mean is tested: alone, it has the same result; one depth leaves no choice."""
    options = {**SETTINGS[method]["options"], "depths": [2, 8]}
    chosen = carry_out(specification(method, options=options), tmp_path / "both.npz")
    tried, splits = chosen.measurements["tried"], [f"valid {one}" for one in SETTINGS[method]["served"]]
    assert [2, 8] == [one["depth"] for one in tried]
    best = max(tried, key=lambda row: sum(row[one] for one in splits))
    assert {one: chosen.metrics[one] for one in splits} == {one: best[one] for one in splits}
    assert best[splits[0]] > min(row[splits[0]] for row in tried)
    options["depths"] = [best["depth"]]
    assert chosen.metrics == carry_out(specification(method, options=options), tmp_path / "alone.npz").metrics


def test_no_depth_is_refused(tmp_path: Path) -> None:
    """Nothing could be chosen."""
    with pytest.raises(ValueError, match="no depth of trees given"):
        carry_out(specification("hin-ddi", options={"depths": []}), tmp_path / "run.npz")


def test_paths_of_a_view_are_counted_once(planted: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two depths ask the validation pairs twice: one count for those, one for the training pairs; a new view anew."""
    counted, counts = [], fitted_once.MetaPaths.counts
    monkeypatch.setattr(fitted_once.MetaPaths, "counts", lambda self, pairs: counted.append(1) or counts(self, pairs))
    estimator = fitted_once.PathEstimator(planted, ["S1"], torch.Generator(), [2, 8])
    estimator.fit(torch.Generator())
    assert 2 == len(counted)
    estimator.use(planted.validation_view)
    estimator.scores(planted.pairs.splits["valid S1"][:, :2])
    assert 3 == len(counted)


def test_hin_ddi_is_fitted_for_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The epoch that it learns from is drawn as its setting asks."""
    drawn, lesson = [], Problem.lesson

    def noted(self: Problem, setting: str, generator: torch.Generator) -> object:
        drawn.append(setting)
        return lesson(self, setting, generator)

    monkeypatch.setattr(Problem, "lesson", noted)
    carry_out(specification("hin-ddi", served=["S2"]), tmp_path / "run.npz")
    assert ["S2"] == drawn


@pytest.mark.parametrize("method", ["emergnn", "fingerprint-mlp", "csmddi"])
def test_another_device_is_refused(method: str, tmp_path: Path) -> None:
    """Tables are made on the processor."""
    asked = specification(method)
    with pytest.raises(ValueError, match="'cuda' given"):
        TASKS[method][1].run(asked, Checkpoint(tmp_path / "x.npz"), StopAfter(1), "cuda")


# Rates and settings


@pytest.mark.parametrize("patience", [1, 3])
def test_rates_equal_those_of_torch(patience: int) -> None:
    """After every value of a random walk, ReduceLROnPlateau has the same rate; without patience it stays."""
    values = (torch.randn(60, generator=torch.Generator().manual_seed(0)).cumsum(0) / 20 + 0.5).clamp(0, 1).tolist()
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, mode="max", patience=patience, eps=0.0)
    for place, value in enumerate(values, start=1):
        scheduler.step(value)
        assert optimiser.param_groups[0]["lr"] == pytest.approx(reduced_rate(0.1, values[:place], patience))
    assert optimiser.param_groups[0]["lr"] < 0.1 == reduced_rate(0.1, values, 0)


@pytest.mark.parametrize(
    ("settings", "said_so"),
    [
        ({"served": []}, "settings none given"),
        ({"served": ["S3"]}, "settings S3 given"),
        ({"share": 0.0}, "share 0.0 given"),
        ({"training": {"epochs": 0}}, "epochs 0 given"),
        ({"training": {"patience": -1}}, "patience -1 given"),
        ({"training": {"epochs": 3, "from_epoch": 4}}, "epoch 4 is the first"),
    ],
)
def test_wrong_settings_are_named(settings: dict, said_so: str) -> None:
    """No setting, one that does not exist, no pair, no epoch."""
    with pytest.raises(ValueError, match=said_so):
        InteractionRun(schedule=1, **settings)


def test_epochs_that_are_looked_at() -> None:
    """Every third from the fifth on, and the last."""
    settings = CourseSettings(epochs=10, evaluate_every=3, from_epoch=5)
    assert [6, 9, 10] == [epoch for epoch in range(1, 11) if settings.is_look(epoch)]


# Measures


def searched(neighbours: dict[int, set[int]], start: int) -> dict[int, int]:
    """Return the distances from a drug by a plain search."""
    found, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for after in neighbours.get(here, set()) - found.keys():
            found[after] = found[here] + 1
            waiting.append(after)
    return found


def test_hops_equal_a_search(planted: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over facts in both directions, with groups of drugs smaller than all; with most facts gone some are far apart."""
    monkeypatch.setattr(measures, "DRUGS_AT_ONCE", 50)
    few = replace(planted, network=replace(planted.network, triples=planted.network.triples[::7]))
    neighbours: dict[int, set[int]] = {}
    for head, _, tail in few.network.triples.tolist():
        neighbours.setdefault(head, set()).add(tail)
        neighbours.setdefault(tail, set()).add(head)
    asked = torch.cat([few.pairs.splits[f"test {one}"][:, :2] for one in ("S0", "S1", "S2")])
    expected = [min(searched(neighbours, head).get(tail, 4), 4) for head, tail in asked.tolist()]
    assert expected == hops(few, asked).tolist()
    assert {2, 3, 4} <= set(expected)


def small_answers(planted: Problem) -> Answers:
    """A known and a new drug, two new ones, two known ones; the first two types are found."""
    known, new = planted.pairs.known_drugs[:2].tolist(), planted.pairs.test_drugs[:2].tolist()
    pairs = torch.tensor([[known[0], new[0]], [new[1], new[0]], known])
    return Answers(pairs, torch.eye(6)[[1, 2, 3]], torch.tensor([1, 2, 4]))


def test_degrees_are_those_of_emerging_drugs(planted: Problem) -> None:
    """Of a known and a new drug the new one counts, of two alike the one with fewer facts; hits go along."""
    answers = small_answers(planted)
    degree = degrees(planted)
    assert degree[0] == (planted.network.triples[:, [0, 2]] == 0).sum()
    counted = [degree[answers.pairs[0, 1]], degree[answers.pairs[1]].min(), degree[answers.pairs[2]].min()]
    for number, row in enumerate(counted):
        one = Answers(answers.pairs[number : number + 1], answers.scores[number : number + 1],
                      answers.truth[number : number + 1])  # fmt: skip
        (bin_of,) = [found for found in by_degree(one, planted) if found["pairs"]]
        assert bin_of["from"] <= row and (bin_of["to"] is None or row <= bin_of["to"])
        assert int(number < 2) == bin_of["hits"]
    assert [(0, 0), (1, 3), (4, 15), (16, 63), (64, 255), (256, None)] == [
        (one["from"], one["to"]) for one in by_degree(answers, planted)
    ]
    assert [1, 2, 3, None] == [one["hops"] for one in by_hops(answers, planted)]


def test_calibration_by_hand() -> None:
    """Two of 0.15 and 0.17, one right: |0.5 - 0.16|; one of 1.0, right: 0. Error 2/3 * 0.34."""
    bins, error = calibration(torch.tensor([0.15, 0.17, 1.0]), torch.tensor([True, False, True]))
    assert [0, 2, *[0] * 7, 1] == [one["pairs"] for one in bins]
    assert (0.16, 0.5) == pytest.approx((bins[1]["confidence"], bins[1]["accuracy"]))
    assert 2 / 3 * 0.34 == pytest.approx(error)
    logits = torch.tensor([[0.0, math.log(3)]])
    probability, is_right = said(Answers(torch.zeros(1, 2), logits, torch.tensor([1])), is_logit=True)
    assert (0.75, True) == (pytest.approx(probability.item()), is_right.item())
    labels = Answers(torch.zeros(1, 2), logits, torch.tensor([[0, 1]]), torch.tensor([[9.0, -math.log(3)]]))
    probability, is_right = said(labels, is_logit=True)
    assert ([0.75, 0.25], [True, False]) == (pytest.approx(probability.tolist()), is_right.tolist())


# Reasons


def test_contributions_find_planted_mechanisms(explained: Outcome) -> None:
    """Most best paths are mechanisms, far more than shortest paths, mean gates and random ones."""
    best, found = explained.measurements["best_path"], explained.measurements["evidence"]
    assert best["emergnn"] > 0.6 > max(best["shortest path"], best["gates"]) and 0.2 > best["random"]
    assert {"emergnn", "gates", "shortest path", "random"} == set(best) == set(found)
    for rows in found.values():
        assert list(THRESHOLDS) == [row["threshold"] for row in rows]
        assert all(0 <= row[name] <= 1 for row in rows for name in ("precision", "recall"))
    recalls = [row["recall"] for row in found["emergnn"]]
    assert recalls == sorted(recalls, reverse=True)


def test_explanations_hold_together(explained: Outcome) -> None:
    """Layers lead from head to tail, paths join the two drugs, the best first; the rules are those stated."""
    given = explained.measurements["explanations"]
    assert 4 <= len(given) == len({(one["head"], one["tail"]) for one in given})
    assert [1] * 4 == [one["rank_of_type"] for one in given if "frequent" in one["rule"]]
    for one in given:
        layers, ends = one["layers"], {one["head"], one["tail"]}
        assert {one["head"]} == {edge[0] for edge in layers[0]} and {one["tail"]} == {edge[2] for edge in layers[-1]}
        for before, after in itertools.pairwise(layers):
            assert {edge[2] for edge in before} == {edge[0] for edge in after}
        assert all({path["entities"][0], path["entities"][-1]} == ends for path in one["paths"] + one["paths_by_gates"])
        values = [path["contribution"] for path in one["paths"]]
        assert values == sorted(values, reverse=True) and len(values) <= 10
        named = {str(entity) for path in one["paths"] for entity in path["entities"]}
        assert named <= set(one["entities"]) and 0 <= one["probability"] <= 1


def test_edges_above_a_share_of_the_best() -> None:
    """Scores 1.0, 0.5 and 0.1: at 0.5 and below the first two, at more than 0.5 the first, at 0.1 and below all."""
    paths = [Contribution((0, number, 9), (1, 2), 0.0) for number in (1, 2, 3)]
    chosen = dict(zip(THRESHOLDS, above(paths, [1.0, 0.5, 0.1]), strict=True))
    assert [6, 6, 4, 4, 2] == [len(chosen[one]) for one in (0.05, 0.1, 0.2, 0.5, 0.6)]
    assert (0.5, 1.0) == precision_and_recall(chosen[0.2], chosen[1.0])


def test_names_of_edges() -> None:
    """Types from 1, relations, inverses and the identity; types that share an id have no number."""
    ids = RelationIds(2, 1)
    names = ["#1", "#2", "CbG", "inverse #1", "inverse #2", "inverse CbG", "identity"]
    assert names == [edge_name(one, ids, ["CbG"]) for one in range(7)]
    shared = RelationIds(2, 1, True)
    assert ["interacts", "CbG", "inverse CbG", "identity"] == [edge_name(one, shared, ["CbG"]) for one in (0, 2, 3, 4)]
