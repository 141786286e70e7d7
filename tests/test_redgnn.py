"""RED-GNN against the plain reference, in both layouts; values by hand; renaming; what it can learn."""

import math
import os
from itertools import pairwise

import pytest
import torch
from benchmarks.plain_redgnn import PlainGraph, PlainREDGNN, plain_ranks
from torch import Tensor

from parsimony.data.fact_graph import FactGraph
from parsimony.data.knowledge_graph import load_knowledge_graph, with_inverses
from parsimony.methods import redgnn
from parsimony.methods.redgnn import REDGNN
from parsimony.nn.reached_pairs import ReachedPairs

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
ENTITIES, RELATIONS = 40, 3
QUERIES = torch.tensor([[3, 0], [17, 5], [3, 2], [39, 1]])
ANSWERS = torch.tensor([4, 0, 8, 9])


def random_triples() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    ends = [torch.randint(bound, (60,), generator=generator) for bound in (ENTITIES, RELATIONS, ENTITIES)]
    return torch.unique(torch.stack(ends, 1), dim=0)


def small_graph() -> FactGraph:
    return FactGraph.of(random_triples(), ENTITIES, RELATIONS)


def small_model(**options) -> REDGNN:
    options = {"width": 6, "layers": 3, "attention": 3, **options}
    return REDGNN(RELATIONS, torch.Generator().manual_seed(1), **options)


@pytest.fixture(params=["reached pairs", "every pair"])
def layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Force one of the two layouts, whatever the graph."""
    edges = 0 if request.param == "reached pairs" else 10**9
    monkeypatch.setattr(ReachedPairs, "num_next_edges", lambda _: edges)
    return request.param


def compare(model: REDGNN, graph: FactGraph, questions: Tensor, dtype: torch.dtype) -> tuple[float, dict[str, float]]:
    """Return the largest difference of the scores and, by parameter, the relative difference of the gradients.

    The reference's gradients are in float64. Where one cancels almost, a thousandth of the whole gradient's norm
    stands for its own, since float32 cannot resolve it in either way.
    """
    model, queries, answers = model.to(dtype), questions[:, :2], questions[:, 2]
    plain, exact, plain_graph = PlainREDGNN(model, dtype), PlainREDGNN(model, torch.float64), PlainGraph(graph)
    difference = (model(graph, queries) - plain(plain_graph, queries)).abs().max().item()
    model.loss(graph, queries, answers, torch.Generator()).backward()
    exact.loss(plain_graph, queries, answers).backward()
    whole = math.sqrt(sum(one.grad.square().sum().item() for one in exact.weights))
    gaps = {
        name: ((one.grad - other.grad).norm() / other.grad.norm().clamp(min=whole / 1000)).item()
        for (name, one), other in zip(model.named_parameters(), exact.weights, strict=True)
    }
    return difference, gaps


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_scores_and_gradients_equal_the_plain_form(layout: str, activation: str) -> None:
    """In float64: scores and the gradient of every parameter, with the official scale, to 1e-9."""
    model = small_model(activation=activation, is_official_scale=True)
    difference, gaps = compare(model, small_graph(), torch.cat([QUERIES, ANSWERS[:, None]], 1), torch.float64)
    assert difference < 1e-9
    assert {} == {name: gap for name, gap in gaps.items() if gap > 1e-9}


@needs_mirror
@pytest.mark.parametrize(("name", "layers", "activation"), [("family", 3, "relu"), ("umls", 4, "relu")])
def test_real_graphs_equal_the_plain_form(layout: str, name: str, layers: int, activation: str) -> None:
    """In float32, official width and depth: scores to 1e-5, gradients to 1e-4 relative."""
    difference, gaps = compare_on(name, layers, activation)
    assert difference < 1e-5
    assert {} == {name: gap for name, gap in gaps.items() if gap > 1e-4}


@needs_mirror
def test_wn18rr_equals_the_plain_form(layout: str) -> None:
    """The same five steps deep, where sums are longest."""
    difference, gaps = compare_on("WN18RR-facts", 5, "tanh")
    assert difference < 1e-5
    assert {} == {name: gap for name, gap in gaps.items() if gap > 1e-4}


def compare_on(name: str, layers: int, activation: str) -> tuple[float, dict[str, float]]:
    """Return the gaps of `compare` in float32 on three questions of a real graph."""
    data = load_knowledge_graph(name)
    graph = FactGraph.of(data.facts, len(data.entities), len(data.relations))
    model = REDGNN(
        len(data.relations),
        torch.Generator().manual_seed(0),
        layers=layers,
        activation=activation,
        is_official_scale=True,
    )
    asked = with_inverses(data.train, len(data.relations))
    chosen = torch.randperm(len(asked), generator=torch.Generator().manual_seed(0))[:3]
    return compare(model, graph, asked[chosen], torch.float32)


def test_layouts_are_chosen_by_saturation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clique is laid out whole, a long chain is not."""
    asked = []
    every_pair = redgnn.every_pair
    monkeypatch.setattr(redgnn, "every_pair", lambda *args: asked.append(args[1]) or every_pair(*args))
    clique = torch.tensor([[i, 0, j] for i in range(6) for j in range(i)])
    chain = torch.tensor([[i, 0, j] for i, j in pairwise(range(100))])
    queries, model = torch.tensor([[0, 0], [5, 0]]), small_model().eval()
    model.scores(FactGraph.of(chain, 100, RELATIONS), queries)
    assert [] == asked
    graph = FactGraph.of(clique, 6, RELATIONS)
    model.scores(graph, queries)
    model.scores(graph, queries)
    assert [2] == asked


