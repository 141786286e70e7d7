"""From SMILES to the features of atoms and bonds, by RDKit.

Atom: atomic number - 1; chirality 0 unspecified, 1 clockwise, 2 counter-clockwise. Bond: type 0 single, 1 double,
2 triple, 3 aromatic; direction 0 none, 1 up right, 2 down right. Both directions of a bond have the same features.
Shapes: R rows, M molecules of them, A atoms, E bonds counted in both directions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rdkit.Chem import Mol, MolSanitizeException

VERSION = 2  # of everything that is kept in a cache; another number makes every cache anew
TYPE_OF_RDKIT = {1: 0, 2: 1, 3: 2, 12: 3}  # SINGLE, DOUBLE, TRIPLE, AROMATIC
DIRECTION_OF_RDKIT = {0: 0, 4: 1, 3: 2}  # NONE, ENDUPRIGHT, ENDDOWNRIGHT
CHIRALITIES = (0, 1, 2)  # CHI_UNSPECIFIED, CHI_TETRAHEDRAL_CW, CHI_TETRAHEDRAL_CCW


class Rejection(NamedTuple):
    """Why RDKit rejects the SMILES of a row, and whether it is read all the same."""

    row: int
    reason: str
    is_kept: bool


class Features(NamedTuple):
    """Features of all molecules that can be read.

    Attributes:
        rows: the row of each molecule, [M].
        atom: atomic number - 1 and chirality, [A, 2] in uint8.
        first_atom: where the atoms of each molecule begin, then A, [M + 1].
        bond: source and target as atoms, ordered by target, then by source, [E, 2] in int32.
        bond_feature: type and direction, [E, 2] in uint8.
        rejections: rows that RDKit rejects.
    """

    rows: NDArray
    atom: NDArray
    first_atom: NDArray
    bond: NDArray
    bond_feature: NDArray
    rejections: tuple[Rejection, ...]


class _Graph(NamedTuple):
    atoms: list[tuple[int, int]]
    bonds: list[tuple[int, int, int, int]]  # target, source, type, direction; both ways


class Unreadable(Exception):
    """RDKit rejects a SMILES, or the tables of features have no place for what it says."""


def featurise(smiles: Sequence[str]) -> Features:
    """Read all molecules; those that cannot be read are left out and listed.

    Args:
        smiles: of each row, [R].
    """
    from rdkit import rdBase

    graphs: dict[int, _Graph] = {}
    rejections = []
    with rdBase.BlockLogs():  # the reasons are listed instead
        for row, text in enumerate(smiles):
            try:
                molecule, complaint = read_molecule(text)
                graphs[row] = _graph(molecule)
            except Unreadable as error:
                complaint = str(error)
            if complaint:
                rejections.append(Rejection(row, complaint, row in graphs))
    return _flatten(graphs, tuple(rejections))


def read_molecule(smiles: str) -> tuple[Mol, str]:
    """Return a molecule and, if it is read although RDKit rejects it, why.

    Raises:
        Unreadable: if it cannot be read.
    """
    from rdkit import Chem

    molecule = Chem.MolFromSmiles(smiles)
    if molecule is not None:
        return molecule, ""
    molecule = Chem.MolFromSmiles(smiles, sanitize=False)
    if molecule is None:
        raise Unreadable("no SMILES")
    problems = Chem.DetectChemistryProblems(molecule)
    complaint = "; ".join(dict.fromkeys(one.Message() for one in problems))
    if not all(_is_aluminium(molecule, one) for one in problems):
        raise Unreadable(complaint)
    return _relaxed(molecule), complaint


def _is_aluminium(molecule: Mol, problem: MolSanitizeException) -> bool:
    """Tell whether a complaint is about the valence of aluminium, which the RDKit of the papers did not limit to 3."""
    is_valence = problem.GetType() == "AtomValenceException"
    return is_valence and molecule.GetAtomWithIdx(problem.GetAtomIdx()).GetSymbol() == "Al"


def _relaxed(molecule: Mol) -> Mol:
    """Clean a molecule as RDKit does, all but the check of valences."""
    from rdkit import Chem

    molecule.UpdatePropertyCache(strict=False)
    Chem.SanitizeMol(molecule, Chem.SANITIZE_ALL ^ Chem.SANITIZE_PROPERTIES)
    Chem.AssignStereochemistry(molecule, cleanIt=True, force=True)
    return molecule


def _graph(molecule: Mol) -> _Graph:
    atoms = [(atom.GetAtomicNum() - 1, int(atom.GetChiralTag())) for atom in molecule.GetAtoms()]
    if not atoms:
        raise Unreadable("no atoms")
    if any(number < 0 or chirality not in CHIRALITIES for number, chirality in atoms):
        raise Unreadable("an atom of no element, or of a chirality that is not tetrahedral")
    return _Graph(atoms, _bonds(molecule))


def _bonds(molecule: Mol) -> list[tuple[int, int, int, int]]:
    bonds = []
    for bond in molecule.GetBonds():
        kind, direction = TYPE_OF_RDKIT.get(bond.GetBondType()), DIRECTION_OF_RDKIT.get(bond.GetBondDir())
        if kind is None or direction is None:
            raise Unreadable(f"a bond of type {bond.GetBondType()} and direction {bond.GetBondDir()}")
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        bonds += [(*ends, kind, direction), (*ends[::-1], kind, direction)]
    return sorted(bonds)


def _flatten(graphs: dict[int, _Graph], rejections: tuple[Rejection, ...]) -> Features:
    """Lay the molecules one after the other."""
    first_atom = np.cumsum([0, *(len(graph.atoms) for graph in graphs.values())])
    atoms = _table((graph.atoms for graph in graphs.values()), 2)
    bonds = _table((graph.bonds for graph in graphs.values()), 4)
    num_bonds = [len(graph.bonds) for graph in graphs.values()]
    ends = bonds[:, [1, 0]] + np.repeat(first_atom[:-1], num_bonds)[:, None]
    return Features(
        rows=np.fromiter(graphs, np.int64, len(graphs)),
        atom=atoms.astype(np.uint8),
        first_atom=first_atom,
        bond=ends.astype(np.int32),
        bond_feature=bonds[:, 2:].astype(np.uint8),
        rejections=rejections,
    )


def _table(parts: Iterable[Iterable[tuple[int, ...]]], width: int) -> NDArray:
    """Return rows of small numbers as one array, [rows, width]."""
    flat = itertools.chain.from_iterable(itertools.chain.from_iterable(parts))
    return np.fromiter(flat, np.int64).reshape(-1, width)
