"""PACIA: a parameter-efficient adapter (Wu et al., arXiv 2310.00614; first paper, section 4.2, Tables 4 and 5).

Nothing is fitted to a property: hypernetworks (`nn.set_hypernetwork`) make all that is adapted from its support set.

    encoder     after layer l:  t_i = mean of h_v over the atoms of support molecule i
                gamma, beta = hypernetworks(t, labels), each of length 1
                h_v <- h_v * (1 + gamma) + beta        all atoms of support and query molecules
    embedding   p_i = MLP(g_i)
    relations   five layers of a relation graph for each query (`nn.relation_graph`), K neighbours: x^(l)
    controller  u_l = MLP'([r ; x_q^(l)]),  r = hypernetwork(x_i^(l), labels)       pi = softmax(u_1, ..., u_5)
    classifier  o_l^c = x_q^(l) . w^c + b^c,  w^c = MLP_w(m^c),  b^c = MLP_b(m^c),  m^c = mean of x_i^(l) of class c
    loss        mean over queries of  sum_l pi_l CE(o_l)
    score       softmax(o_l) of active at the depth l with the largest u_l

Shapes: T properties, n = 2 K support molecules, Q queries, L = 5 layers of either kind, D = 300 width of g and h.

This is the default of the authors' code (mod 16): the text adapts embeddings to each query, too, the code only the
depth. It makes 9.06 million numbers that are used, the paper counts 3.28; `COMPACT` is our guess at what was counted:
one hypernetwork for all layers, two layers deep on either side, that makes gamma and beta together. The encoder runs
once for all properties, so its normalisation sees one batch; the authors' code runs it for each support and query set.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder, Molecules, mean_over_atoms
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.perceptron import perceptron
from parsimony.nn.relation_graph import RelationGraph
from parsimony.nn.set_hypernetwork import ResidualLayers, SetHypernetwork, class_means

SLOPE = 0.01  # of LeakyReLU
WIDTH = 128  # of p and of the nodes
DEPTH = 5  # layers of the relation graph
QUERIES_AT_ONCE = 256  # at test; bounds memory


class Hypernetworks(NamedTuple):
    """Those that modulate the encoder.

    Attributes:
        molecule_widths: of the layers for each molecule.
        joint_widths: of the layers behind the class means; the last is D with one hypernetwork for gamma and one for
            beta, 2 D with one that makes both.
        is_shared: whether all layers of the encoder have the same.
    """

    molecule_widths: tuple[int, ...]
    joint_widths: tuple[int, ...]
    is_shared: bool


RELEASED = Hypernetworks((300, 300, 300), (300, 300, 300), is_shared=False)
COMPACT = Hypernetworks((300, 300), (300, 600), is_shared=True)


class EncoderAdapter(nn.Module):
    """Makes gamma and beta of every layer of the encoder.

    Args:
        width: D.
        num_layers: of the encoder.
        shape: of the hypernetworks.
        generator: draws the initial weights.
    """

    def __init__(self, width: int, num_layers: int, shape: Hypernetworks, generator: torch.Generator) -> None:
        super().__init__()
        each, rest = divmod(2 * width, shape.joint_widths[-1])
        if rest or each > 2:
            raise ValueError(
                f"hypernetworks that make {shape.joint_widths[-1]} numbers given; expected {width} (gamma and beta "
                f"apart) or {2 * width} (together)."
            )
        self.hypernetworks = nn.ModuleList(
            nn.ModuleList(
                SetHypernetwork(width, shape.molecule_widths, shape.joint_widths, generator) for _ in range(each)
            )
            for _ in range(1 if shape.is_shared else num_layers)
        )

    def forward(self, layer: int, t: Tensor) -> Tensor:
        """Return gamma and beta of a layer, [T, 2, D], from pooled support molecules t, [T, n, D]."""
        made = [one(t) for one in self.hypernetworks[layer % len(self.hypernetworks)]]
        return functional.normalize(torch.cat(made, dim=-1).unflatten(-1, (2, -1)), dim=-1)


class DepthController(nn.Module):
    """Says how well each depth suits a query; all depths share its 214,529 parameters.

    Args:
        generator: draws the initial weights.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.support = SetHypernetwork(WIDTH, (WIDTH, WIDTH, WIDTH), (WIDTH,), generator)
        self.hidden = nn.ModuleList(dense(2 * WIDTH, 2 * WIDTH, generator) for _ in range(2))
        self.last = dense(2 * WIDTH, 1, generator)

    def forward(self, support: Tensor, query: Tensor) -> Tensor:
        """Return u, [...], from support nodes [..., n, 128] and query nodes [..., 128]."""
        x = torch.cat([self.support(support), query], dim=-1)
        for layer in self.hidden:
            x = functional.leaky_relu(layer(x), SLOPE) + x
        return self.last(x).squeeze(-1)


