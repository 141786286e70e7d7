"""NBFNet against its plain form, entity by entity; values by hand; renaming; a planted rule."""

import math

import pytest
import torch
from torch import Tensor

from parsimony.baselines.expansion import joining
from parsimony.baselines.nbfnet import Incoming, NBFNet, Statistics, contrast, strict_negatives
from parsimony.data.fact_graph import FactGraph
from planted_facts import UNCLE, edges_of, mean_reciprocal_rank, planted_facts, random_graph, renamed, train

QUERIES, ANSWERS = torch.tensor([[0, 0], [3, 3], [8, 1]]), torch.tensor([1, 2, 4])


def small_model(**options) -> NBFNet:
    model = NBFNet(2, torch.Generator().manual_seed(0), num_layers=2, width=4, num_negatives=5, **options)
    return model.eval()


def plain_scores(model: NBFNet, edges: list[tuple[int, int, int]], size: int, query: Tensor) -> Tensor:
    """Follow the equations for one query, entity by entity and message by message."""
    q = model.query[query[1]]
    boundary = [q if v == query[0] else torch.zeros(4) for v in range(size)]
    count = [1 + sum(t == v for _, _, t in edges) for v in range(size)]
    mean_log = sum(map(math.log, count)) / size
    h = boundary
    for layer in model.layers:
        w = layer.w if layer.map is None else layer.map(q).view(-1, 4)
        rows = []
        for v in range(size):
            m = torch.stack([h[s] * w[r] for s, r, t in edges if t == v] + [boundary[v]])
            std = (m.square().mean(0) - m.mean(0).square()).clamp(min=1e-6).sqrt()
            features, s = torch.cat([m.mean(0), m.amax(0), m.amin(0), std]), math.log(count[v]) / mean_log
            x = layer.W(torch.cat([h[v], features, s * features, features / max(s, 0.01)]))
            rows.append(h[v] + torch.relu(layer.norm(x)))
        h = rows
    return torch.cat([model.mlp(torch.cat([state, q])) for state in h])


@pytest.mark.parametrize("is_dependent", [False, True])
def test_scores_equal_the_plain_form(is_dependent: bool) -> None:
    """Free and dependent relations, an entity without facts among the heads: to 1e-4."""
    graph, model = random_graph(), small_model(is_dependent=is_dependent)
    expected = [plain_scores(model, edges_of(graph), graph.num_entities, query) for query in QUERIES]
    assert torch.allclose(torch.stack(expected), model.scores(graph, QUERIES), atol=1e-4)


def test_loss_equals_the_plain_form_without_the_edges_of_the_batch() -> None:
    """The facts of the batch are gone in both directions, from scale and messages; same loss, same gradients."""
    graph, model = random_graph(), small_model()
    facts = torch.tensor([one for one in edges_of(graph) if one[1] < 2][::6])
    queries, answers = facts[:, :2], facts[:, 2]
    gone = {(h, r, t) for h, r, t in facts.tolist()} | {(t, r + 2, h) for h, r, t in facts.tolist()}
    edges = [one for one in edges_of(graph) if one not in gone]
    candidates = strict_negatives(graph, queries, answers, 5, torch.Generator().manual_seed(3))
    candidates = torch.cat([answers.unsqueeze(1), candidates], 1)
    scores = torch.stack([plain_scores(model, edges, graph.num_entities, query) for query in queries])
    expected = contrast(scores.gather(1, candidates), 1.0)
    found = model.loss(graph, queries, answers, torch.Generator().manual_seed(3))
    assert expected.item() == pytest.approx(found.item(), abs=1e-5)
    gradients = [torch.autograd.grad(loss, list(model.parameters())) for loss in (expected, found)]
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_statistics_by_hand() -> None:
    """Messages 1 * 3 and 2 * 3 and a boundary of 4 into entity 2: sum 13, squares 61, extremes 6 and 3."""
    ends = torch.tensor([0, 1]), torch.tensor([0, 0]), torch.tensor([2, 2])
    h, boundary = torch.tensor([[1.0], [2.0], [5.0]]), torch.tensor([[7.0], [0.0], [4.0]])
    found = Statistics.apply(h, torch.tensor([[3.0]]), boundary, *ends)
    assert [13.0, 61.0, 6.0, 3.0] == [one[2].item() for one in found]
    assert [7.0, 49.0, 7.0, 7.0] == [one[0].item() for one in found]


