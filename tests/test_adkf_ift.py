"""ADKF-IFT: its implicit gradient against refitting; likelihoods plainly and by hand; invariances; learns a planted
property; wrong inputs."""

from math import exp, log, pi, sqrt

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes
from torch import Tensor
from torch.distributions import LogNormal, MultivariateNormal

from parsimony.baselines.adkf_ift import (
    ADKFIFT,
    LOG_NOISE,
    fitting_cost,
    kernel,
    log_normal_cost,
    marginal,
    median_log_scale,
    minimise,
    squared_distances,
)
from parsimony.baselines.adkf_ift import fit as fit_process
from planted_molecules import embedded, fit, measure, plain_tasks

NONE = torch.Generator()


def build(width: int = 16) -> ADKFIFT:
    return ADKFIFT(torch.Generator().manual_seed(0), width=width)


def normal(x: Tensor, phi: Tensor) -> MultivariateNormal:
    """Return the distribution of labels at x [n, D], from distances that are roots of differences."""
    length_scale, output_scale, noise = phi.exp()
    a = sqrt(5) * (x[:, None] - x).norm(dim=-1) / length_scale
    k = output_scale * (1 + a + a**2 / 3) * torch.exp(-a)
    return MultivariateNormal(torch.zeros(len(x)).double(), k + noise * torch.eye(len(x)))


def cost_plainly(phi: Tensor, x: Tensor, y: Tensor, mode: Tensor) -> Tensor:
    """L from torch's own distributions."""
    priors = [LogNormal(torch.log(m) + 0.0625, 0.25) for m in (mode, torch.tensor(0.1).double())]
    length_scale, _, noise = phi.exp()
    return -(normal(x, phi).log_prob(y) + priors[0].log_prob(length_scale) + priors[1].log_prob(noise))


def fit_plainly(x: Tensor, y: Tensor, mode: Tensor) -> Tensor:
    """Minimise L by L-BFGS, from where the authors start."""
    phi = torch.stack([mode.log(), torch.tensor(log(log(2))), torch.tensor(log(0.1))]).double().requires_grad_()
    optimiser = torch.optim.LBFGS([phi], max_iter=60, line_search_fn="strong_wolfe", tolerance_grad=1e-9)

    def closure() -> Tensor:
        optimiser.zero_grad()
        cost = cost_plainly(phi, x, y, mode)
        cost.backward()
        return cost

    optimiser.step(closure)
    return phi.detach()


