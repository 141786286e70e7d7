"""The two graphs that TIGER reads of a drug: its molecule, and what a random walk meets in the network (section 6).

An atom has 67 features, divided by their sum: element (44), bonds (11), hydrogens (11), whether it is aromatic. A walk
of 32 steps leaves the drug; the subgraph has the entities that it meets, the drug first, and all edges between them.

Shapes: T triples, D drugs, R relations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from parsimony.data.attention_graphs import AttentionGraphs, SmallGraph, attention_graphs
from parsimony.data.registry import DataError

if TYPE_CHECKING:
    from rdkit.Chem import Atom, Mol

ELEMENTS = (
    "C", "N", "O", "S", "F", "Si", "P", "Cl", "Br", "Mg", "Na", "Ca", "Fe", "As", "Al", "I", "B", "V", "K", "Tl",
    "Yb", "Sb", "Sn", "Ag", "Pd", "Co", "Se", "Ti", "Zn", "H", "Li", "Ge", "Cu", "Au", "Ni", "Cd", "In", "Mn", "Zr",
    "Cr", "Pt", "Hg", "Pb", "other",
)  # fmt: skip
MOST_COUNTED = 10
BOND_OF_RDKIT = {1: 0, 2: 1, 3: 2, 12: 3}  # single, double, triple, aromatic
NUM_BONDS = 5  # and any other
STEPS = 32


def molecule_graphs(smiles: Sequence[str]) -> AttentionGraphs:
    """Return the molecules of drugs.

    Raises:
        DataError: if RDKit rejects one.
    """
    from rdkit import Chem, rdBase

    graphs = []
    with rdBase.BlockLogs():  # the message names the drug instead
        for drug, text in enumerate(smiles):
            molecule = Chem.MolFromSmiles(text)
            if molecule is None:
                raise DataError(f"drug {drug}: {text[:80]!r} is no SMILES that RDKit reads.")
            graphs.append(_molecule(molecule))
    return attention_graphs(graphs, NUM_BONDS)


def _molecule(molecule: Mol) -> SmallGraph:
    bonds = [
        (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), BOND_OF_RDKIT.get(int(bond.GetBondType()), NUM_BONDS - 1))
        for bond in molecule.GetBonds()
    ]
    edges = np.array([*bonds, *((b, a, kind) for a, b, kind in bonds)], np.int64).reshape(-1, 3)
    return SmallGraph(np.stack([_atom(one) for one in molecule.GetAtoms()]), edges)


def _atom(atom: Atom) -> NDArray:
    symbol = atom.GetSymbol()
    features = np.zeros(len(ELEMENTS) + 2 * (MOST_COUNTED + 1) + 1, np.float32)
    features[ELEMENTS.index(symbol) if symbol in ELEMENTS else -1 + len(ELEMENTS)] = 1.0
    for place, count in enumerate((atom.GetDegree(), atom.GetTotalNumHs())):
        features[len(ELEMENTS) + place * (MOST_COUNTED + 1) + min(count, MOST_COUNTED)] = 1.0
    features[-1] = float(atom.GetIsAromatic())
    return features / features.sum()


def walked_graphs(triples: Tensor, num_drugs: int, num_entities: int, num_relations: int, seed: int) -> AttentionGraphs:
    """Return the subgraphs that random walks meet, one a drug; a drug without an edge stays alone.

    Args:
        triples: head, relation, tail, [T, 3].
        num_drugs: D.
        num_entities: numbers of entities are below it.
        num_relations: R; an edge against its direction has R more.
        seed: of the walks.
    """
    head, relation, tail = triples.numpy().T
    source, target = np.concatenate([head, tail]), np.concatenate([tail, head])
    kind = np.concatenate([relation, relation + num_relations])
    order = np.argsort(source, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=num_entities))])
    target, kind = target[order], kind[order]
    met = _walk(first, target, num_drugs, np.random.default_rng(seed))
    return attention_graphs([_subgraph(one, first, target, kind) for one in met], 2 * num_relations)


def _walk(first: NDArray, target: NDArray, num_drugs: int, draw: np.random.Generator) -> NDArray:
    """Return the entities of a walk from each drug, [D, 33]; without an edge it stays."""
    path = [np.arange(num_drugs)]
    for _ in range(STEPS):
        here = path[-1]
        size = first[here + 1] - first[here]
        edge = first[here] + (draw.random(num_drugs) * size).astype(np.int64)
        path.append(np.where(size > 0, target[np.minimum(edge, len(target) - 1)], here))
    return np.stack(path, axis=1)


def _subgraph(walk: NDArray, first: NDArray, target: NDArray, kind: NDArray) -> SmallGraph:
    """Return the entities of a walk, the drug first, and the edges between them."""
    others = np.unique(walk)
    node = np.concatenate([walk[:1], others[others != walk[0]]])
    edge = np.concatenate([np.arange(first[entity], first[entity + 1]) for entity in node])
    one = np.repeat(np.arange(len(node)), first[node + 1] - first[node])
    ordered = np.argsort(node)
    place = np.minimum(np.searchsorted(node[ordered], target[edge]), len(node) - 1)
    other = ordered[place]
    is_inside = node[other] == target[edge]
    edges = np.stack([one[is_inside], other[is_inside], kind[edge[is_inside]]], axis=1)
    return SmallGraph(node, edges)
