"""PAR: property-aware relation networks (Wang et al., arXiv 2107.07994; first paper, section 4.1, Tables 4 and 5).

A property is asked of a molecule x_q; K inactive and K active molecules are known. With g of the molecule encoder:

    prototypes  c_0, c_1 = means of g over the inactive and the active support molecules
    tokens      [q; k; v] = W_qkv t   for each of   t in (g_i, c_0, c_1)
    context     b_i = sum over the tokens t of  softmax(q_i . k_t / sqrt(D)) v_t
    embedding   p_i = W_b leaky(W_a [b_i ; g_i] + b_a) + b_b
    relations   two layers of a relation graph for each query (`nn.relation_graph`), K neighbours: x_i and A
    classifier  y_i = W' leaky(W x_i + b) + b'                     logits of inactive and active
    loss        L = CE(y) + lambda MSE(A, [y_i = y_j and i != j])  A of the last layer

Only Phi = (W_p: all of the embedding, W_c: the classifier) is adapted to a property; theta (encoder, relation graph)
is not. One inner step, through which the gradient of the outer loss passes:

    inner       Phi' = Phi - rate grad over Phi of L(support nodes of all query graphs; A between support nodes)
    outer       mean over properties of L(query nodes; A between query and support) with theta, Phi'

Shapes: T properties, n = 2 K support molecules, Q queries, D = 300 width of g.

The encoder runs once for both losses and for all properties, so its normalisation sees one batch; the authors' code
runs it for support and query apart, and twice. At test the authors adapt in training mode, with dropout, and average
A over the query graphs before it is compared; here the step is that of training, in evaluation mode, so that no
molecule of a test property enters the running statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.relation_graph import RelationGraph
from parsimony.nn.set_hypernetwork import class_means

SLOPE = 0.01  # of LeakyReLU
WIDTH = 128  # of p and of the nodes
CONTEXT_QUERIES = 16  # query molecules that serve as context of the inner step at test, as many as in training
QUERIES_AT_ONCE = 512  # at test; bounds memory

Weights = Mapping[str, Tensor]  # Phi or Phi' by name, a row of each for every property, [T, ...]


class PropertyAwareEmbedding(nn.Module):
    """From g to p, one property at a time; 363,440 parameters.

    Args:
        width: D.
        generator: draws the initial weights.
    """

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.W_qkv = dense(width, 3 * width, generator, has_bias=False)
        self.W_a, self.W_b = dense(2 * width, WIDTH, generator), dense(WIDTH, WIDTH, generator)
        self.drop = nn.Dropout(0.1)

    def forward(self, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return p of support [n, D] and query molecules [Q, D]; support does not depend on the query."""
        g = torch.cat([support, query])
        p = self.W_b(self.drop(functional.leaky_relu(self.W_a(torch.cat([self._context(g, support), g], -1)), SLOPE)))
        return p[: len(support)], p[len(support) :]

    def _context(self, g: Tensor, support: Tensor) -> Tensor:
        """Return b of molecules g, [n + Q, D]; keys and values of the prototypes serve them all."""
        q, k, v = self.W_qkv(g).chunk(3, dim=-1)
        _, k_c, v_c = self.W_qkv(class_means(support)).chunk(3, dim=-1)
        logits = torch.cat([(q * k).sum(-1, keepdim=True), q @ k_c.T], dim=-1) / g.shape[-1] ** 0.5
        attention = self.drop(logits.softmax(-1))
        return attention[:, :1] * v + attention[:, 1:] @ v_c