def median_mode(x: Tensor) -> Tensor:
    squared = sorted(float((x[i] - x[j]).square().sum()) for i in range(len(x)) for j in range(i))
    return torch.tensor(sqrt(squared[(len(squared) - 1) // 2] / 2)).double()


def small_task(shots: int = 3, queries: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Return support and query vectors whose classes lie apart, in part, and the labels of all."""
    support, query = (one.double() for one in embedded(shots, queries, 3))
    y = torch.tensor([-1.0] * shots + [1.0] * shots + [-1.0, 1.0] * (queries // 2)).double()
    x = torch.cat([support, query]) + y.unsqueeze(1)
    return x[: 2 * shots], x[2 * shots :], y


@pytest.mark.parametrize("shots", [1, 3])
def test_loss_equals_the_plain_reference(shots: int) -> None:
    """L-BFGS fit of each property, then minus the logarithm of the joint predictive density, as a conditional."""
    model, losses = build().double().eval(), []
    episodes = synthetic_episodes(2, shots, 4, 8, torch.Generator().manual_seed(1))
    for support, query, label, query_label in plain_tasks(model, episodes):
        x, n = torch.cat([support, query]).detach(), len(support)
        y = 2 * torch.tensor([*label, *query_label]).double() - 1
        phi = fit_plainly(x[:n], y[:n], median_mode(x[:n]))
        C = normal(x, phi).covariance_matrix
        gain = C[n:, :n] @ torch.linalg.inv(C[:n, :n])
        posterior = MultivariateNormal(gain @ y[:n], C[n:, n:] - gain @ C[:n, n:])
        losses.append(-posterior.log_prob(y[n:]))
    found = model.loss(episodes, NONE)
    assert (sum(losses) / len(losses)).item() == pytest.approx(found.item(), rel=1e-5)


def outer(x: Tensor, y: Tensor, n: int, log_mode: Tensor) -> float:
    """l after a fit from scratch, to the last digits, with a given mode of the prior."""
    squared = squared_distances(x, x)[None]
    known = squared[:, :n, :n], y[None, :n]
    phi = minimise(lambda phi: fitting_cost(phi, *known, log_mode), torch.zeros(1, 3).double())[0]
    return float(normal(x[:n], phi).log_prob(y[:n]) - normal(x, phi).log_prob(y))


def test_implicit_gradient_equals_refitting() -> None:
    """Central differences of l, with a new fit at each point; without its second term the gradient is another."""
    support, query, y = small_task()
    n, x = len(support), torch.cat([support, query]).requires_grad_()
    squared = squared_distances(x, x)[None]
    phi = fit_process(squared[:, :n, :n], y[None, :n])
    slopes = []
    for one in (phi, phi.detach()):
        value = marginal(one, squared, y[None]) - marginal(one, squared[:, :n, :n], y[None, :n])
        slopes.append(torch.autograd.grad(value.sum(), x, retain_graph=True)[0])
    log_mode, base = median_log_scale(squared[:, :n, :n]), x.detach()
    for i, j in ((0, 0), (2, 1), (5, 2), (7, 0)):
        shift = torch.zeros_like(base)
        shift[i, j] = 1e-3
        difference = (outer(base + shift, y, n, log_mode) - outer(base - shift, y, n, log_mode)) / 2e-3
        assert difference == pytest.approx(slopes[0][i, j].item(), rel=1e-4, abs=1e-6)
    assert (slopes[0] - slopes[1])[0, 0].abs() > 1e-2 * slopes[0][0, 0].abs()


def test_fit_equals_l_bfgs() -> None:
    """Newton steps end at the minimum that L-BFGS finds, for properties side by side."""
    tasks = [small_task(), tuple(-2 * part for part in small_task())]
    squared = torch.stack([squared_distances(support, support) for support, _, _ in tasks])
    y = torch.stack([label[:6].sign() for _, _, label in tasks])
    found = fit_process(squared, y)
    for one, (support, _, _), label in zip(found, tasks, y, strict=True):
        assert torch.allclose(fit_plainly(support, label, median_mode(support)), one, atol=1e-5)


def test_cost_is_stationary_where_the_fit_ends() -> None:
    """No slope is left, and every direction goes up."""
    support, _, y = small_task()
    squared = squared_distances(support, support)[None]
    cost = lambda phi: fitting_cost(phi, squared, y[None, :6], median_log_scale(squared))
    phi = minimise(cost, torch.zeros(1, 3).double())
    for step in torch.cat([torch.eye(3), -torch.eye(3)]).double() * 1e-3:
        assert cost(phi + step) > cost(phi)


def test_kernel_by_hand() -> None:
    """Distance 2 with length-scale 2 and output scale 3: 3 (1 + sqrt 5 + 5/3) exp(-sqrt 5)."""
    phi = torch.tensor([[log(2), log(3), 0.0]]).double()
    found = kernel(torch.tensor([[[4.0]]]).double(), phi)
    assert 3 * (1 + sqrt(5) + 5 / 3) * exp(-sqrt(5)) == pytest.approx(found.item())


def test_marginal_by_hand() -> None:
    """One molecule with variance 2 + 3 and label 1: 1/10 + log(5)/2 + log(2 pi)/2."""
    phi = torch.tensor([[0.0, log(2), log(3)]]).double()
    found = marginal(phi, torch.full((1, 1, 1), 1e-12).double(), torch.ones(1, 1).double())
    assert 0.1 + log(5) / 2 + log(2 * pi) / 2 == pytest.approx(found.item())


def test_prior_has_its_mode() -> None:
    """The cost of a noise is least at 0.1."""
    at = [float(log_normal_cost(torch.tensor(LOG_NOISE + shift), LOG_NOISE)) for shift in (-0.01, 0.0, 0.01)]
    assert at[1] < min(at[0], at[2])


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; permuted queries have permuted scores."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected, turn = model.scores(support, query, NONE), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, model.scores(support[[1, 0, 3, 2]], query, NONE), atol=1e-6)
    assert torch.allclose(expected[turn], model.scores(support, query[turn], NONE), atol=1e-6)


def test_exchanged_classes_change_the_sign() -> None:
    """Zero mean and labels of -1 and 1: the posterior mean turns round."""
    model, (support, query) = build(), embedded(2, 5, 16)
    expected = model.scores(support, query, NONE)
    assert torch.allclose(-expected, model.scores(support[[2, 3, 0, 1]], query, NONE), atol=1e-6)


def test_parameters_of_the_paper() -> None:
    """Those of the encoder; length-scale, output scale and noise adapt."""
    model = build(300)
    assert 1_857_900 == sum(one.numel() for one in model.parameters())
    assert 3 == model.adaptive_parameters


def test_learns_a_planted_property() -> None:
    """Molecules never seen are told apart."""
    model = build(32)
    fit(model, 30)
    assert measure(model) > 0.95


def test_wrong_requests_are_named() -> None:
    """Batches of another size; classes of unequal size; an encoder that has diverged."""
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator())
    with pytest.raises(ValueError, match="14 molecules given; 2 episodes of 2 x 3 support"):
        build().loss(episodes._replace(shots=3), NONE)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().scores(torch.zeros(3, 16), torch.zeros(1, 16), NONE)
    with pytest.raises(ValueError, match=r"16 of 16 squared distances are not finite.*learning rate"):
        build().scores(torch.full((4, 16), torch.nan), torch.zeros(1, 16), NONE)
