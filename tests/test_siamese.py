"""Siamese network: equal to one pair at a time; by hand; invariances; learns a planted property; wrong inputs."""

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes

from parsimony.baselines.siamese import Siamese
from planted_molecules import embedded, fit, measure, plain_tasks

NONE = torch.Generator()


def build(width: int = 16) -> Siamese:
    return Siamese(torch.Generator().manual_seed(0), width=width)


@pytest.mark.parametrize("shots", [1, 3])
def test_loss_equals_one_pair_at_a_time(shots: int) -> None:
    """Similarity and cross entropy, written out."""
    model = build().eval()
    episodes, losses = synthetic_episodes(2, shots, 4, 8, torch.Generator().manual_seed(1)), []
    for task in plain_tasks(model, episodes):
        for g, y in zip(task.query, task.query_label, strict=True):
            for other, y_other in zip(task.support, task.support_label, strict=True):
                s = 1 / (1 + torch.exp(-sum(model.w.weight[0] * abs(g - other)) - model.w.bias))
                losses.append(-torch.log(s if y == y_other else 1 - s))
    found = model.loss(episodes, NONE)
    assert (sum(losses) / len(losses)).item() == pytest.approx(found.item(), rel=1e-5)


def test_scores_by_hand() -> None:
    """w = -1, b = 0. From 2, classes (0, 2) and (4, 2) are alike; from 0, sigmoid(-4) stands against sigmoid(0)."""
    model = build(1)
    with torch.no_grad():
        model.w.weight.fill_(-1.0), model.w.bias.zero_()
    support, query = torch.tensor([[0.0], [2.0], [4.0], [2.0]]), torch.tensor([[2.0], [0.0]])
    assert [0.0, (0.0179862 - 0.5) / 2] == pytest.approx(model.scores(support, query, NONE).tolist(), abs=1e-6)


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; permuted queries have permuted scores; many queries are cut up."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected, turn = model.scores(support, query, NONE), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, NONE), atol=1e-6)
    assert torch.allclose(expected[turn], model.scores(support, query[turn], NONE), atol=1e-6)
    assert torch.allclose(expected.repeat(120), model.scores(support, query.repeat(120, 1), NONE), atol=1e-6)


def test_parameters() -> None:
    """Those of the encoder, a weight for each of its numbers and a bias."""
    model = build(300)
    assert 1_857_900 + 301 == sum(one.numel() for one in model.parameters())
    assert 0 == model.adaptive_parameters


def test_learns_a_planted_property() -> None:
    """Molecules never seen are told apart."""
    model = build(32)
    fit(model, 40)
    assert measure(model) > 0.95


def test_wrong_requests_are_named() -> None:
    """Batches of another size; classes of unequal size."""
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator())
    with pytest.raises(ValueError, match="14 molecules given; 2 episodes of 2 x 3 support"):
        build().loss(episodes._replace(shots=3), NONE)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().scores(torch.zeros(3, 16), torch.zeros(1, 16), NONE)
