"""What reaches an entity in two steps from a drug, counted so that equal messages are computed once (section 6).

A neighbour e1 of the drug u gets its state by direct edges only, so all neighbours with the same edges from u, the same
multiset of (relation, weight), have the same state. Their signature class stands for them. What reaches e2 then is

    sum over (relation r, class s) of  n(e2; r, s)  alpha_r R_r * state of s

and the whole numbers n depend on the network and u alone: a table, made once for u and read by every pair of u.

Shapes: S classes of u, Q rows, M entries of the table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsimony.nn.augmented_network import AugmentedNetwork, Edges
from parsimony.nn.index_ranges import ranges


class SignatureTable(NamedTuple):
    """Table of one drug.

    Attributes:
        first_edge: where the edges of each class begin, then their number, [S + 1].
        edge_relation: id of each edge of a class.
        edge_weight: its weight.
        rows: entities that two steps reach, in order, [Q].
        first: where the entries of each row begin, then M, [Q + 1].
        code: r S + s of each entry, [M].
        count: n, [M].
    """

    first_edge: NDArray
    edge_relation: NDArray
    edge_weight: NDArray
    rows: NDArray
    first: NDArray
    code: NDArray
    count: NDArray

    @property
    def num_classes(self) -> int:
        """S."""
        return len(self.first_edge) - 1


class SignatureTables:
    """Tables of drugs in one network, made when asked for and kept.

    Args:
        network: that messages flow in.
        layers: L of the model; entities from which no drug can be reached in L - 2 steps are left out.
    """

    def __init__(self, network: AugmentedNetwork, layers: int) -> None:
        self._network, self._middle = network, network.middle(layers - 2)
        self._bits = int(self._middle.weight.max(initial=1)).bit_length()
        self._tables: dict[int, SignatureTable] = {}

    def of(self, drug: int) -> SignatureTable:
        """Return the table of a drug."""
        if drug not in self._tables:
            self._tables[drug] = self._make(drug)
        return self._tables[drug]

    def _make(self, drug: int) -> SignatureTable:
        neighbours, classes, *edges = _classes(self._network.outgoing.of(drug))
        num_classes = len(edges[0]) - 1
        first = self._middle.first
        edge, owner = ranges(first[neighbours], first[neighbours + 1])
        key = (self._middle.other[edge] * self._network.ids.count + self._middle.relation[edge]) * num_classes
        return SignatureTable(*edges, *self._count(key + classes[owner], self._middle.weight[edge], num_classes))

    def _count(self, key: NDArray, weight: NDArray, num_classes: int) -> tuple[NDArray, ...]:
        """Return rows, first, code and count from a key and a weight for each edge of the second step."""
        packed = np.sort((key << self._bits) | weight)  # one sort of numbers is several times faster than an argsort
        key, weight = packed >> self._bits, packed & ((1 << self._bits) - 1)
        begins = _begins(key)
        count = np.add.reduceat(weight, begins) if len(begins) else weight
        row, code = np.divmod(key[begins], self._network.ids.count * num_classes)
        row_begins = _begins(row)
        return row[row_begins], np.append(row_begins, len(row)), code.astype(np.int32), count.astype(np.float32)


def _classes(edges: Edges) -> tuple[NDArray, ...]:
    """Return neighbours, the class of each, and first edge, relations and weights of the classes.

    Args:
        edges: that leave the drug, in the order of target and relation.
    """
    begins = _begins(edges.other)
    ends = np.append(begins[1:], len(edges.other))
    code = edges.relation << 32 | edges.weight
    place = np.arange(len(code)) - np.repeat(begins, ends - begins)
    padded = np.full((len(begins), 1 + place.max(initial=-1)), -1)
    padded[np.repeat(np.arange(len(begins)), ends - begins), place] = code
    signatures, classes = np.unique(padded, axis=0, return_inverse=True)
    is_edge = signatures >= 0
    first_edge = np.append(0, np.cumsum(is_edge.sum(1)))
    relation, weight = signatures[is_edge] >> 32, signatures[is_edge] & 0xFFFFFFFF
    return edges.other[begins], classes.reshape(-1), first_edge, relation, weight


def _begins(ordered: NDArray) -> NDArray:
    """Return where each new value of an ordered array begins."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))
