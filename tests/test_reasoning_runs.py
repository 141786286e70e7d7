"""Runs of reasoners: nothing asked is given away, resumable bit for bit, chosen on validation triples, with reasons."""

import itertools
import os
from pathlib import Path

import pytest
import torch
from torch import nn

from parsimony.baselines.drum import DRUM
from parsimony.baselines.rnnlogic import RNNLogic
from parsimony.data.fact_graph import FactGraph
from parsimony.experiments.catalogue.reasoning import SPECIFICATIONS
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.reasoning import evidence, graph_reasoning, reasons, rule_course, training
from parsimony.experiments.reasoning.evidence import explain, precision_and_recall
from parsimony.experiments.reasoning.names import relation_name
from parsimony.experiments.reasoning.questions import Curriculum, in_turn
from parsimony.experiments.reasoning.reasoners import MODELS, WAY_OF
from parsimony.methods.redgnn import REDGNN, AttendedEdges
from parsimony.methods.relational_digraph import RelationalDigraph
from parsimony.records import Outcome, Specification
from test_runs import Stop, StopAfter

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
SHORT = {"epochs": 2, "batch_size": 64, "batches": 8, "learning_rate": 0.01}
SETTINGS = {
    "redgnn": {"options": {"width": 8, "layers": 3, "dropout": 0.1, "is_official_scale": True}, "training": SHORT},
    "adaprop": {"options": {"width": 8, "num_layers": 3, "top_k": 20}, "training": SHORT},
    "nbfnet": {
        "options": {"width": 4, "num_layers": 2, "num_negatives": 4},
        "training": {**SHORT, "batches": 3},
    },
    "drum": {"options": {"width": 8, "hops": 3}, "training": {**SHORT, "clip": 5.0}},
    "rnnlogic": {
        "options": {"width": 8, "hidden": 8, "is_pna": False},
        "budget": {
            "mined": 5, "pretraining_steps": 5, "iterations": 1, "sampled": 5, "max_length": 2,
            "maximisation_steps": 2, "final": [[5, 2]], "passes": 2, "batch_size": 256,
        },
    },
}  # fmt: skip
REPORTS = {**dict.fromkeys(SETTINGS, 2), "rnnlogic": 25}  # after which a run is stopped; parts of rules have many steps


