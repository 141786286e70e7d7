"""MeLU, users side by side, against one user at a time with plain autograd; its inner step by hand."""

import pytest
import torch
from torch.nn import functional

from cold_start_samples import fit, measure_test, plain_embedding, sample_data, shuffle_support, widen
from parsimony.baselines.melu import MeLU
from parsimony.data.cold_start import ColdStart, FeatureField, UserTasks

DATA = sample_data()


def build(seed: int = 0, **settings) -> MeLU:
    return MeLU(DATA, torch.Generator().manual_seed(seed), **{"spread": 0.5, "inner_rate": 0.05, **settings})


def plain_predictions(model: MeLU, tasks: UserTasks, u: int) -> torch.Tensor:
    """Adapt copies of the six weights to one user, step by step, and predict the user's query items."""

    def rows(items: torch.Tensor) -> torch.Tensor:
        user = plain_embedding(model.user, DATA.user_fields, int(tasks.user[u]))
        return torch.stack(
            [torch.cat([plain_embedding(model.item, DATA.item_fields, i), user]) for i in items.tolist()]
        )

    def predict(theta: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(x @ theta[0].T + theta[1])
        return (torch.relu(hidden @ theta[2].T + theta[3]) @ theta[4].T + theta[5]).flatten()

    x, y = rows(tasks.support_item[u][tasks.has_support[u]]), tasks.support_rating[u][tasks.has_support[u]]
    theta = list(model.f.parameters())
    for _ in range(model.inner_steps):
        error = functional.mse_loss(predict(theta, x), y)
        slopes = torch.autograd.grad(error, theta, create_graph=model.is_second_order, retain_graph=True)
        theta = [value - model.inner_rate * slope for value, slope in zip(theta, slopes, strict=True)]
    return predict(theta, rows(tasks.query_item[u][tasks.has_query[u]]))


@pytest.mark.parametrize("inner_steps", [1, 3])
def test_predictions_equal_one_user_at_a_time(inner_steps: int) -> None:
    """Filled-up rows of many users give what plain code gives for one, also where no gradient is kept."""
    model = build(inner_steps=inner_steps).eval()
    with torch.no_grad():
        found = model(DATA.test)
    for u in range(len(DATA.test)):
        assert torch.allclose(plain_predictions(model, DATA.test, u), found[u][DATA.test.has_query[u]], atol=1e-5)


@pytest.mark.parametrize("is_second_order", [False, True])
@pytest.mark.parametrize("inner_steps", [1, 3])
def test_gradients_equal_one_user_at_a_time(inner_steps: int, is_second_order: bool) -> None:
    """Loss and every gradient agree with the plain loop, at first and at second order."""
    model, tasks = build(inner_steps=inner_steps, is_second_order=is_second_order), DATA.train[:12]
    truth = [tasks.query_rating[u][tasks.has_query[u]] for u in range(12)]
    errors = [functional.mse_loss(plain_predictions(model, tasks, u), truth[u]) for u in range(12)]
    gradients = torch.autograd.grad(torch.stack(errors).mean(), list(model.parameters()))
    found = model.loss(tasks, torch.Generator())
    found.backward()
    assert torch.stack(errors).mean().item() == pytest.approx(found.item(), rel=1e-5)
    for (name, parameter), gradient in zip(model.named_parameters(), gradients, strict=True):
        assert (gradient - parameter.grad).norm() <= 1e-4 * gradient.norm() + 1e-7, name


@pytest.mark.parametrize(("inner_steps", "left"), [(1, 0.5), (2, 0.25), (5, 0.5**5)])
@pytest.mark.parametrize("is_second_order", [False, True])
def test_zero_network_by_hand(inner_steps: int, left: float, is_second_order: bool) -> None:
    """With all weights zero only the last bias moves: b <- b - 2 rho (b - m), m the support mean, here rho = 1/4.

    So n steps predict (1 - 1/2^n) m, and at second order the gradient of that bias is 1/2^n of the first order's.
    """
    model, tasks = build(inner_rate=0.25, inner_steps=inner_steps, is_second_order=is_second_order), DATA.train
    with torch.no_grad():
        for parameter in model.f.parameters():
            parameter.zero_()
    mean = tasks.support_rating.sum(1) / tasks.has_support.sum(1)
    found = model(tasks)
    assert torch.allclose(((1 - left) * mean).unsqueeze(1).expand_as(found), found, atol=1e-5)
    model.loss(tasks, torch.Generator()).backward()
    per_user = ((found - tasks.query_rating) * tasks.has_query).sum(1) / tasks.has_query.sum(1)
    expected = 2 * per_user.mean() * (left if is_second_order else 1.0)
    assert expected.item() == pytest.approx(model.f[-1].bias.grad.item(), rel=1e-4)


def test_embeddings_stay_and_all_else_adapts() -> None:
    """On MovieLens' eight fields 20,673 numbers adapt: 256 x 64 + 64, 64 x 64 + 64, 64 + 1."""
    field = FeatureField("any", 3, torch.zeros(5, 1, dtype=torch.long))
    data = ColdStart("eight", 5.0, (field,) * 4, (field,) * 4, *[DATA.train] * 3, DATA.others)
    assert 20_673 == MeLU(data, torch.Generator()).adaptive_parameters


def test_unchanged_by_order_and_filling() -> None:
    """The order of support rows and more filling change nothing; permuting users permutes predictions."""
    model, tasks = build(inner_steps=2).eval(), DATA.test
    expected, order = model(tasks), torch.randperm(len(tasks), generator=torch.Generator().manual_seed(0))
    assert torch.allclose(expected, model(shuffle_support(tasks)), atol=1e-5)
    assert torch.allclose(expected, model(widen(tasks, 5))[:, : expected.shape[1]], atol=1e-5)
    assert torch.allclose(expected[order], model(tasks[order]), atol=1e-5)


@pytest.mark.parametrize("inner_steps", [0, -1])
def test_no_inner_step_is_refused(inner_steps: int) -> None:
    """Without a step there is no adaptation; the message names the number given."""
    with pytest.raises(ValueError, match=f"{inner_steps} inner steps given"):
        build(inner_steps=inner_steps)


@pytest.mark.parametrize("is_second_order", [False, True])
def test_learns_from_the_support_set(is_second_order: bool) -> None:
    """After a short training, users never seen are predicted far better than by a constant."""
    data = sample_data(users=288)
    settings = {"inner_rate": 0.005, "inner_steps": 2, "is_second_order": is_second_order}
    model = MeLU(data, torch.Generator().manual_seed(0), **settings)
    fit(model, data, epochs=15, rate=3e-3)
    error, constant = measure_test(model, data)
    assert error < 0.2 * constant  # without inner steps it is 0.83 of it
