"""TaNP: a task-adaptive neural process for cold-start users (Lin et al., arXiv 2103.06137; Table 3).

A rated item is a pair (x, y): x = [item vector, user vector], each relu(W' relu(embedding) + b'), and the raw rating y.
From a set C of pairs of one user come a latent variable z and the modulation of a decoder:

    posterior     q(z | C) = N(mu, diag exp(l)),   [mu, l] = heads of relu(W mean over C of f(x, y) + b)
    task          t = mean over C of g(x, y)
    assignment    c_i ~ (1 + |t - A_i| / tau)^(-(tau + 1) / 2),   sum of c_i = 1      k slots A_i, all users share them
    modulation    o = t + sum of c_i A_i
    decoder       h <- relu(tanh(Gamma_l o) * (W_l h + b_l) + tanh(B_l o)),   h = [x, z],   l = 1, 2, 3
    prediction    w . h + b, not bounded

Training pools support and query of a user, n rows, and draws a context C of 20 to n - 1 of them and a target set S
that holds C and 0 to n - |C| - 1 more; z is drawn from q(z | S):

    loss          mean over users of  [ MSE on S + KL( q(z | S) || q(z | C) ) ] + lambda KL(q || c) / users
    clusters      q_ui ~ c_ui^2 / sum over users of c_ui,   sum over i of q_ui = 1

Shapes: T users, P rows of a user, D width of x, k slots.

As in the authors' code (IIEdm/TaNP), the distance is not squared, and gradients pass through q, too. Departures:
at test z = mu instead of one draw, so that a prediction is a number; the clusters are normalised over slots, as the
equation says (the code normalises over a dimension of size one, so its q is 1 everywhere and its loss only levels
c); a user with no more than 20 rows keeps one row out of the context (the code stops there); several fields of a
user are embedded side by side (the code as published knows ids only).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.data.cold_start import ColdStart, FeatureField, UserTasks
from parsimony.nn.dense import dense
from parsimony.nn.field_embedding import FieldEmbedding
from parsimony.nn.filled_rows import mean_of_rows, mean_squared_error
from parsimony.nn.perceptron import perceptron

LATENT_HIDDEN = (32, 16)  # hidden layers of f
TASK_HIDDEN = (32, 32)  # hidden layers of g


class Gaussian(NamedTuple):
    """Normal distributions with independent coordinates, [T, width of z] each."""

    mu: Tensor
    log_variance: Tensor

    def draw(self, generator: torch.Generator) -> Tensor:
        """Draw one point of each, through which gradients pass."""
        noise = torch.randn(self.mu.shape, generator=generator, device=generator.device).to(self.mu)
        return self.mu + noise * (self.log_variance / 2).exp()


def divergence(q: Gaussian, p: Gaussian) -> Tensor:
    """Return KL(q || p), summed over the coordinates, [T]."""
    ratio = (q.log_variance.exp() + (q.mu - p.mu).square()) / p.log_variance.exp()
    return (ratio - 1 + p.log_variance - q.log_variance).sum(-1) / 2


def clustering_loss(c: Tensor) -> Tensor:
    """Return KL(q || c) per user, where q sharpens the assignments c [T, k] and evens out the size of clusters."""
    sharp = c.square() / c.sum(0, keepdim=True)
    q = sharp / sharp.sum(1, keepdim=True)
    return (q * (q.log() - c.log())).sum(1).mean()


def draw_context(is_row: Tensor, fewest: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw context and target rows of each user.

    Args:
        is_row: False where a row only fills up, [T, P].
        fewest: rows of a context at least; n - 1 for a user with no more rows than that.
        generator: draws sizes and rows.

    Returns:
        True in the context, and true in the target set, which holds the context, [T, P] each.
    """
    chance = torch.rand(is_row.shape[0], is_row.shape[1] + 2, generator=generator, device=generator.device)
    chance = chance.to(is_row.device)
    n = is_row.sum(1)
    least = (n - 1).clamp(min=1, max=fewest)
    num_context = least + (chance[:, 0] * (n - least)).long()
    num_target = num_context + (chance[:, 1] * (n - num_context)).long()
    place = chance[:, 2:].masked_fill(~is_row, 2.0).argsort(1).argsort(1)
    return place < num_context.unsqueeze(1), place < num_target.unsqueeze(1)


