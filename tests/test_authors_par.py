"""The authors' program beside ours: what stands in for its imports, and, where a clone of it is at hand, equality."""

import os

import pytest
import torch
from benchmarks.authors_par import VARIABLE, as_theirs, authors_folder, clone_module, update_module
from benchmarks.par_authors import differences
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import nn

from parsimony.methods.par import PAR


def test_a_copy_carries_gradients_back_and_shares_buffers() -> None:
    """A step in the copy leaves the original as it was; both see one mean; d(w - d(w^2)/dw) / dw = -1."""
    original = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    copy = clone_module(original)
    w = copy[0].weight
    (slope,) = torch.autograd.grad(w.square().sum(), [w], create_graph=True)
    w.update = -slope
    stepped = update_module(copy)[0].weight
    torch.testing.assert_close(stepped, -original[0].weight)
    stepped.sum().backward()
    assert original[0].weight.grad.item() == pytest.approx(-1.0)
    assert copy[1].running_mean is original[1].running_mean


def test_every_weight_has_a_name_of_theirs() -> None:
    """All numbers are there, each once, and the bond tables are two."""
    model = PAR(torch.Generator().manual_seed(0))
    found = as_theirs(model, dict(model.named_parameters()))
    assert sum(one.numel() for one in found.values()) == sum(one.numel() for one in model.parameters())
    tables = [found[f"mol_encoder.gnn.gnns.0.edge_embedding{k}.weight"].shape for k in (1, 2)]
    assert [(6, 300), (3, 300)] == [tuple(one) for one in tables]


def test_a_folder_without_their_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """It says what was given and what to do."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"{tmp_path.name}' given; expected the folder of a clone of https"):
        authors_folder()


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no clone of the authors' program")
def test_their_loss_and_gradients_equal_ours() -> None:
    """Two properties of small molecules; float32."""
    found = differences(synthetic_episodes(2, 2, 16, 8, torch.Generator().manual_seed(1)))
    assert found["loss_difference"] < 1e-5 and found["gradient_difference"] < 1e-3
