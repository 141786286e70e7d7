"""Random molecules of the size of a data set: trees of atoms with a few rings, every bond of a random kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from parsimony.nn.molecule_episodes import Episodes


class BondedMolecules(NamedTuple):
    """Molecules as `parsimony.nn.molecule_encoder` reads them, with the kind of every bond for the plain encoder."""

    atom: Tensor
    molecule: Tensor
    first_neighbour: Tensor
    neighbour: Tensor
    bond_counts: Tensor
    num_molecules: int
    bond_type: Tensor  # of each neighbour, [E]
    bond_direction: Tensor  # of each neighbour, [E]


def from_bonds(atom: Tensor, molecule: Tensor, bonds: Tensor) -> BondedMolecules:
    """Lay out molecules from their bonds.

    Args:
        atom: atomic number - 1 and chirality, [N, 2].
        molecule: of each atom, ascending, [N].
        bonds: two atoms, type and direction of each bond, once, [bonds, 4].
    """
    ends = torch.cat([bonds, bonds[:, [1, 0, 2, 3]]])
    ends = ends[torch.argsort(ends[:, 0] * len(atom) + ends[:, 1])]
    target, neighbour, bond_type, direction = ends.unbind(1)
    kinds = torch.cat([one_hot(bond_type, 6), one_hot(direction, 3)], dim=1).float()
    counts = torch.tensor([0.0, 0, 0, 0, 1, 0, 1, 0, 0]).repeat(len(atom), 1).index_add_(0, target, kinds)
    first = torch.cat([torch.zeros(1, dtype=torch.int64), torch.bincount(target, minlength=len(atom)).cumsum(0)])
    return BondedMolecules(atom, molecule, first, neighbour, counts, int(molecule[-1]) + 1, bond_type, direction)


def synthetic_molecules(sizes: Sequence[int], generator: torch.Generator) -> BondedMolecules:
    """Draw molecules of the given numbers of atoms; a bond more than a tree needs for every six atoms."""

    def draw(high: int) -> int:
        return int(torch.randint(high, (1,), generator=generator))

    pairs: list[tuple[int, int]] = []
    start = 0
    for size in sizes:
        tree = {(start + draw(k), start + k) for k in range(1, size)}
        drawn = [sorted((start + draw(size), start + draw(size))) for _ in range(size // 6)]
        pairs += sorted(tree | {(a, b) for a, b in drawn if a < b})
        start += size
    kinds = [torch.randint(high, (len(pairs), 1), generator=generator) for high in (4, 3)]
    bonds = torch.cat([torch.tensor(pairs, dtype=torch.int64).view(-1, 2), *kinds], dim=1)
    atom = torch.stack([torch.randint(high, (start,), generator=generator) for high in (118, 3)], dim=1)
    molecule = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    return from_bonds(atom, molecule, bonds)


def between(molecules: BondedMolecules, start: int, end: int) -> BondedMolecules:
    """Return the molecules from `start` up to `end`, numbered from 0."""
    low, high = (int(torch.searchsorted(molecules.molecule, one)) for one in (start, end))
    first = molecules.first_neighbour[low : high + 1]
    ends = slice(int(first[0]), int(first[-1]))
    return BondedMolecules(
        molecules.atom[low:high],
        molecules.molecule[low:high] - start,
        first - first[0],
        molecules.neighbour[ends] - low,
        molecules.bond_counts[low:high],
        end - start,
        molecules.bond_type[ends],
        molecules.bond_direction[ends],
    )


def synthetic_episodes(tasks: int, shots: int, queries: int, atoms: int, generator: torch.Generator) -> Episodes:
    """Draw episodes of random molecules with `atoms` atoms on average and random labels."""
    sizes = torch.randint(atoms // 2, 3 * atoms // 2 + 1, (tasks * (2 * shots + queries),), generator=generator)
    label = torch.randint(2, (tasks, queries), generator=generator)
    return Episodes(synthetic_molecules(sizes.tolist(), generator), shots, label)
