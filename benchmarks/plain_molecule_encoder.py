"""The molecule encoder in the order of the official code: a row of numbers for every end of a bond.

As in its `GINConv`: rows of the source atoms are gathered, two embeddings of the bond are added, all are summed at the
target atoms; self-loops are bonds like others.

The equations are those of `parsimony.nn.molecule_encoder`; nothing is shared with it but the weights.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from benchmarks.synthetic_molecules import BondedMolecules
from torch import Tensor
from torch.nn import functional

from parsimony.nn.molecule_encoder import MoleculeEncoder


def edges_of(molecules: BondedMolecules) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return source, target, type and direction of every end of a bond and of a self-loop per atom."""
    atoms = torch.arange(len(molecules.atom))
    target = torch.repeat_interleave(atoms, molecules.first_neighbour.diff())
    source, target = torch.cat([molecules.neighbour, atoms]), torch.cat([target, atoms])
    return (
        source,
        target,
        torch.cat([molecules.bond_type, torch.full_like(atoms, 4)]),
        torch.cat([molecules.bond_direction, torch.zeros_like(atoms)]),
    )


def encode_plainly(
    model: MoleculeEncoder, molecules: BondedMolecules, after_layer: Callable[[int, Tensor], Tensor] | None = None
) -> Tensor:
    """Embed molecules, edge by edge."""
    source, target, bond_type, direction = edges_of(molecules)
    atom = molecules.atom
    h = functional.embedding(atom[:, 0], model.E_1) + functional.embedding(atom[:, 1], model.E_2)
    for number, layer in enumerate(model.layers):
        bonds = functional.embedding(bond_type, layer.B) + functional.embedding(direction, layer.B[6:])
        m = torch.zeros_like(h).index_add(0, target, h.index_select(0, source) + bonds)
        h = layer.norm(layer.W_2(torch.relu(layer.W_1(m))))
        if number + 1 < len(model.layers):
            h = torch.relu(h)
        h = functional.dropout(h, 0.5, model.training)
        if after_layer is not None:
            h = after_layer(number, h)
    return pool_plainly(molecules, h)


def pool_plainly(molecules: BondedMolecules, h: Tensor) -> Tensor:
    """Average atoms [N, D] over their molecules, [M, D]."""
    sums = h.new_zeros(molecules.num_molecules, h.shape[1]).index_add(0, molecules.molecule, h)
    return sums / torch.bincount(molecules.molecule).unsqueeze(1)