@pytest.fixture(autouse=True)
def few_explained_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons of thirty facts are enough here."""
    monkeypatch.setattr(evidence, "MOST_FACTS", 30)


def specification(method: str, **changes: object) -> Specification:
    training_settings = {**SETTINGS[method].get("training", {}), **changes}
    settings = {"schedule": 50, **SETTINGS[method], "training": training_settings}
    return Specification(
        task="graph reasoning", method=method, dataset="Family-trees", seed=0, profile="quick", settings=settings
    )  # fmt: skip


def carry_out(asked: Specification, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    return graph_reasoning.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


def told(outcome: Outcome) -> tuple[dict, dict]:
    """Everything but seconds."""
    measured = {key: value for key, value in outcome.measurements.items() if key != "stages"}
    return dict(outcome.metrics), {**measured, "curve": [row[:3] for row in outcome.measurements["curve"]]}


def codes(triples: torch.Tensor, num_entities: int, num_relations: int) -> set[int]:
    head, relation, tail = triples.T
    return set(((head * 2 * num_relations + relation) * num_entities + tail).tolist())


def edges(graph: FactGraph) -> torch.Tensor:
    return torch.stack([graph.head, graph.relation, graph.tail], 1)


# What is asked, and where


@pytest.mark.parametrize("ratio", [0.75, 0.9])
@pytest.mark.parametrize("dataset", ["Family-trees", pytest.param("family", marks=needs_mirror)])
def test_no_question_stands_in_its_own_graph(dataset: str, ratio: float) -> None:
    """In every epoch graph and questions are all training triples, apart, in both directions, forwards first."""
    curriculum = Curriculum.open(dataset, "apart", ratio)
    known, size = curriculum.known, (len(curriculum.known.entities), len(curriculum.known.relations))
    pool, everything = len(known.facts) + len(known.train), codes(edges(curriculum.valid.graph), *size)
    for epoch in range(1, 5):
        lesson = curriculum.lesson(epoch, torch.Generator().manual_seed(epoch))
        given, asked = codes(edges(lesson.graph), *size), codes(lesson.questions, *size)
        assert set() == given & asked
        assert everything == given | asked
        assert lesson.graph.num_edges == 2 * (len(known.facts) if epoch == 1 else int(ratio * pool))
        half = len(lesson.questions) // 2
        assert lesson.questions[:half, 1].max() < size[1] <= lesson.questions[half:, 1].min()


def test_the_first_epoch_is_that_of_the_files() -> None:
    """Facts carry messages and train is asked, in the order of the file; later epochs differ from one another."""
    curriculum = Curriculum.open("Family-trees", "apart", 0.75)
    first, second, third = (curriculum.lesson(epoch, torch.Generator().manual_seed(epoch)) for epoch in (1, 2, 3))
    assert torch.equal(curriculum.known.train, first.questions[: len(curriculum.known.train)])
    assert not torch.equal(second.questions, third.questions)


@needs_mirror
def test_the_quarter_of_yago_is_parted_by_the_seed() -> None:
    """Without files that part it, already the first epoch draws three quarters, others under another seed."""
    curriculum = Curriculum.open("YAGO3-10-quarter", "apart", 0.75)
    lessons = [curriculum.lesson(1, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    assert {(2 * 202320, 2 * 67440)} == {(one.graph.num_edges, len(one.questions)) for one in lessons}
    same, other = (torch.equal(lessons[0].questions, one.questions) for one in lessons[1:])
    assert same and not other
    assert curriculum.protocol.startswith("All epochs take a share 0.75")


def test_validation_and_test_are_in_no_graph() -> None:
    """The graph of both is all training triples."""
    curriculum = Curriculum.open("Family-trees", "hidden", 0.75)
    size = (len(curriculum.known.entities), len(curriculum.known.relations))
    for examination in (curriculum.valid, curriculum.test):
        assert set() == codes(edges(examination.graph), *size) & codes(examination.questions, *size)


def test_hidden_questions_stand_beside_their_inverses() -> None:
    """Every training triple once in each direction, the two in a row, in an order of the generator's."""
    assert [[0, 1, 2], [2, 4, 0], [5, 0, 6], [6, 3, 5]] == in_turn(torch.tensor([[0, 1, 2], [5, 0, 6]]), 3).tolist()
    curriculum = Curriculum.open("Family-trees", "hidden", 0.75)
    size = (len(curriculum.known.entities), len(curriculum.known.relations))
    lessons = [curriculum.lesson(1, torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    assert all(codes(edges(one.graph), *size) == codes(one.questions, *size) for one in lessons)
    assert not torch.equal(lessons[0].questions, lessons[1].questions)


@needs_mirror
def test_inductive_questions() -> None:
    """X/valid is asked on X/train in every epoch alike; both parts of X_ind are the test; entities are others."""
    curriculum = Curriculum.open("WN18RR_v1", "apart", 0.75)
    lessons = [curriculum.lesson(epoch, torch.Generator()) for epoch in (1, 2)]
    assert torch.equal(lessons[0].questions, lessons[1].questions)
    assert torch.equal(curriculum.known.valid, lessons[0].questions[::2])
    counted = [len(lessons[0].questions), len(curriculum.valid.questions), len(curriculum.test.questions)]
    assert [2 * 630, 2 * 638, 2 * (185 + 188)] == counted
    assert [2 * 5410, 2 * 1618] == [one.num_edges for one in (lessons[0].graph, curriculum.test.graph)]
    assert (2746, 922) == (lessons[0].graph.num_entities, curriculum.test.graph.num_entities)


# Runs


@pytest.mark.parametrize("method", list(SETTINGS))
def test_a_run_stopped_many_times_equals_an_undisturbed_one(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped within and between epochs and started again, it ends in the very same numbers."""
    expected = carry_out(specification(method), tmp_path / "whole.npz")
    for module in (training, rule_course):
        monkeypatch.setattr(module, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every batch
    for stops in range(200):  # noqa: B007
        try:
            found = carry_out(specification(method), tmp_path / "part.npz", reports=REPORTS[method])
            break
        except Stop:
            continue
    assert stops > 1
    assert told(expected) == told(found)


def test_stages_of_rules(tmp_path: Path) -> None:
    """Every part with its mean loss and seconds; the first pass of predictor+ counts those of all parts before it."""
    outcome = carry_out(specification("rnnlogic"), tmp_path / "run.npz")
    stages, curve = outcome.measurements["stages"], outcome.measurements["curve"]
    expected = ["mined rules", "pre-training", "expectation", "maximisation", "predictor+", "predictor+"]
    assert expected == [stage[0] for stage in stages]
    assert [1, 1, 1, 1, 1, 2] == [stage[1] for stage in stages]
    assert all(stage[3] > 0 for stage in stages)
    assert [sum(stage[3] for stage in stages[:5]), stages[5][3]] == pytest.approx([row[3] for row in curve])


def test_the_best_epoch_on_validation_triples_is_measured(tmp_path: Path) -> None:
    """A rate that explodes ruins later epochs; the test ranks are those of a run that ends with the best epoch."""
    long = carry_out(specification("redgnn", epochs=4, decay=12.0), tmp_path / "long.npz")
    epoch, curve = long.measurements["epoch"], long.measurements["curve"]
    assert epoch < 4 == len(curve)
    assert max(row[2] for row in curve) == curve[epoch - 1][2] == long.metrics["valid MRR"]
    short = carry_out(specification("redgnn", epochs=epoch, decay=12.0), tmp_path / "short.npz")
    assert short.measurements["ranks"] == long.measurements["ranks"]


def test_test_triples_decide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With half of the test triples, the same epoch and curve come out, and other ranks."""
    expected = carry_out(specification("redgnn"), tmp_path / "first.npz")
    load = Curriculum.open

    def with_fewer(*arguments: object) -> Curriculum:
        curriculum = load(*arguments)
        half = len(curriculum.test.triples) // 2
        object.__setattr__(curriculum.test, "triples", curriculum.test.triples[:half])
        return curriculum

    monkeypatch.setattr(Curriculum, "open", with_fewer)
    found = carry_out(specification("redgnn"), tmp_path / "second.npz")
    assert told(expected)[1]["curve"] == told(found)[1]["curve"]
    assert len(expected.measurements["ranks"]["tail"]) == 2 * len(found.measurements["ranks"]["tail"])


def test_what_a_record_holds(tmp_path: Path) -> None:
    """Ranks of both directions, the curve, the schedule, the rules of ranking and asking, and evidence."""
    outcome = carry_out(specification("redgnn"), tmp_path / "run.npz")
    measured = outcome.measurements
    assert {"MRR", "H@1", "H@3", "H@10", "valid MRR"} == set(outcome.metrics)
    ranks = measured["ranks"]["tail"] + measured["ranks"]["head"]
    assert outcome.metrics["MRR"] == pytest.approx(sum(1 / rank for rank in ranks) / len(ranks))
    assert 2 * 514 == len(ranks)
    assert [5, 5] == [len(row) for row in measured["curve"]]
    assert [1.0, 2.0] == [row[0] for row in measured["curve"]]
    assert (50, 0.85) == (measured["schedule"], measured["epochs"])  # 512 of 1,024 questions, then of 1,450
    assert "mean rank" in measured["rank rule"] and "0.75" in measured["protocol"]
    found = measured["evidence"]
    for measure in ("precision", "recall"):
        assert {"attention", "random", "shortest path"} == set(found[measure])
        assert all(len(found["thresholds"]) == len(values) for values in found[measure].values())
        assert all(0 <= value <= 1 for values in found[measure].values() for value in values)
    assert {"brother", "sister", "uncle", "aunt", "nephew", "niece"} == set(measured["rules"])
    assert all(sum(one["share"] for one in rules) <= 1 + 1e-9 for rules in measured["rules"].values())


def test_learning_shows(tmp_path: Path) -> None:
    """Two passes of DRUM over all questions lift the MRR above 0.4; chance among 259 people is 0.02."""
    asked = specification("drum", batches=0, batch_size=128)
    assert carry_out(asked, tmp_path / "run.npz").metrics["MRR"] > 0.4


def test_a_loss_that_is_no_number_is_named() -> None:
    """The run stops at once."""

    class Diverged(nn.Linear):
        def loss(self, *_: object) -> torch.Tensor:
            return self(torch.full((1, 1), torch.nan)).sum()

    curriculum = Curriculum.open("Family-trees", "hidden", 0.75)
    course = training.Training(Diverged(1, 1), curriculum, training.CourseSettings(), 0, "cpu")
    with pytest.raises(ValueError, match="the loss is nan in epoch 1"):
        course.run_epoch(lambda batches: None)


# Settings


@pytest.mark.parametrize("one", SPECIFICATIONS, ids=lambda one: one.name)
def test_options_of_the_catalogue_make_models(one: Specification) -> None:
    """Every method has a way of asking, and its options are keyword arguments of its model."""
    options = one.settings["options"]
    assert one.method in WAY_OF
    if one.method == "rnnlogic":
        assert RNNLogic(3, 2, torch.Generator(), **options)
    else:
        assert MODELS[one.method](2, torch.Generator(), **options)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"schedule": 1, "fact_ratio": 1.0}, "above 0 and below 1"),
        ({"schedule": 1, "training": {"epochs": 0}}, "epochs 0 given"),
        ({"schedule": 1, "training": {"clip": -1.0}}, "clip -1.0 given"),
    ],
)
def test_wrong_settings_are_named(settings: dict, said: str) -> None:
    """A graph of nothing or of everything, no epoch, a bound below zero."""
    with pytest.raises(ValueError, match=said):
        graph_reasoning.GraphReasoning(**settings)


