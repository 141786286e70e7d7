"""Both searches on cheap scores: no repetition, the budget kept, and a resumed search like an undisturbed one."""

from functools import cache
from itertools import permutations

import numpy as np
import pytest
import torch

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.methods.autoblm import ProgressiveSearch
from parsimony.methods.autoblm_plus import EvolutionarySearch
from parsimony.methods.bilinear_structure import (
    KNOWN,
    PUBLISHED,
    Structure,
    canonical,
    is_degenerate,
    passes_published_filter,
)
from parsimony.methods.trained_structures import permutation_classes


@pytest.fixture(autouse=True)
def one_thread():
    """The predictor's tiny steps are slowed by threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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


@cache
def undisturbed(make) -> list[dict]:
    """The trajectory of a search that nothing interrupts, carried out once for all tests that compare with it."""
    return carry_out(make()).trajectory


def test_permutations_start_both_searches() -> None:
    """The five classes come first."""
    assert 5 == len(permutation_classes())
    assert permutation_classes() == progressive().ask() == evolutionary().ask()


def test_evolution_keeps_its_budget_and_never_repeats() -> None:
    """Exactly the budget is trained, no two structures are equivalent, all pass the filter."""
    trained = [Structure(tuple(step["structure"])) for step in undisturbed(evolutionary)]
    assert 30 == len(trained) == len({canonical(one) for one in trained})
    assert all(map(passes_published_filter, trained))


def test_progression_adds_two_cells_a_stage() -> None:
    """4 cells first, then two rounds of eight for 6 and for 8 cells, new within their stage."""
    trajectory = undisturbed(progressive)
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
    assert undisturbed(make) == carry_out(resumed).trajectory


@pytest.mark.parametrize("make", [progressive, evolutionary])
def test_a_search_stopped_after_every_question_goes_on_alike(make, tmp_path) -> None:
    """Each round is asked by a new process, as it were, and answered by yet another, through a file."""
    checkpoint, search = Checkpoint(tmp_path / "search.npz"), make()
    while not search.finished:
        asked = search.ask()
        checkpoint.save(search.state_dict())
        search = make(seed=99)
        search.load_state_dict(checkpoint.load())
        search.tell(asked, [cheap_score(one) for one in asked])
        checkpoint.save(search.state_dict())
        search = make(seed=98)
        search.load_state_dict(checkpoint.load())
    assert undisturbed(make) == search.trajectory


def holds_a_full_permutation(structure: Structure) -> bool:
    """Whether four cells of different rows and columns carry four different relation chunks."""
    matrix = abs(structure.matrix)
    return any({1, 2, 3, 4} == {int(matrix[i, j]) for i, j in enumerate(order)} for order in permutations(range(4)))


def test_greedy_search_cannot_reach_complex() -> None:
    """All that it trains holds a permutation with four different chunks; ComplEx and Analogy do not."""
    trained = [Structure(tuple(step["structure"])) for step in undisturbed(progressive)]
    assert all(map(holds_a_full_permutation, trained))
    assert [False, False] == [holds_a_full_permutation(KNOWN[name]) for name in ("complex", "analogy")]


def test_evolution_can_hold_complex() -> None:
    """Told about ComplEx with the best score, it keeps it as its best, breeds from it and never asks for it again."""
    search, known = evolutionary(), KNOWN["complex"]
    search.tell((*search.ask(), known), [0.1] * 5 + [0.9])
    asked = search.ask()
    assert canonical(known) not in {canonical(one) for one in asked}
    assert any(not holds_a_full_permutation(one) for one in asked)
    search.tell(asked, [0.2] * len(asked))
    assert (known, 0.9) == search.best


def test_proposals_pass_the_filters_in_the_published_shares() -> None:
    """Of 20,000 proposals 16,437 were counted with all chunks, 15,304 of full rank, 14,959 exactly regular.

    The population behind those counts is not known; the known models and one published structure come close.
    """
    search, number = evolutionary(), 3000
    parents = [*KNOWN.values(), PUBLISHED["WN18RR"]]
    search.tell(parents, [0.1] * len(parents))
    proposals = [search._child() for _ in range(number)]
    complete = [one for one in proposals if {1, 2, 3, 4} <= {abs(value) for value in one.entries}]
    assert 16_437 / 20_000 == pytest.approx(len(complete) / number, abs=0.05)
    assert 15_304 / 20_000 == pytest.approx(sum(not is_degenerate(one) for one in complete) / number, abs=0.03)
    assert 14_959 / 20_000 == pytest.approx(sum(map(passes_published_filter, complete)) / number, abs=0.03)


def test_seeds_differ() -> None:
    """Two seeds train different structures after the start."""
    assert carry_out(evolutionary(1)).trajectory != carry_out(evolutionary(2)).trajectory


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


@pytest.mark.parametrize("make", [progressive, evolutionary])
def test_scores_that_do_not_fit_are_refused(make) -> None:
    """One score for each structure; nothing is filed otherwise."""
    search = make()
    with pytest.raises(ValueError, match="5 structures but 2 scores told"):
        search.tell(search.ask(), [0.1, 0.2])
    assert [] == search.trajectory


def test_the_best_of_nothing_is_named() -> None:
    """Before anything was trained there is no best structure."""
    with pytest.raises(ValueError, match="no structure was trained yet"):
        _ = progressive().best


@pytest.mark.parametrize("make", [progressive, evolutionary])
def test_a_saved_state_does_not_change_when_the_search_goes_on(make) -> None:
    """What was saved is a copy."""
    search = carry_out(make(), stop_after=1)
    state = search.state_dict()
    before = repr(state["trained"]), repr(state.get("population"))
    carry_out(search, stop_after=1)
    assert before == (repr(state["trained"]), repr(state.get("population")))
