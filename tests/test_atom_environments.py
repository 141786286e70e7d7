"""Environments of atoms: equal to a comparison of multisets, atom by atom; by hand."""

from collections import Counter

import torch
from benchmarks.synthetic_molecules import from_bonds, synthetic_molecules

from parsimony.nn.atom_environments import environments


def test_kinds_are_those_of_a_plain_comparison() -> None:
    """Two atoms are alike if the atoms around them, themselves included, and the bonds there are the same multiset."""
    drawn = synthetic_molecules([40, 60, 3, 1], torch.Generator().manual_seed(0))
    atom = drawn.atom % 2  # few kinds, so that many atoms are alike
    counts = drawn.bond_counts.clone()
    counts[:, 6:] = 0
    plain = []
    for v in range(len(atom)):
        around = [v, *drawn.neighbour[drawn.first_neighbour[v] : drawn.first_neighbour[v + 1]].tolist()]
        plain.append((Counter(tuple(atom[u].tolist()) for u in around), counts[v].tolist()))
    found = environments(atom, drawn.first_neighbour, drawn.neighbour, counts)
    kind = found.spread(torch.arange(len(found.example)).double().unsqueeze(1)).flatten().long()
    assert [[a == b for b in plain] for a in plain] == (kind.unsqueeze(1) == kind).tolist()
    assert torch.equal(torch.arange(len(found.example)), kind[found.example])
    assert len(found.example) < len(atom)


def test_propane_has_two_kinds() -> None:
    """Its outer carbons are alike, the one between is not; a lone carbon is a third kind."""
    atom, molecule = torch.full((4, 2), 5), torch.tensor([0, 0, 0, 1])
    drawn = from_bonds(atom, molecule, torch.tensor([[0, 1, 0, 0], [1, 2, 0, 0]]))
    found = environments(drawn.atom, drawn.first_neighbour, drawn.neighbour, drawn.bond_counts)
    a, b, c, d = found.spread(torch.tensor([[1.0], [2.0], [3.0]])).flatten().tolist()
    assert a == c
    assert len({a, b, d}) == 3
