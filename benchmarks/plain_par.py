"""PAR in the order of the official code (github.com/tata1661/PAR-NeurIPS21, `chem_lib/models`).

    trainer.py, train_step      property by property: clone, inner loss, gradient with its graph, outer loss
    mol_model.py, forward       the encoder runs for support and for query apart, in the inner and in the outer pass,
                                so four times for each property; every end of a bond has a row of its own
    relation.py, ContextMLP     the support set is copied for every query; three tokens of every node attend in full
    relation.py, EdgeUpdate     all 21 x 21 ordered pairs of every graph and layer, by convolutions of size 1
    mol_model.py, forward_query_loader      at test the support set once, then queries in batches of 16

The equations are those of `parsimony.methods.par`; nothing is shared with it but the weights. Laying out batches,
which the official code does anew for every episode, and its copies of the model are left out: both cost it more.
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


def labels_of(support: BondedMolecules) -> Tensor:
    """Return 0 for the first half of the support molecules and 1 for the others."""
    k = support.num_molecules // 2
    return torch.tensor([0] * k + [1] * k)


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
        y = labels_of(support)
        logits, A = self.predict(self.adapted(support, query), support, query)
        target = (label[:, None] == y[None, :]).to(A)
        outer = functional.cross_entropy(logits[:, -1], label)
        return outer + self.model.alignment * functional.mse_loss(A[:, -1, :-1], target)

    def adapted(self, support: BondedMolecules, query: BondedMolecules) -> dict[str, Tensor]:
        """Take the inner step of one property, with its graph; return Phi'."""
        phi, y, num_queries = dict(self.model.Phi.named_parameters()), labels_of(support), query.num_molecules
        logits, A = self.predict(phi, support, query)
        target = (y[:, None] == y[None, :]).to(A) * (1 - torch.eye(len(y)).to(A))
        inner = functional.cross_entropy(logits[:, :-1].reshape(-1, 2), y.repeat(num_queries))
        inner = inner + self.model.alignment * functional.mse_loss(A[:, :-1, :-1], target.repeat(num_queries, 1, 1))
        slopes = torch.autograd.grad(inner, list(phi.values()), create_graph=True)
        return {name: w - self.model.inner_rate * g for (name, w), g in zip(phi.items(), slopes, strict=True)}

    def predict(
        self, phi: dict[str, Tensor], support: BondedMolecules, query: BondedMolecules
    ) -> tuple[Tensor, Tensor]:
        """Return logits [Q, n + 1, 2] and A [Q, n + 1, n + 1] of all graphs of one property."""
        return self.head(phi, self.encode(support), self.encode(query))

    def encode(self, molecules: BondedMolecules) -> Tensor:
        """Embed support or query molecules, as one batch, [M, 300]."""
        return encode_plainly(self.model.encoder, molecules)

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
