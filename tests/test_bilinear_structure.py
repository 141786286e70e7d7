"""The algebra of structures: equivalence, degeneracy, features, encodings, and the known models as points."""

from itertools import permutations, product

import numpy as np
import pytest
import torch

from parsimony.methods.bilinear_structure import (
    KNOWN,
    PUBLISHED,
    Structure,
    canonical,
    determinant,
    is_degenerate,
    passes_published_filter,
    symmetry_features,
)

SIGNS = tuple(product((1, -1), repeat=4))


def random_structures(number: int, density: float = 0.5, seed: int = 0) -> list[Structure]:
    generator = np.random.default_rng(seed)
    values = generator.integers(-4, 5, (number, 16)) * (generator.random((number, 16)) < density)
    return [Structure(tuple(int(value) for value in row)) for row in values]


def change(structure: Structure, order, names, signs, flips) -> Structure:
    """An equivalent structure: chunks permuted, relation chunks renamed and flipped, entity chunks flipped."""
    matrix, result = structure.matrix, np.zeros((4, 4), dtype=int)
    for i, j in product(range(4), repeat=2):
        value = matrix[order[i], order[j]]
        if value:
            k = abs(value) - 1
            result[i, j] = np.sign(value) * (names[k] + 1) * signs[k] * flips[i] * flips[j]
    return Structure(tuple(int(value) for value in result.flatten()))


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        (KNOWN["complex"], "1 2 0 0; -2 1 0 0; 0 0 3 4; 0 0 -4 3"),
        (PUBLISHED["WN18RR"], "1 2 3 0; 3 4 0 0; 2 0 1 3; 0 0 2 1"),
    ],
)
def test_canonical_form_by_hand(structure: Structure, expected: str) -> None:
    """Two forms worked out beforehand."""
    assert expected == str(canonical(structure))


def test_canonical_form_equals_enumeration() -> None:
    """The largest first-appearance form is one of the 9216 equivalents, and the same from each of them."""
    for structure in random_structures(2):
        orbit = {
            change(structure, order, names, signs, (1, 1, 1, 1))
            for order in permutations(range(4)) for names in permutations(range(4)) for signs in SIGNS
        }  # fmt: skip
        assert canonical(structure, entity_signs=False) in orbit
        assert {canonical(structure, entity_signs=False)} == {canonical(one, False) for one in sorted(orbit)[::97]}


def test_canonical_form_is_invariant() -> None:
    """Random equivalents, entity signs included, share form and features."""
    generator = np.random.default_rng(5)
    for structure in random_structures(40, seed=1):
        flips = generator.choice([1, -1], 4)
        other = change(
            structure, generator.permutation(4), generator.permutation(4), generator.choice([1, -1], 4), flips
        )
        assert canonical(structure) == canonical(other)
        assert symmetry_features(structure) == symmetry_features(other)


def test_transposition_is_no_equivalence() -> None:
    """Head and tail are not interchangeable: some structure differs from its transpose."""
    structure = Structure.parse("1 2 0 0; 0 3 0 0; 0 0 4 0; 0 0 0 1")
    assert canonical(structure) != canonical(structure.transposed)


def test_permutations_fall_into_five_classes() -> None:
    """The 24 permutation structures are the cycle types of four elements."""
    entries = np.eye(4, dtype=int)
    classes = {
        canonical(Structure(tuple(int(v) for v in (entries[list(order)] * np.arange(1, 5)[:, None]).flatten())))
        for order in permutations(range(4))
    }
    assert 5 == len(classes)


def fixed_matrices(order, names, signs, flips, size: int) -> int:
    """Number of structures that one change leaves as they are: cycles of cells, each with its fixed values."""

    def image(value: int, cell: tuple[int, int]) -> int:
        k = abs(value) - 1
        return 0 if not value else int(np.sign(value)) * (names[k] + 1) * signs[k] * flips[cell[0]] * flips[cell[1]]

    seen, total = set(), 1
    for start in product(range(size), repeat=2):
        if start in seen:
            continue
        cycle, cell = [], start
        while cell not in seen:
            seen.add(cell)
            cycle.append(cell)
            cell = (order[cell[0]], order[cell[1]])
        count = 0
        for value in range(-size, size + 1):
            moved = value
            for one in cycle:
                moved = image(moved, one)
            count += moved == value
        total *= count
    return total


