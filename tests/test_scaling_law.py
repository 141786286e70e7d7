"""The closed forms of the scaling law against random matrices, direct sums, values by hand and simulation."""

import math

import numpy as np
import pytest

from parsimony.data.cards import card
from parsimony.evaluation.scaling_law import (
    Law,
    inverse_norm,
    least_parameters,
    losses,
    modular_losses,
    modular_samples,
    network_losses,
    network_samples,
    samples_needed,
)
from parsimony.experiments.modularity.scaling_law import crossing, simulate, variances


@pytest.mark.parametrize(("rows", "columns"), [(60, 20), (20, 60), (30, 12), (12, 30)])
def test_inverse_norm_agrees_with_random_matrices(rows: int, columns: int) -> None:
    """The mean of 2000 pseudo-inverses lies within 5 %."""
    drawn = np.random.default_rng(0).standard_normal((2000, rows, columns))
    assert inverse_norm(rows, columns) == pytest.approx(np.square(np.linalg.pinv(drawn)).sum((1, 2)).mean(), rel=0.05)


def test_inverse_norm_by_hand() -> None:
    """20 / (60 - 21), the same turned over, and no mean at the spike."""
    assert [20 / 39, 20 / 39] == [inverse_norm(60, 20), inverse_norm(20, 60)]
    assert [math.inf] * 3 == [inverse_norm(20, columns) for columns in (19, 20, 21)]


@pytest.mark.parametrize("dimension", [2, 5, 9])
def test_traces_telescope(dimension: int) -> None:
    """The variances of the first p features sum to c - Tr L2, whatever the dimension."""
    law = Law(variance=0.7)
    assert law.spectrum(dimension, 40).sum() == pytest.approx(0.7 - law.missed(dimension, 40))
    assert all(np.diff(law.spectrum(dimension, 40)) < 0)


@pytest.mark.parametrize("dimension", [7, 8, 9])
def test_participation_grows_with_the_square_of_omega(dimension: int) -> None:
    """It is within 10 % of 1.02 Omega^(2m), and does not depend on the variance."""
    law = Law()
    assert law.participation(dimension) == pytest.approx(1.02 * law.omega ** (2 * dimension), rel=0.1)
    assert law.participation(dimension) == pytest.approx(Law(variance=3.0).participation(dimension))


@pytest.mark.parametrize(
    ("dimension", "samples", "modules", "parameters"),
    [(2, 60, 1, 20), (2, 60, 1, 100), (2, 30, 1, 58), (2, 200, 1, 150), (5, 60, 1, 20), (5, 60, 1, 300),
     (5, 200, 1, 150), (1, 60, 5, 4), (1, 60, 5, 40), (1, 200, 5, 10)],
)  # fmt: skip
def test_theorems_agree_with_simulation(dimension: int, samples: int, modules: int, parameters: int) -> None:
    """Training and test loss lie within 3 standard errors of 400 draws, of one network and of modules."""
    law = Law()
    found = simulate(law, dimension, samples, modules, parameters, 400, np.random.default_rng(0))
    predicted = modular_losses(law, dimension, samples, modules, parameters)
    for name, drawn in found.items():
        assert predicted[name] == pytest.approx(drawn.mean(), abs=3 * drawn.std() / 20 + 1e-12)


def test_losses_by_hand() -> None:
    """Half the variance is missed, n = 10, p = 4: 0.5 * 4/5 - 0.5 + 1 = 0.9, and 0.5 * 0.6 in training."""
    assert {"train": 0.3, "test": 0.9} == pytest.approx(losses(10, 4, 0.5))
    assert losses(10, 20, 0.5)["train"] == 0.0
    assert losses(5, 4, 0.5)["test"] == math.inf


def test_outputs_are_further_samples() -> None:
    """d outputs make d times the loss of d n samples with one."""
    assert losses(5, 4, 0.5, outputs=2)["test"] == pytest.approx(2 * losses(10, 4, 0.5)["test"])


def test_one_module_is_a_network() -> None:
    """Theorem 2 with one module that sees everything is theorem 1."""
    assert modular_losses(Law(), 5, 60, 1, 20) == network_losses(Law(), 5, 60, 20)


def test_samples_needed_give_the_asked_loss() -> None:
    """Put back into theorem 1, the sample complexity gives the error that was asked."""
    law = Law()
    for dimension in range(2, 10):
        found = network_samples(law, dimension, 20, 1.05)
        assert 1.05 == pytest.approx(network_losses(law, dimension, found, 20)["test"])
    assert 1.05 == pytest.approx(modular_losses(law, 1, modular_samples(law, 1, 5, 20, 1.05), 5, 20)["test"])


def test_only_modules_forget_the_dimension() -> None:
    """A network needs ever more samples; modules need linearly more with their number alone."""
    needed = [network_samples(Law(), m, 100, 1.05) for m in range(2, 10)]
    assert needed == sorted(needed) and needed[-1] > 7 * needed[0]
    three = [modular_samples(Law(), 1, modules, 20, 1.05) for modules in (2, 4, 6)]
    assert three[2] - three[1] == pytest.approx(three[1] - three[0])
    assert math.inf == samples_needed(20, 0.5, 0.5)
    assert least_parameters(Law(), 2, 0.5) == pytest.approx(2 ** (1.57**2) - 1)


@pytest.mark.parametrize("dimension", [1, 5, 9])
def test_simulated_features_leave_every_trace(dimension: int) -> None:
    """The tail is spread over as many features as the card counts, and no variance is lost."""
    inside, outside = variances(Law(), dimension, 20)
    assert card("Random-features").counts["features outside the model"] == len(outside)
    assert 1.0 == pytest.approx(inside.sum() + outside.sum())
    assert Law().missed(dimension, 20) == pytest.approx(outside.sum())


def test_crossing_by_hand() -> None:
    """On a power law the crossing is exact: loss 100/n reaches 0.5 at 200."""
    counts = [50, 100, 400]
    assert 200 == pytest.approx(crossing(counts, 100 / np.array(counts), 0.5))
    assert 1000 == pytest.approx(crossing(counts, 100 / np.array(counts), 0.1))


def test_nothing_has_no_loss() -> None:
    """No sample, or no parameter."""
    with pytest.raises(ValueError, match="0 samples"):
        losses(0, 5, 0.5)
