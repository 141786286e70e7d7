"""Bootstrap intervals of ranking measures."""

import numpy as np
import pytest

from parsimony.evaluation.intervals import bootstrap_interval, per_query


def test_interval_agrees_with_plain_resampling() -> None:
    """Drawing counts of equal ranks gives the interval of drawing ranks one by one."""
    generator = np.random.default_rng(1)
    ranks = generator.integers(1, 20, 400)
    means = [(1 / generator.choice(ranks, 400)).mean() for _ in range(2000)]
    assert np.quantile(means, [0.025, 0.975]) == pytest.approx(bootstrap_interval(ranks, "MRR"), abs=0.006)


def test_interval_of_equal_ranks_is_a_point() -> None:
    """Without variation there is nothing to be unsure of."""
    assert (0.5, 0.5) == pytest.approx(bootstrap_interval([2, 2, 2], "MRR"))


def test_contributions_by_hand() -> None:
    """Ranks 1 and 4 contribute 1 and 1/4 to MRR, 1 and 0 to H@3."""
    assert [1, 0.25] == per_query([1, 4], "MRR").tolist()
    assert [1, 0] == per_query([1, 4], "H@3").tolist()


def test_interval_narrows_with_more_queries() -> None:
    """Four times the queries halve the width, about."""
    ranks = list(range(1, 101))
    low, high = bootstrap_interval(ranks, "MRR")
    narrow = bootstrap_interval(ranks * 4, "MRR")
    assert (high - low) / 2 == pytest.approx(narrow[1] - narrow[0], rel=0.2)


@pytest.mark.parametrize(("ranks", "measure", "level"), [([], "MRR", 0.95), ([1], "MAP", 0.95), ([1], "MRR", 1.5)])
def test_wrong_input_is_named(ranks: list, measure: str, level: float) -> None:
    """No ranks, an unknown measure and an impossible level are refused."""
    with pytest.raises(ValueError, match="given"):
        bootstrap_interval(ranks, measure, level)
