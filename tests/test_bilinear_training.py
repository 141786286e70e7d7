"""The fast training of structures against its plain reference, and its invariances."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from benchmarks.plain_autoblm import PlainTraining

from parsimony.experiments.bilinear_training import BilinearTraining, TrainingSettings, plan_batches
from parsimony.nn.bilinear import BilinearQuery, SoftmaxOverEntities, transpose

COMPLEX = (1, 0, -3, 0, 0, 2, 0, -4, 3, 0, 1, 0, 0, 4, 0, 2)
WN18RR = (4, 1, 0, 0, 2, 4, 0, -1, 0, 0, 3, -2, 0, -2, -1, 4)
DISTMULT = (1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4)
SETTINGS = TrainingSettings(dimension=16, batch_size=48, learning_rate=0.4, regulariser=0.003, decay=0.97)


def random_graph(entities: int = 40, relations: int = 5, triples: int = 300) -> SimpleNamespace:
    generator = torch.Generator().manual_seed(1)
    parts = [torch.randint(bound, (triples,), generator=generator) for bound in (entities, relations, entities)]
    return SimpleNamespace(train=torch.stack(parts, 1), entities=range(entities), relations=range(relations))


def plain_twin(graph, structure, training: BilinearTraining, which: int = 0) -> PlainTraining:
    return PlainTraining(graph, structure, training.settings, training.entities[which], training.relations[which])


def test_steps_equal_the_plain_reference() -> None:
    """Two epochs of grouped, fused steps give the losses and tables of the plain order, for each structure."""
    graph, structures = random_graph(), [COMPLEX, WN18RR, DISTMULT]
    training = BilinearTraining(graph, structures, SETTINGS, seed=3)
    twins = [plain_twin(graph, A, training, s) for s, A in enumerate(structures)]
    generator = torch.Generator().manual_seed(9)
    for _ in range(2):
        order = graph.train[torch.randperm(300, generator=generator)]
        for batch in plan_batches(order, SETTINGS.batch_size, 5):
            triples = torch.stack([batch.answer[len(batch.asked) :], batch.asked, batch.answer[: len(batch.asked)]], 1)
            expected = [twin.step(triples) for twin in twins]
            assert expected == pytest.approx(training.step(batch).tolist(), rel=1e-5)
    for s, twin in enumerate(twins):
        assert torch.allclose(twin.entities, training.entities[s], atol=1e-4)
        assert torch.allclose(twin.relations, training.relations[s], atol=1e-4)


def test_gradients_equal_autograd() -> None:
    """The products that make up the gradients equal automatic differentiation of the summed loss, in float64."""
    graph = random_graph()
    batch = next(plan_batches(graph.train[:48], 48, 5))
    q = torch.randn(1, batch.entity.numel(), 16, dtype=torch.float64, requires_grad=True)
    table = torch.randn(1, 40, 16, dtype=torch.float64, requires_grad=True)
    logits = q[0, batch.row] @ table[0].T
    expected = torch.nn.functional.cross_entropy(logits, batch.answer, reduction="sum")
    expected.backward()
    found = SoftmaxOverEntities(torch.float64)(q.detach(), table.detach(), batch.row, batch.answer)
    assert expected.item() == pytest.approx(found.loss.item(), rel=1e-9)
    assert torch.allclose(q.grad, found.query_gradient, atol=1e-6)
    assert torch.allclose(table.grad, found.entity_gradient, atol=1e-6)


def test_large_logits_do_not_overflow() -> None:
    """Scores beyond the range of exp are shifted first: the loss equals log-softmax."""
    q, table = 400 * torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(0)), torch.eye(8).unsqueeze(0)
    row, answer = torch.arange(6), torch.arange(6)
    expected = torch.nn.functional.cross_entropy(q[0] @ table[0].T, answer, reduction="sum")
    assert expected.item() == pytest.approx(SoftmaxOverEntities()(q, table, row, answer).loss.item(), rel=1e-5)


def test_query_by_hand() -> None:
    """One number a chunk, h = (1, 2, 3, 4), r = (5, 6, 7, 8), cells +r1 at (1, 2) and -r4 at (3, 2): q_2 = 5 - 24."""
    structure = (0, 1, 0, 0, 0, 0, 0, 0, 0, -4, 0, 0, 0, 0, 0, 0)
    h, r = torch.tensor([[[1.0, 2, 3, 4]]]), torch.tensor([[[5.0, 6, 7, 8]]])
    assert [0.0, -19.0, 0.0, 0.0] == BilinearQuery([structure]).forward(h, r)[0].flatten().tolist()


def test_head_query_of_a_structure_is_the_tail_query_of_its_transpose() -> None:
    """h . (head query of t) = (tail query of h) . t, for every structure."""
    h, r, t = torch.randn(3, 1, 7, 16, generator=torch.Generator().manual_seed(2))
    tail = BilinearQuery([WN18RR]).forward(h.view(1, 7, 16), r.view(1, 7, 16))[0]
    head = BilinearQuery([transpose(WN18RR)]).forward(t.view(1, 7, 16), r.view(1, 7, 16))[0]
    assert torch.allclose((tail * t).sum(-1), (head * h).sum(-1), atol=1e-4)


def test_a_structure_trains_alike_alone_and_in_company() -> None:
    """Neighbours do not change a structure's embeddings."""
    graph = random_graph()
    alone = BilinearTraining(graph, [WN18RR], SETTINGS, seed=5)
    company = BilinearTraining(graph, [COMPLEX, WN18RR], [replace(SETTINGS, learning_rate=0.1), SETTINGS], seed=5)
    for _ in range(3):
        expected, found = alone.run_epoch()[0], company.run_epoch()[1]
        assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    assert torch.allclose(alone.entities[0], company.entities[1], atol=1e-4)


