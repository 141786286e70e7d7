"""ColdNAS in the order of the official code: one user after the other, one-hot rows times linear layers.

The equations are those of `parsimony.methods.coldnas`; nothing is shared with it but the initial weights.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from parsimony.data.cold_start import ColdStart, FeatureField, UserTasks
from parsimony.methods.coldnas import ColdNAS

APPLY = {
    "max": torch.maximum, "min": torch.minimum, "times": lambda x, p: x * torch.relu(p), "plus": lambda x, p: x + p,
}  # fmt: skip


def one_hot(fields: tuple[FeatureField, ...], rows: Tensor) -> list[Tensor]:
    """Return each field of some rows as int64 counts, [rows, values], as the official episodes hold them."""
    found = []
    for field in fields:
        table = torch.zeros(len(rows), field.size, dtype=torch.int64)
        for row, values in enumerate(field.values[rows].tolist()):
            for value in values:
                if value >= 0:
                    table[row, value] = 1
        found.append(table)
    return found


class PlainColdNAS:
    """Training with one Adam over copies of a model's weights, user by user.

    Args:
        model: gives the initial weights and the structure.
        data: users as tasks.
        learning_rate: of Adam.
    """

    def __init__(self, model: ColdNAS, data: ColdStart, learning_rate: float) -> None:
        self.cells, self.scale = model.modulation.cells, model.scale
        self.widths = [layer.in_features for layer in model.layers for _ in APPLY]
        self.is_used = [name in chosen for chosen in self.cells for name in APPLY]
        weights = {name: one.detach().clone() for name, one in model.named_parameters()}
        cells = zip(self.widths, self.is_used, strict=True)
        self.used_rows = torch.cat([torch.full((width,), used) for width, used in cells])
        if any(self.is_used):
            self._make_every_cell(weights)
        self.weights = {name: one.requires_grad_() for name, one in weights.items()}
        self.optimiser = torch.optim.Adam(self.weights.values(), lr=learning_rate)
        self.episodes = [self._episode(data, data.train[k : k + 1]) for k in range(len(data.train))]

    def _make_every_cell(self, weights: dict[str, Tensor]) -> None:
        """Let the hypernetwork make the numbers of all sixteen cells, used or not, as the official code does."""
        for name in ("parameters_of_context.weight", "parameters_of_context.bias"):
            every = torch.zeros(len(self.used_rows), *weights[name].shape[1:])
            every[self.used_rows] = weights[name]
            weights[name] = every

    def _episode(self, data: ColdStart, tasks: UserTasks) -> dict[str, object]:
        """Prepare what the official loader keeps of one user."""
        support, query = tasks.has_support[0], tasks.has_query[0]
        return {
            "user": one_hot(data.user_fields, tasks.user),
            "support": one_hot(data.item_fields, tasks.support_item[0][support]),
            "query": one_hot(data.item_fields, tasks.query_item[0][query]),
            "known": tasks.support_rating[0][support],
            "rating": tasks.query_rating[0][query],
        }

    def _embed(self, prefix: str, fields: list[Tensor]) -> Tensor:
        parts = []
        for k, counts in enumerate(fields):
            row = counts.float()
            parts.append((row @ self.weights[f"{prefix}.tables.{k}"]) / row.sum(1, keepdim=True).clamp(min=1))
        return torch.cat(parts, dim=1) + self.weights[f"{prefix}.bias"]

    def predict(self, episode: dict) -> Tensor:
        """Predict the query ratings of one user."""
        user = self._embed("users", episode["user"])
        asked = self._embed("items", episode["query"])
        x = torch.cat([asked, user.expand(len(asked), -1)], dim=1)
        return self._modulated(x, self._modulators(episode, user) if any(self.is_used) else ())

    def _modulators(self, episode: dict, user: Tensor) -> tuple[Tensor, ...]:
        """Encode the support set of one user and make the numbers of every cell."""
        w, known = self.weights, self._embed("items", episode["support"])
        pairs = torch.cat([known, episode["known"].unsqueeze(1) / self.scale, user.expand(len(known), -1)], dim=1)
        c = functional.leaky_relu(pairs @ w["context.weight"].T + w["context.bias"], 0.01).mean(0)
        every = (w["parameters_of_context.weight"] @ c + w["parameters_of_context.bias"]).split(self.widths)
        return tuple(part for part, is_used in zip(every, self.is_used, strict=True) if is_used)

    def _modulated(self, x: Tensor, modulators: tuple[Tensor, ...]) -> Tensor:
        w, parts, number = self.weights, iter(modulators), 0
        for position, chosen in enumerate(self.cells):
            for name in chosen:
                changed = APPLY[name](x, next(parts))
                if "modulation.alpha" in w:
                    beta = torch.sigmoid(w["modulation.alpha"][number])
                    changed, number = beta * changed + (1 - beta) * x, number + 1
                x = changed
            x = functional.leaky_relu(x, 0.01) @ w[f"layers.{position}.weight"].T + w[f"layers.{position}.bias"]
        return self.scale * torch.sigmoid(x.squeeze(1))

    def loss(self, users: list[int]) -> Tensor:
        """Sum over users of the mean squared error, divided by their number."""
        losses = [functional.mse_loss(self.predict(self.episodes[u]), self.episodes[u]["rating"]) for u in users]
        return torch.stack(losses).mean()

    def step(self, users: list[int]) -> float:
        """Take one step on a batch of users; return its loss."""
        self.optimiser.zero_grad()
        loss = self.loss(users)
        loss.backward()
        self.optimiser.step()
        return float(loss.detach())
