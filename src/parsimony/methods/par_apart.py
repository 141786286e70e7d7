"""PAR trained with the noise of the authors' program (Wang et al., arXiv 2107.07994; first paper, section 4, Table 5).

`methods.par` computes once what several passes share, so that they share dropout masks, too. In evaluation mode that
changes nothing; in training mode the authors' program draws more of its noise anew:

    encoder        runs for the inner and for the outer loss, each time for the support set and for the queries of each
                   property apart: own masks, own batch statistics
    support nodes  are copied into the graph of every query, and each copy has masks of its own, in attention,
                   embedding and relation graph

Shapes: T properties, n = 2 K support molecules, Q queries, D = 300 width of g, W = 128 width of p.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.methods.par import PAR, SLOPE, PropertyAwareEmbedding, support_labels
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.relation_graph import DROPOUT, Nodes, RelationGraph
from parsimony.nn.set_hypernetwork import class_means


class PARApart(PAR):
    """PAR with as many parameters, and equal to it in evaluation mode; its arguments are those of `PAR`."""

    def __init__(self, generator: torch.Generator, **options: Any) -> None:
        super().__init__(generator, **options)
        for layer in self.encoder.layers:
            layer.norm = NormApart(layer.norm.num_features)
        self.Phi["W_p"] = _with_weights(EmbeddingApart(self.encoder.width, torch.Generator()), self.Phi["W_p"])
        precision = self.relations.layers[0].precision
        apart = RelationsApart(torch.Generator(), len(self.relations.layers), precision=precision)
        self.relations = _with_weights(apart, self.relations)

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the outer loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        set_batches(self.encoder, episodes)
        inner, outer = (episodes.split(self.encoder(episodes.molecules)) for _ in range(2))
        logits, A = self._queries(self._adapt(*inner), *outer)
        is_same = episodes.label.unsqueeze(-1) == support_labels(outer[0])
        return self._disagreement(logits, episodes.label, A, is_same)


class NormApart(nn.BatchNorm1d):
    """Batch normalisation of several batches that lie one behind the other; in training each has its own statistics.

    Attributes:
        sizes: rows of each batch, set before a pass in training mode.
    """

    sizes: list[int]

    def forward(self, x: Tensor) -> Tensor:
        """Normalise rows [N, D]; running statistics take in one batch after the other."""
        if not self.training:
            return super().forward(x)
        return torch.cat([super(NormApart, self).forward(part) for part in x.split(self.sizes)])


class EmbeddingApart(PropertyAwareEmbedding):
    """The same embedding; in training every query has a copy of the support set with masks of its own."""

    def forward(self, support: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Return p of support molecules [Q, n, W], in evaluation mode [1, n, W], and of query molecules [Q, W]."""
        copies = len(query) if self.training else 1
        return self._embed(support, support, copies), self._embed(query, support, 1)[0]

    def _embed(self, g: Tensor, support: Tensor, copies: int) -> Tensor:
        """Return p of so many copies of molecules [m, D], [copies, m, W]."""
        b = self._copied_context(g, support, copies)
        hidden = functional.leaky_relu(self.W_a(torch.cat([b, g.expand(copies, *g.shape)], -1)), SLOPE)
        return self.W_b(self.drop(hidden))

    def _copied_context(self, g: Tensor, support: Tensor, copies: int) -> Tensor:
        """Return b of the copies, which differ by the masks of their attention alone, [copies, m, D]."""
        q, k, v = self.W_qkv(g).chunk(3, dim=-1)
        _, k_c, v_c = self.W_qkv(class_means(support)).chunk(3, dim=-1)
        logits = torch.cat([(q * k).sum(-1, keepdim=True), q @ k_c.T], dim=-1) / g.shape[-1] ** 0.5
        attention = self.drop(logits.softmax(-1).expand(copies, *logits.shape))
        return attention[..., :1] * v + attention[..., 1:] @ v_c


class RelationsApart(RelationGraph):
    """The same relation graph; its support nodes come as copies, one for each query or one for all."""

    def _start(self, support: Tensor, query: Tensor, k: int) -> Nodes:
        return Nodes(*(functional.dropout(x, DROPOUT, self.training) for x in (support, query)))


def set_batches(encoder: MoleculeEncoder, episodes: Episodes) -> None:
    """Tell all normalisations of an encoder where the support set and the queries of each property begin."""
    tasks, queries = episodes.label.shape
    molecules = torch.tensor([2 * episodes.shots, queries] * tasks, device=episodes.label.device)
    owner = torch.arange(2 * tasks, device=molecules.device).repeat_interleave(molecules)
    sizes = torch.bincount(owner[episodes.molecules.molecule], minlength=2 * tasks).tolist()
    for layer in encoder.layers:
        layer.norm.sizes = sizes


def _with_weights(module: nn.Module, other: nn.Module) -> nn.Module:
    """Return a module with the weights of another of the same shape."""
    module.load_state_dict(other.state_dict())
    return module
