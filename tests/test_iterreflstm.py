"""IterRefLSTM: equal to one query at a time; by hand; invariances; learns a planted property; wrong inputs."""

from math import exp

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import Tensor, nn

from parsimony.baselines.iterreflstm import IterRefLSTM, RefinementCell
from planted_molecules import embedded, fit, measure, plain_tasks

NONE = torch.Generator()


def build(width: int = 16) -> IterRefLSTM:
    return IterRefLSTM(torch.Generator().manual_seed(0), width=width)


def weights(x: Tensor, keys: list[Tensor]) -> Tensor:
    """Softmax of the cosines of one vector with some."""
    return torch.stack([x @ key / (x.norm() * key.norm()) for key in keys]).softmax(0)


def lstm(cell: RefinementCell) -> nn.LSTMCell:
    """Torch's own cell, whose gates have the same order, with the weights of ours."""
    theirs = nn.LSTMCell(256, 128)
    with torch.no_grad():
        theirs.weight_ih.copy_(cell.gates.weight[:, :256]), theirs.weight_hh.copy_(cell.gates.weight[:, 256:])
        theirs.bias_ih.copy_(cell.gates.bias), theirs.bias_hh.zero_()
    return theirs


def match_plainly(model: IterRefLSTM, support: Tensor, query: Tensor) -> list[Tensor]:
    """Molecule by molecule, in the order of the equations."""
    X_s, X_q = list(model.project(support)), list(model.project(query))
    cell_s, cell_q, zero = lstm(model.LSTM_S), lstm(model.LSTM_Q), torch.zeros(128)
    z, q, p = X_s, [(zero, zero)] * len(X_s), [(zero, zero)] * len(X_q)
    for _ in range(3):
        r = [weights(z[i] + q[i][0], X_s) @ torch.stack(X_s) for i in range(len(X_s))]
        s = [weights(X_q[i] + p[i][0], z) @ torch.stack(z) for i in range(len(X_q))]
        q = [cell_s(torch.cat([state[0], read]), state) for state, read in zip(q, r, strict=True)]
        p = [cell_q(torch.cat([state[0], read]), state) for state, read in zip(p, s, strict=True)]
        z = r
    keys = [x + state[0] for x, state in zip(X_s, q, strict=True)]
    queries = [x + state[0] for x, state in zip(X_q, p, strict=True)]
    return [weights(x, keys)[len(keys) // 2 :].sum() for x in queries]


@pytest.mark.parametrize("shots", [1, 3])
def test_loss_equals_one_query_at_a_time(shots: int) -> None:
    """Refinement with torch's own LSTM cell, matching and cross entropy."""
    model = build().eval()
    episodes, losses = synthetic_episodes(2, shots, 4, 8, torch.Generator().manual_seed(1)), []
    for support, query, _, label in plain_tasks(model, episodes):
        for P, y in zip(match_plainly(model, support, query), label, strict=True):
            losses.append(-torch.log(P if y else 1 - P))
    found = model.loss(episodes, NONE)
    assert (sum(losses) / len(losses)).item() == pytest.approx(found.item(), rel=1e-5)


def test_scores_by_hand() -> None:
    """Closed output gates leave X as it is: cosines 1 and -1 with one inactive and one active molecule."""
    model = build(1)
    with torch.no_grad():
        for cell in (model.LSTM_S, model.LSTM_Q):
            cell.gates.weight.zero_(), cell.gates.bias.fill_(-100.0)
        model.project[0].bias.zero_()
    found = model.scores(torch.tensor([[-1.0], [1.0]]), torch.tensor([[1.0], [-1.0]]), NONE)
    assert [1 / (1 + exp(-2)), 1 / (1 + exp(2))] == pytest.approx(found.tolist(), rel=1e-5)


def test_forget_gate_starts_open() -> None:
    """Its bias is 1, all others are 0."""
    bias = build().LSTM_S.gates.bias
    assert torch.equal(torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat_interleave(128), bias)


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; permuted queries have permuted scores."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected, turn = model.scores(support, query, NONE), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, NONE), atol=1e-6)
    assert torch.allclose(expected[turn], model.scores(support, query[turn], NONE), atol=1e-6)
    assert expected.std() > 0.01


def test_parameters() -> None:
    """Those of the encoder, a layer 300-128 and two cells with 384 inputs and 4 x 128 gates."""
    model = build(300)
    heads = 300 * 128 + 128 + 2 * (384 * 512 + 512)
    assert 1_857_900 + heads == sum(one.numel() for one in model.parameters())
    assert 0 == model.adaptive_parameters


def test_learns_a_planted_property() -> None:
    """Molecules never seen are told apart."""
    model = build(32)
    fit(model, 30)
    assert measure(model) > 0.95


def test_wrong_requests_are_named() -> None:
    """Batches of another size; classes of unequal size."""
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator())
    with pytest.raises(ValueError, match="14 molecules given; 2 episodes of 2 x 3 support"):
        build().loss(episodes._replace(shots=3), NONE)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().scores(torch.zeros(3, 16), torch.zeros(1, 16), NONE)
