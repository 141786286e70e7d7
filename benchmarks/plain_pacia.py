"""PACIA in the order of the official code (github.com/LARS-research/PACIA, `chem_lib/models`).

    mol_model.py, forward       property by property the encoder for the support set, whose gamma and beta it keeps,
                                then for the query set; every end of a bond has a row of its own
    encoder.py                  two hypernetworks for each layer, one after the other
    relation.py                 all 21 x 21 ordered pairs of every graph and layer, by convolutions of size 1; depth
                                controller and classifier after each layer

The equations are those of `parsimony.methods.pacia`; nothing is shared with it but the weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from benchmarks.plain_molecule_encoder import encode_plainly, pool_plainly
from benchmarks.plain_par import Task
from benchmarks.plain_relation_graph import nodes_of, refine_plainly
from benchmarks.synthetic_molecules import BondedMolecules
from torch import Tensor, nn
from torch.nn import functional

from parsimony.methods.pacia import PACIA
from parsimony.nn.set_hypernetwork import SetHypernetwork


def with_labels(x: Tensor) -> Tensor:
    """Append one-hot labels to the molecules of support sets, [Q, n, D + 2] from [Q, n, D]."""
    k = x.shape[1] // 2
    label = torch.tensor([[1.0, 0.0]] * k + [[0.0, 1.0]] * k).to(x)
    return torch.cat([x, label.unsqueeze(0).repeat(len(x), 1, 1)], dim=-1)


def residual(layers: Sequence[nn.Linear], x: Tensor) -> Tensor:
    """Apply layers with a LeakyReLU; all but the first add their input."""
    x = functional.leaky_relu(layers[0](x), 0.01)
    for layer in layers[1:]:
        x = functional.leaky_relu(layer(x), 0.01) + x
    return x


def numbers_of(network: SetHypernetwork, support: Tensor) -> Tensor:
    """Make the numbers of support sets [Q, n, D], [Q, size]."""
    z, k = residual(network.f.layers, with_labels(support)), support.shape[1] // 2
    m = torch.cat([z[:, :k].mean(1), z[:, k:].mean(1)], dim=-1)
    return network.last(residual(network.joint.layers, m) if len(network.joint.layers) else m)


class PlainPACIA:
    """The loss of a model, from its own weights.

    Args:
        model: gives the weights.
    """

    def __init__(self, model: PACIA) -> None:
        self.model = model

    def loss(self, tasks: list[Task]) -> Tensor:
        """Average the losses of the properties."""
        return torch.stack([self.task_loss(*task) for task in tasks]).mean()

    def task_loss(self, support: BondedMolecules, query: BondedMolecules, label: Tensor) -> Tensor:
        """Return the loss of one property, depth by depth."""
        u, o = self.predict(support, query)
        pi = torch.softmax(u, dim=1)
        losses = [
            pi[:, depth] * functional.cross_entropy(o[:, depth], label, reduction="none") for depth in range(o.shape[1])
        ]
        return sum(losses).mean()

    def predict(self, support: BondedMolecules, query: BondedMolecules) -> tuple[Tensor, Tensor]:
        """Return u [Q, L] and o [Q, L, 2] of one property."""
        model, vectors = self.model, []

        def adapt(layer: int, h: Tensor) -> Tensor:
            vectors.append(self.vectors(layer, pool_plainly(support, h)))
            return apply(layer, h)

        def apply(layer: int, h: Tensor) -> Tensor:
            gamma, beta = vectors[layer]
            return h * (1 + gamma) + beta

        g_s = encode_plainly(model.encoder, support, adapt)
        g_q = encode_plainly(model.encoder, query, apply)
        p = model.embedding(nodes_of(g_s, g_q))
        depths = [x for x, _ in refine_plainly(model.relations, p, support.num_molecules // 2)]
        return torch.stack([self.suits(x) for x in depths], dim=1), torch.stack([self.logits(x) for x in depths], dim=1)

    def vectors(self, layer: int, t: Tensor) -> tuple[Tensor, Tensor]:
        """Make gamma and beta of one layer from the pooled support, [n, 300]."""
        networks = self.model.adapter.hypernetworks
        of_layer = networks[layer] if len(networks) > 1 else networks[0]
        made = torch.cat([numbers_of(one, t.unsqueeze(0))[0] for one in of_layer])
        gamma, beta = made[:300], made[300:]
        return gamma / gamma.norm(), beta / beta.norm()

    def suits(self, x: Tensor) -> Tensor:
        """Return u [Q] of one depth from its nodes [Q, n + 1, 128]."""
        control = self.model.controller
        x = torch.cat([numbers_of(control.support, x[:, :-1]), x[:, -1]], dim=-1)
        for layer in control.hidden:
            x = functional.leaky_relu(layer(x), 0.01) + x
        return control.last(x).squeeze(1)

    def logits(self, x: Tensor) -> Tensor:
        """Return o [Q, 2] of one depth from its nodes [Q, n + 1, 128]."""
        made, k = self.model.classifier, x.shape[1] // 2
        m = torch.stack([x[:, :k].mean(1), x[:, k:-1].mean(1)], dim=1)
        w, b = (last(residual(first.layers, m)) for first, last in (made.w, made.b))
        return (torch.bmm(x, w.transpose(1, 2)) + b.transpose(1, 2))[:, -1]
