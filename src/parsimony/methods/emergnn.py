"""EmerGNN: interactions of emerging drugs by flows over paths (Zhang et al., Nature Computational Science 2023).

Section 6, Figures 10 and 11. A drug u without known interactions is tied to others by a biomedical network; the network
N has the known interactions too, all inverses and an identity edge for each entity. For a pair (u, v), with f = W_ent x
of the drugs' fingerprints x, and with alpha of the ordered pair, whichever way messages flow:

    gate        alpha^l = sigmoid(B^l relu(A^l [f_u ; f_v]))                        of every relation id, in layer l
    start       h^0_u = f_u, all other entities 0
    flow        h^l_e = relu(W^l  sum over edges (e', r, e) of  w alpha^l_r (h^{l-1}_{e'} * R^l_r)  (+ c^l))
    read        h_{u->v} = h^L_v; the flow from v to u likewise, with the same weights and gates
    logits      W_rel [h_{v->u} ; h_{u->v}] + b                                     of the types of interaction
    loss        DrugBank: sum over pairs of the cross-entropy
                TWOSIDES: mean over the types of a pair of  -log sigmoid(pair) - log(1 - sigmoid(its negative))

The paper has no bias c, the authors' code has. With it, an entity that no path reaches leaks relu(c) into later layers,
so messages no longer flow along paths only; the published 137,164 parameters on DrugBank count the three biases, and a
layer of d + 1 that nothing reads, which is not here: 137,099 with biases, 136,907 without. A and B are the code's
bottleneck of width 5; the paper writes one linear map. Where drugs are known beforehand (S0), f may be a free
embedding, and the classifier reads it too: W_rel [f_u ; f_v ; h_{v->u} ; h_{u->v}].

The authors' code adds losses [B] to a column [B, 1], which makes B times the sum; that only weakens the L2 term of the
optimiser. Whatever does not lie on a path between the two drugs is never computed: `nn.pair_flows` says how, and gives
the same numbers as the whole network does.

Shapes: B pairs, F = 2 B flows, K relation ids, D drugs, d width, C types.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds
from parsimony.nn.compressed_sum import compressed_sum
from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss
from parsimony.nn.pair_flows import Classes, Hop, Middle, PairFlows, pair_flows
from parsimony.nn.signature_tables import SignatureTables

BOTTLENECK = 5
PAIRS_AT_ONCE = 128  # scored together
LAYERS = (2, 3, 4)


class PairFeatures(NamedTuple):
    """f of heads and of tails [B, d], and the gates of each layer [B, K]."""

    head: Tensor
    tail: Tensor
    gates: list[Tensor]


class EmerGNN(nn.Module):
    """A predictor of interactions; give it a network with `use` before anything else.

    Args:
        fingerprints: of every drug, [D, 1024].
        ids: relation ids of the network, whose types are predicted.
        generator: draws all weights.
        width: d.
        layers: L, the longest path; 2, 3 or 4.
        has_bias: whether states have the bias c of the authors' code.
        features: "M" for fingerprints, "E" for an embedding of every drug.
    """

    def __init__(
        self,
        fingerprints: Tensor,
        ids: RelationIds,
        generator: torch.Generator,
        *,
        width: int = 64,
        layers: int = 3,
        has_bias: bool = False,
        features: str = "M",
    ) -> None:
        super().__init__()
        if layers not in LAYERS:
            raise ValueError(f"{layers} layers given; expected 2, 3 or 4.")
        if features not in ("M", "E"):
            raise ValueError(f'features {features!r} given; expected "M", fingerprints, or "E", an embedding.')
        self.ids, self.num_layers, self.has_bias, self.features = ids, layers, has_bias, features
        self.register_buffer("fingerprints", fingerprints.float(), persistent=False)
        drugs, bits = fingerprints.shape
        self.W_ent = _xavier(dense(bits, width, generator), generator) if features == "M" else None
        self.E = nn.Parameter(_xavier_(torch.empty(drugs, width), generator)) if features == "E" else None
        self.R = nn.ParameterList(_xavier_(torch.empty(ids.count, width), generator) for _ in range(layers))
        self.W = nn.ModuleList(
            _xavier(dense(width, width, generator, has_bias=has_bias), generator) for _ in range(layers)
        )
        read = 2 * width if features == "M" else 4 * width
        self.W_rel = _xavier(dense(read, ids.num_types, generator), generator)
        self.A = nn.ModuleList(dense(2 * width, BOTTLENECK, generator) for _ in range(layers))
        self.B = nn.ModuleList(dense(BOTTLENECK, ids.count, generator) for _ in range(layers))
        self._network: AugmentedNetwork | None = None

    def use(self, network: AugmentedNetwork) -> None:
        """Let messages flow in a network from now on; an epoch of training has its own, and so has evaluation."""
        self._network, self._tables = network, SignatureTables(network, self.num_layers)

    def flows(self, pairs: Tensor) -> PairFlows:
        """Return what the model needs to know of the network for pairs (head, tail) [B, 2].

        Raises:
            ValueError: if no network was given.
        """
        if self._network is None:
            raise ValueError("no network given; call use(network) first.")
        found = pair_flows(self._network, self._tables, pairs.cpu(), self.num_layers, self.has_bias)
        return found.to(self.fingerprints.device)

    def forward(self, flows: PairFlows) -> Tensor:
        """Return logits [B, C]."""
        pair = self._features(flows.pairs)
        to_tail, to_head = self._read(pair, flows).chunk(2)
        read = [to_head, to_tail] if self.features == "M" else [pair.head, pair.tail, to_head, to_tail]
        return self.W_rel(torch.cat(read, dim=1))

    def loss(self, batch: Tensor) -> Tensor:
        """Return the summed cross-entropy of head drug, tail drug, type [B, 3]."""
        return F.cross_entropy(self(self.flows(batch[:, :2])), batch[:, 2], reduction="sum")

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` of pairs [B, 2], the types that they have [B, C], and their negatives [B, 2]."""
        logits = self(self.flows(torch.cat([pairs, negatives])))
        return effect_loss(*logits.chunk(2), labels)

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], some at a time, [P, C]."""
        return torch.cat([self(self.flows(part)) for part in pairs.split(PAIRS_AT_ONCE)])

    @torch.no_grad()
    def arrivals(self, pairs: Tensor) -> Tensor:
        """Return what flows bring to tail and head of pairs [P, 2], [P, 2, d].

        Without a bias it is zero where no path leads, and where a flow died since every number of a state became 0.
        """
        parts = (self.flows(part) for part in pairs.split(PAIRS_AT_ONCE))
        states = [torch.stack(self._read(self._features(one.pairs), one).chunk(2), dim=1) for one in parts]
        return torch.cat(states)

    @torch.no_grad()
    def gates(self, pairs: Tensor) -> Tensor:
        """Return alpha of every layer and id for pairs [B, 2], [L, B, K]."""
        return torch.stack(self._features(pairs).gates)

    def drug_features(self, drugs: Tensor) -> Tensor:
        """Return f of drugs [n], [n, d]."""
        return self.W_ent(self.fingerprints[drugs]) if self.E is None else self.E[drugs]

    def _features(self, pairs: Tensor) -> PairFeatures:
        drugs, place = pairs.unique(return_inverse=True)
        f = self.drug_features(drugs)
        head, tail = (f.index_select(0, side) for side in place.unbind(1))
        both = torch.cat([head, tail], dim=1)
        gates = [torch.sigmoid(B(torch.relu(A(both)))) for A, B in zip(self.A, self.B, strict=True)]
        return PairFeatures(head, tail, gates)

    def _read(self, pair: PairFeatures, flows: PairFlows) -> Tensor:
        """Return the states at the targets after layer L, [F, d]."""
        classes = self._classes(pair, flows.classes)
        h = self._rows(pair, classes, flows.middle)
        for layer, hop in enumerate(flows.hops, start=2):
            h = self._hop(layer, pair, h, hop)
        return h

    def _carried(self, layer: int, pair: PairFeatures, relation: Tensor, which: Tensor) -> Tensor:
        """Return alpha_r R_r of relations [n] for pairs [n], [n, d]."""
        gates = pair.gates[layer]
        gate = gates.flatten().index_select(0, which * gates.shape[1] + relation)
        return gate.unsqueeze(1) * self.R[layer].index_select(0, relation)

    def _classes(self, pair: PairFeatures, classes: Classes) -> Tensor:
        """Layer 1: return the state of each signature class of each flow."""
        start = torch.cat([pair.head, pair.tail]).index_select(0, classes.flow)
        carried = self._carried(0, pair, classes.relation, classes.pair)
        return torch.relu(self.W[0](start * compressed_sum(carried, classes.edges)))

    def _rows(self, pair: PairFeatures, h: Tensor, middle: Middle) -> Tensor:
        """Layer 2: return the state of each row."""
        carried = self._carried(1, pair, middle.relation, middle.pair)
        if not self.has_bias:
            return torch.relu(self.W[1](compressed_sum(carried * h.index_select(0, middle.source), middle.sums)))
        unreached = torch.relu(self.W[0].bias)
        beyond = (h - unreached).index_select(0, middle.source)
        everywhere = unreached.expand(len(carried) - len(beyond), -1)
        return torch.relu(self.W[1](compressed_sum(carried * torch.cat([beyond, everywhere]), middle.sums)))

    def _hop(self, layer: int, pair: PairFeatures, h: Tensor, hop: Hop) -> Tensor:
        """A layer from 3 on: return the state of each target."""
        grouped = self._carried(layer, pair, hop.relation, hop.pair) * compressed_sum(h, hop.groups)
        return torch.relu(self.W[layer](compressed_sum(grouped, hop.sums)))


def _xavier_(matrix: Tensor, generator: torch.Generator) -> Tensor:
    return nn.init.xavier_uniform_(matrix, generator=generator)


def _xavier(layer: nn.Linear, generator: torch.Generator) -> nn.Linear:
    """Draw the weights of a layer anew as the authors' code does; its bias stays."""
    _xavier_(layer.weight, generator)
    return layer
