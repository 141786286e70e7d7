"""MAMO: memory-augmented meta-optimisation for cold-start users (Dong et al., arXiv 2007.03183; Table 3).

A network predicts from the embedded fields p_u of a user and p_i of an item:

    vectors       e_u = enc(p_u; theta_u),   e_i = enc(p_i; theta_i)       two layers, the first halves, leaky ReLU
    memory layer  h = M_ui [e_u, e_i]
    prediction    y = R sigmoid(MLP(h; theta_r))

Shared weights phi = (phi_u, phi_i, phi_r) and three memories of K slots (profiles M_P, offsets M_U of the user
encoder's weights, preferences M_UI) say where a user starts; n steps on the support set follow:

    attention     a = softmax over slots of cos(p_u, M_P)
    start         theta_u = phi_u - tau sum of a_k M_U,k;   theta_i, theta_r = phi_i, phi_r;   M_ui = sum of a_k M_UI,k
    inner step    (theta, M_ui) <- (theta, M_ui) - rho grad of the support MSE
    loss          mean over users of the query MSE; g = its gradient at the adapted weights, which moves phi

In training each user then writes, in the order of the batch:

    M_P  <- alpha a (x) p_u + (1 - alpha) M_P
    M_U  <- beta a (x) g_u + (1 - beta) M_U
    M_UI <- gamma a (x) M_ui + (1 - gamma) M_UI          M_ui as adapted

What follows from the equations: every user moves all slots towards the same p_u, so the K profiles soon agree and
a = 1/K for all users; and since a sums to one, M_UI fades by 1 - gamma (1 - 1/K) with each user whose inner steps
change little, until h = 0 and only biases adapt. In the authors' code Adam in the inner steps, 0.01 for every number
however small its gradient, feeds M_UI again. Here gamma = 0 keeps M_UI as it was drawn.

Shapes: T users, P rows of a user, D width of embedded fields, e width of vectors, K slots, W weights of the user
encoder.

Departures from the authors' code (dongmanqing/Code-for-MAMO): a bounded output and MSE instead of classes, and phi
moves with the experiment's optimiser; the users of a batch read the memories as they were before the batch; inner
steps are plain gradient steps on the whole support set (theirs are Adam on batches of 5); embeddings move with phi,
not in the inner steps of each user, test users included; biases adapt and are restored like weights; attention has no
random layer; the slots are drawn one by one, not as one tensor; the personal start is used at test, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional

from parsimony.data.cold_start import ColdStart, UserTasks
from parsimony.nn.field_embedding import FieldEmbedding
from parsimony.nn.filled_rows import mean_squared_error
from parsimony.nn.perceptron import perceptron

SLOPE = 0.1  # of the leaky ReLU
OFFSET_SPREAD = 0.05  # of the initial M_U; M_P and M_UI start with 1
USERS_AT_ONCE = 64  # whose weights stand side by side; bounds the memory that a whole test split takes

Weights = Mapping[str, Tensor]  # theta, by name


def activation() -> nn.Module:
    """Return the one activation of the method."""
    return nn.LeakyReLU(SLOPE)


class Network(nn.Module):
    """Encoders, memory layer and output of one user; its own weights are phi."""

    def __init__(self, user_width: int, item_width: int, e: int, scale: float, generator: torch.Generator) -> None:
        super().__init__()
        self.scale = scale
        self.user = nn.Sequential(perceptron((user_width, user_width // 2, e), activation, generator), activation())
        self.item = nn.Sequential(perceptron((item_width, item_width // 2, e), activation, generator), activation())
        self.recommender = perceptron((2 * e, e, 1), activation, generator)

    def forward(self, p_u: Tensor, p_i: Tensor, M_ui: Tensor) -> Tensor:
        """Predict for a user [D] and items [P, D] with a memory layer [2 e, 2 e], [P]."""
        e_u, e_i = self.user(p_u), self.item(p_i)
        h = torch.cat([e_u.expand(len(e_i), -1), e_i], dim=-1) @ M_ui.T
        return self.scale * self.recommender(h).squeeze(-1).sigmoid()


class Support(NamedTuple):
    """What a user is known by; the leading dimension T falls away inside vmap.

    Attributes:
        p_u: embedded user fields, [T, D].
        p_i: embedded fields of the support items, [T, N, D].
        y: their ratings, [T, N].
        is_row: False where a row only fills up, [T, N].
        offset: sum of a_k M_U,k, [T, W].
        M_ui: sum of a_k M_UI,k, [T, 2 e, 2 e].
    """

    p_u: Tensor
    p_i: Tensor
    y: Tensor
    is_row: Tensor
    offset: Tensor
    M_ui: Tensor


def write(memory: Tensor, a: Tensor, value: Tensor, rate: float) -> None:
    """Let the users of a batch write one after the other:  memory <- rate a (x) value + (1 - rate) memory.

    Args:
        memory: [K, ...], changed in place.
        a: attention of each user, [T, K].
        value: what each user writes, [T, ...].
        rate: alpha, beta or gamma.
    """
    later = torch.arange(len(a) - 1, -1, -1, device=a.device)  # users that write after this one and fade what it wrote
    share = rate * (1 - rate) ** later.to(a.dtype)
    memory.mul_((1 - rate) ** len(a)).add_(torch.einsum("u,uk,u...->k...", share, a, value))


class MAMO(nn.Module):
    """The whole model.

    Args:
        data: fields of users and items, and the scale R.
        generator: draws the initial weights and memories.
        spread: standard deviation of the initial embeddings (the authors: 1).
        width: e, and the width of each embedded field.
        slots: K.
        alpha: how fast profiles are overwritten.
        beta: how fast offsets are.
        gamma: how fast preferences are; 0 keeps them as they were drawn.
        tau: how far offsets move the user encoder.
        inner_rate: rho.
        inner_steps: n, at least one.

    Attributes:
        adaptive_parameters: numbers in theta and M_ui; the support set sets them all.
    """

    def __init__(
        self,
        data: ColdStart,
        generator: torch.Generator,
        *,
        spread: float = 0.05,
        width: int = 100,
        slots: int = 3,
        alpha: float = 0.5,
        beta: float = 0.05,
        gamma: float = 0.1,
        tau: float = 0.01,
        inner_rate: float = 0.01,
        inner_steps: int = 3,
    ) -> None:
        super().__init__()
        _check(inner_steps, alpha=alpha, beta=beta, gamma=gamma)
        self.alpha, self.beta, self.gamma, self.tau = alpha, beta, gamma, tau
        self.inner_rate, self.inner_steps = inner_rate, inner_steps
        self.item = FieldEmbedding(data.item_fields, width, spread, generator)
        self.user = FieldEmbedding(data.user_fields, width, spread, generator)
        self.network = Network(self.user.width, self.item.width, width, data.scale, generator)
        num_weights = sum(parameter.numel() for parameter in self.network.user.parameters())
        draw = lambda *shape: torch.randn(slots, *shape, generator=generator)
        self.register_buffer("M_P", draw(self.user.width))
        self.register_buffer("M_U", OFFSET_SPREAD * draw(num_weights))
        self.register_buffer("M_UI", draw(2 * width, 2 * width))
        self.adaptive_parameters = sum(one.numel() for one in self.network.parameters()) + self.M_UI[0].numel()

    def forward(self, tasks: UserTasks) -> Tensor:
        """Predict the ratings of the query items; memories are only read, [T, Q]."""
        support, _ = self._read(tasks)
        return vmap(self._predict_for_one, chunk_size=USERS_AT_ONCE)(*support, self.item(tasks.query_item))

    def loss(self, tasks: UserTasks, generator: torch.Generator) -> Tensor:
        """Return the query error of a batch of users, who write into the memories in training; nothing is drawn."""
        support, a = self._read(tasks)
        theta, M_ui = vmap(self._adapt)(*support)
        prediction = vmap(self._predict)(theta, M_ui, support.p_u, self.item(tasks.query_item))
        error = mean_squared_error(prediction, tasks.query_rating, tasks.has_query)
        if self.training:
            self._write(a, support.p_u, self._user_gradient(error, theta), M_ui)
        return error.mean()

    def _read(self, tasks: UserTasks) -> tuple[Support, Tensor]:
        """Return what is known of each user, and the attention a [T, K], through which no gradient passes."""
        p_u = self.user(tasks.user)
        a = functional.cosine_similarity(p_u.detach().unsqueeze(1), self.M_P, dim=-1).softmax(-1)
        offset, M_ui = a @ self.M_U, torch.einsum("uk,kij->uij", a, self.M_UI)
        p_i = self.item(tasks.support_item)
        return Support(p_u, p_i, tasks.support_rating, tasks.has_support, offset, M_ui), a

    def _predict_for_one(self, *support_and_query: Tensor) -> Tensor:
        """Adapt to the support of one user and predict the user's query items [Q, D], [Q]."""
        support = Support(*support_and_query[:-1])
        return self._predict(*self._adapt(*support), support.p_u, support_and_query[-1])

    def _adapt(
        self, p_u: Tensor, p_i: Tensor, y: Tensor, is_row: Tensor, offset: Tensor, M_ui: Tensor
    ) -> tuple[Weights, Tensor]:
        """Return theta and M_ui of one user; both count as phi plus constants, as g is taken where they end."""
        theta = self._start(offset)
        for _ in range(self.inner_steps):
            slope, slope_M = grad(self._error, argnums=(0, 1))(theta, M_ui, p_u, p_i, y, is_row)
            theta = {name: value - self.inner_rate * slope[name].detach() for name, value in theta.items()}
            M_ui = M_ui - self.inner_rate * slope_M.detach()
        return theta, M_ui

    def _start(self, offset: Tensor) -> Weights:
        """Return phi with the user encoder moved by an offset [W]."""
        phi = dict(self.network.named_parameters())
        names = self._user_names()
        parts = offset.split([phi[name].numel() for name in names])
        return phi | {n: phi[n] - self.tau * part.view_as(phi[n]) for n, part in zip(names, parts, strict=True)}

    def _user_names(self) -> Sequence[str]:
        """Return the names of the user encoder's weights in theta, in the order of M_U."""
        return [f"user.{name}" for name, _ in self.network.user.named_parameters()]

    def _error(self, theta: Weights, M_ui: Tensor, p_u: Tensor, p_i: Tensor, y: Tensor, is_row: Tensor) -> Tensor:
        """Return the mean squared error on the rows of one user."""
        return mean_squared_error(self._predict(theta, M_ui, p_u, p_i), y, is_row)

    def _predict(self, theta: Weights, M_ui: Tensor, p_u: Tensor, p_i: Tensor) -> Tensor:
        """Return the predictions of one user's rows, [P]."""
        return functional_call(self.network, theta, (p_u, p_i, M_ui))

    def _user_gradient(self, error: Tensor, theta: Weights) -> Tensor:
        """Return g_u: the gradient of each user's error at that user's own encoder weights, [T, W]."""
        weights = [theta[name] for name in self._user_names()]
        return torch.cat([part.flatten(1) for part in torch.autograd.grad(error.sum(), weights, retain_graph=True)], 1)

    @torch.no_grad()
    def _write(self, a: Tensor, p_u: Tensor, g_u: Tensor, M_ui: Tensor) -> None:
        """Let the users of a batch write into the three memories."""
        write(self.M_P, a, p_u, self.alpha)
        write(self.M_U, a, g_u, self.beta)
        write(self.M_UI, a, M_ui, self.gamma)


def _check(inner_steps: int, **rates: float) -> None:
    """Refuse settings out of range."""
    if inner_steps < 1:
        raise ValueError(f"{inner_steps} inner steps given; MAMO adapts in at least 1. Ask for 1 or more.")
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            raise ValueError(f"{name} {rate} given; a memory forgets a share between 0 and 1. Choose one in between.")
