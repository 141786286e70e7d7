"""TaNP, users side by side, against one user at a time; its loss by hand; what leaves it unchanged."""

import math

import pytest
import torch
from torch.nn import functional

from cold_start_samples import fit, measure_test, plain_embedding, sample_data, shuffle_support, widen
from parsimony.baselines.tanp import Gaussian, TaNP, clustering_loss, divergence, draw_context
from parsimony.data.cold_start import ColdStart, FeatureField, UserTasks

DATA = sample_data()
SMALL = {"spread": 0.5, "fewest_context": 4}


def build(seed: int = 0) -> TaNP:
    return TaNP(DATA, torch.Generator().manual_seed(seed), **SMALL)


def plain_rows(model: TaNP, user: int, items: list[int]) -> torch.Tensor:
    """The rows x of one user: for each item, the mean of each field's rows, two layers, then the same of the user."""

    def encode(encoder, fields, row):
        hidden = plain_embedding(encoder.embedding, fields, row)
        return functional.relu(encoder.layer.weight @ functional.relu(hidden) + encoder.layer.bias)

    user_vector = encode(model.user, DATA.user_fields, user)
    return torch.stack([torch.cat([encode(model.item, DATA.item_fields, item), user_vector]) for item in items])


def plain_posterior(model: TaNP, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    hidden = model.posterior.layer(model.posterior.f(torch.cat([x, y.unsqueeze(1)], 1)).mean(0)).relu()
    return model.posterior.mu(hidden), model.posterior.log_variance(hidden)


def plain_assignment(model: TaNP, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    t = model.g(torch.cat([x, y.unsqueeze(1)], 1)).mean(0)
    closeness = torch.stack([(1 + (t - slot).square().sum().sqrt()) ** -1 for slot in model.memory.A])
    c = closeness / closeness.sum()
    return c, t + sum(c[i] * slot for i, slot in enumerate(model.memory.A))


def plain_decoder(model: TaNP, x: torch.Tensor, z: torch.Tensor, o: torch.Tensor) -> torch.Tensor:
    outputs = []
    for row in x:
        h = torch.cat([row, z])
        for layer, film in zip(model.decoder.layers, model.decoder.film, strict=True):
            half = len(film) // 2
            h = functional.relu(torch.tanh(film[:half] @ o) * layer(h) + torch.tanh(film[half:] @ o))
        outputs.append(model.decoder.output(h)[0])
    return torch.stack(outputs)


def plain_loss(model: TaNP, tasks: UserTasks, generator: torch.Generator) -> torch.Tensor:
    """The loss, user by user; only the draws are those of the model, in the same order."""
    is_row = torch.cat([tasks.has_support, tasks.has_query], 1)
    contexts, targets = draw_context(is_row, model.fewest_context, generator)
    noise = torch.randn(len(tasks), 32, generator=generator)
    losses, assignments = [], []
    for u in range(len(tasks)):
        items = torch.cat([tasks.support_item[u], tasks.query_item[u]])
        ratings = torch.cat([tasks.support_rating[u], tasks.query_rating[u]])
        context, target = contexts[u].nonzero().flatten(), targets[u].nonzero().flatten()
        x_c = plain_rows(model, int(tasks.user[u]), items[context].tolist())
        x_t = plain_rows(model, int(tasks.user[u]), items[target].tolist())
        mu_c, log_c = plain_posterior(model, x_c, ratings[context])
        mu_t, log_t = plain_posterior(model, x_t, ratings[target])
        c, o = plain_assignment(model, x_c, ratings[context])
        normal = torch.distributions.Normal
        kl = torch.distributions.kl_divergence(normal(mu_t, (log_t / 2).exp()), normal(mu_c, (log_c / 2).exp())).sum()
        predicted = plain_decoder(model, x_t, mu_t + noise[u] * (log_t / 2).exp(), o)
        losses.append((predicted - ratings[target]).square().mean() + kl)
        assignments.append(c)
    c = torch.stack(assignments)
    size = c.sum(0)
    q = torch.stack([(row**2 / size) / (row**2 / size).sum() for row in c])
    return torch.stack(losses).mean() + functional.kl_div(c.log(), q, reduction="batchmean")


def test_predictions_equal_one_user_at_a_time() -> None:
    """Filled-up rows of many users give what plain code gives for one."""
    model, tasks = build().eval(), DATA.test
    found = model(tasks)
    for u in range(len(tasks)):
        x_s = plain_rows(model, int(tasks.user[u]), tasks.support_item[u][tasks.has_support[u]].tolist())
        x_q = plain_rows(model, int(tasks.user[u]), tasks.query_item[u][tasks.has_query[u]].tolist())
        y = tasks.support_rating[u][tasks.has_support[u]]
        expected = plain_decoder(model, x_q, plain_posterior(model, x_s, y)[0], plain_assignment(model, x_s, y)[1])
        assert torch.allclose(expected, found[u][tasks.has_query[u]], atol=1e-5)


def test_gradients_equal_one_user_at_a_time() -> None:
    """Loss and every gradient agree with the plain loop."""
    model, tasks = build(), DATA.train[:12]
    expected = plain_loss(model, tasks, torch.Generator().manual_seed(5))
    gradients = torch.autograd.grad(expected, list(model.parameters()))
    found = model.loss(tasks, torch.Generator().manual_seed(5))
    found.backward()
    assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    for (name, parameter), gradient in zip(model.named_parameters(), gradients, strict=True):
        assert (gradient - parameter.grad).norm() <= 1e-4 * gradient.norm() + 1e-7, name


def test_divergence_by_hand() -> None:
    """KL of N(1, e) from N(0, 1) is (e + 1 - 1 - 1) / 2; two such coordinates add up."""
    one, zero = torch.ones(1, 2), torch.zeros(1, 2)
    assert math.e - 1 == pytest.approx(divergence(Gaussian(one, one), Gaussian(zero, zero)).item())


def test_clustering_by_hand() -> None:
    """One user alone: q = c, so nothing to learn. Two users (.8, .2), (.2, .8): q = (16/17, 1/17) and its mirror."""
    assert 0.0 == pytest.approx(clustering_loss(torch.tensor([[0.7, 0.3]])).item(), abs=1e-7)
    expected = 16 / 17 * math.log(16 / 17 / 0.8) + 1 / 17 * math.log(1 / 17 / 0.2)
    assert expected == pytest.approx(clustering_loss(torch.tensor([[0.8, 0.2], [0.2, 0.8]])).item(), rel=1e-5)


def published_clustering_loss(c: torch.Tensor) -> float:
    """The authors' lines: assignments stacked to [T, 1, k], and then summed over the middle dimension."""
    stacked = c.unsqueeze(1)
    sharp = stacked.square() / stacked.sum(0, keepdim=True)
    q = sharp / sharp.sum(1, keepdim=True)
    return functional.kl_div(stacked.log(), q, reduction="batchmean").item()


def test_published_clustering_loss_only_levels() -> None:
    """There q is 1 everywhere: the loss is never below k ln k = 23.03 and lowest where no user has a cluster."""
    level = torch.full((32, 10), 0.1)
    assert 10 * math.log(10) == pytest.approx(published_clustering_loss(level), rel=1e-6)
    assert 0.0 == pytest.approx(clustering_loss(level).item(), abs=1e-6)
    sharp = torch.randn(32, 10, generator=torch.Generator().manual_seed(0)).softmax(1)
    assert 10 * math.log(10) < published_clustering_loss(sharp)


def test_context_lies_in_target_and_has_its_sizes() -> None:
    """With n rows: 20 to n - 1 in the context, at most n - 1 in the target set, never a row that only fills up."""
    n = torch.tensor([25, 30, 21, 12, 1]).repeat(400)
    is_row = torch.arange(32) < n.unsqueeze(1)
    context, target = draw_context(is_row, 20, torch.Generator().manual_seed(0))
    assert not (context & ~target).any() and not (target & ~is_row).any()
    sizes = [set(context.sum(1)[n == rows].tolist()) for rows in (25, 30, 21, 12, 1)]
    assert [set(range(20, 25)), set(range(20, 30)), {20}, {11}, {1}] == sizes
    assert set(range(20, 25)) == set(target.sum(1)[n == 25].tolist())


def test_unchanged_by_order_and_filling() -> None:
    """The order of support rows and more filling change nothing; permuting users permutes predictions."""
    model, tasks = build().eval(), DATA.test
    expected, order = model(tasks), torch.randperm(len(tasks), generator=torch.Generator().manual_seed(0))
    assert torch.allclose(expected, model(shuffle_support(tasks)), atol=1e-5)
    assert torch.allclose(expected, model(widen(tasks, 5))[:, : expected.shape[1]], atol=1e-5)
    assert torch.allclose(expected[order], model(tasks[order]), atol=1e-5)


def test_depends_on_support_ratings() -> None:
    """A user who rates higher gets other predictions."""
    model, tasks = build().eval(), DATA.test
    higher = UserTasks(tasks.user, tasks.support_item, tasks.support_rating + 1, tasks.query_item, tasks.query_rating)
    assert not torch.allclose(model(tasks), model(higher), atol=1e-3)


def test_size_on_last_fm() -> None:
    """Ids of 3,846 items and 1,872 users: 198,497 parameters, 184,096 of them in what makes x; 192 adapt."""
    ids = [(FeatureField("id", size, torch.arange(size).unsqueeze(1)),) for size in (1872, 3846)]
    model = TaNP(ColdStart("ids", 1.0, *ids, *[DATA.train] * 3, DATA.others), torch.Generator().manual_seed(0))
    layers = [(3846, 32), (32, 16), (1872, 32), (32, 16)]
    assert 184_096 == sum(inputs * outputs + outputs for inputs, outputs in layers)
    assert 198_497 == sum(parameter.numel() for parameter in model.parameters())
    assert 192 == model.adaptive_parameters


@pytest.mark.parametrize("setting", ["slots", "temperature", "fewest_context"])
def test_wrong_settings_are_named(setting: str) -> None:
    """A setting that must be positive is refused with its name and value."""
    with pytest.raises(ValueError, match=f"{setting} 0 given"):
        TaNP(DATA, torch.Generator(), **{setting: 0})


def test_same_seed_same_weights() -> None:
    """All randomness comes from the generator, whatever the global seed."""
    first = build()
    torch.manual_seed(123)
    assert all(torch.equal(*pair) for pair in zip(first.parameters(), build().parameters(), strict=True))


def test_learns_from_the_support_set() -> None:
    """After a short training, users never seen are predicted far better than by a constant."""
    data = sample_data(users=288)
    model = TaNP(data, torch.Generator().manual_seed(0), fewest_context=4)
    fit(model, data, epochs=30, rate=3e-3)
    error, constant = measure_test(model, data)
    assert error < 0.4 * constant
