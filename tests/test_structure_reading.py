"""Structures in words, held against the symmetry features of the method and against matrices."""

from __future__ import annotations

import numpy as np
import pytest

from parsimony.artifacts.structure_reading import condition, formula, modelled, term_in_words, terms_of
from parsimony.methods.bilinear_structure import KNOWN, PUBLISHED, Structure, symmetry_features

COMPLEX = KNOWN["complex"].entries


def drawn(number: int) -> list[tuple[int, ...]]:
    """Return structures drawn at random, most of them with few cells."""
    draws = np.random.default_rng(0)
    cells = draws.integers(-4, 5, (number, 16)) * (draws.random((number, 16)) < draws.random((number, 1)))
    return [tuple(row) for row in cells.tolist() if any(row)]


def filled(entries: tuple[int, ...], chunks: dict[int, float]) -> np.ndarray:
    """Return g(r) for one dimension of r, [4, 4]."""
    return np.array([np.sign(value) * chunks.get(abs(value), 0.0) for value in entries]).reshape(4, 4)


def test_complex_by_hand() -> None:
    """ComplEx: real parts r1, r2 on the diagonal are symmetric, imaginary ones r3, r4 antisymmetric."""
    assert [
        "Symmetric relations, as true from tail to head as from head to tail: yes, where r₃ = 0 and r₄ = 0.",
        "Antisymmetric relations, whose score changes sign from tail to head: yes, where r₁ = 0 and r₂ = 0.",
        "Relations that are neither: yes, at other values of r.",
    ] == modelled(COMPLEX)
    assert ["⟨h₁, r₁, t₁⟩", "− ⟨h₁, r₃, t₃⟩"] == formula(COMPLEX)[:2] and 8 == len(formula(COMPLEX))


def test_distmult_and_simple_by_hand() -> None:
    """DistMult is symmetric and nothing else; SimplE ties the two chunks of a pair."""
    _, skew, neither = modelled(KNOWN["distmult"].entries)
    assert skew.endswith("no, only with every part zero.") and neither.endswith("no, every r is symmetric.")
    symmetric, skew, _ = modelled(KNOWN["simple"].entries)
    assert symmetric.endswith("yes, where r₃ = r₁ and r₄ = r₂.") and skew.endswith("yes, where r₃ = −r₁ and r₄ = −r₂.")


def test_a_cell_in_words_by_hand() -> None:
    """Row 1, column 3 of ComplEx holds -r3; its mirror holds r3."""
    term = next(one for one in terms_of(COMPLEX) if one["place"] == 2)
    assert {"place": 2, "head": 1, "relation": 3, "tail": 3, "sign": -1} == term
    assert term_in_words(COMPLEX, term) == (
        "⟨h₁, r₃, t₃⟩: part 1 of the head times part 3 of the relation times part 3 of the tail, summed over their "
        "dimensions, is subtracted from the score. The cell across the diagonal holds +r₃."
    )


@pytest.mark.parametrize("side", [1, -1], ids=["symmetric", "antisymmetric"])
def test_words_agree_with_the_features_of_the_method(side: int) -> None:
    """A relation of the kind exists exactly where some integer assignment of the authors' features is one."""
    bits = slice(0, 10) if side > 0 else slice(10, 20)
    for entries in [*drawn(300), *(one.entries for one in (*KNOWN.values(), *PUBLISHED.values()))]:
        found = condition(entries, side)
        assert any(symmetry_features(Structure(entries))[bits]) == any(root for _, root in found.values())


@pytest.mark.parametrize("side", [1, -1], ids=["symmetric", "antisymmetric"])
def test_relations_that_meet_the_condition_have_the_symmetry(side: int) -> None:
    """Free chunks drawn at random, the others set by the condition: the matrix equals its signed transpose."""
    draws = np.random.default_rng(1)
    for entries in drawn(300):
        free = dict(enumerate(draws.standard_normal(5)))
        chunks = {one: sign * free[root] for one, (sign, root) in condition(entries, side).items()}
        matrix = filled(entries, chunks)
        assert np.array_equal(matrix, side * matrix.T)


def test_the_condition_asks_no_more_than_it_must() -> None:
    """As many free chunks as the linear equations leave: rank against a count of representatives."""
    for entries in drawn(200):
        occurring = sorted({abs(value) for value in entries if value})
        units = np.stack([filled(entries, {one: 1.0}) for one in occurring])
        rank = np.linalg.matrix_rank((units - units.transpose(0, 2, 1)).reshape(len(units), -1))
        roots = {root for _, root in condition(entries, 1).values() if root}
        assert len(occurring) - rank == len(roots)
