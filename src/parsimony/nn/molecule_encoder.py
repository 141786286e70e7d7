"""GIN with bond features: every molecule becomes one vector (Hu et al., arXiv 1905.12265; first paper, section 4).

    atoms       h_v = E_1[a_v] + E_2[c_v]                     a: atomic number - 1, c: chirality
    message     m_v = sum over u in N(v) and v itself of  h_u + B_1[t_uv] + B_2[d_uv]    t: bond type, d: direction
    layer       h_v = dropout(relu(norm(W_2 relu(W_1 m_v + b_1) + b_2)))      five of them, no relu after the last
    molecule    g_i = mean over its atoms of h_v

Each layer has tables B of its own. No bond has a row of numbers: bonds that end at an atom enter as counts, so their
part of the message is one product counts [N, 9] x B [9, D], and the neighbours are one sparse product. In the first
layer, atoms with the same neighbourhood have the same message and are updated once (`nn.atom_environments`).

Shapes: N atoms of M molecules, E ends of bonds (two for each bond), D width.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.atom_environments import Environments, environments
from parsimony.nn.cheap_dropout import cheap_dropout
from parsimony.nn.dense import dense
from parsimony.nn.rounded_product import apply_linear, require_precision
from parsimony.nn.sparse_sum import NeighbourSum, SparseSum

ATOMIC_NUMBERS = 120  # 118 elements, one unused, one mask
CHIRALITIES = 3  # unspecified, clockwise, counter-clockwise
BOND_TYPES = 6  # single, double, triple, aromatic, self-loop, mask
BOND_DIRECTIONS = 3  # none, up right, down right
DROPOUT = 0.5

AfterLayer = Callable[[int, Tensor], Tensor]  # number of the layer and its atoms [N, D] -> atoms [N, D]


class Molecules(Protocol):
    """A batch of molecules, flat; the atoms of a molecule stand together.

    Attributes:
        atom: atomic number - 1 and chirality, [N, 2].
        molecule: of each atom, ascending, [N].
        first_neighbour: where the neighbours of each atom begin, and E at the end, [N + 1].
        neighbour: atoms at the other end of the bonds, atom by atom, without the atom itself, [E].
        bond_counts: how often each bond type (first 6) and direction (last 3) ends at an atom, with one self-loop of
            type 4 and direction 0, [N, 9].
        num_molecules: M.
    """

    atom: Tensor
    molecule: Tensor
    first_neighbour: Tensor
    neighbour: Tensor
    bond_counts: Tensor
    num_molecules: int


def mean_over_atoms(molecule: Tensor, num_molecules: int, dtype: torch.dtype) -> SparseSum:
    """Return the sparse sum that makes molecules [M, D] of atoms [N, D].

    Raises:
        ValueError: if a molecule has no atom, since it has no mean.
    """
    counts = torch.bincount(molecule, minlength=num_molecules)
    if len(counts) > num_molecules or not counts.all():
        raise ValueError(
            f"atoms of {int((counts > 0).sum())} molecules given, {num_molecules} expected, numbered from 0; "
            "leave out molecules without atoms."
        )
    every = torch.arange(len(molecule), device=molecule.device)
    return SparseSum(molecule, every, counts.to(dtype).reciprocal()[molecule], (num_molecules, len(molecule)))


class MoleculeLayer(nn.Module):
    """Message and update of one layer, up to its normalisation.

    Args:
        width: D.
        generator: draws the initial weights.
        precision: of the factors of W_1 and W_2, "float32" or "bfloat16"; messages and normalisation are not rounded.
    """

    def __init__(self, width: int, generator: torch.Generator, *, precision: str = "float32") -> None:
        super().__init__()
        self.precision = require_precision(precision)
        tables = [_table(rows, width, generator) for rows in (BOND_TYPES, BOND_DIRECTIONS)]
        self.B = nn.Parameter(torch.cat(tables))
        self.W_1, self.W_2 = dense(width, 2 * width, generator), dense(2 * width, width, generator)
        self.norm = nn.BatchNorm1d(width)

    def forward(
        self, h: Tensor, neighbours: NeighbourSum, bond_counts: Tensor, alike: Environments | None = None
    ) -> Tensor:
        """Take atoms [N, D] one layer further, [N, D]; atoms known to have equal messages are updated once."""
        m = torch.addmm(neighbours(h), bond_counts, self.B).add_(h)
        if alike is None:
            return self.norm(self._update(m))
        return self.norm(alike.spread(self._update(m.index_select(0, alike.example))))

    def _update(self, m: Tensor) -> Tensor:
        hidden = apply_linear(self.W_1, m, self.precision).relu_()
        return apply_linear(self.W_2, hidden, self.precision).to(m.dtype)


class MoleculeEncoder(nn.Module):
    """The whole encoder, from scratch; 1,857,900 parameters.

    Args:
        generator: draws the initial weights.
        width: D.
        num_layers: how far an atom sees.
        precision: of the factors of dense products, "float32" or "bfloat16"; parameters are the same in both.
    """

    def __init__(
        self, generator: torch.Generator, *, width: int = 300, num_layers: int = 5, precision: str = "float32"
    ) -> None:
        super().__init__()
        self.width = width
        self.E_1 = nn.Parameter(_table(ATOMIC_NUMBERS, width, generator))
        self.E_2 = nn.Parameter(_table(CHIRALITIES, width, generator))
        self.layers = nn.ModuleList(MoleculeLayer(width, generator, precision=precision) for _ in range(num_layers))

    def forward(self, molecules: Molecules, after_layer: AfterLayer | None = None) -> Tensor:
        """Embed molecules.

        Args:
            molecules: the batch.
            after_layer: changes the atoms that leave a layer, after dropout; the next layer and the mean see the
                changed ones.

        Returns:
            g, [M, D].
        """
        h, counts = self._atoms(molecules.atom), molecules.bond_counts
        if counts.shape != (len(h), BOND_TYPES + BOND_DIRECTIONS):
            raise ValueError(f"bond counts of shape {tuple(counts.shape)}; expected ({len(h)}, 9): one row an atom.")
        counts = counts.to(h.dtype)
        neighbours = NeighbourSum(molecules.first_neighbour, molecules.neighbour, h.dtype)
        alike = environments(molecules.atom, molecules.first_neighbour, molecules.neighbour, counts)
        for number, layer in enumerate(self.layers):
            h = layer(h, neighbours, counts, None if number else alike)
            h = h if number + 1 == len(self.layers) else h.relu()
            h = cheap_dropout(h, DROPOUT, self.training)
            h = h if after_layer is None else after_layer(number, h)
        return mean_over_atoms(molecules.molecule, molecules.num_molecules, h.dtype)(h)

    def _atoms(self, atom: Tensor) -> Tensor:
        """Embed atomic numbers and chiralities, [N, D]."""
        return functional.embedding(atom[:, 0], self.E_1) + functional.embedding(atom[:, 1], self.E_2)


def _table(rows: int, width: int, generator: torch.Generator) -> Tensor:
    """Return an initial table by Xavier's rule."""
    return nn.init.xavier_uniform_(torch.empty(rows, width), generator=generator)
