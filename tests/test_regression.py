"""Errors and order of ratings: plain definitions, values by hand, ties, short lists, ratings of nothing but 0."""

import math

import pytest
import torch

from parsimony.evaluation.regression import absolute_error, ndcg, squared_error, summarise_ratings


def plain_ndcg(predicted: list[float], rating: list[float], k: int) -> float:
    """The definition, item by item; Python's sort is stable."""
    order = sorted(range(len(predicted)), key=lambda i: -predicted[i])

    def gain(items: list[int]) -> float:
        return sum((2 ** rating[i] - 1) / math.log2(place + 2) for place, i in enumerate(items[:k]))

    ideal = gain(sorted(range(len(rating)), key=lambda i: -rating[i]))
    return gain(order) / ideal if ideal else 1.0


def some_users() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """40 users with 1 to 9 items, few distinct predictions, so many ties."""
    generator = torch.Generator().manual_seed(0)
    predicted = torch.randint(4, (40, 9), generator=generator).float()
    rating = torch.randint(6, (40, 9), generator=generator).float()
    is_item = torch.arange(9) < torch.randint(1, 10, (40, 1), generator=generator)
    return predicted, rating, is_item


@pytest.mark.parametrize("k", [1, 3, 5, 20])
def test_ndcg_agrees_with_its_definition(k: int) -> None:
    """Ties, users with fewer than k items and filled rows included."""
    predicted, rating, is_item = some_users()
    rows = zip(predicted, rating, is_item, strict=True)
    expected = [plain_ndcg(p[m].tolist(), r[m].tolist(), k) for p, r, m in rows]
    assert expected == pytest.approx(ndcg(predicted, rating, is_item, k).tolist(), abs=1e-12)


def test_errors_agree_with_their_definition() -> None:
    """Each user counts once, however many items."""
    predicted, rating, is_item = some_users()
    apart = [(p - r)[m] for p, r, m in zip(predicted, rating, is_item, strict=True)]
    squared = [float(d.square().mean()) for d in apart]
    absolute = [float(d.abs().mean()) for d in apart]
    assert squared == pytest.approx(squared_error(predicted, rating, is_item).tolist())
    assert absolute == pytest.approx(absolute_error(predicted, rating, is_item).tolist())


def test_values_by_hand() -> None:
    """Ratings 3 and 1 in the wrong order: (1 / 1 + 7 / log2 3) / (7 / 1 + 1 / log2 3); errors 2 each."""
    found = summarise_ratings(torch.tensor([[1.0, 3.0]]), torch.tensor([[3.0, 1.0]]), torch.tensor([[True, True]]))
    expected = (1 + 7 / math.log2(3)) / (7 + 1 / math.log2(3))
    assert [4.0] == found["MSE"].tolist()
    assert [2.0] == found["MAE"].tolist()
    assert expected == pytest.approx(found["nDCG@3"].item())


def test_ratings_of_zero_only_give_one() -> None:
    """Where no order can be better than another, the order is perfect."""
    assert [1.0] == ndcg(torch.tensor([[0.3, 0.9]]), torch.zeros(1, 2), torch.ones(1, 2, dtype=torch.bool), 3).tolist()


def test_order_measures_ignore_scale_and_errors_do_not() -> None:
    """A rising function of the predictions changes no nDCG."""
    predicted, rating, is_item = some_users()
    assert torch.equal(ndcg(predicted, rating, is_item, 5), ndcg(predicted.exp() + 2, rating, is_item, 5))
    assert not torch.equal(squared_error(predicted, rating, is_item), squared_error(predicted + 2, rating, is_item))


@pytest.mark.parametrize(
    ("predicted", "is_item", "k", "said"),
    [
        ([[math.nan, 1.0]], [[True, True]], 3, "1 of 2 predictions are not finite"),
        ([[0.0, 1.0]], [[False, False]], 3, "1 users without a query item"),
        ([[0.0, 1.0]], [[True, True]], 0, "nDCG@0 asked"),
    ],
)
def test_what_cannot_be_measured_is_named(predicted: list, is_item: list, k: int, said: str) -> None:
    """A diverged model, an empty user and an empty list get no measure."""
    with pytest.raises(ValueError, match=said):
        ndcg(torch.tensor(predicted), torch.ones(1, 2), torch.tensor(is_item), k)
