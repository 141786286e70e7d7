"""EGNN: equal to one graph and edge at a time; by hand; invariances; learns a planted property; wrong inputs."""

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import Tensor

from parsimony.baselines.egnn import EGNN, Edges, starting_edges
from planted_molecules import embedded, fit, measure, plain_tasks

NONE = torch.Generator()


def build(width: int = 16) -> EGNN:
    return EGNN(torch.Generator().manual_seed(0), width=width)


def mean(e: dict, v: list[Tensor], i: int) -> Tensor:
    """Average the other nodes by their edges to i; nothing if all edges are 0."""
    total = sum(e[i, k] for k in range(len(v)) if k != i)
    return sum(e[i, k] * v[k] for k in range(len(v)) if k != i) / total if total else torch.zeros_like(v[0])


def reweighted(e: dict, f: dict, i: int, j: int) -> Tensor:
    """Return f_ij e_ij / (sum_k f_ik e_ik / sum_k e_ik)."""
    row = [pair for pair in e if pair[0] == i]
    total = sum(e[pair] for pair in row)
    return f[i, j] * e[i, j] / (sum(f[pair] * e[pair] for pair in row) / total) if total else total


def graph_plainly(model: EGNN, support: Tensor, query: Tensor, label: list[int]) -> list[list[Tensor]]:
    """Return e_qj1 behind every layer of the graph of one query, edge by edge; all edges, in all layers."""
    v, q, found = [*support, query], len(support), []
    pairs = [(i, j) for i in range(q + 1) for j in range(q + 1) if i != j]
    same = {(i, j): torch.tensor(0.5 if q in (i, j) else float(label[i] == label[j])) for i, j in pairs}
    for layer in model.layers:
        differ = {pair: 1 - same[pair] for pair in pairs}
        v = [layer.f_v(torch.cat([v[i], mean(same, v, i), mean(differ, v, i)])) for i in range(q + 1)]
        f = {(i, j): layer.f_e((v[i] - v[j]).abs())[0] for i, j in pairs}
        unlike = {pair: 1 - f[pair] for pair in pairs}
        e = {pair: (reweighted(same, f, *pair), reweighted(differ, unlike, *pair)) for pair in pairs}
        same = {pair: one / (one + other) for pair, (one, other) in e.items()}
        found.append([same[q, j] for j in range(q)])
    return found


@pytest.mark.parametrize("shots", [1, 2])
def test_loss_equals_one_edge_at_a_time(shots: int) -> None:
    """Nodes, edges and weighted cross entropy, written out."""
    model = build().eval()
    episodes, losses = synthetic_episodes(2, shots, 3, 8, torch.Generator().manual_seed(1)), []
    for support, query, support_label, label in plain_tasks(model, episodes):
        for g, y in zip(query, label, strict=True):
            for share, row in zip((0.5, 0.5, 1.0), graph_plainly(model, support, g, support_label), strict=True):
                terms = [-torch.log(e if y == other else 1 - e) for e, other in zip(row, support_label, strict=True)]
                losses.append(share * sum(terms) / len(row))
    expected = sum(losses) / episodes.label.numel()
    assert expected.item() == pytest.approx(model.loss(episodes, NONE).item(), rel=1e-5)


def test_scores_equal_one_edge_at_a_time() -> None:
    """Edges to active minus edges to inactive molecules, after the last layer."""
    model, (support, query) = build(), embedded(2, 3, 16)
    rows = [graph_plainly(model, support, g, [0, 0, 1, 1])[-1] for g in query]
    expected = [(row[2] + row[3] - row[0] - row[1]).item() for row in rows]
    assert expected == pytest.approx(model.scores(support, query, NONE).tolist(), abs=1e-5)


def test_edges_by_hand() -> None:
    """Row 1/2, 1/2 with f = 0.9, 0.3: same 0.45, 0.15 over 0.6 become 0.75, 0.25; differ 0.05, 0.35 become
    0.125, 0.875; divided by their sums."""
    half = torch.full((1, 2), 0.5)
    found = Edges(half, half).updated(torch.tensor([[0.9, 0.3]]))
    assert [0.75 / 0.875, 0.25 / 1.125] == pytest.approx(found.same[0].tolist())
    assert [0.125 / 0.875, 0.875 / 1.125] == pytest.approx(found.differ[0].tolist())


def test_start_by_hand() -> None:
    """One inactive and one active molecule differ, the query is unknown; nothing on the diagonal."""
    edges = starting_edges(torch.zeros(2, 5))
    assert [[0.0, 0.0, 0.5], [0.0, 0.0, 0.5], [0.5, 0.5, 0.0]] == edges.same.tolist()
    assert [[0.0, 1.0, 0.5], [1.0, 0.0, 0.5], [0.5, 0.5, 0.0]] == edges.differ.tolist()


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; permuted queries have permuted scores; many queries are cut up."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected, turn = model.scores(support, query, NONE), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, NONE), atol=1e-6)
    assert torch.allclose(expected[turn], model.scores(support, query[turn], NONE), atol=1e-6)
    assert torch.allclose(expected.repeat(60), model.scores(support, query.repeat(60, 1), NONE), atol=1e-5)


def test_parameters() -> None:
    """Those of the encoder; f_v 900-256-128 and twice 384-256-128; f_e 128-256-128-1 in every layer."""
    model, f_e = build(300), 128 * 256 + 256 * 128 + 129
    heads = 900 * 256 + 2 * 384 * 256 + 3 * (256 * 128 + f_e)
    assert 1_857_900 + heads == sum(one.numel() for one in model.parameters())
    assert 0 == model.adaptive_parameters


def test_learns_a_planted_property() -> None:
    """Molecules never seen are told apart."""
    model = build(32)
    fit(model, 25)
    assert measure(model) > 0.95


def test_wrong_requests_are_named() -> None:
    """Batches of another size; classes of unequal size."""
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator())
    with pytest.raises(ValueError, match="14 molecules given; 2 episodes of 2 x 3 support"):
        build().loss(episodes._replace(shots=3), NONE)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().scores(torch.zeros(3, 16), torch.zeros(1, 16), NONE)
