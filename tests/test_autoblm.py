"""Both searches on cheap scores: no repetition, the budget kept, and a resumed search like an undisturbed one."""

from itertools import permutations

import numpy as np
import pytest

from parsimony.methods.autoblm import EvolutionarySearch, ProgressiveSearch, permutation_classes
from parsimony.methods.bilinear_structure import KNOWN, Structure, canonical, passes_published_filter
from parsimony.methods.structure_predictor import StructurePredictor


def cheap_score(structure: Structure) -> float:
    """A deterministic score that favours asymmetric grids of about six cells."""
    matrix = structure.matrix
    return 0.5 + 0.03 * np.sign(abs(matrix - matrix.T)).sum() / 2 - 0.02 * abs(structure.num_cells - 6)


def carry_out(search, stop_after: int | None = None):
    rounds = 0
    while not search.finished and rounds != stop_after:
        asked = search.ask()
        search.tell(asked, [cheap_score(one) for one in asked])
        rounds += 1
    return search


def progressive(seed: int = 0) -> ProgressiveSearch:
    return ProgressiveSearch(seed, rounds=2, last_stage=8, candidates=24)


def evolutionary(seed: int = 0) -> EvolutionarySearch:
    return EvolutionarySearch(seed, budget=30)


def test_permutations_start_both_searches() -> None:
    """The five classes come first."""
    assert 5 == len(permutation_classes())
    assert permutation_classes() == progressive().ask() == evolutionary().ask()


def test_evolution_keeps_its_budget_and_never_repeats() -> None:
    """Exactly the budget is trained, no two structures are equivalent, all pass the filter."""
    trained = [Structure(tuple(step["structure"])) for step in carry_out(evolutionary()).trajectory]
    assert 30 == len(trained) == len({canonical(one) for one in trained})
    assert all(map(passes_published_filter, trained))


def test_progression_adds_two_cells_a_stage() -> None:
    """4 cells first, then two rounds of eight for 6 and for 8 cells, new within their stage."""
    trajectory = carry_out(progressive()).trajectory
    cells = [Structure(tuple(step["structure"])).num_cells for step in trajectory]
    assert [4] * 5 + [6] * 16 + [8] * 16 == cells == [step["round"] for step in trajectory]
    for stage in (6, 8):
        forms = [canonical(Structure(tuple(step["structure"]))) for step in trajectory if step["round"] == stage]
        assert len(forms) == len(set(forms))


@pytest.mark.parametrize("make", [progressive, evolutionary])
def test_best_is_the_maximum(make) -> None:
    """The best structure is the highest ever trained, and the trajectory rises to it."""
    search = carry_out(make())
    scores = [step["score"] for step in search.trajectory]
    assert max(scores) == search.best[1] == search.trajectory[-1]["best"]
    assert list(np.maximum.accumulate(scores)) == [step["best"] for step in search.trajectory]


@pytest.mark.parametrize("make", [progressive, evolutionary])
@pytest.mark.parametrize("rounds", [1, 3])
def test_a_resumed_search_equals_an_undisturbed_one(make, rounds: int) -> None:
    """Saved after some rounds and loaded into a search of another seed, it trains the same structures."""
    state = carry_out(make(), stop_after=rounds).state_dict()
    resumed = make(seed=99)
    resumed.load_state_dict(state)
    assert carry_out(make()).trajectory == carry_out(resumed).trajectory


def holds_a_full_permutation(structure: Structure) -> bool:
    """Whether four cells of different rows and columns carry four different relation chunks."""
    matrix = abs(structure.matrix)
    return any({1, 2, 3, 4} == {int(matrix[i, j]) for i, j in enumerate(order)} for order in permutations(range(4)))


def test_greedy_search_cannot_reach_complex() -> None:
    """All that it trains holds a permutation with four different chunks; ComplEx and Analogy do not."""
    trained = [Structure(tuple(step["structure"])) for step in carry_out(progressive()).trajectory]
    assert all(map(holds_a_full_permutation, trained))
    assert [False, False] == [holds_a_full_permutation(KNOWN[name]) for name in ("complex", "analogy")]


def test_seeds_differ() -> None:
    """Two seeds train different structures after the start."""
    assert carry_out(evolutionary(1)).trajectory != carry_out(evolutionary(2)).trajectory


def test_predictor_learns_to_rank() -> None:
    """After some rounds on a score that hangs on one feature, it ranks better than chance."""
    generator = np.random.default_rng(0)
    features = generator.integers(0, 2, (200, 20)).astype(float)
    scores = 0.2 + 0.6 * features[:, 3]
    predictor = StructurePredictor(np.random.default_rng(1))
    for _ in range(20):
        predictor.learn(features, scores)
    found = predictor.predict(features)
    assert found[scores > 0.5].mean() > found[scores < 0.5].mean() + 0.05


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: EvolutionarySearch(0, budget=5), "budget of 5"),
        (lambda: ProgressiveSearch(0, last_stage=7), "to 7 cells"),
    ],
)
def test_impossible_budgets_are_named(make, said: str) -> None:
    """A budget within the start, and an odd stage, are refused."""
    with pytest.raises(ValueError, match=said):
        make()