class RowEncoder(nn.Module):
    """Vectors of items, or of users: relu(W' relu(embedding) + b')."""

    def __init__(
        self, fields: Sequence[FeatureField], widths: tuple[int, int], spread: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(fields, widths[0], spread, generator)
        self.layer = dense(self.embedding.width, widths[1], generator)

    def forward(self, rows: Tensor) -> Tensor:
        """Encode rows given by index, [...] to [..., width]."""
        return self.layer(self.embedding(rows).relu()).relu()


class Posterior(nn.Module):
    """The distribution of z given a set of pairs; f acts on single pairs, so sets may share what it gives."""

    def __init__(self, inputs: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.f = perceptron((inputs, *LATENT_HIDDEN, width), nn.ReLU, generator)
        self.layer = dense(width, width, generator)
        self.mu = dense(width, width, generator)
        self.log_variance = dense(width, width, generator)

    def forward(self, encoded: Tensor, is_row: Tensor) -> Gaussian:
        """Return q(z | C) from f of the pairs [T, P, width] and the mask of C [T, P]."""
        hidden = self.layer(mean_of_rows(encoded, is_row)).relu()
        return Gaussian(self.mu(hidden), self.log_variance(hidden))


class Memory(nn.Module):
    """The k slots A that users are assigned to."""

    def __init__(self, slots: int, width: int, temperature: float, generator: torch.Generator) -> None:
        super().__init__()
        self.A = nn.Parameter(nn.init.xavier_uniform_(torch.empty(slots, width), generator=generator))
        self.tau = temperature

    def forward(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Return assignments c [T, k] and modulations o [T, width] of tasks t [T, width]."""
        distance = (t.unsqueeze(1) - self.A).norm(dim=-1)
        closeness = (1 + distance / self.tau) ** (-(self.tau + 1) / 2)
        c = closeness / closeness.sum(1, keepdim=True)
        return c, t + c @ self.A


class Decoder(nn.Module):
    """Layers whose outputs are scaled and shifted for each user."""

    def __init__(self, inputs: int, widths: Sequence[int], task_width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.ModuleList(dense(*pair, generator) for pair in pairwise((inputs, *widths)))
        self.film = nn.ParameterList(dense(task_width, 2 * w, generator).weight for w in widths)  # Gamma above B
        self.output = dense(widths[-1], 1, generator)

    def forward(self, x: Tensor, z: Tensor, o: Tensor) -> Tensor:
        """Predict from rows x [T, P, D], z [T, width of z] and o [T, width of a task], [T, P]."""
        h = torch.cat([x, z.unsqueeze(1).expand(-1, x.shape[1], -1)], dim=-1)
        for layer, film in zip(self.layers, self.film, strict=True):
            gamma, beta = functional.linear(o, film).tanh().unsqueeze(1).chunk(2, dim=-1)
            h = (gamma * layer(h) + beta).relu()
        return self.output(h).squeeze(-1)


class TaNP(nn.Module):
    """The whole model.

    Args:
        data: fields of users and items.
        generator: draws the initial weights.
        spread: standard deviation of the initial embeddings (the authors: that of a linear layer on one-hot rows).
        embedding_width: of each field.
        vector_width: of an item's and of a user's vector, half of x.
        latent_width: of z.
        task_width: of t, of o and of a slot.
        decoder_widths: of the modulated layers.
        slots: k.
        temperature: tau.
        clustering: lambda.
        fewest_context: rows of a context, at least.

    Attributes:
        adaptive_parameters: numbers that the support set sets: z, and scale and shift of each decoder unit.
    """

    def __init__(
        self,
        data: ColdStart,
        generator: torch.Generator,
        *,
        spread: float = 0.05,
        embedding_width: int = 32,
        vector_width: int = 16,
        latent_width: int = 32,
        task_width: int = 16,
        decoder_widths: Sequence[int] = (32, 32, 16),
        slots: int = 10,
        temperature: float = 1.0,
        clustering: float = 1.0,
        fewest_context: int = 20,
    ) -> None:
        super().__init__()
        _check(slots=slots, temperature=temperature, fewest_context=fewest_context)
        self.clustering, self.fewest_context = clustering, fewest_context
        widths, pair = (embedding_width, vector_width), 2 * vector_width + 1
        self.item = RowEncoder(data.item_fields, widths, spread, generator)
        self.user = RowEncoder(data.user_fields, widths, spread, generator)
        self.posterior = Posterior(pair, latent_width, generator)
        self.g = perceptron((pair, *TASK_HIDDEN, task_width), nn.ReLU, generator)
        self.memory = Memory(slots, task_width, temperature, generator)
        self.decoder = Decoder(2 * vector_width + latent_width, decoder_widths, task_width, generator)
        self.adaptive_parameters = latent_width + 2 * sum(decoder_widths)

    def forward(self, tasks: UserTasks) -> Tensor:
        """Predict the ratings of the query items with z = mu, [T, Q]."""
        pairs = _pairs(self._x(tasks.user, tasks.support_item), tasks.support_rating)
        z = self.posterior(self.posterior.f(pairs), tasks.has_support).mu
        _, o = self.memory(mean_of_rows(self.g(pairs), tasks.has_support))
        return self.decoder(self._x(tasks.user, tasks.query_item), z, o)

    def loss(self, tasks: UserTasks, generator: torch.Generator) -> Tensor:
        """Return the loss of a batch of users, for contexts and latent variables that the generator draws."""
        y = torch.cat([tasks.support_rating, tasks.query_rating], dim=1)
        is_row = torch.cat([tasks.has_support, tasks.has_query], dim=1)
        in_context, in_target = draw_context(is_row, self.fewest_context, generator)
        x = self._x(tasks.user, torch.cat([tasks.support_item, tasks.query_item], dim=1))
        pairs = _pairs(x, y)
        encoded = self.posterior.f(pairs)
        context, target = self.posterior(encoded, in_context), self.posterior(encoded, in_target)
        c, o = self.memory(mean_of_rows(self.g(pairs), in_context))
        fit = mean_squared_error(self.decoder(x, target.draw(generator), o), y, in_target)
        return (fit + divergence(target, context)).mean() + self.clustering * clustering_loss(c)

    def _x(self, user: Tensor, item: Tensor) -> Tensor:
        """Return the rows x of users [T] and their items [T, P], item part first, [T, P, D]."""
        return torch.cat([self.item(item), self.user(user).unsqueeze(1).expand(-1, item.shape[1], -1)], dim=-1)


def _pairs(x: Tensor, y: Tensor) -> Tensor:
    """Set the ratings [T, P] behind the rows [T, P, D]."""
    return torch.cat([x, y.unsqueeze(-1)], dim=-1)


def _check(**positive: float) -> None:
    """Refuse settings that must be positive and are not."""
    for name, value in positive.items():
        if value <= 0:
            raise ValueError(
                f"{name} {value} given; TaNP needs a positive number (the authors use 10, 1 and 20 for "
                "slots, temperature and fewest_context)."
            )
