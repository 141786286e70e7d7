"""Molecules as graphs, measured for many properties; batches by index arithmetic on flat arrays.

The features are those of "Strategies for Pre-training Graph Neural Networks" (Hu et al. 2020, arXiv 1905.12265), which
PAR (arXiv 2107.07994) and PACIA (arXiv 2310.00614) use: two whole numbers an atom, two a bond.
Shapes: M molecules, P properties, A atoms, E bonds counted in both directions; of a batch B molecules, N atoms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

ATOMIC_NUMBERS, CHIRALITIES = 120, 3  # rows of the tables of atom features
BOND_TYPES, BOND_DIRECTIONS = 6, 3  # rows of the tables of bond features
SELF_LOOP = 4  # bond type of an atom with itself; 5 is the mask of pre-training, which occurs in no molecule
UNMEASURED, INACTIVE, ACTIVE = -1, 0, 1


@dataclass(frozen=True)
class RejectedRow:
    """A row whose SMILES RDKit rejects.

    Attributes:
        line: in the raw file.
        smiles: as it stands there.
        reason: what RDKit says.
        is_kept: whether the molecule is read all the same, without the check that failed.
    """

    line: int
    smiles: str
    reason: str
    is_kept: bool


@dataclass(frozen=True, eq=False)
class MoleculeBatch:
    """Some molecules as one graph of disjoint parts.

    Attributes:
        atom: atomic number - 1 and chirality, [N, 2].
        molecule: place in the batch of each atom's molecule, [N].
        num_atoms: of each molecule, [B].
        neighbour: atoms bonded to atom 0, then to atom 1, and so on, [E].
        first_neighbour: where the neighbours of each atom begin, then E, [N + 1].
        bond_counts: how many bonds of each type and of each direction reach an atom, its self-loop included,
            [N, 6 + 3]; times the two bond tables of a layer, one below the other, they are the sum of its bonds.
    """

    atom: Tensor
    molecule: Tensor
    num_atoms: Tensor
    neighbour: Tensor
    first_neighbour: Tensor
    bond_counts: Tensor

    @property
    def num_molecules(self) -> int:
        """Number of molecules, B."""
        return len(self.num_atoms)

    @property
    def target(self) -> Tensor:
        """The atom that each of `neighbour` is bonded to, [E]."""
        degree = self.first_neighbour.diff()
        return torch.arange(len(degree), device=degree.device).repeat_interleave(degree)


@dataclass(frozen=True, eq=False)
class MoleculeSet:
    """A data set of molecules; each property is one task.

    Attributes:
        name: of the data set.
        properties: names, P of them.
        smiles: of each molecule, as the raw file writes it, M of them.
        labels: -1 not measured, 0 inactive, 1 active, [M, P] in int8.
        atom: atomic number - 1 and chirality of every atom, molecule after molecule, [A, 2] in uint8.
        first_atom: where the atoms of each molecule begin, then A, [M + 1].
        bond: source and target of every bond in both directions, as atoms, in the order of the targets,
            [E, 2] in int32.
        bond_feature: type 0 to 3 (single, double, triple, aromatic) and direction 0 to 2 (none, up right, down
            right) of each, [E, 2] in uint8.
        train_properties: properties to learn from, as columns of the labels.
        test_properties: properties to test on.
        rejected: rows that RDKit rejects.
    """

    name: str
    properties: tuple[str, ...]
    smiles: tuple[str, ...]
    labels: Tensor
    atom: Tensor
    first_atom: Tensor
    bond: Tensor
    bond_feature: Tensor
    train_properties: tuple[int, ...]
    test_properties: tuple[int, ...]
    rejected: tuple[RejectedRow, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def first_bond(self) -> Tensor:
        """Where the bonds that end at each atom begin, then E, [A + 1]."""
        degree = torch.bincount(self.bond[:, 1], minlength=len(self.atom))
        return _running_sum(degree)

    @cached_property
    def bond_counts(self) -> Tensor:
        """How many bonds of each type and direction reach each atom, its self-loop included, [A, 9] in uint8."""
        target, (kind, direction) = self.bond[:, 1], self.bond_feature.T
        types = _count_by_atom(target, kind, len(self.atom), BOND_TYPES)
        both = torch.cat([types, _count_by_atom(target, direction, len(self.atom), BOND_DIRECTIONS)], dim=1)
        both[:, [SELF_LOOP, BOND_TYPES]] += 1
        return both.to(torch.uint8)

    def to(self, device: str | torch.device) -> MoleculeSet:
        """Return the set on a device, where its batches are then made."""
        tensors = ("labels", "atom", "first_atom", "bond", "bond_feature")
        return replace(self, **{name: getattr(self, name).to(device) for name in tensors})

    def batch(self, molecules: Tensor) -> MoleculeBatch:
        """Return some molecules as one graph.

        Args:
            molecules: rows of the labels; one may stand there more than once, [B].
        """
        first, last = self.first_atom[molecules], self.first_atom[molecules + 1]
        num_atoms = last - first
        shift = first - (num_atoms.cumsum(0) - num_atoms)  # from an atom of the batch to the atom of the set
        molecule = torch.arange(len(molecules), device=first.device).repeat_interleave(num_atoms)
        atoms = torch.arange(len(molecule), device=first.device) + shift[molecule]
        bonds, bonded = _ranges(self.first_bond[first], self.first_bond[last])
        return MoleculeBatch(
            atom=self.atom[atoms].long(),
            molecule=molecule,
            num_atoms=num_atoms,
            neighbour=self.bond[bonds, 0] - shift[bonded],
            first_neighbour=_running_sum(self.first_bond[atoms + 1] - self.first_bond[atoms]),
            bond_counts=self.bond_counts[atoms].float(),
        )

    def counts(self) -> dict[str, int]:
        """Return the numbers that a data card has."""
        return {
            "molecules": len(self),
            "properties": len(self.properties),
            "labelled entries": int((self.labels != UNMEASURED).sum()),
            "meta-training properties": len(self.train_properties),
            "meta-testing properties": len(self.test_properties),
            "unreadable": sum(not row.is_kept for row in self.rejected),
        }


def _running_sum(sizes: Tensor) -> Tensor:
    return torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])


def _ranges(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
    """Return the numbers from each first to before each last, one range after the other, and the range of each."""
    sizes = last - first
    owner = torch.arange(len(sizes), device=sizes.device).repeat_interleave(sizes)
    shift = first - (sizes.cumsum(0) - sizes)
    return torch.arange(len(owner), device=sizes.device) + shift[owner], owner


def _count_by_atom(atom: Tensor, value: Tensor, num_atoms: int, num_values: int) -> Tensor:
    """Count how often each value stands at each atom, [A, num_values]."""
    place = atom.long() * num_values + value
    return torch.bincount(place, minlength=num_atoms * num_values).view(num_atoms, num_values)
