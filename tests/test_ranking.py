"""The one ranking function: against counting, by hand, against PyKEEN, and under renaming."""

import pytest
import torch

from parsimony.evaluation.ranking import FilterIndex, filtered_rank, filtered_ranks, summarise_ranks


def count_places(scores: list[float], answer: int, known: list[bool]) -> float:
    """Mean place of the answer over every order that the scores allow."""
    rivals = [score for entity, score in enumerate(scores) if entity != answer and not known[entity]]
    return 1 + sum(score > scores[answer] for score in rivals) + sum(score == scores[answer] for score in rivals) / 2


def random_questions(number: int = 300, entities: int = 9, relations: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randint(bound, (number,), generator=generator) for bound in (entities, relations, entities)]
    return torch.stack(parts, 1)


def test_filtered_rank_agrees_with_counting() -> None:
    """The vectorised rank equals the plain definition, with ties and filter."""
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(4, (64, 9), generator=generator).float()  # few values, so many ties
    answer = torch.randint(9, (64,), generator=generator)
    known = torch.rand(64, 9, generator=generator) < 0.3
    rows = zip(scores.tolist(), answer.tolist(), known.tolist(), strict=True)
    expected = [count_places(*row) for row in rows]
    assert expected == filtered_rank(scores, answer, known).tolist()


def test_filtered_rank_by_hand() -> None:
    """0.9 is known and leaves; one rival is tied: places 1 and 2, mean 1.5."""
    scores, known = torch.tensor([[0.9, 0.5, 0.5, 0.1]]), torch.tensor([[True, True, False, False]])
    assert [1.5] == filtered_rank(scores, torch.tensor([1]), known).tolist()


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_ranks_without_a_mask_equal_ranks_with_one(batch_size: int) -> None:
    """Subtracting the known answers gives the ranks of the dense mask, for repeated and shared queries."""
    questions = random_questions()
    table = torch.randint(4, (27, 9), generator=torch.Generator().manual_seed(1)).float()
    known = (questions[:, None, :2] == questions[None, :, :2]).all(-1).float() @ torch.eye(9)[questions[:, 2]] > 0
    expected = filtered_rank(table[questions[:, 0] * 3 + questions[:, 1]], questions[:, 2], known)
    index = FilterIndex.of(questions, 3)
    found = filtered_ranks(lambda q: table[q[:, 0] * 3 + q[:, 1]], questions, index, batch_size)
    assert expected.tolist() == found.tolist()


def test_a_query_without_known_answers_ranks_among_all() -> None:
    """A (entity, relation) that no triple names has nothing to filter."""
    index = FilterIndex.of(torch.tensor([[0, 0, 1]]), 2)
    scores = torch.tensor([[0.3, 0.2, 0.1]])
    found = filtered_ranks(lambda q: scores.expand(len(q), -1), torch.tensor([[2, 1, 1]]), index)
    assert [2.0] == found.tolist()


def test_agrees_with_realistic_rank_of_pykeen() -> None:
    """On random scores with ties the rank is what PyKEEN calls realistic."""
    from pykeen.evaluation.ranks import Ranks

    generator = torch.Generator().manual_seed(3)
    scores = torch.randint(5, (40, 12), generator=generator).float()
    answer = torch.randint(12, (40,), generator=generator)
    truth = scores[torch.arange(40), answer].unsqueeze(1)
    expected = Ranks.from_scores(true_score=truth, all_scores=scores).realistic
    found = filtered_rank(scores, answer, torch.zeros(40, 12, dtype=torch.bool))
    assert expected.tolist() == pytest.approx(found.tolist())


def test_renaming_entities_keeps_ranks() -> None:
    """A permutation of the entities permutes scores and mask, not ranks."""
    generator = torch.Generator().manual_seed(4)
    scores, order = torch.rand(20, 8, generator=generator), torch.randperm(8, generator=generator)
    answer, known = torch.randint(8, (20,), generator=generator), torch.rand(20, 8, generator=generator) < 0.4
    renamed = order.argsort()[answer]
    assert (
        filtered_rank(scores, answer, known).tolist()
        == filtered_rank(scores[:, order], renamed, known[:, order]).tolist()
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_diverged_model_receives_no_rank(value: float) -> None:
    """Scores that are not finite are refused with their number."""
    scores = torch.tensor([[0.1, value, 0.3]])
    with pytest.raises(ValueError, match="1 of 3 scores are not finite"):
        filtered_rank(scores, torch.tensor([0]), torch.zeros(1, 3, dtype=torch.bool))


def test_summary_by_hand() -> None:
    """Ranks 1, 2 and 10: MRR 1.6 / 3, H@1 1/3, H@3 2/3, H@10 1."""
    found = summarise_ranks(torch.tensor([1.0, 2.0, 10.0]))
    assert {"MRR": 1.6 / 3, "H@1": 1 / 3, "H@3": 2 / 3, "H@10": 1.0} == pytest.approx(found)