class PAR(nn.Module):
    """The whole model; 2,434,976 parameters.

    Args:
        generator: draws the initial weights.
        inner_rate: of the inner step.
        alignment: lambda.
        precision: of the factors of the encoder's and the similarities' products, "float32" or "bfloat16"; all
            parameters, gradients, means and losses are float32.

    Attributes:
        adaptive_parameters: numbers in Phi; the support set sets them all.
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        inner_rate: float = 0.1,
        alignment: float = 1.0,
        precision: str = "float32",
    ) -> None:
        super().__init__()
        self.inner_rate, self.alignment = inner_rate, alignment
        self.encoder = MoleculeEncoder(generator, precision=precision)
        classifier = nn.Sequential(
            nn.Dropout(0.2), dense(WIDTH, WIDTH, generator), nn.LeakyReLU(SLOPE), dense(WIDTH, 2, generator)
        )
        embedding = PropertyAwareEmbedding(self.encoder.width, generator)
        self.Phi = nn.ModuleDict({"W_p": embedding, "W_c": classifier})
        self.relations = RelationGraph(generator, 2, width=WIDTH, precision=precision)
        self.adaptive_parameters = sum(parameter.numel() for parameter in self.Phi.parameters())

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the outer loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        support, query = episodes.split(self.encoder(episodes.molecules))
        logits, A = self._queries(self._adapt(support, query), support, query)
        is_same = episodes.label.unsqueeze(-1) == support_labels(support)
        return self._disagreement(logits, episodes.label, A, is_same)

    @torch.no_grad()
    def scores(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Tensor:
        """Score the query molecules of a test property.

        Args:
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of its query molecules, [Q, D].
            generator: draws the queries that serve as context of the inner step.

        Returns:
            Probability that each is active, [Q].

        Raises:
            ValueError: if the model is in training mode.
        """
        weights = self.adapt(support, query, generator)
        parts = [self._queries(weights, support[None], part[None])[0] for part in query.split(QUERIES_AT_ONCE)]
        return torch.cat(parts, dim=1)[0].softmax(-1)[:, 1]

    @torch.no_grad()
    def adapt(self, support: Tensor, query: Tensor, generator: torch.Generator) -> Weights:
        """Take the inner step on a test property, with arguments as of `scores`; return its Phi'.

        Raises:
            ValueError: if the model is in training mode.
        """
        if self.training:
            raise ValueError("the model is in training mode, where dropout is on; call eval() before scoring.")
        order = torch.randperm(len(query), generator=generator, device=generator.device).to(query.device)
        context = query[order[:CONTEXT_QUERIES]]
        with torch.enable_grad():
            return {name: w.detach() for name, w in self._adapt(support[None], context[None]).items()}

    @torch.no_grad()
    def relate(self, weights: Weights, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return the relation graphs of some query molecules of a test property, to be looked at.

        Args:
            weights: Phi', from `adapt`.
            support: g of its support molecules, first the inactive ones, [n, D].
            query: g of some query molecules, [Q, D].

        Returns:
            A of the last layer between all nodes, the query last, [Q, n + 1, n + 1]; probability that each query is
            active, [Q].
        """
        p = self._call("W_p", weights, support[None], query[None])
        nodes, A = self.relations(*p, len(support) // 2)[-1]
        rows = torch.cat([A.support, functional.pad(A.query, (0, 1)).unsqueeze(-2)], dim=-2)
        return rows[0], self._call("W_c", weights, nodes.query)[0].softmax(-1)[:, 1]

    def _adapt(self, support: Tensor, query: Tensor) -> Weights:
        """Take the inner step on [T, n, D] and [T, Q, D]; return Phi' of each property."""
        weights = {name: w.expand(len(support), *w.shape) for name, w in self.Phi.named_parameters()}
        loss = len(support) * self._support_loss(weights, support, query)  # a sum: each property has its own gradient
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        return {name: w - self.inner_rate * slope for (name, w), slope in zip(weights.items(), slopes, strict=True)}

    def _support_loss(self, weights: Weights, support: Tensor, query: Tensor) -> Tensor:
        """Return the inner loss, averaged over properties."""
        nodes, A = self.relations(*self._call("W_p", weights, support, query), support.shape[1] // 2)[-1]
        y = support_labels(support)
        is_same = (y.unsqueeze(1) == y) & ~torch.eye(len(y), dtype=torch.bool, device=y.device)
        return self._disagreement(self._call("W_c", weights, nodes.support), y, A.support[..., :-1], is_same)

    def _queries(self, weights: Weights, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [T, Q, 2] of the queries and their rows of A, [T, Q, n]."""
        p = self._call("W_p", weights, support, query)
        x, A = self.relations.queries(*p, support.shape[1] // 2)
        return self._call("W_c", weights, x), A

    def _disagreement(self, logits: Tensor, y: Tensor, A: Tensor, is_same: Tensor) -> Tensor:
        """Return L; labels and targets are broadcast to the graphs."""
        cross_entropy = functional.cross_entropy(logits.flatten(0, -2), y.expand(logits.shape[:-1]).flatten())
        return cross_entropy + self.alignment * (A - is_same.to(A.dtype)).square().mean()

    def _call(self, part: str, weights: Weights, *inputs: Tensor) -> Tensor:
        """Call a part of Phi on inputs [T, ...], each property with its own weights."""
        own = {name.removeprefix(f"{part}."): w for name, w in weights.items() if name.startswith(f"{part}.")}
        return vmap(partial(functional_call, self.Phi[part]), randomness="different")(own, inputs)


def support_labels(support: Tensor) -> Tensor:
    """Return 0 for the first half of a support set [T, n, D] and 1 for the other, [n]."""
    return torch.arange(2, device=support.device).repeat_interleave(support.shape[1] // 2)