def count_classes(size: int, entity_signs: bool) -> int:
    """Burnside: the mean number of structures that a change fixes."""
    signs = list(product((1, -1), repeat=size))
    orders = list(permutations(range(size)))
    group = product(orders, orders, signs, signs if entity_signs else [(1,) * size])
    counts = [fixed_matrices(*change, size) for change in group]
    return sum(counts) // len(counts)


@pytest.mark.parametrize("entity_signs", [False, True])
def test_burnside_equals_enumeration_of_small_structures(entity_signs: bool) -> None:
    """On 2 x 2 structures with two relation chunks the count of orbits is that of listing them all."""
    seen, orbits = set(), 0
    signs = list(product((1, -1), repeat=2))
    flips = signs if entity_signs else [(1, 1)]
    for matrix in product(range(-2, 3), repeat=4):
        if matrix in seen:
            continue
        orbits += 1
        for order, names, sign, flip in product(permutations(range(2)), permutations(range(2)), signs, flips):
            seen.add(tuple(
                int(np.sign(v)) * (names[abs(v) - 1] + 1) * sign[abs(v) - 1] * flip[i] * flip[j] if v else 0
                for i, j in product(range(2), repeat=2) for v in [matrix[2 * order[i] + order[j]]]
            ))  # fmt: skip
    assert orbits == count_classes(2, entity_signs)


def cycle_counts(order, flips) -> list[tuple[int, int]]:
    """Length and sign of each cycle of cells under a change of the entity chunks."""
    seen, cycles = set(), []
    for start in product(range(4), repeat=2):
        length, sign, cell = 0, 1, start
        while cell not in seen:
            seen.add(cell)
            length, sign = length + 1, sign * flips[cell[0]] * flips[cell[1]]
            cell = (order[cell[0]], order[cell[1]])
        if length:
            cycles.append((length, sign))
    return cycles


@pytest.mark.parametrize(("entity_signs", "expected"), [(False, 215_998_280_488), (True, 27_148_230_130)])
def test_size_of_the_space(entity_signs: bool, expected: int) -> None:
    """9^16 structures fall into the stated number of classes."""
    relation_changes = [
        np.array([(n + 1) * s for n, s in zip(names, signs, strict=True)])
        for names in permutations(range(4))
        for signs in SIGNS
    ]
    fixed: dict[tuple[int, int], list[int]] = {}
    for length, sign in product(range(1, 13), (1, -1)):
        counts = []
        for images in relation_changes:
            moved = np.arange(1, 5)
            for _ in range(length):
                moved = np.sign(moved) * images[abs(moved) - 1]
            counts.append(1 + 2 * int((moved * sign == np.arange(1, 5)).sum()))
        fixed[length, sign] = counts
    total, size = 0, 0
    for order, flips in product(permutations(range(4)), SIGNS if entity_signs else [(1, 1, 1, 1)]):
        cycles = cycle_counts(order, flips)
        for place in range(len(relation_changes)):
            product_of_counts = 1
            for cycle in cycles:
                product_of_counts *= fixed[cycle][place]
            total, size = total + product_of_counts, size + 1
    assert (expected, 0) == divmod(total, size)


def test_exact_determinant_agrees_with_floating_point() -> None:
    """Integers against numpy, which errs by rounding only."""
    for structure in random_structures(300, seed=2):
        assert np.linalg.det(structure.matrix) == pytest.approx(determinant(structure.matrix.tolist()), abs=1e-9)


