"""Fitted social forces: laws found again, agreement with a general solver, real corridors."""

import os

import numpy as np
import pytest
import torch

from parsimony.baselines.social_force_fit import FORMS, FittedForce, Moments, design, fit_force
from parsimony.data.crowd import Crowd, crowd_samples
from parsimony.data.graph_samples import GraphSamples
from parsimony.data.pedestrians import load_pedestrians
from parsimony.data.physical_laws import law_generator
from parsimony.data.social_force import LAWS, RADII, draw_crowd
from parsimony.evaluation.motion import explained_variance

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
FORM_OF = {"sfm": "social force", "bi": "planted", "uni": "planted, herding"}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_found_again(law: str) -> None:
    """A = 4, B = 0.5, tau = 0.5, v0 = 1.34, delta = 1, or for uni the mean velocity as the whole wish."""
    samples = LAWS[law].sample(150, 0)
    found = fit_force(samples, FORMS[FORM_OF[law]])
    assert [4.0, 0.5, 0.5] == pytest.approx([found.repulsion, found.reach, found.relaxation], rel=1e-4)
    expected = {"sfm": [1.34, 0.0, 0.0], "bi": [1.34, 1.0, 0.0], "uni": [0.0, 1.0, 1.0]}[law]
    assert expected == pytest.approx([found.speed_factor, found.dodging, found.herding], abs=1e-4)
    assert torch.allclose(samples.target, found.acceleration(samples).float(), atol=1e-3)


def noisy_samples(force: FittedForce) -> GraphSamples:
    """Snapshots of people with desired speeds of their own, who follow a formula but for noise."""
    generator = law_generator("test", 0)
    drawn = draw_crowd(60, 10, generator, is_mixed=True)
    desired = 1 + 0.5 * torch.rand(60, 10, generator=generator)
    crowd = Crowd(drawn.position, drawn.velocity, drawn.destination, drawn.present, desired)
    target = force.acceleration(crowd_samples("no target", crowd, 2.5))
    return crowd_samples("noisy", crowd, 2.5, target).noisy(0.3, generator)


@pytest.mark.parametrize("name", FORMS)
def test_the_fit_is_that_of_a_general_solver(name: str) -> None:
    """From a start near the solution SciPy's least squares ends at the same error."""
    optimize = pytest.importorskip("scipy.optimize")
    dodging, herding = float(FORMS[name].dodge is not None), 0.3 * FORMS[name].has_herding
    samples = noisy_samples(FittedForce(FORMS[name], 4.0, 0.5, 0.5, 1.0, dodging, herding))
    found = fit_force(samples, FORMS[name])
    moments, target = Moments(samples, samples.counted), samples.target[samples.counted].double()

    def residual(values: np.ndarray) -> np.ndarray:
        reach, *linear = values.tolist()
        predicted = design(moments, FORMS[name], reach) @ torch.tensor(linear, dtype=torch.float64)
        return (predicted - target).flatten().numpy()

    start = [found.reach * 1.2, *(1.1 * found._linear(samples)).tolist()]
    solved = optimize.least_squares(residual, start)
    mine = (found.acceleration(samples)[samples.counted] - target).square().sum()
    assert float(mine) == pytest.approx(2 * solved.cost, rel=1e-6)


def test_forms_by_hand() -> None:
    """A neighbour 1 m behind who comes closer pushes by A / e forwards and by delta aside; one who falls behind not."""
    x = torch.tensor([[[0.0, 0.0], [-1.0, 0.0]]])
    for speed, sign in ((2.0, 1.0), (0.5, -1.0)):
        v = torch.tensor([[[1.0, 0.0], [speed, 0.0]]])
        samples = crowd_samples("two", Crowd(x, v, x + 9 * v, torch.ones(1, 2).bool()), 3.0)
        push, aside = 2 * np.exp(-1.0), 0.5
        expected = {
            "social force": [push, 0.0],
            "printed": [sign * push, aside],
            "closing": [push, aside] if sign > 0 else [0.0, 0.0],
            "planted": [push, aside * np.exp(-1.0)] if sign > 0 else [0.0, 0.0],
        }
        for name, force in expected.items():
            dodging = 0.0 if name == "social force" else aside
            found = FittedForce(FORMS[name], 2.0, 1.0, 1.0, 1.0, dodging).acceleration(samples)
            assert force == pytest.approx(found[0, 0].tolist(), abs=1e-6)


def test_an_attraction_is_not_fitted() -> None:
    """Where people seem to attract each other, the repulsion is zero, and the rest is fitted without it."""
    samples = LAWS["sfm"].sample(50, 0)
    crowd = draw_crowd(50, 10, law_generator("sfm", 0), is_mixed=True)
    attracted = (1.34 * crowd.direction - crowd.velocity) / 0.5
    attracted = 2 * attracted - samples.target
    found = fit_force(crowd_samples("attracted", crowd, RADII["sfm"], attracted), FORMS["social force"])
    assert 0.0 == found.repulsion
    assert 0.2 > abs(found.relaxation - 0.5)


def test_too_few_people_are_refused() -> None:
    """Six constants need six accelerations."""
    samples = LAWS["sfm"].sample(1, 0, 4)
    with pytest.raises(ValueError, match=r"4 accelerations of sfm count; give at least 6"):
        fit_force(samples, FORMS["social force"])


def test_people_who_never_relax_are_refused() -> None:
    """Accelerations that grow with the speed show no relaxation time."""
    samples = LAWS["sfm"].sample(30, 0)
    crowd = draw_crowd(30, 10, law_generator("sfm", 0), is_mixed=True)
    runaway = crowd_samples("runaway", crowd, RADII["sfm"], crowd.velocity)
    with pytest.raises(ValueError, match=r"1 / tau = -1 fits runaway best; a relaxation needs people who change speed"):
        fit_force(runaway, FORMS["social force"])
    assert samples.num_samples == runaway.num_samples


@needs_mirror
def test_corridors_give_the_values_of_the_sheet() -> None:
    """Two directions over two seconds: 0.451 by social forces and 0.495 by the formula of the paper, within 0.02."""
    train, test = load_pedestrians("corridor-bi", 2.0)
    found = {}
    for name in ("social force", "closing"):
        acceleration = fit_force(train, FORMS[name]).acceleration(test)
        found[name] = explained_variance(acceleration[test.counted], test.target[test.counted])
    assert [0.451, 0.495] == pytest.approx(list(found.values()), abs=0.02)