def test_equal_messages_share_the_gradient_of_a_maximum() -> None:
    """Two messages and a boundary of 6: each has a third of the gradient, times its factor."""
    ends = torch.tensor([0, 1]), torch.tensor([0, 1]), torch.tensor([2, 2])
    h, w = torch.tensor([[2.0], [3.0], [0.0]], requires_grad=True), torch.tensor([[3.0], [2.0]])
    boundary = torch.tensor([[0.0], [0.0], [6.0]], requires_grad=True)
    Statistics.apply(h, w, boundary, *ends)[2][2].sum().backward()
    assert [1.0, 2 / 3, 0.0] == pytest.approx(h.grad.flatten().tolist())
    assert [0.0, 0.0, 1 / 3] == pytest.approx(boundary.grad.flatten().tolist())


def test_scale_by_hand() -> None:
    """One fact between two of three entities: counts 2, 2, 1, so logs ln 2, ln 2, 0 over their mean."""
    edges = Incoming.of(FactGraph.of(torch.tensor([[0, 0, 1]]), 3, 1))
    assert [2.0, 2.0, 1.0] == edges.count.flatten().tolist()
    assert [1.5, 1.5, 0.0] == pytest.approx(edges.scale.flatten().tolist())


def test_contrast_by_hand() -> None:
    """Logits 0, ln 3, 0: the negatives weigh 3/4 and 1/4; (ln 2 + 3/4 ln 4 + 1/4 ln 2) / 2."""
    expected = (1.25 * math.log(2) + 0.75 * math.log(4)) / 2
    assert expected == pytest.approx(contrast(torch.tensor([[0.0, math.log(3), 0.0]]), 1.0).item())


def test_negatives_are_strict() -> None:
    """Answers that the graph knows are never drawn, nor the answer asked; every other entity is."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [0, 0, 2], [0, 1, 3]]), 6, 2)
    drawn = strict_negatives(graph, torch.tensor([[0, 0]]), torch.tensor([4]), 200, torch.Generator().manual_seed(0))
    assert {0, 3, 5} == set(drawn.flatten().tolist())


@pytest.mark.parametrize(("has_any_relation", "expected"), [(False, 2), (True, 4)])
def test_hidden_edges_by_hand(has_any_relation: bool, expected: int) -> None:
    """0-1 has two relations: one of them is hidden, or both, in both directions; 0-2 stays."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [0, 1, 1], [0, 0, 2]]), 3, 2)
    hidden = joining(graph, torch.tensor([[0, 0]]), torch.tensor([[1]]), has_any_relation=has_any_relation)
    found = {edge for edge, is_hidden in zip(edges_of(graph), hidden.tolist(), strict=True) if is_hidden}
    assert expected == len(found)
    assert {(0, 0, 1), (1, 2, 0)} <= found


def test_renaming_entities_permutes_scores() -> None:
    """The network knows entities by their edges only."""
    graph, model = random_graph(), small_model()
    new = torch.randperm(9, generator=torch.Generator().manual_seed(3))
    asked = torch.stack([new[QUERIES[:, 0]], QUERIES[:, 1]], 1)
    expected, found = model.scores(graph, QUERIES), model.scores(renamed(graph, new), asked)
    assert torch.allclose(expected, found[:, new], atol=1e-4)


def test_learns_the_planted_rule() -> None:
    """After 40 steps the brother of the parent stands first for families whose uncle was never given."""
    planted = planted_facts()
    graph = planted.graph(planted.others, planted.uncles)
    model = NBFNet(4, torch.Generator().manual_seed(0), num_layers=2, width=16)
    before = mean_reciprocal_rank(model, graph, planted.asked)
    train(model, graph, planted.uncles, 40, 1e-2)
    after = mean_reciprocal_rank(model, graph, planted.asked)
    assert (True, 1.0) == (before < 0.5, pytest.approx(after, abs=0.15))
    assert set(planted.asked[:, 1].tolist()) == {UNCLE}


def test_scores_in_training_mode_are_refused() -> None:
    """What is ranked must not depend on a mode that was forgotten."""
    with pytest.raises(ValueError, match="NBFNet is in training mode"):
        small_model().train().scores(random_graph(), QUERIES)