# Reasons


def layer(*rows: tuple[int, int, int, float]) -> AttendedEdges:
    head, relation, tail, alpha = zip(*rows, strict=True)
    return AttendedEdges(*map(torch.tensor, (head, relation, tail)), torch.tensor(alpha))


def test_explainers_by_hand() -> None:
    """0 to 3 directly (weak, then staying), or by 1 with strong gates: attention takes the detour."""
    digraph = RelationalDigraph.of(
        0, 3, (layer((0, 1, 3, 0.25), (0, 1, 1, 0.95)), layer((3, 9, 3, 0.95), (1, 1, 3, 0.95)))
    )
    found = explain(digraph, identity=9, generator=torch.Generator().manual_seed(0))
    direct, detour = {frozenset((0, 3))}, {frozenset((0, 1)), frozenset((1, 3))}
    assert [direct | detour] * 2 + [detour] * 7 == found["attention"]
    assert [direct] * 9 == found["shortest path"]
    assert [3, 3, *[2] * 7] == [len(one) for one in found["random"]]
    assert (0.5, 1.0) == precision_and_recall(detour, {frozenset((0, 1))})


def test_few_edges_are_drawn() -> None:
    """0.3 where that leaves few; with more than fifteen, the least gate of those that remain."""
    few = RelationalDigraph.of(0, 1, (layer((0, 1, 1, 0.9), (0, 2, 1, 0.1)),))
    assert 0.3 == reasons.threshold_used(few)
    many = RelationalDigraph.of(0, 1, (layer(*[(0, relation, 1, 0.3 + relation / 100) for relation in range(40)]),))
    assert 0.55 == pytest.approx(reasons.threshold_used(many))