def test_entities_stay_in_the_unit_ball() -> None:
    """After an epoch no entity row is longer than one."""
    training = BilinearTraining(random_graph(), [COMPLEX], SETTINGS, seed=0)
    training.run_epoch()
    assert training.entities.norm(dim=-1).max() <= 1 + 1e-6


def test_resumed_training_goes_on_bit_for_bit() -> None:
    """A training loaded from a state after one epoch ends in the very tables of an uninterrupted one."""
    graph = random_graph()
    whole, part = (BilinearTraining(graph, [COMPLEX], SETTINGS, seed=0) for _ in range(2))
    part.run_epoch()
    state = {key: value.clone() if torch.is_tensor(value) else value for key, value in part.state_dict().items()}
    state["squares"] = [square.clone() for square in state["squares"]]
    resumed = BilinearTraining(graph, [COMPLEX], SETTINGS, seed=77)
    resumed.load_state_dict(state)
    for _ in range(3):
        whole.run_epoch()
    for _ in range(2):
        resumed.run_epoch()
    assert torch.equal(whole.entities, resumed.entities)


def test_bfloat16_logits_stay_close() -> None:
    """The loss of an epoch with bfloat16 logits is within one percent of float32."""
    graph = random_graph()
    losses = [
        BilinearTraining(graph, [COMPLEX], replace(SETTINGS, precision=name), seed=0).run_epoch().item()
        for name in ("float32", "bfloat16")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)


def test_batches_ask_every_triple_both_ways() -> None:
    """Following `row` back to the distinct queries gives every triple's (head, relation) and (tail, relation)."""
    graph = random_graph()
    for number, batch in enumerate(plan_batches(graph.train, 48, 5)):
        triples = graph.train[number * 48 : (number + 1) * 48]
        entity, relation = batch.entity.flatten()[batch.row], batch.relation.flatten()[batch.row]
        assert torch.equal(torch.cat([triples[:, 0], triples[:, 2]]), entity)
        assert torch.equal(triples[:, 1].repeat(2), relation)
        assert torch.equal(torch.cat([triples[:, 2], triples[:, 0]]), batch.answer)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"dimension": 10}, "multiple of 4"), ({"precision": "float8"}, "float8"), ({"epochs": 0}, "epochs 0")],
)
def test_wrong_settings_are_named(change: dict, said: str) -> None:
    """A setting out of range is refused with its name and value."""
    with pytest.raises(ValueError, match=said):
        TrainingSettings(**change)
