"""ADKF-IFT: deep kernel Gaussian processes, fitted by the implicit function theorem (Chen et al., arXiv 2205.02708;
Table 5).

A Gaussian process on g of the molecule encoder (theta) regresses labels y of -1 and 1. Its phi = logarithms of
(length-scale l, output scale s, noise v) are fitted to each support set:

    kernel      k_ij = s (1 + a + a^2 / 3) exp(-a),  a = sqrt(5) |g_i - g_j| / l            Matern 5/2
    marginal    N(phi, theta; y) = -log p(y) = (y' C^-1 y + log det C + n log 2 pi) / 2,    C = k + v I
    inner       phi* = arg min of  L = N(support) - log p(l) - log p(v)
                log-normal priors of scale 1/4: of v with mode 0.1, of l with mode  sqrt(median |g_i - g_j|^2 / 2)
    outer       l = -log p(y_query | y_support) = N(support and query) - N(support)  at phi*
    gradient    dl / dtheta = partial_theta l - partial_phi l H^-1 partial^2_phi,theta L,   H = partial^2_phi L, 3 x 3
    score       posterior mean  k_qs C^-1 y_s

The gradient is that of l at  phi* - H^-1 partial_phi L(phi*, theta)  with phi* and H held fixed: the value is phi*,
where partial_phi L vanishes, and the chain rule gives the second term.

Shapes: T properties, n = 2 K support molecules, Q queries, D width of g.

The authors fit by L-BFGS and solve with H by conjugate gradients; here Newton steps find the same minimum for all
properties at once, in double precision, and H is exact. As in their code, the mode of the prior of l counts as
constant, and l is summed over the queries of a property. Their code takes one training step on labelled query
molecules of each test property before it scores them; that is left out. The encoder runs once for both terms and for
all properties.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import log, pi, sqrt

import torch
from torch import Tensor, nn

from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.support_labels import support_labels

PRIOR_SCALE = 0.25
LOG_NOISE = log(0.1)  # mode of its prior, and where the fit starts
LOG_OUTPUT_SCALE = log(log(2))  # where the fit starts
NEWTON_STEPS = 100  # at most; about ten are taken
HALVINGS = 30  # of a step that does not go down
FLAT = 1e-3  # a curvature below counts as this
STATIONARY = 1e-8  # slope that ends the fit

Cost = Callable[[Tensor], Tensor]  # phi of every property, [T, 3] -> L of each, [T]


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """Return |x_i - y_j|^2, [..., a, b], from [..., a, D] and [..., b, D].

    Raises:
        ValueError: if one is not finite.
    """
    found = x.square().sum(-1).unsqueeze(-1) + y.square().sum(-1).unsqueeze(-2) - 2 * x @ y.mT
    if not found.isfinite().all():
        bad = int((~found.isfinite()).sum())
        raise ValueError(
            f"{bad} of {found.numel()} squared distances are not finite; a Gaussian process needs real numbers. "
            "The encoder has diverged: lower the learning rate or look at the last losses."
        )
    return found.clamp(min=1e-12)  # a root that can be differentiated


def kernel(squared: Tensor, phi: Tensor) -> Tensor:
    """Return k of squared distances [T, a, b] with phi [T, 3]."""
    length_scale, output_scale, _ = phi.exp()[..., None, None].unbind(-3)
    a = squared.sqrt() * sqrt(5) / length_scale
    return output_scale * (1 + a + a.square() / 3) * (-a).exp()


def factor(squared: Tensor, phi: Tensor) -> Tensor:
    """Return the Cholesky factor of C, [T, n, n]."""
    noise = phi[:, 2].exp()[:, None, None] * torch.eye(squared.shape[-1], dtype=phi.dtype, device=phi.device)
    return torch.linalg.cholesky(kernel(squared, phi) + noise)


def marginal(phi: Tensor, squared: Tensor, y: Tensor) -> Tensor:
    """Return N, [T], from squared distances [T, n, n] and labels [T, n]."""
    C = factor(squared, phi)
    white = torch.linalg.solve_triangular(C, y.unsqueeze(-1), upper=False).squeeze(-1)
    half_log_det = C.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return white.square().sum(-1) / 2 + half_log_det + y.shape[-1] * log(2 * pi) / 2


def log_normal_cost(value: Tensor, mode: Tensor | float) -> Tensor:
    """Return -log p of a log-normal prior, up to a constant, from the logarithms of value and mode."""
    return value + (value - mode - PRIOR_SCALE**2).square() / (2 * PRIOR_SCALE**2)


def fitting_cost(phi: Tensor, squared: Tensor, y: Tensor, log_mode: Tensor) -> Tensor:
    """Return L, [T]; log_mode is that of the prior of l, [T]."""
    priors = log_normal_cost(phi[:, 0], log_mode) + log_normal_cost(phi[:, 2], LOG_NOISE)
    return marginal(phi, squared, y) + priors


def median_log_scale(squared: Tensor) -> Tensor:
    """Return log sqrt(median / 2) over the pairs of each support set, [T], as a constant."""
    i, j = torch.triu_indices(squared.shape[-1], squared.shape[-1], 1, device=squared.device)
    return (squared.detach()[:, i, j].median(-1).values / 2).log() / 2


def derivatives(cost: Cost, phi: Tensor) -> tuple[Tensor, Tensor]:
    """Return slope [T, 3] and Hessian [T, 3, 3]; the slope can be differentiated by what the cost holds."""
    with torch.enable_grad():
        phi = phi.detach().requires_grad_()
        (slope,) = torch.autograd.grad(cost(phi).sum(), phi, create_graph=True)
        rows = [torch.autograd.grad(one.sum(), phi, retain_graph=True)[0] for one in slope.unbind(-1)]
    return slope, torch.stack(rows, dim=-2)


def minimise(cost: Cost, phi: Tensor) -> Tensor:
    """Go down from phi [T, 3] by Newton steps of length 1 at most; return phi*."""
    for _ in range(NEWTON_STEPS):
        slope, H = (one.detach() for one in derivatives(cost, phi))
        if slope.abs().max() < STATIONARY:
            break
        curvature, axes = torch.linalg.eigh(H)
        step = -axes @ ((axes.mT @ slope.unsqueeze(-1)) / curvature.abs().clamp(min=FLAT).unsqueeze(-1))
        phi = _descend(cost, phi, step.squeeze(-1))
    return phi


def fit(squared: Tensor, y: Tensor) -> Tensor:
    """Fit phi to support sets.

    Args:
        squared: squared distances, [T, n, n].
        y: labels, [T, n].

    Returns:
        phi* with the gradient of the implicit function theorem, [T, 3].
    """
    log_mode = median_log_scale(squared)
    others = torch.tensor([LOG_OUTPUT_SCALE, LOG_NOISE], dtype=squared.dtype, device=squared.device)
    start = torch.cat([log_mode.unsqueeze(-1), others.expand(len(squared), 2)], dim=-1)
    phi = minimise(partial(fitting_cost, squared=squared.detach(), y=y, log_mode=log_mode), start)
    slope, H = derivatives(partial(fitting_cost, squared=squared, y=y, log_mode=log_mode), phi)
    return phi - torch.linalg.solve(H.detach(), slope)


class ADKFIFT(nn.Module):
    """The whole model; 1,857,900 parameters, all of the encoder.

    Args:
        generator: draws the initial weights.
        width: D.

    Attributes:
        adaptive_parameters: numbers in phi.
    """

    adaptive_parameters = 3

    def __init__(self, generator: torch.Generator, *, width: int = 300) -> None:
        super().__init__()
        self.encoder = MoleculeEncoder(generator, width=width)

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return l, averaged over the properties; dropout alone is random, and reads torch's own generator."""
        support, query = episodes.split(self.encoder(episodes.molecules))
        n, y = support.shape[1], torch.cat([_signs(support), 2.0 * episodes.label - 1], dim=1)
        x = torch.cat([support, query], dim=1).double()
        squared = squared_distances(x, x)
        known = squared[:, :n, :n], y[:, :n]
        phi = fit(*known)
        return (marginal(phi, squared, y) - marginal(phi, *known)).mean()

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property; nothing is drawn.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: unused.

        Returns:
            Posterior mean of the label of each, [Q].
        """
        x_s, x_q = support.double()[None], query.double()[None]
        squared, y = squared_distances(x_s, x_s), _signs(x_s)
        phi = fit(squared, y)
        weight = torch.cholesky_solve(y.unsqueeze(-1), factor(squared, phi))
        return (kernel(squared_distances(x_q, x_s), phi) @ weight)[0, :, 0]


def _signs(support: Tensor) -> Tensor:
    """Return the labels of support sets [T, n, D]: -1 for the first half and 1 for the other, [T, n]."""
    y = 2.0 * support_labels(support.shape[1], support.device).double() - 1
    return y.expand(len(support), -1)


def _descend(cost: Cost, phi: Tensor, step: Tensor) -> Tensor:
    """Take a step [T, 3], halved for each property until its cost does not rise."""
    step, before = step / step.norm(dim=-1, keepdim=True).clamp(min=1), cost(phi)
    for _ in range(HALVINGS):
        rises = cost(phi + step) > before + 1e-10
        if not rises.any():
            break
        step = torch.where(rises.unsqueeze(-1), step / 2, step)
    return phi + step
