"""Growth of the samples needed: by hand, planted rates, and the law fitted to its own losses."""

import numpy as np
import pytest

from parsimony.evaluation.growth import (
    Needed,
    Point,
    fit_law,
    rate_interval,
    rate_of_growth,
    samples_needed_for,
)
from parsimony.evaluation.scaling_law import Law, network_losses


def test_samples_needed_by_hand() -> None:
    """Errors fall as 100/n: 0.1 is reached at 1000, between 500 and 2000, on logarithms."""
    assert samples_needed_for(0.1, [100, 500, 2000], [1.0, 0.2, 0.05]) == pytest.approx(Needed(1000.0, 0))


def test_the_ends_of_the_grid_are_told() -> None:
    """Small enough at once, or never; and a rise again counts as not yet reached."""
    assert Needed(10.0, -1) == samples_needed_for(0.5, [10, 20], [0.4, 0.3])
    assert Needed(20.0, 1) == samples_needed_for(0.1, [10, 20], [0.4, 0.3])
    found = samples_needed_for(0.1, [10, 20, 40], [0.05, 0.2, 0.05])
    assert 20 < found.samples < 40 and 0 == found.beyond


def test_a_planted_rate_comes_back() -> None:
    """n = 3 exp(0.7 m) has rate 0.7, and rescaling n changes nothing."""
    dimensions = [2, 4, 9]
    samples = [3 * np.exp(0.7 * m) for m in dimensions]
    assert 0.7 == pytest.approx(rate_of_growth(dimensions, samples))
    assert 0.7 == pytest.approx(rate_of_growth(dimensions, [50 * n for n in samples]))


def test_interval_of_equal_seeds_is_a_point() -> None:
    """Resampling equal seeds gives the same rate; unlike ones give an interval around their mean."""
    one, other = ({m: float(np.exp(rate * m)) for m in (2, 5, 9)} for rate in (0.2, 0.4))
    assert (0.2, 0.2) == pytest.approx(rate_interval([one, one]))
    low, high = rate_interval([one, other, one, other])
    assert 0.2 - 1e-9 < low < 0.3 < high < 0.4 + 1e-9


@pytest.mark.parametrize(("variance", "omega"), [(0.6, 1.3), (1.0, 1.57), (2.0, 2.0)])
def test_the_law_comes_back_from_its_own_losses(variance: float, omega: float) -> None:
    """Losses made by theorem 1 give back both constants."""
    law = Law(variance, omega)
    points = [
        Point(m, n, p, *network_losses(law, m, n, p).values())
        for m in (2, 5, 9) for n in (100, 1000) for p in (30, 500)
    ]  # fmt: skip
    found = fit_law(points)
    assert (variance, omega) == (pytest.approx(found.variance, rel=0.02), pytest.approx(found.omega, abs=0.01))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: samples_needed_for(0.1, [1, 2], [0.1]), "expected equally many"),
        (lambda: rate_of_growth([3, 3], [1, 2]), "at least two"),
        (lambda: fit_law([]), "at least one"),
    ],
)
def test_too_little_is_refused(call, said: str) -> None:
    """Unlike lengths, one dimension, no point."""
    with pytest.raises(ValueError, match=said):
        call()