def test_score_by_hand() -> None:
    """One fact 0 -> 1, width 1: every gate sigmoid(1), r = z = 1/2, so f = tanh(W_h a) / 2; entity 2 stays at 0."""
    model = REDGNN(1, torch.Generator(), width=1, attention=1, layers=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        layer = model.layers[0]
        layer.R.copy_(torch.tensor([[2.0], [7.0], [3.0]]))  # relation, inverse, identity
        for one in (layer.W_q.bias, layer.w.weight, layer.W_h.weight, model.v.weight, model.gru.weight_ih[2]):
            one.fill_(1.0)
    scores = model.scores(FactGraph.of(torch.tensor([[0, 0, 1]]), 3, 1), torch.tensor([[0, 0]]))
    gate = 1 / (1 + math.exp(-1))
    assert [math.tanh(3 * gate) / 2, math.tanh(2 * gate) / 2, 0.0] == pytest.approx(scores[0].tolist())


def test_entities_out_of_reach_score_zero(layout: str) -> None:
    """On a chain, three layers reach three entities each way: the rest is exactly 0, the reached are not."""
    chain = torch.tensor([[i, 0, j] for i, j in pairwise(range(20))])
    scores = small_model().eval().scores(FactGraph.of(chain, 20, RELATIONS), torch.tensor([[10, 0]]))[0]
    assert list(range(7, 14)) == scores.nonzero().squeeze(1).tolist()


def test_renaming_entities_permutes_scores(layout: str) -> None:
    """Triples and queries renamed alike give renamed scores."""
    new = torch.randperm(ENTITIES, generator=torch.Generator().manual_seed(3))
    triples, model = random_triples(), small_model().eval()
    renamed = FactGraph.of(torch.stack([new[triples[:, 0]], triples[:, 1], new[triples[:, 2]]], 1), ENTITIES, RELATIONS)
    asked = torch.stack([new[QUERIES[:, 0]], QUERIES[:, 1]], 1)
    expected, found = model.scores(small_graph(), QUERIES), model.scores(renamed, asked)
    assert torch.allclose(expected, found[:, new], atol=1e-6)


def test_queries_do_not_meet(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query scores alike alone, beside others and when few are scored at a time."""
    model, graph = small_model().eval(), small_graph()
    together = model.scores(graph, QUERIES)
    alone = torch.cat([model.scores(graph, one) for one in QUERIES.split(1)])
    assert torch.allclose(together, alone, atol=1e-6)
    monkeypatch.setattr(redgnn, "EDGES_AT_ONCE", 3 * (graph.num_edges + ENTITIES))
    assert torch.allclose(together, model.scores(graph, QUERIES), atol=1e-6)


def test_loss_is_the_mean_or_the_official_scale() -> None:
    """-f(answer) + log sum exp f, averaged over 4 queries; officially 4 times its sum."""
    graph = small_graph()
    scores = small_model().eval().scores(graph, QUERIES)
    each = [math.log(sum(map(math.exp, row))) - row[a] for row, a in zip(scores.tolist(), ANSWERS, strict=True)]
    losses = [
        small_model(is_official_scale=one).loss(graph, QUERIES, ANSWERS, torch.Generator()).item()
        for one in (False, True)
    ]
    assert [sum(each) / 4, 4 * sum(each)] == pytest.approx(losses, rel=1e-5)


def test_same_seed_same_weights_and_scores() -> None:
    """All weights come from the generator, and a batch is computed alike each time."""
    graph = small_graph()
    first, second = (small_model().eval().scores(graph, QUERIES) for _ in range(2))
    assert torch.equal(first, second)


def test_gates_are_those_of_the_scores() -> None:
    """Every edge of the walk with its gate; recomputed from the first layer's weights by hand."""
    model, graph = small_model().eval(), small_graph()
    first = model.attended(graph, 3, 5)[0]
    layer = model.layers[0]
    logits = layer.w(torch.relu(layer.W_r(layer.R[first.relation]) + layer.W_q(layer.R[5])))
    assert torch.allclose(torch.sigmoid(logits).squeeze(1), first.alpha, atol=1e-6)
    assert {3} == set(first.head.tolist())
    assert 2 * RELATIONS in first.relation.tolist()


def test_learns_a_composition() -> None:
    """Steps of 1 and of 7 on a ring of 30: what stands 8 further, learnt from 20 heads, is found from the other 10."""
    ring = torch.arange(30)
    facts = [torch.stack([ring, torch.full_like(ring, r), (ring + by) % 30], 1) for r, by in ((0, 1), (1, 7))]
    graph, queries = FactGraph.of(torch.cat(facts), 30, RELATIONS), torch.stack([ring, torch.full_like(ring, 2)], 1)
    model, answers = small_model(layers=2, width=16), (ring + 8) % 30
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimiser.zero_grad()
        model.loss(graph, queries[:20], answers[:20], torch.Generator()).backward()
        optimiser.step()
    assert torch.equal(answers[20:], model.eval().scores(graph, queries[20:]).argmax(1))


def test_plain_ranks_by_hand() -> None:
    """An answer alone in front of its filter has rank 1; entities of equal score share places."""
    model = small_model().eval()
    plain, graph = PlainREDGNN(model), small_graph()
    scores = model.scores(graph, QUERIES[:1])[0]
    best, second = scores.argsort(descending=True)[:2].tolist()
    known = {(3, 0): [best, second]}
    ranks = plain_ranks(plain, PlainGraph(graph), [(3, 0, best), (3, 0, second)], known)
    assert [1.0, 1.0] == ranks.tolist()


def test_wrong_use_is_named() -> None:
    """Unknown activation, no layer, and scores or gates in training mode."""
    with pytest.raises(ValueError, match="activation 'gelu' given; expected one of relu"):
        small_model(activation="gelu")
    with pytest.raises(ValueError, match="0 layers given"):
        small_model(layers=0)
    with pytest.raises(ValueError, match="scores asked in training mode"):
        small_model().scores(small_graph(), QUERIES)
    with pytest.raises(ValueError, match="gates asked in training mode"):
        small_model().attended(small_graph(), 0, 0)
