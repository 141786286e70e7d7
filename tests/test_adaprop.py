"""AdaProp against its plain form, edge by edge; the sampler by hand; renaming; a planted rule."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from parsimony.baselines.adaprop import AdaProp, best_of_rows, softmax_of_rows
from planted_facts import edges_of, mean_reciprocal_rank, planted_facts, random_graph, renamed, train

QUERIES, ANSWERS = torch.tensor([[0, 0], [3, 3], [8, 1]]), torch.tensor([1, 2, 4])


def small_model(**options) -> AdaProp:
    options = {"num_layers": 3, "width": 6, "attention_width": 3, "top_k": 2, **options}
    return AdaProp(2, torch.Generator().manual_seed(0), **options).eval()


def plain_scores(model: AdaProp, edges: list[tuple[int, int, int]], size: int, query: Tensor) -> Tensor:
    """Follow the equations for one query, edge by edge."""
    head, q = query.tolist()
    h = {head: torch.zeros(6)}
    for layer in model.layers:
        gathered: dict[int, Tensor] = {}
        for s, r, o in [one for one in edges if one[0] in h] + [(v, 4, v) for v in h]:
            parts = layer.W_s(h[s]) + layer.W_r(layer.R[r]) + layer.W_q(layer.R[q])
            alpha = torch.sigmoid(layer.w(torch.relu(parts)))
            gathered[o] = gathered.get(o, 0) + alpha * (h[s] + layer.R[r])
        x = {o: torch.relu(layer.W_h(a)) for o, a in gathered.items()}
        new = sorted((o for o in x if o not in h), key=lambda o: -layer.w_samp(x[o]).item())
        kept = [*h, *new[: model.top_k]]
        h = {o: model.gru(x[o].unsqueeze(0), h.get(o, torch.zeros(6)).unsqueeze(0))[0] for o in kept}
    return torch.stack([model.w_out(h[v])[0] if v in h else torch.tensor(0.0) for v in range(size)])


@pytest.mark.parametrize("top_k", [1, 2, 100])
def test_scores_equal_the_plain_form(top_k: int) -> None:
    """The sampler drops many, some or no entities: to 1e-5."""
    graph, model = random_graph(), small_model(top_k=top_k)
    expected = torch.stack([plain_scores(model, edges_of(graph), 9, query) for query in QUERIES])
    assert torch.allclose(expected, model.scores(graph, QUERIES), atol=1e-5)


def test_each_layer_adds_k_entities_at_most() -> None:
    """After three layers that keep one entity each, four have a score; the others have exactly 0."""
    scores = small_model(top_k=1).scores(random_graph(), QUERIES)
    assert [4, 4, 1] == (scores != 0).sum(1).tolist()


def test_straight_through_leaves_the_value_and_teaches_the_sampler() -> None:
    """With every entity kept, noise changes nothing but the gradient: that of the sampler is no longer zero."""
    graph, model = random_graph(), small_model(top_k=100)
    loss = model.train().loss(graph, QUERIES, ANSWERS, torch.Generator().manual_seed(0))
    loss.backward()
    expected = cross_entropy(model.eval().scores(graph, QUERIES), ANSWERS)
    assert expected.item() == pytest.approx(loss.item(), abs=1e-5)
    assert all(layer.w_samp.weight.grad.abs().sum() > 0 for layer in model.layers[:-1])


def test_noise_comes_from_the_generator() -> None:
    """Equal seeds keep equal entities, other seeds others."""
    graph, model = random_graph(), small_model(top_k=1).train()
    one, same, other = (
        model.loss(graph, QUERIES, ANSWERS, torch.Generator().manual_seed(seed)).item() for seed in (0, 0, 5)
    )
    assert (True, False) == (one == same, one == other)


def test_hidden_edges_change_what_is_reached() -> None:
    """With all edges between head and answer hidden, the loss is that of the graph without them."""
    graph = random_graph()
    head, _, tail = next(one for one in edges_of(graph) if one[0] != one[2])
    query, answer = torch.tensor([[head, 0]]), torch.tensor([tail])
    edges = [one for one in edges_of(graph) if {one[0], one[2]} != {head, tail}]
    model = small_model(top_k=100, hides_one_hop=True)
    expected = cross_entropy(plain_scores(model, edges, 9, query[0]).unsqueeze(0), answer)
    assert expected.item() == pytest.approx(model.loss(graph, query, answer, torch.Generator()).item(), abs=1e-5)


def test_sampler_by_hand() -> None:
    """Two of (3, 1, 2) and the only one of the second row; softmax of (ln 3, 0) is 3/4 and 1/4, of one value 1."""
    row = torch.tensor([0, 0, 0, 1])
    assert [True, False, True, True] == best_of_rows(torch.tensor([3.0, 1.0, 2.0, 0.0]), row, 2).tolist()
    p = softmax_of_rows(torch.tensor([3.0, 1.0]).log().repeat(1), torch.tensor([0, 0]))
    assert [0.75, 0.25] == pytest.approx(p.tolist())
    assert 1.0 == softmax_of_rows(torch.tensor([700.0]), torch.tensor([0])).item()


def test_renaming_entities_permutes_scores() -> None:
    """The network knows entities by their edges only."""
    graph, model = random_graph(), small_model()
    new = torch.randperm(9, generator=torch.Generator().manual_seed(3))
    asked = torch.stack([new[QUERIES[:, 0]], QUERIES[:, 1]], 1)
    expected, found = model.scores(graph, QUERIES), model.scores(renamed(graph, new), asked)
    assert torch.allclose(expected, found[:, new], atol=1e-5)


def test_learns_the_planted_rule() -> None:
    """Uncles of some families teach those of others, although three new entities at most are kept each time."""
    planted = planted_facts()
    model = AdaProp(4, torch.Generator().manual_seed(0), num_layers=2, width=16, top_k=3)
    train(model, planted.graph(planted.others), planted.uncles, 60, 1e-2)
    after = mean_reciprocal_rank(model, planted.graph(planted.others, planted.uncles), planted.asked)
    assert 1.0 == pytest.approx(after, abs=0.15)
