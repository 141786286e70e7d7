"""PAR with the noise of the authors' program: equal to the plain order in training, to PAR in evaluation; own masks."""

import pytest
import torch
from benchmarks.plain_par import PlainPAR, tasks_of
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import Tensor, nn

from parsimony.methods.par import PAR
from parsimony.methods.par_apart import NormApart, PARApart
from parsimony.nn.molecule_episodes import Episodes


def episodes() -> Episodes:
    return synthetic_episodes(2, 2, 3, 8, torch.Generator().manual_seed(1))


def pair_of_models(dropout: float = 0.5) -> tuple[PAR, PARApart]:
    """Both from the same draws, in double precision."""
    return tuple(one(torch.Generator().manual_seed(0), dropout=dropout).double() for one in (PAR, PARApart))


def loss_and_gradients(model: nn.Module, loss: Tensor) -> tuple[float, dict[str, Tensor]]:
    named = dict(model.named_parameters())
    return loss.item(), dict(zip(named, torch.autograd.grad(loss, list(named.values())), strict=True))


def largest_difference(expected: dict[str, Tensor], found: dict[str, Tensor]) -> float:
    assert expected.keys() == found.keys()
    return max(
        float((one - found[name]).abs().max() / one.abs().max().clamp(min=1e-10)) for name, one in expected.items()
    )


def test_training_without_masks_equals_the_plain_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loss to 1e-9 and gradients to 1e-6 in training mode, where each set of molecules has its own statistics."""
    monkeypatch.setattr(torch.nn.functional, "dropout", lambda x, p=0.5, training=True, inplace=False: x)
    plain, apart = (one.train() for one in pair_of_models(dropout=0.0))
    expected, slopes = loss_and_gradients(plain, PlainPAR(plain).loss(tasks_of(episodes())))
    found, ours = loss_and_gradients(apart, apart.loss(episodes(), torch.Generator()))
    assert found == pytest.approx(expected, rel=1e-9)
    assert largest_difference(slopes, ours) < 1e-6


def test_evaluation_equals_par() -> None:
    shared, apart = (one.eval() for one in pair_of_models())
    expected, slopes = loss_and_gradients(shared, shared.loss(episodes(), torch.Generator()))
    found, ours = loss_and_gradients(apart, apart.loss(episodes(), torch.Generator()))
    assert found == pytest.approx(expected, rel=1e-9)
    assert largest_difference(slopes, ours) < 1e-6


def test_scores_equal_those_of_par() -> None:
    support, query = (torch.randn(size, 300, generator=torch.Generator().manual_seed(size)).double() for size in (4, 9))
    shared, apart = (one.eval().scores(support, query, torch.Generator().manual_seed(0)) for one in pair_of_models())
    assert torch.allclose(shared, apart, atol=1e-12)


def test_every_copy_of_a_support_molecule_has_masks_of_its_own() -> None:
    """PAR has one support set for all queries; here its copies differ, and do so by their masks alone."""
    _, apart = pair_of_models()
    support, query = torch.randn(4, 300).double(), torch.randn(3, 300).double()
    copies, _ = apart.train().Phi["W_p"](support, query)
    assert copies.shape == (3, 4, 128)
    assert not torch.equal(copies[0], copies[1])
    nodes = apart.relations._start(copies[:1].expand(3, 4, 128), query[:, :128], 2)
    assert not torch.equal(nodes.support[0], nodes.support[1])
    alone, _ = apart.eval().Phi["W_p"](support, query)
    assert alone.shape == (1, 4, 128)


def test_inner_and_outer_loss_see_other_masks() -> None:
    """The encoder runs twice in training, and each run draws anew."""
    _, apart = pair_of_models()
    seen = []
    apart.encoder.register_forward_hook(lambda _, __, g: seen.append(g.detach()))
    apart.train().loss(episodes(), torch.Generator())
    assert len(seen) == 2
    assert not torch.equal(*seen)


def test_statistics_of_each_batch_by_hand() -> None:
    """Rows 0 and 2 have mean 1 and deviation 1, rows 10 and 14 mean 12 and deviation 2: all become -1 and 1."""
    norm = NormApart(1).double()
    norm.sizes = [2, 2]
    x = torch.tensor([[0.0], [2.0], [10.0], [14.0]], dtype=torch.float64)
    assert torch.allclose(norm(x).flatten(), torch.tensor([-1.0, 1.0, -1.0, 1.0]).double(), atol=1e-4)
    assert norm.running_mean.item() == pytest.approx(0.9 * 0.1 * 1 + 0.1 * 12)  # one batch after the other
    assert torch.allclose(norm.eval()(x), nn.functional.batch_norm(x, norm.running_mean, norm.running_var))
