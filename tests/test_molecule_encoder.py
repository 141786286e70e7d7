"""The molecule encoder: equal to its plain, bond-by-bond form; by hand; invariances; wrong inputs."""

import pytest
import torch
from benchmarks.plain_molecule_encoder import edges_of, encode_plainly
from benchmarks.synthetic_molecules import BondedMolecules, from_bonds, synthetic_molecules
from torch import Tensor
from torch.nn import functional

from parsimony.nn import molecule_encoder
from parsimony.nn.molecule_encoder import MoleculeEncoder, MoleculeLayer, mean_over_atoms
from parsimony.nn.sparse_sum import NeighbourSum


def encoder(seed: int = 0) -> MoleculeEncoder:
    return MoleculeEncoder(torch.Generator().manual_seed(seed), width=12, num_layers=3).double()


def molecules(seed: int = 0) -> BondedMolecules:
    return synthetic_molecules([5, 1, 9, 14, 2], torch.Generator().manual_seed(seed))


def renumbered(batch: BondedMolecules, generator: torch.Generator) -> BondedMolecules:
    """Give the atoms of every molecule other numbers."""
    place = torch.randperm(len(batch.atom), generator=generator)
    place = place[torch.argsort(batch.molecule[place], stable=True)]  # the old number of each new atom
    source, target, bond_type, direction = (one[: len(batch.neighbour)] for one in edges_of(batch))
    new = torch.argsort(place)
    bonds = torch.stack([new[source], new[target], bond_type, direction], dim=1)[source < target]
    return from_bonds(batch.atom[place], batch.molecule, bonds)


def test_parameters_of_the_paper() -> None:
    """Two atom tables, five layers with two bond tables each."""
    model = MoleculeEncoder(torch.Generator())
    assert 36_900 == model.E_1.numel() + model.E_2.numel()
    assert [363_600 + 600] * 5 == [sum(one.numel() for one in layer.parameters()) for layer in model.layers]
    assert 1_857_900 == sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("is_training", [False, True])
def test_embeddings_and_gradients_equal_the_plain_reference(is_training: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With statistics of the batch and with running ones; dropout is off, its masks would differ."""
    monkeypatch.setattr(functional, "dropout", lambda h, *_: h)
    monkeypatch.setattr(molecule_encoder, "cheap_dropout", lambda h, *_: h)
    model, batch = encoder().train(is_training), molecules()
    gradients = []
    for embed in (encode_plainly, MoleculeEncoder.__call__):
        model.zero_grad()
        found = embed(model, batch, lambda number, h: h * (1 + number) - 0.1)
        found.square().sum().backward()
        gradients.append([found.detach(), *(one.grad.clone() for one in model.parameters())])
    for expected, found in zip(*gradients, strict=True):
        assert torch.allclose(expected, found, atol=1e-9)


def test_message_by_hand() -> None:
    """Two atoms, 1 and 10, an aromatic bond (30) that points up (200); self-loops are 4 and 100: sums of 345."""
    layer = MoleculeLayer(1, torch.Generator())
    table = torch.tensor([0.0, 0, 0, 30, 4, 0, 100, 200, 0])
    with torch.no_grad():
        layer.B.copy_(table.view(9, 1))
        layer.W_1.weight.copy_(torch.tensor([[1.0], [-1.0]])), layer.W_1.bias.zero_()
        layer.W_2.weight.copy_(torch.tensor([[2.0, 5.0]])), layer.W_2.bias.fill_(1.0)
    carbons = torch.zeros(2, 2, dtype=torch.int64)
    batch = from_bonds(carbons, carbons[:, 0], torch.tensor([[0, 1, 3, 1]]))
    layer.norm = torch.nn.Identity()
    neighbours = NeighbourSum(batch.first_neighbour, batch.neighbour, torch.float32)
    found = layer(torch.tensor([[1.0], [10.0]]), neighbours, batch.bond_counts)
    assert [[691.0], [691.0]] == found.tolist()  # 2 (1 + 10 + 30 + 200 + 4 + 100) + 1


def test_mean_by_hand() -> None:
    """Atoms 1, 3 | 5."""
    pool = mean_over_atoms(torch.tensor([0, 0, 1]), 2, torch.float32)
    assert [[2.0], [5.0]] == pool(torch.tensor([[1.0], [3.0], [5.0]])).tolist()


def test_numbering_of_atoms_does_not_matter() -> None:
    """A molecule is a graph."""
    model, batch = encoder().eval(), molecules()
    other = renumbered(batch, torch.Generator().manual_seed(1))
    assert not torch.equal(batch.atom, other.atom)
    assert torch.allclose(model(batch), model(other), atol=1e-12)


def test_molecules_do_not_see_each_other() -> None:
    """In evaluation mode each is embedded as if alone."""
    model, batch = encoder().eval(), molecules()
    last = batch.molecule == batch.num_molecules - 1
    start = int(last.nonzero()[0])
    alone = batch._replace(
        atom=batch.atom[last],
        molecule=batch.molecule[last] * 0,
        first_neighbour=batch.first_neighbour[start:] - batch.first_neighbour[start],
        neighbour=batch.neighbour[batch.first_neighbour[start] :] - start,
        bond_counts=batch.bond_counts[last],
        num_molecules=1,
    )
    assert torch.allclose(model(batch)[-1:], model(alone), atol=1e-12)


def test_weights_come_from_the_generator() -> None:
    """The same seed, the same encoder."""

    def weights(seed: int) -> Tensor:
        return torch.cat([one.detach().flatten() for one in encoder(seed).parameters()])

    torch.manual_seed(0)
    first = weights(0)
    torch.manual_seed(1)
    assert torch.equal(first, weights(0))
    assert not torch.equal(first, weights(1))


def test_neighbour_sum_can_be_differentiated_twice() -> None:
    """What an inner loop over all weights needs."""
    batch = molecules()
    neighbours = NeighbourSum(batch.first_neighbour, batch.neighbour, torch.float64)
    x = torch.randn(len(batch.atom), 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda rows: neighbours(rows).square(), x)


def test_wrong_batches_are_named() -> None:
    """Molecules without atoms, counts of other bonds."""
    model, batch = encoder(), molecules()
    with pytest.raises(ValueError, match="atoms of 5 molecules given, 6 expected"):
        model(batch._replace(num_molecules=6))
    with pytest.raises(ValueError, match=r"bond counts of shape \(31, 8\); expected \(31, 9\)"):
        model(batch._replace(bond_counts=batch.bond_counts[:, :8]))