def test_degeneracy_agrees_with_the_rank_of_random_relations() -> None:
    """Degenerate iff a random direction test of h, t or r finds a null direction of the score."""
    generator = np.random.default_rng(0)
    structures = random_structures(200, density=0.35, seed=3)
    for structure in structures:
        matrix, signs = abs(structure.matrix), np.sign(structure.matrix)
        relations = generator.normal(size=(64, 5))
        relations[:, 0] = 0
        many = relations[:, matrix] * signs  # R_A for 64 random r
        ranks = [
            np.linalg.matrix_rank(many.reshape(-1, 4)),
            np.linalg.matrix_rank(many.transpose(0, 2, 1).reshape(-1, 4)),
        ]
        expected = min(ranks) < 4 or not {1, 2, 3, 4} <= set(matrix.flatten().tolist())
        assert expected == is_degenerate(structure)
    assert 0 < sum(map(is_degenerate, structures)) < len(structures)


def test_regular_labels_imply_full_rank() -> None:
    """What passes the published filter is never degenerate; the reverse fails for some."""
    structures = random_structures(2000, density=0.4, seed=4)
    passed = [one for one in structures if passes_published_filter(one)]
    assert passed and not any(map(is_degenerate, passed))
    assert any(not is_degenerate(one) and not passes_published_filter(one) for one in structures)


def test_determinant_in_floating_point_lets_singular_matrices_slip() -> None:
    """Among exactly singular structures some have a floating-point determinant other than zero."""
    singular = [one for one in random_structures(3000, seed=6) if determinant(one.matrix.tolist()) == 0]
    slipped = [one for one in singular if np.linalg.det(one.matrix) != 0]
    assert 0 < len(slipped) < len(singular)
    assert max(abs(np.linalg.det(one.matrix)) for one in slipped) < 1e-9


def plain_features(structure: Structure) -> tuple[int, ...]:
    """The twenty bits by plain loops over all assignments."""
    bits = [0] * 20
    for v in product(range(-4, 5), repeat=4):
        a, b = v.count(0), len({abs(x) for x in v if x})
        if not b:
            continue
        filled = [
            [0 if not x else (1 if x > 0 else -1) * v[abs(x) - 1] for x in row] for row in structure.matrix.tolist()
        ]
        if not any(map(any, filled)):
            continue
        group = 4 * a - a * (a - 1) // 2 + b - 1
        cells = [(i, j) for i in range(4) for j in range(4)]
        bits[group] |= all(filled[i][j] == filled[j][i] for i, j in cells)
        bits[group + 10] |= all(filled[i][j] == -filled[j][i] for i, j in cells)
    return tuple(map(int, bits))


@pytest.mark.parametrize("structure", [*KNOWN.values(), *random_structures(3, 0.35)])
def test_features_equal_plain_loops(structure: Structure) -> None:
    """The vectorised bits are those of the definition."""
    assert plain_features(structure) == symmetry_features(structure)


# Lines of searched_SFs.txt in LARS-research/AutoSF, as printed there.
AUTOSF_LISTS = {
    "distmult": [0, 1, 2, 3],
    "analogy": [0, 1, 2, 2, 3, 2, 3, -1, 2, 3, 3, 1],
    "complex": [0, 1, 0, 1, 0, 2, 2, 1, 1, 3, 3, 1, 2, 0, 2, -1, 3, 1, 3, -1],
    "simple": [2, 3, 0, 1],
    "WN18": [3, 2, 1, 0, 3, 3, 2, -1, 0, 2, 3, -1, 1, 0, 1, 1, 2, 1, 0, 1, 2, 2, 0, -1, 1, 0, 2, -1],
    "FB15k": [3, 2, 1, 0, 1, 0, 1, 1, 2, 1, 0, 1],
    "WN18RR": [1, 0, 2, 3, 3, 1, 1, 1, 3, 0, 0, 1, 0, 3, 2, -1, 1, 2, 3, -1, 1, 3, 1, -1, 0, 1, 3, -1],
    "FB15k-237": [2, 1, 3, 0],
    "YAGO3-10": [0, 1, 2, 3, 1, 3, 1, -1, 2, 1, 3, -1],
}


@pytest.mark.parametrize("name", AUTOSF_LISTS)
def test_lists_of_the_first_code_give_the_same_structures(name: str) -> None:
    """The authors' lists convert to the matrices written down here."""
    assert {**KNOWN, **PUBLISHED}[name] == Structure.from_autosf(AUTOSF_LISTS[name])


