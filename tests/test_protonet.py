"""ProtoNet: equal to one query at a time; by hand; invariances; learns a planted property; wrong inputs."""

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes

from parsimony.baselines.protonet import ProtoNet
from planted_molecules import embedded, fit, measure, plain_tasks

NONE = torch.Generator()


def build(width: int = 16) -> ProtoNet:
    return ProtoNet(torch.Generator().manual_seed(0), width=width)


@pytest.mark.parametrize("shots", [1, 3])
def test_loss_equals_one_query_at_a_time(shots: int) -> None:
    """Prototypes, distances and cross entropy, written out."""
    model = build().eval()
    episodes, losses = synthetic_episodes(2, shots, 4, 8, torch.Generator().manual_seed(1)), []
    for support, query, _, label in plain_tasks(model, episodes):
        c = [sum(support[:shots]) / shots, sum(support[shots:]) / shots]
        for g, y in zip(query, label, strict=True):
            closeness = [torch.exp(-sum((g - one) ** 2)) for one in c]
            losses.append(-torch.log(closeness[y] / sum(closeness)))
    found = model.loss(episodes, NONE)
    assert (sum(losses) / len(losses)).item() == pytest.approx(found.item(), rel=1e-5)


def test_scores_by_hand() -> None:
    """Prototypes at 1 and 5: from 2, squared distances 1 and 9, so 8 nearer to the inactive; 3 is in the middle."""
    support, query = torch.tensor([[0.0], [2.0], [4.0], [6.0]]), torch.tensor([[2.0], [3.0], [5.0]])
    assert [-8.0, 0.0, 16.0] == build().scores(support, query, NONE).tolist()


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; permuted queries have permuted scores."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected, turn = model.scores(support, query, NONE), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, NONE), atol=1e-5)
    assert torch.allclose(expected[turn], model.scores(support, query[turn], NONE), atol=1e-5)


def test_parameters() -> None:
    """Those of the encoder, and none that adapts."""
    model = build(300)
    assert 1_857_900 == sum(one.numel() for one in model.parameters())
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
