"""TPN: equal to plain loops; label propagation by hand; invariances; learns a planted property; wrong inputs."""

from math import exp, log, sqrt

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import Tensor

from parsimony.baselines.tpn import TPN, draw_groups
from planted_molecules import embedded, fit, measure, plain_tasks

SEEDED = torch.Generator()


def build(width: int = 16, **settings) -> TPN:
    return TPN(torch.Generator().manual_seed(0), width=width, **settings)


def propagate_plainly(model: TPN, support: Tensor, query: Tensor) -> list[list[float]]:
    """Entry by entry, and F by the power series that its inverse stands for."""
    g, n = torch.cat([support, query]).tolist(), len(support)
    sigma = [model.scale(torch.tensor([row], dtype=support.dtype)).item() for row in g]
    x, m = [[v / s for v in row] for row, s in zip(g, sigma, strict=True)], len(g)
    W = [[exp(-sum((a - b) ** 2 for a, b in zip(x[i], x[j], strict=True)) / 2 / len(x[i])) for j in range(m)]
         for i in range(m)]  # fmt: skip
    near = [sorted((j for j in range(m) if j != i), key=lambda j, i=i: -W[i][j])[: model.neighbours] for i in range(m)]
    W = [[W[i][j] if j in near[i] or i in near[j] else 0.0 for j in range(m)] for i in range(m)]
    S = [[W[i][j] / sqrt(sum(W[i]) * sum(W[j])) for j in range(m)] for i in range(m)]
    Y = [[float(c == (i >= n // 2)) if i < n else 0.0 for c in range(2)] for i in range(m)]
    F = labels = torch.tensor(Y, dtype=torch.float64)
    for _ in range(3000):
        F = model.alpha * (torch.tensor(S, dtype=torch.float64) @ F) + labels
    return F[n:].tolist()


@pytest.mark.parametrize(("shots", "neighbours"), [(1, 2), (3, 4)])
def test_loss_equals_plain_loops(shots: int, neighbours: int) -> None:
    """Graph, propagation and cross entropy, written out."""
    model = build(neighbours=neighbours).double().eval()
    episodes, losses = synthetic_episodes(2, shots, 4, 8, torch.Generator().manual_seed(1)), []
    for support, query, _, label in plain_tasks(model, episodes):
        for F, y in zip(propagate_plainly(model, support, query), label, strict=True):
            losses.append(log(exp(F[0]) + exp(F[1])) - F[y])
    assert sum(losses) / len(losses) == pytest.approx(model.loss(episodes, SEEDED).item(), rel=1e-5)


def test_propagation_by_hand() -> None:
    """Two pairs, each a support molecule and its only neighbour: F of the query is alpha / (1 - alpha^2)."""
    model = build(1, neighbours=1, alpha=0.5).double()
    with torch.no_grad():
        for parameter in model.scale.parameters():
            parameter.zero_()  # sigma is log 2 everywhere
    support, query = torch.tensor([[0.0], [10.0]]).double(), torch.tensor([[10.1], [0.1]]).double()
    assert [2 / 3, -2 / 3] == pytest.approx(model.scores(support, query, SEEDED).tolist())


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; queries of one group, permuted, have permuted scores."""
    model, (support, query) = build().double(), (x.double() for x in embedded(2, 5, 16))
    expected, turn = model.scores(support, query, SEEDED), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, SEEDED))
    assert torch.allclose(expected[turn], model.scores(support, query[turn], SEEDED))


def test_queries_see_each_other() -> None:
    """The score of a query depends on the others, as the method is transductive."""
    model, (support, query) = build(), embedded(2, 5, 16)
    alone, beside = (model.scores(support, some, SEEDED)[0] for some in (query[:1], query))
    assert abs(alone - beside) > 1e-3


def test_groups_hold_every_query() -> None:
    """37 queries make three groups of 16; the last is filled with 11 of the first again."""
    groups = draw_groups(37, 16, torch.Generator().manual_seed(0))
    assert (3, 16) == groups.shape
    assert list(range(37)) == groups.flatten()[:37].sort().values.tolist()
    assert groups.flatten()[37:].tolist() == groups.flatten()[:11].tolist()


def test_scores_of_groups_go_back_to_their_queries() -> None:
    """Each query has the score that it has in its group alone."""
    model, (support, query) = build().double(), (x.double() for x in embedded(2, 37, 16))
    found = model.scores(support, query, torch.Generator().manual_seed(0))
    for group in draw_groups(37, 16, torch.Generator().manual_seed(0))[:2]:
        assert torch.allclose(model.scores(support, query[group], SEEDED), found[group])


def test_parameters() -> None:
    """Those of the encoder and of an MLP 300-128-1."""
    model = build(300)
    assert 1_857_900 + 300 * 128 + 128 + 129 == sum(one.numel() for one in model.parameters())
    assert 0 == model.adaptive_parameters


def test_learns_a_planted_property() -> None:
    """Molecules never seen are told apart."""
    model = build(32)
    fit(model, 80)
    assert measure(model) > 0.9


def test_wrong_requests_are_named() -> None:
    """Settings out of range; classes of unequal size."""
    with pytest.raises(ValueError, match=r"alpha 1\.0 given"):
        build(alpha=1.0)
    with pytest.raises(ValueError, match="0 neighbours given"):
        build(neighbours=0)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().scores(torch.ones(3, 16), torch.ones(1, 16), SEEDED)
