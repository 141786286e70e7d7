"""The unified space of bilinear scoring functions (AutoBLM, arXiv 2107.00184; AutoSF, arXiv 1904.11682).

A structure is a 4 x 4 matrix A with entries in -4..4; row = head chunk, column = tail chunk, |A_ij| = relation chunk:

    f_A(h, r, t) = sum over A_ij != 0 of  sgn(A_ij) < h_i, r_|A_ij|, t_j >  =  h^T R_A t

Two structures are equivalent if one becomes the other by the same permutation of head and tail chunks, a renaming
of relation chunks, a change of sign of a relation chunk, or a change of sign of an entity chunk (row and column,
since head and tail share one table; the authors do not use this last one). Transposition is no equivalence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import permutations, product
from types import MappingProxyType

import numpy as np

SIZE = 4
CELLS = SIZE * SIZE
PERMUTATIONS = tuple(permutations(range(SIZE)))


@dataclass(frozen=True, order=True)
class Structure:
    """One scoring function.

    Attributes:
        entries: the 16 entries of A, row by row, each in -4..4.
    """

    entries: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.entries) != CELLS or any(not -SIZE <= value <= SIZE for value in self.entries):
            raise ValueError(f"{self.entries} given; a structure has 16 entries from -4 to 4, row by row.")

    @classmethod
    def parse(cls, text: str) -> Structure:
        """Read rows separated by semicolons, such as "1 0 0 0; 0 2 0 0; 0 0 3 0; 0 0 0 4"."""
        return cls(tuple(int(value) for value in text.replace(";", " ").split()))

    @classmethod
    def from_autosf(cls, numbers: Sequence[int]) -> Structure:
        """Convert the list of the authors' first code.

        Args:
            numbers: tail chunks of the terms +h_1 r_1, +h_2 r_2, +h_3 r_3, +h_4 r_4, counted from 0; then for each
                further term relation chunk, head chunk and tail chunk, counted from 0, and sign.
        """
        if len(numbers) < SIZE or len(numbers) % SIZE:
            raise ValueError(f"{len(numbers)} numbers given; expected four, and four more for each further term.")
        entries = [0] * CELLS
        for row, column in enumerate(numbers[:SIZE]):
            entries[SIZE * row + column] = row + 1
        for start in range(SIZE, len(numbers), SIZE):
            relation, row, column, sign = numbers[start : start + SIZE]
            entries[SIZE * row + column] = (relation + 1) * sign
        return cls(tuple(entries))

    @property
    def matrix(self) -> np.ndarray:
        """A, [4, 4]."""
        return np.array(self.entries).reshape(SIZE, SIZE)

    @property
    def num_cells(self) -> int:
        """Number of entries that are not zero."""
        return sum(value != 0 for value in self.entries)

    @property
    def transposed(self) -> Structure:
        """The structure with head and tail exchanged: another scoring function."""
        return Structure(tuple(int(value) for value in self.matrix.T.flatten()))

    def __str__(self) -> str:
        return "; ".join(" ".join(map(str, self.entries[row : row + SIZE])) for row in range(0, CELLS, SIZE))


KNOWN: Mapping[str, Structure] = MappingProxyType(
    {
        "distmult": Structure.parse("1 0 0 0; 0 2 0 0; 0 0 3 0; 0 0 0 4"),
        "complex": Structure.parse("1 0 -3 0; 0 2 0 -4; 3 0 1 0; 0 4 0 2"),
        "simple": Structure.parse("0 0 1 0; 0 0 0 2; 3 0 0 0; 0 4 0 0"),
        "analogy": Structure.parse("1 0 0 0; 0 2 0 0; 0 0 3 -4; 0 0 4 3"),
    }
)

# Found by the authors' searches: searched_SFs.txt of LARS-research/AutoSF, the README of its branch AutoSF-OGB, and
# the configurations of LARS-research/KGBench.
PUBLISHED: Mapping[str, Structure] = MappingProxyType(
    {
        "WN18": Structure.parse("0 2 -2 1; 3 0 2 0; -3 3 0 -1; 4 0 -4 0"),
        "FB15k": Structure.parse("0 2 0 1; 3 0 2 0; 0 3 0 0; 4 0 0 0"),
        "WN18RR": Structure.parse("4 1 0 0; 2 4 0 -1; 0 0 3 -2; 0 -2 -1 4"),
        "FB15k-237": Structure.parse("0 0 1 0; 0 2 0 0; 0 0 0 3; 4 0 0 0"),
        "YAGO3-10": Structure.parse("1 0 0 0; 0 2 0 -3; 0 0 3 0; 0 -2 0 4"),
        "ogbl-biokg (AutoSF)": Structure.parse("1 1 0 0; 0 2 0 0; 0 0 3 0; 0 0 0 4"),
        "ogbl-wikikg2 (AutoSF)": Structure.parse("1 0 0 0; 0 2 2 0; 0 0 1 3; 0 -2 4 0"),
        "ogbl-biokg (AutoBLM)": Structure.parse("1 0 0 0; 0 2 0 0; 0 0 0 3; 0 0 4 0"),
        "ogbl-wikikg2 (AutoBLM)": Structure.parse("1 0 0 0; 0 2 0 -2; 0 0 1 4; 0 3 3 0"),
    }
)


def determinant(rows: Sequence[Sequence[int]]) -> int:
    """Exact determinant of a small integer matrix, by expansion along the first row."""
    if not rows:
        return 1
    minors = ([row[:j] + row[j + 1 :] for row in map(list, rows[1:])] for j in range(len(rows)))
    return sum((-1) ** j * rows[0][j] * determinant(minor) for j, minor in enumerate(minors) if rows[0][j])


def passes_published_filter(structure: Structure) -> bool:
    """Tell whether all four relation chunks occur and A, labels read as numbers, is regular.

    The authors test the determinant in floating point, which lets some singular matrices slip through and loses
    some regular ones; here it is exact.
    """
    return {abs(value) for value in structure.entries} >= {1, 2, 3, 4} and determinant(structure.matrix.tolist()) != 0


def is_degenerate(structure: Structure) -> bool:
    """Tell whether some direction of h, t or r never changes the score (exact rank test).

    Not degenerate iff every relation chunk occurs and the sign patterns A_1..A_4 have rank 4 both side by side and
    stacked.
    """
    signs = np.stack([np.sign(structure.matrix) * (abs(structure.matrix) == k) for k in range(1, SIZE + 1)])
    if not signs.any(axis=(1, 2)).all():
        return True
    wide = signs.transpose(1, 0, 2).reshape(SIZE, -1)
    tall = signs.reshape(-1, SIZE)
    return any(determinant((part @ part.T).tolist()) == 0 for part in (wide, tall.T))  # Gram matrices


def has_empty_line(structure: Structure) -> bool:
    """Tell whether a row or a column is empty: what the greedy search refuses."""
    matrix = structure.matrix
    return not (matrix.any(axis=0).all() and matrix.any(axis=1).all())


@cache
def _views(entity_signs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return cell orders and signs of all head-and-tail changes, [24 or 192, 16] each."""
    orders, signs = [], []
    flips = [(1, *rest) for rest in product((1, -1), repeat=SIZE - 1)] if entity_signs else [(1,) * SIZE]
    for order in PERMUTATIONS:
        for flip in flips:
            orders.append([SIZE * i + j for i in order for j in order])
            signs.append([flip[i] * flip[j] for i in range(SIZE) for j in range(SIZE)])
    return np.array(orders), np.array(signs)