class AdaptiveClassifier(nn.Module):
    """Makes a linear classifier from class means; all depths share its 115,713 parameters.

    Args:
        generator: draws the initial weights.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        widths = (WIDTH, WIDTH, WIDTH, WIDTH)
        self.w = nn.Sequential(ResidualLayers(widths, generator), dense(WIDTH, WIDTH, generator))
        self.b = nn.Sequential(ResidualLayers(widths, generator), dense(WIDTH, 1, generator))

    def forward(self, support: Tensor, query: Tensor) -> Tensor:
        """Return logits o, [..., 2], from support nodes [..., n, 128] and query nodes [..., 128]."""
        m = class_means(support)
        return (self.w(m) @ query.unsqueeze(-1) + self.b(m)).squeeze(-1)


class Property(NamedTuple):
    """A test property, adapted to: gamma and beta of each layer, [L, 2, D], and g of its support, [n, D]."""

    modulation: Tensor
    support: Tensor


class PACIA(nn.Module):
    """The whole model; 9,059,347 parameters as released, 3,277,447 compact.

    Args:
        generator: draws the initial weights.
        hypernetworks: shape of those that modulate the encoder.
        precision: of the factors of the encoder's and the similarities' products, "float32" or "bfloat16"; all
            parameters, gradients, means and losses are float32.

    Attributes:
        adaptive_parameters: numbers that are made for each property, gamma and beta of all layers.
    """

    def __init__(
        self, generator: torch.Generator, *, hypernetworks: Hypernetworks = RELEASED, precision: str = "float32"
    ) -> None:
        super().__init__()
        self.encoder = MoleculeEncoder(generator, precision=precision)
        width, num_layers = self.encoder.width, len(self.encoder.layers)
        self.adapter = EncoderAdapter(width, num_layers, hypernetworks, generator)
        self.embedding = perceptron((width, WIDTH, WIDTH), lambda: nn.LeakyReLU(SLOPE), generator)
        self.relations = RelationGraph(generator, DEPTH, width=WIDTH, precision=precision)
        self.controller, self.classifier = DepthController(generator), AdaptiveClassifier(generator)
        self.adaptive_parameters = num_layers * 2 * width

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        u, o = self._predict(*self._encode(episodes))
        label = episodes.label.unsqueeze(-1).expand(u.shape)
        cross_entropy = functional.cross_entropy(o.flatten(0, -2), label.flatten(), reduction="none").view_as(u)
        return (u.softmax(-1) * cross_entropy).sum(-1).mean()

    @torch.no_grad()
    def adapt(self, support: Molecules) -> Property:
        """Adapt to a test property, known by K inactive and then K active molecules."""
        self._check_mode()
        pool, made = mean_over_atoms(support.molecule, support.num_molecules, self.encoder.E_1.dtype), []

        def modulate(layer: int, h: Tensor) -> Tensor:
            made.append(self.adapter(layer, pool(h).unsqueeze(0))[0])
            return _modulated(h, *made[-1])

        g = self.encoder(support, modulate)
        return Property(torch.stack(made), g)

    @torch.no_grad()
    def scores(self, known: Property, query: Molecules) -> tuple[Tensor, Tensor]:
        """Score query molecules of a test property.

        Args:
            known: from `adapt`.
            query: Q molecules, in any number.

        Returns:
            Probability that each is active, [Q], and the depth that was chosen for it, 1 to 5, [Q].

        Raises:
            ValueError: if the model is in training mode.
        """
        self._check_mode()
        g = self.encoder(query, lambda layer, h: _modulated(h, *known.modulation[layer]))
        parts = [self._predict(known.support, part) for part in g.split(QUERIES_AT_ONCE)]
        u, o = (torch.cat(both) for both in zip(*parts, strict=True))
        depth = u.argmax(-1)
        chosen = o[torch.arange(len(o), device=o.device), depth]
        return chosen.softmax(-1)[:, 1], depth + 1

    def _encode(self, episodes: Episodes) -> tuple[Tensor, Tensor]:
        """Embed support and query molecules of all properties, each modulated by its support."""
        molecules = episodes.molecules
        pool = mean_over_atoms(molecules.molecule, molecules.num_molecules, self.encoder.E_1.dtype)
        of_atom = molecules.molecule // (molecules.num_molecules // len(episodes.label))  # property of each atom

        def modulate(layer: int, h: Tensor) -> Tensor:
            gamma, beta = self.adapter(layer, episodes.split(pool(h))[0]).unbind(1)
            return _modulated(h, gamma.index_select(0, of_atom), beta.index_select(0, of_atom))

        return episodes.split(self.encoder(molecules, modulate))

    def _predict(self, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return u [..., Q, L] and o [..., Q, L, 2] from g of support [..., n, D] and query molecules [..., Q, D]."""
        found = self.relations(self.embedding(support), self.embedding(query), support.shape[-2] // 2)
        support = torch.stack([nodes.support for nodes, _ in found], dim=-3)
        query = torch.stack([nodes.query for nodes, _ in found], dim=-2)
        return self.controller(support, query), self.classifier(support, query)

    def _check_mode(self) -> None:
        if self.training:
            raise ValueError("the model is in training mode, where dropout is on; call eval() before a test property.")


def _modulated(h: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    return torch.addcmul(beta, h, 1 + gamma)
