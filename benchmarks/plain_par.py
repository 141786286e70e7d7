"""PAR in the order of the official code: property by property, one graph for each query, the encoder run twice.

The equations are those of `parsimony.methods.par`; nothing is shared with it but the weights.
"""

from __future__ import annotations

import torch
from benchmarks.plain_molecule_encoder import encode_plainly
from benchmarks.plain_relation_graph import nodes_of, refine_plainly
from benchmarks.synthetic_molecules import BondedMolecules, between
from torch import Tensor
from torch.nn import functional

from parsimony.methods.par import PAR
from parsimony.nn.molecule_episodes import Episodes

Task = tuple[BondedMolecules, BondedMolecules, Tensor]  # support, query, labels of the query


def tasks_of(episodes: Episodes) -> list[Task]:
    """Cut a batch of molecules into the support and query molecules of each property."""
    n, found, start = 2 * episodes.shots, [], 0
    for label in episodes.label:
        middle, end = start + n, start + n + len(label)
        found.append((between(episodes.molecules, start, middle), between(episodes.molecules, middle, end), label))
        start = end
    return found


class PlainPAR:
    """The outer loss of a model, from its own weights.

    Args:
        model: gives the weights.
    """

    def __init__(self, model: PAR) -> None:
        self.model = model

    def loss(self, tasks: list[Task]) -> Tensor:
        """Average the outer losses of the properties."""
        return torch.stack([self.task_loss(*task) for task in tasks]).mean()

    def task_loss(self, support: BondedMolecules, query: BondedMolecules, label: Tensor) -> Tensor:
        """Adapt to one property and return its outer loss."""
        phi, k = dict(self.model.Phi.named_parameters()), support.num_molecules // 2
        y = torch.tensor([0] * k + [1] * k)
        logits, A = self.predict(phi, support, query)
        target = (y[:, None] == y[None, :]).to(A) * (1 - torch.eye(2 * k).to(A))
        s_logits = logits[:, :-1].reshape(-1, 2)
        inner = functional.cross_entropy(s_logits, y.repeat(len(label)))
        inner = inner + self.model.alignment * functional.mse_loss(A[:, :-1, :-1], target.repeat(len(label), 1, 1))
        slopes = torch.autograd.grad(inner, list(phi.values()), create_graph=True)
        adapted = {name: w - self.model.inner_rate * g for (name, w), g in zip(phi.items(), slopes, strict=True)}
        logits, A = self.predict(adapted, support, query)
        target = (label[:, None] == y[None, :]).to(A)
        outer = functional.cross_entropy(logits[:, -1], label)
        return outer + self.model.alignment * functional.mse_loss(A[:, -1, :-1], target)

    def predict(
        self, phi: dict[str, Tensor], support: BondedMolecules, query: BondedMolecules
    ) -> tuple[Tensor, Tensor]:
        """Return logits [Q, n + 1, 2] and A [Q, n + 1, n + 1] of all graphs of one property."""
        g_s, g_q = (encode_plainly(self.model.encoder, one) for one in (support, query))
        return self.head(phi, g_s, g_q)

    def head(self, phi: dict[str, Tensor], g_s: Tensor, g_q: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and A from embedded molecules."""
        x, A = refine_plainly(self.model.relations, self.embed(phi, nodes_of(g_s, g_q)), len(g_s) // 2)[-1]
        x = functional.dropout(x, 0.2, self.model.training)
        x = functional.leaky_relu(x @ phi["W_c.1.weight"].T + phi["W_c.1.bias"], 0.01)
        return x @ phi["W_c.3.weight"].T + phi["W_c.3.bias"], A

    def embed(self, phi: dict[str, Tensor], g: Tensor) -> Tensor:
        """Embed the nodes g [Q, n + 1, 300] of all graphs, each with three tokens; return p, [Q, n + 1, 128]."""
        k = g.shape[1] // 2
        prototypes = [g[:, part].mean(1, keepdim=True).expand_as(g) for part in (slice(0, k), slice(k, 2 * k))]
        tokens = torch.stack([g, *prototypes], dim=-2)
        q, key, v = (tokens @ phi["W_p.W_qkv.weight"].T).chunk(3, dim=-1)
        attention = torch.softmax(q @ key.transpose(-1, -2) / g.shape[-1] ** 0.5, dim=-1)
        b = (functional.dropout(attention, 0.1, self.model.training) @ v)[..., 0, :]
        x = functional.leaky_relu(torch.cat([b, g], dim=-1) @ phi["W_p.W_a.weight"].T + phi["W_p.W_a.bias"], 0.01)
        x = functional.dropout(x, 0.1, self.model.training)
        return x @ phi["W_p.W_b.weight"].T + phi["W_p.W_b.bias"]
