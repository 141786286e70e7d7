"""Molecules made by hand, for tests."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from parsimony.data.molecule_features import featurise
from parsimony.data.molecules import MoleculeSet

BENZENE, SODIUM_ACETATE, METHANE = "c1ccccc1", "CC(=O)[O-].[Na+]", "C"
SMILES = (
    BENZENE,
    SODIUM_ACETATE,
    METHANE,
    "F/C=C/F",
    "F/C=C\\F",
    "C[C@H](O)F",
    "C[C@@H](O)F",
    "CC#N",
    "CN1CCC[CH]1c1cnccc1",
)


def sample_molecules(smiles: Sequence[str] = SMILES, labels: Sequence[Sequence[int]] | None = None) -> MoleculeSet:
    """Return a set of molecules; one property, for which no molecule was measured, unless labels are given."""
    read = featurise(smiles)
    tensors = {name: torch.from_numpy(getattr(read, name)) for name in ("atom", "first_atom", "bond", "bond_feature")}
    measured = torch.from_numpy(np.array(labels or [[-1]] * len(smiles), np.int8)[read.rows])
    names = tuple(f"P{column}" for column in range(measured.shape[1]))
    kept = tuple(smiles[row] for row in read.rows)
    return MoleculeSet("Sample", names, kept, measured, **tensors, train_properties=(), test_properties=(), rejected=())


def sample_tasks(num_molecules: int = 60, num_properties: int = 4, seed: int = 0) -> MoleculeSet:
    """Return methane many times over, with random labels of which a third is not measured, and two splits."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(-1, 2, (num_molecules, num_properties), generator=generator).tolist()
    data = sample_molecules([METHANE] * num_molecules, labels)
    half = num_properties // 2
    columns = tuple(range(num_properties))
    return replace(data, train_properties=columns[:half], test_properties=columns[half:])
