"""Decagon as DDI-Bench has it: a graph convolution over drugs, genes and diseases, and a bilinear decoder (Figure 11).

    input       h_e = W_x x_e for a drug's fingerprint x;  a free row for every gene and disease
    layer       h <- drop(relu(A h W)),  A = D^(-1/2) (adjacency + I) D^(-1/2),  twice
    logit       l_k(u, v) = (z_u W_k M) . (z_v W_k)           W_k of each type of interaction k, M shared
    loss        mean over pairs of the cross-entropy; with several types a pair, as `nn.effect_loss`

The graph has the known interactions and the biomedical facts between drugs, genes and diseases, without their types and
in both directions. (Zitnik et al., Bioinformatics 2018, have a convolution for each type; DDI-Bench, arXiv 2410.18583,
has this one.) Here z W_k is computed for the drugs of a batch, once for each, and the sums over k by one product.

Shapes: B pairs, D drugs, N entities of the graph, C types, d width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.data.biomedical_network import BiomedicalNetwork
from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss
from parsimony.nn.seeded import normal_table
from parsimony.nn.sparse_sum import SparseSum

KINDS = frozenset(("Compound", "Gene", "Disease", "Enzyme", "Transporter", "Target"))  # the last three: planted genes
LAYERS = 2
PAIRS_AT_ONCE = 512  # scored together


class Decagon(nn.Module):
    """The whole model; give it a graph with `use` before anything else.

    Args:
        fingerprints: of every drug, [D, 1024].
        num_entities: N; the drugs come first.
        num_types: C.
        generator: draws all weights.
        width: d.
        dropout: behind each layer.
    """

    def __init__(
        self,
        fingerprints: Tensor,
        num_entities: int,
        num_types: int,
        generator: torch.Generator,
        *,
        width: int = 200,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.register_buffer("fingerprints", fingerprints.float(), persistent=False)
        drugs, bits = fingerprints.shape
        self.W_x = dense(bits, width, generator, has_bias=False)
        self.others = normal_table(num_entities - drugs, width, generator)
        self.W = nn.ModuleList(dense(width, width, generator, has_bias=False) for _ in range(LAYERS))
        self.W_k = nn.Parameter(width**-0.5 * torch.randn(num_types, width, width, generator=generator))
        self.M = nn.Parameter(width**-0.5 * torch.randn(width, width, generator=generator))
        self.drop = nn.Dropout(dropout)
        self._propagate: SparseSum | None = None

    def use(self, edges: Tensor) -> None:
        """Convolve over a graph from now on.

        Args:
            edges: pairs of entities, each once in any order, [E, 2].
        """
        self._propagate = normalised(edges, len(self.fingerprints) + len(self.others))

    def forward(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [B, 2], [B, C]; dropout reads torch's own generator."""
        return self._decode(self._encode(), pairs)

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean cross-entropy of head drug, tail drug, type [B, 3]."""
        return F.cross_entropy(self(batch[:, :2]), batch[:, 2])

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` of pairs [B, 2], the types that they have [B, C], and their negatives [B, 2]."""
        z = self._encode()
        return effect_loss(self._decode(z, pairs), self._decode(z, negatives), labels)

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], some at a time, [P, C].

        Raises:
            ValueError: in training mode, where dropout would change them.
        """
        if self.training:
            raise ValueError("scores asked in training mode; call eval() first, so that dropout rests.")
        z = self._encode()
        return torch.cat([self._decode(z, part) for part in pairs.split(PAIRS_AT_ONCE)])

    def _encode(self) -> Tensor:
        """Return z of every entity, [N, d]."""
        if self._propagate is None:
            raise ValueError("no graph given; call use(edges) first.")
        h = torch.cat([self.W_x(self.fingerprints), self.others])
        for W in self.W:
            h = self.drop(torch.relu(self._propagate(W(h))))
        return h

    def _decode(self, z: Tensor, pairs: Tensor) -> Tensor:
        """Return the logits of pairs from z of every entity, [B, C]."""
        (heads, head), (tails, tail) = (side.unique(return_inverse=True) for side in pairs.unbind(1))
        left = torch.einsum("ud,kde->uke", z[heads], self.W_k @ self.M)
        right = torch.einsum("ud,kde->uke", z[tails], self.W_k)
        return (left[head] * right[tail]).sum(-1)


def normalised(edges: Tensor, num_entities: int) -> SparseSum:
    """Return the product with D^(-1/2) (adjacency + I) D^(-1/2) of undirected edges [E, 2], each counted once."""
    loops = torch.arange(num_entities).unsqueeze(1).expand(-1, 2)
    row, column = torch.cat([edges, edges.flip(1), loops]).unique(dim=0).unbind(1)
    scale = torch.bincount(row, minlength=num_entities).float().rsqrt()
    return SparseSum(row, column, scale[row] * scale[column], (num_entities, num_entities))


def graph_edges(network: BiomedicalNetwork, triples: Tensor, facts: Tensor) -> tuple[Tensor, int]:
    """Return the edges between drugs, genes and diseases, and how many entities these are.

    Args:
        network: names the kinds of entities; all drugs come first.
        triples: biomedical facts that may be seen, [T, 3].
        facts: head drug, tail drug, and whatever follows, of the known interactions, [F, >= 2].

    Returns:
        Pairs of entities, renumbered with the order kept, [E, 2], and N.
    """
    is_kept = torch.tensor([name.partition("::")[0] in KINDS for name in network.identifiers])
    number = is_kept.cumsum(0) - 1
    ends = torch.cat([triples[:, [0, 2]], facts[:, :2]])
    ends = ends[is_kept[ends].all(1) & (ends[:, 0] != ends[:, 1])]
    return number[ends].sort(1).values.unique(dim=0), int(is_kept.sum())