@pytest.mark.parametrize("numbers", [[0, 1, 2], [0, 1, 2, 3, 1]])
def test_lists_of_a_wrong_length_are_refused(numbers: list[int]) -> None:
    """A list holds four numbers, and four more for each further term."""
    with pytest.raises(ValueError, match="expected four, and four more"):
        Structure.from_autosf(numbers)


@pytest.mark.parametrize("structure", [*KNOWN.values(), *PUBLISHED.values()])
def test_structures_print_as_they_are_parsed(structure: Structure) -> None:
    """Text and 16 entries carry the same; cells are counted; transposing twice changes nothing."""
    assert structure == Structure.parse(str(structure)) == structure.transposed.transposed
    assert 16 - structure.entries.count(0) == structure.num_cells


def score(structure: Structure, h: torch.Tensor, r: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    h, r, t = h.chunk(4, -1), r.chunk(4, -1), t.chunk(4, -1)
    cells = [(i // 4, i % 4, v) for i, v in enumerate(structure.entries) if v]
    return sum((1 if v > 0 else -1) * (h[i] * r[abs(v) - 1] * t[j]).sum(-1) for i, j, v in cells)


def test_known_models_score_like_pykeen() -> None:
    """DistMult and ComplEx equal PyKEEN's interactions on random vectors, SimplE and Analogy their formulas."""
    from pykeen.nn.modules import ComplExInteraction, DistMultInteraction

    h, r, t = torch.randn(3, 50, 16, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(DistMultInteraction()(h, r, t), score(KNOWN["distmult"], h, r, t), atol=1e-5)
    real = [torch.complex(x[:, :8], x[:, 8:]) for x in (h, r, t)]
    conjugate = (real[0], real[1].conj(), real[2])  # the grid gives the imaginary part of r the other sign
    assert torch.allclose(ComplExInteraction()(*conjugate), score(KNOWN["complex"], h, r, t), atol=1e-4)
    (h1, h2), (r1, r2), (t1, t2) = (x.chunk(2, -1) for x in (h, r, t))
    assert torch.allclose((h1 * r1 * t2 + h2 * r2 * t1).sum(-1), score(KNOWN["simple"], h, r, t), atol=1e-5)
    a, b = h2.chunk(2, -1), t2.chunk(2, -1)
    r3, r4 = r2.chunk(2, -1)
    expected = (h1 * r1 * t1).sum(-1) + (a[0] * r3 * b[0] - a[0] * r4 * b[1] + a[1] * r4 * b[0] + a[1] * r3 * b[1]).sum(
        -1
    )
    assert torch.allclose(expected, score(KNOWN["analogy"], h, r, t), atol=1e-5)


@pytest.mark.parametrize("structure", [*KNOWN.values(), *PUBLISHED.values(), *random_structures(5, seed=7)])
def test_any_structure_scores_like_pykeen(structure: Structure) -> None:
    """PyKEEN's general interaction, given the cells as (head, relation, tail, sign), and h^T R_A t agree."""
    from pykeen.nn.modules import AutoSFInteraction

    cells = [(i // 4, abs(v) - 1, i % 4, 1 if v > 0 else -1) for i, v in enumerate(structure.entries) if v]
    h, r, t = torch.randn(3, 50, 16, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = score(structure, h, r, t)
    assert torch.allclose(AutoSFInteraction(cells, num_blocks=4)(*(x.chunk(4, -1) for x in (h, r, t))), found)
    padded = torch.cat([torch.zeros(50, 1, 4), r.view(50, 4, 4)], 1)  # chunk 0 is empty
    R = padded[:, abs(structure.matrix)] * torch.from_numpy(np.sign(structure.matrix)).unsqueeze(-1)  # [50, 4, 4, c]
    assert torch.allclose(torch.einsum("bic,bijc,bjc->b", h.view(50, 4, 4), R, t.view(50, 4, 4)), found)


@pytest.mark.parametrize("entries", [(1, 2, 3), tuple([5] + [0] * 15)])
def test_wrong_entries_are_refused(entries: tuple[int, ...]) -> None:
    """Too few entries, or one outside -4..4."""
    with pytest.raises(ValueError, match="16 entries from -4 to 4"):
        Structure(entries)
