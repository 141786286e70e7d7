"""Atoms that a first layer of messages cannot tell apart, so that each kind passes through its dense products once.

The first message of an atom is a sum over itself and its neighbours of embeddings, and over its bonds:

    m_v = sum over u in N(v) and v itself of  E_1[a_u] + E_2[c_u]   +   bond counts of v x B

Atoms with equal numbers of every kind of atom and bond have equal messages. Every kind has a random code of 64 bits;
atoms are alike if their sums of codes, modulo 2^64, are: two unlike ones agree by chance once in 10^19 pairs. Of the
6,056 atoms of a meta-iteration on Tox21 some hundred kinds are left.

Shapes: N atoms, U kinds of environments, E ends of bonds.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.nn.sparse_sum import SparseSum


class Environments(NamedTuple):
    """Kinds of environments.

    Attributes:
        example: an atom of each kind, [U].
        spread: copies rows of kinds [U, D] to their atoms [N, D]; its gradient sums them.
    """

    example: Tensor
    spread: SparseSum


def environments(atom: Tensor, first: Tensor, neighbour: Tensor, bond_counts: Tensor) -> Environments:
    """Find the kinds of environments.

    Args:
        atom: features of each atom that are embedded, [N, 2], the second below 256.
        first: where the neighbours of each atom begin, and E at the end, [N + 1].
        neighbour: atoms at the other end of the bonds, atom by atom, [E].
        bond_counts: how often each kind of bond ends at an atom, [N, kinds].
    """
    kind = atom[:, 0].long() * 256 + atom[:, 1].long()
    own = _codes(int(kind.max()) + 1 if len(kind) else 0, kind)[kind]
    sums = torch.cat([own.new_zeros(1), own[neighbour].cumsum(0)])
    bonds = (bond_counts.long() * _codes(bond_counts.shape[1], kind, seed=1)).sum(1)
    alike = (own + sums[first[1:]] - sums[first[:-1]] + bonds).unique(return_inverse=True)[1]
    every = torch.arange(len(alike), device=alike.device)
    num_kinds = int(alike.max()) + 1 if len(alike) else 0
    example = every.new_empty(num_kinds).scatter_(0, alike, every)
    spread = SparseSum(every, alike, torch.ones(len(alike), device=alike.device), (len(alike), num_kinds))
    return Environments(example, spread)


def _codes(size: int, like: Tensor, seed: int = 0) -> Tensor:
    """Return random numbers of 64 bits, the same at every call, [size]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.empty(size, dtype=torch.int64).random_(-(2**63), None, generator=generator).to(like.device)