@lru_cache(maxsize=100_000)
def canonical(structure: Structure, entity_signs: bool = True) -> Structure:
    """Return the representative of all structures equivalent to this one.

    For each permutation of head and tail chunks (and each choice of entity signs) the relation chunks are renamed
    in the order of their first appearance, with a positive first sign; the largest result counts.

    Args:
        structure: any structure.
        entity_signs: use the sign changes of entity chunks too, which the authors' code does not.
    """
    orders, signs = _views(entity_signs)
    views = np.array(structure.entries)[orders] * signs
    labels = np.abs(views)
    first = np.stack(
        [np.where((labels == k).any(1), (labels == k).argmax(1), CELLS + k) for k in range(1, SIZE + 1)], 1
    )
    name = first.argsort(1).argsort(1) + 1  # new name of old chunk k
    padded = np.concatenate([views, np.ones((len(views), SIZE + 1), dtype=views.dtype)], 1)
    lead = np.sign(np.take_along_axis(padded, first, 1))
    factor = np.concatenate([np.zeros((len(views), 1), dtype=views.dtype), name * lead], 1)
    renamed = np.sign(views) * np.take_along_axis(factor, labels, 1)
    return Structure(max(map(tuple, renamed.tolist())))


@cache
def _assignments() -> tuple[np.ndarray, np.ndarray]:
    """Return all value assignments of the relation chunks [6560, 4] and the group of each (section of the paper:
    number of zeros a, number b of distinct absolute values that are not zero)."""
    values = np.array([v for v in product(range(-SIZE, SIZE + 1), repeat=SIZE) if any(v)])
    zeros = (values == 0).sum(1)
    distinct = np.array([len({abs(x) for x in v if x}) for v in values.tolist()])
    return values, 4 * zeros - zeros * (zeros - 1) // 2 + distinct - 1


@lru_cache(maxsize=100_000)
def symmetry_features(structure: Structure) -> tuple[int, ...]:
    """Return 20 bits: can some assignment of each of ten groups make A(v) symmetric (10), or skew-symmetric (10).

    A(v)_ij = sgn(A_ij) v_|A_ij|. The groups share the number of zeros and of distinct absolute values. The bits do
    not change under equivalence.
    """
    values, group = _assignments()
    padded = np.concatenate([np.zeros((len(values), 1), dtype=int), values], 1)
    matrix = structure.matrix
    filled = np.sign(matrix) * padded[:, np.abs(matrix)]  # [6560, 4, 4]
    turned = filled.transpose(0, 2, 1)
    present = filled.any(axis=(1, 2))
    is_symmetric = present & (filled == turned).all(axis=(1, 2))
    is_skew = present & (filled == -turned).all(axis=(1, 2))
    return tuple(int(count > 0) for hits in (is_symmetric, is_skew) for count in np.bincount(group[hits], minlength=10))