def test_relations_have_names() -> None:
    """r, its inverse, and the step that stays."""
    assert ["a", "b", "inverse a", "inverse b", "identity"] == [relation_name(one, ("a", "b")) for one in range(5)]


@needs_mirror
def test_the_exemplar_of_family() -> None:
    """The digraph of (1482, son, 1480) has the published 3, 11 and 9 edges; DRUM ranks the same query."""
    curriculum = Curriculum.open("family", "apart", 0.75)
    model = REDGNN(12, torch.Generator().manual_seed(0), width=4, layers=3).eval()
    found = reasons.reasons_of(model, curriculum)["digraph"]
    assert (["1482", "son"], "1480") == (found["query"], found["answer"])
    assert [3, 11, 9] == [len(one) for one in found["layers"]]
    assert {"head", "relation", "tail", "attention"} == set(found["layers"][0][0])
    assert 5 == len(found["paths"])
    for path in found["paths"]:
        ends = [(step["head"], step["tail"]) for step in path["steps"]]
        assert "1482" == ends[0][0] and "1480" == ends[-1][1]
    drum = reasons.reasons_of(DRUM(12, torch.Generator().manual_seed(0), width=4).eval(), curriculum)
    assert found["query"] == drum["exemplar"]["query"] and 1 <= drum["exemplar"]["rank"] <= 3007


def test_examples_are_the_first_query_of_each_relation() -> None:
    """Every kinship of the test has its first triple that is reached; few edges, each on a path to the answer."""
    curriculum = Curriculum.open("Family-trees", "apart", 0.75)
    known = curriculum.known
    model = REDGNN(len(known.relations), torch.Generator().manual_seed(0), width=4, layers=3).eval()
    found = reasons.example_digraphs(model, curriculum)
    asked = [known.relations[number] for number in sorted(set(curriculum.test.triples[:, 1].tolist()))]
    assert asked == [one["query"][1] for one in found]
    head, relation, answer = curriculum.test.triples[0].tolist()
    first = found[asked.index(known.relations[relation])]
    assert (known.entities[head], known.entities[answer]) == (first["query"][0], first["answer"])
    for one in found:
        edges = [edge for layer in one["layers"] for edge in layer]
        assert 3 <= len(edges) <= reasons.MOST_OF_EXAMPLE and len(edges) <= one["edges in all"] and 1 <= one["rank"]
        assert {one["query"][0]} == {edge["head"] for edge in one["layers"][0]}
        assert {one["answer"]} == {edge["tail"] for edge in one["layers"][-1]}
        for before, after in itertools.pairwise(one["layers"]):
            assert {edge["tail"] for edge in before} == {edge["head"] for edge in after}


def test_only_rules_that_can_be_walked_are_shown() -> None:
    """0 -a-> 1 -b-> 2 and 0 -c-> 2: some rule of c walks a then b; none walks b first, since no head of c can."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [1, 1, 2], [0, 2, 2]]), 3, 3)
    model = DRUM(3, torch.Generator().manual_seed(0), hops=2, width=4).eval()
    rules = reasons.walkable_rules(model, graph, ("a", "b", "c"))
    begins = {one["body"][0] for one in rules["c"]}
    assert begins <= {"a", "c"} and rules["c"]
    weights = [one["weight"] for one in rules["c"]]
    assert weights == sorted(weights, reverse=True)
