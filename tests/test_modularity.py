"""The modular learning rule: equal to its plain forms, right at true directions, and what it finds."""

import pytest
import torch
from torch.nn import functional

from parsimony.data.sine_waves import draw_sine_task
from parsimony.methods.modularity import (
    FEATURES,
    LENGTH,
    RuleSettings,
    cosines,
    descend,
    distinct,
    filled_up,
    linear_columns,
    linear_modules,
    objective,
    residual,
    sine_features,
    tangent,
)


def rows(dimension: int = 9, samples: int = 1000, seed: int = 0, modules: int = 5):
    generator = torch.Generator().manual_seed(seed)
    task = draw_sine_task(dimension, modules, generator)
    return task, *task.draw(samples, generator), generator


def plain_objective(x, y, direction, penalty: float) -> float:
    """The n x n form with the same features."""
    features = sine_features(x @ direction)
    kernel = features @ features.T + penalty * torch.eye(len(x), dtype=x.dtype)
    return float(y @ torch.linalg.solve(kernel, y) / len(y))


def test_woodbury_equals_the_whole_matrix() -> None:
    """J x J and n x n agree to 1e-5 for every start, more starts than are in memory at once."""
    _, x, y, generator = rows(samples=150)
    left = residual(x, y, 1).double()
    drawn = functional.normalize(torch.randn(9, 9, generator=generator, dtype=torch.float64), dim=1)
    found = objective(x.double(), left, drawn, 1.0).value
    assert [plain_objective(x.double(), left, one, 1.0) for one in drawn] == pytest.approx(found.tolist(), rel=1e-5)


def test_gradient_equals_finite_differences() -> None:
    """The written-out gradient of the objective, and of its unit vector, to 1e-6."""
    _, x, y, generator = rows(samples=150)
    x, left = x.double(), residual(x, y, 1).double()
    free = torch.randn(2, 9, generator=generator, dtype=torch.float64)
    unit = functional.normalize(free, dim=1)
    found = tangent(objective(x, left, unit, 1.0).gradient, unit, free)
    for start, dimension in ((0, 0), (1, 4), (1, 8)):
        step = torch.zeros_like(free)
        step[start, dimension] = 1e-5
        up, down = (objective(x, left, functional.normalize(free + sign * step, dim=1), 1.0).value[start]
                    for sign in (1, -1))  # fmt: skip
        assert float(up - down) / 2e-5 == pytest.approx(float(found[start, dimension]), abs=1e-6)


def test_features_make_an_rbf_kernel() -> None:
    """Far from the ends their products are exp(-(z - z')^2 / 2 l^2) to 1e-3."""
    z = torch.linspace(-3, 3, 25, dtype=torch.float64)
    features = sine_features(z)
    expected = torch.exp(-((z.unsqueeze(1) - z) ** 2) / (2 * LENGTH**2))
    assert (25, FEATURES) == tuple(features.shape)
    assert torch.allclose(expected, features @ features.T, atol=1e-3)


def test_a_turned_input_turns_the_answer() -> None:
    """Rotating inputs and projections together leaves the objective alike."""
    _, x, y, generator = rows(samples=200)
    left, turn = residual(x, y, 2), torch.linalg.qr(torch.randn(9, 9, generator=generator)).Q
    drawn = functional.normalize(torch.randn(3, 9, generator=generator), dim=1)
    assert torch.allclose(
        objective(x, left, drawn, 1.0).value, objective(x @ turn, left, drawn @ turn, 1.0).value, rtol=1e-4
    )


def test_true_directions_are_lower_than_random_ones() -> None:
    """m = 9, n = 1000, degree 2 removed: each true direction lies below the best of 100 random ones."""
    task, x, y, generator = rows()
    left = residual(x, y, 2)
    drawn = functional.normalize(torch.randn(100, 9, generator=generator), dim=1)
    assert objective(x, left, task.directions.T, 1.0).value.max() < objective(x, left, drawn, 1.0).value.min()


def test_low_degrees_leave_nothing_of_a_quadratic() -> None:
    """A target of degree 2 is all removed but for the ridge; with few rows degree 1 is removed instead."""
    _, x, _, _ = rows(dimension=4, samples=400)
    linear, quadratic = x[:, 0] - 2 * x[:, 1], x[:, 0] * x[:, 1]
    wave = torch.sin(5 * x[:, 2])
    assert torch.corrcoef(torch.stack([residual(x, linear + quadratic + wave, 2), wave]))[0, 1] > 0.95
    assert torch.equal(residual(x[:30], quadratic[:30], 1), residual(x[:30], quadratic[:30], 2))
    assert not torch.equal(residual(x[:31], quadratic[:31], 1), residual(x[:31], quadratic[:31], 2))


def test_the_rule_finds_all_five_directions_and_the_raw_one_none() -> None:
    """m = 9, k = 5, n = 3000, seed 0: all with |cos| above 0.95; from the raw target none above 0.9."""
    task, x, y, generator = rows(samples=3000)
    found = descend(x, y, RuleSettings(), generator)
    assert cosines(distinct(found.projections, 10), task.directions.T).max(0).values.min() > 0.95
    raw = descend(x, y, RuleSettings(degree=0), generator)
    assert cosines(distinct(raw.projections, 10), task.directions.T).max(0).values.max() < 0.9
    assert found.objective.tolist() == sorted(found.objective.tolist())
    assert torch.allclose(torch.ones(61, 40), found.trace.norm(dim=2))


def test_distinct_directions_by_hand() -> None:
    """A copy and its opposite go; the order of the others stays."""
    first, second = torch.tensor([1.0, 0.0]), torch.tensor([0.6, 0.8])
    given = torch.stack([first, -first, second, first])
    assert torch.equal(torch.stack([first, second]), distinct(given, 5))
    assert torch.equal(first.unsqueeze(0), distinct(given, 1))


def test_filling_up_keeps_what_was_found() -> None:
    """What was found comes first, and every direction has length one."""
    found = functional.normalize(torch.ones(2, 3), dim=1)
    filled = filled_up(found, 5, torch.Generator().manual_seed(0))
    assert torch.equal(found, filled[:2]) and torch.allclose(torch.ones(5), filled.norm(dim=1))


def test_linear_modules_solve_the_ridge() -> None:
    """The gradient of squared error plus penalty vanishes, and true projections fit the target."""
    task, x, y, _ = rows(samples=1000)
    weights = linear_modules(x, y, task.directions.T, 0.5)
    columns = linear_columns(x, task.directions.T)
    assert torch.allclose(columns.T @ (y - columns @ weights), 0.5 * weights, atol=1e-6)
    assert (columns @ weights - y).square().mean() < 0.02 * y.var()


@pytest.mark.parametrize(("name", "value"), [("degree", 3), ("penalty", 0.0), ("starts", 0)])
def test_wrong_settings_are_named(name: str, value: float) -> None:
    """A degree that cannot be removed, no penalty, no start."""
    with pytest.raises(ValueError, match=f"{name} {value}"):
        RuleSettings(**{name: value})
