"""MeLU: a meta-learned user preference estimator (Lee et al., KDD 2019; Table 3).

Rows x = [embedded item fields, embedded user fields] enter a perceptron whose weights theta start the same for all
users and take a few steps on the support set of each; embeddings stay as they are:

    prediction    f(x; theta) = W_3 relu(W_2 relu(W_1 x + b_1) + b_2) + b_3,   theta = (W, b), not bounded
    inner step    theta_u <- theta_u - rho grad of  mean over the support of (f(x; theta_u) - y)^2
    loss          mean over users of  mean over the query of (f(x; theta_u) - y)^2

The loss trains theta and the embeddings. At second order its gradient passes through the inner steps; at first order
theta_u - theta counts as constant.

Shapes: T users, P rows of a user, D width of x.

The authors' code (hoyeoplee/MeLU) copies the adapted weights as values and restores them before the outer backward
pass, so no gradient passes through the inner step; torch refuses such a pass today. First order is the nearest
defined thing, second order is what the text of meta-learning means; specifications run both. The authors' rho of
5e-6 hardly adapts; a large rho is worse at first order, where a step that passes its aim turns the outer gradient
round and training runs away. Departures: the embedding of each field has a bias, and starts narrower than theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from parsimony.data.cold_start import ColdStart, UserTasks
from parsimony.nn.field_embedding import FieldEmbedding
from parsimony.nn.filled_rows import mean_squared_error
from parsimony.nn.perceptron import perceptron

Weights = Mapping[str, Tensor]  # theta, by name


class MeLU(nn.Module):
    """The whole model.

    Args:
        data: fields of users and items.
        generator: draws the initial weights.
        spread: standard deviation of the initial embeddings (the authors: 1 for fields of one value).
        embedding_width: of each field.
        hidden: widths of the hidden layers.
        inner_rate: rho.
        inner_steps: steps on the support set, at least one.
        is_second_order: whether the gradient passes through the inner steps.

    Attributes:
        adaptive_parameters: numbers in theta; the support set sets them all.
    """

    def __init__(
        self,
        data: ColdStart,
        generator: torch.Generator,
        *,
        spread: float = 0.05,
        embedding_width: int = 32,
        hidden: Sequence[int] = (64, 64),
        inner_rate: float = 5e-6,
        inner_steps: int = 1,
        is_second_order: bool = False,
    ) -> None:
        super().__init__()
        if inner_steps < 1:
            raise ValueError(f"{inner_steps} inner steps given; MeLU adapts in at least 1. Ask for 1 or more.")
        self.inner_rate, self.inner_steps, self.is_second_order = inner_rate, inner_steps, is_second_order
        self.item = FieldEmbedding(data.item_fields, embedding_width, spread, generator)
        self.user = FieldEmbedding(data.user_fields, embedding_width, spread, generator)
        self.f = perceptron((self.item.width + self.user.width, *hidden, 1), nn.ReLU, generator)
        self.adaptive_parameters = sum(parameter.numel() for parameter in self.f.parameters())

    def forward(self, tasks: UserTasks) -> Tensor:
        """Predict the ratings of the query items with weights adapted to each user, [T, Q]."""
        support, query = self._x(tasks.user, tasks.support_item), self._x(tasks.user, tasks.query_item)
        return vmap(self._predict_for_one)(support, tasks.support_rating, tasks.has_support, query)

    def loss(self, tasks: UserTasks, generator: torch.Generator) -> Tensor:
        """Return the query error of a batch of users; nothing is drawn."""
        return mean_squared_error(self(tasks), tasks.query_rating, tasks.has_query).mean()

    def _x(self, user: Tensor, item: Tensor) -> Tensor:
        """Return the rows x of users [T] and their items [T, P], item part first, [T, P, D]."""
        return torch.cat([self.item(item), self.user(user).unsqueeze(1).expand(-1, item.shape[1], -1)], dim=-1)

    def _predict_for_one(self, support: Tensor, y: Tensor, is_row: Tensor, query: Tensor) -> Tensor:
        """Adapt to the support rows [N, D] of one user and predict the query rows [Q, D], [Q]."""
        return self._predict(self._adapt(support, y, is_row), query)

    def _adapt(self, x: Tensor, y: Tensor, is_row: Tensor) -> Weights:
        """Return theta_u of one user."""
        theta: Weights = dict(self.f.named_parameters())
        for _ in range(self.inner_steps):
            slope = grad(self._error)(theta, x, y, is_row)
            if not self.is_second_order:
                slope = {name: value.detach() for name, value in slope.items()}
            theta = {name: value - self.inner_rate * slope[name] for name, value in theta.items()}
        return theta

    def _error(self, theta: Weights, x: Tensor, y: Tensor, is_row: Tensor) -> Tensor:
        """Return the mean squared error on the rows of one user."""
        return mean_squared_error(self._predict(theta, x), y, is_row)

    def _predict(self, theta: Weights, x: Tensor) -> Tensor:
        """Return f(x; theta) of rows [P, D], [P]."""
        return functional_call(self.f, theta, (x,)).squeeze(-1)
