"""Plain reference for EmerGNN: every layer over the whole network, in the order of the authors' code, written anew.

States of all entities for all pairs of a batch are dense, [N, B, d]; each layer multiplies one sparse matrix for each
relation id that occurs, and applies W to every entity. Edges count as often as they are known.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import NamedTuple

import torch
from torch import Tensor, nn

from parsimony.methods.emergnn import EmerGNN
from parsimony.nn.augmented_network import RelationIds


class PlainRelation(NamedTuple):
    """Edges of one id: entities that they leave and reach, and how often each pair stands, in both directions."""

    number: int
    sources: Tensor
    targets: Tensor
    forth: Tensor
    back: Tensor


class PlainNetwork:
    """Edges (source, id, target), each as often as it is known, from facts and triples."""

    def __init__(self, facts: Tensor, triples: Tensor, num_entities: int, ids: RelationIds) -> None:
        edges: dict[int, list] = {ids.identity: [(entity, entity) for entity in range(num_entities)]}
        for head, kind, tail in facts[:, [0, 2, 1]].tolist():
            edges.setdefault(0 if ids.is_shared else kind, []).append((head, tail))
            edges.setdefault(0 if ids.is_shared else kind + ids.inverse, []).append((tail, head))
        for head, relation, tail in triples.tolist():
            edges.setdefault(ids.num_types + relation, []).append((head, tail))
            edges.setdefault(ids.num_types + relation + ids.inverse, []).append((tail, head))
        self.relations = [_relation(number, pairs) for number, pairs in edges.items()]
        self.num_entities = num_entities


def _relation(number: int, pairs: list[tuple[int, int]]) -> PlainRelation:
    counted = Counter(pairs)
    ends, weight = torch.tensor(list(counted)), torch.tensor(list(counted.values()), dtype=torch.float32)
    (sources, source), (targets, target) = (end.unique(return_inverse=True) for end in ends.T)
    shape = (len(targets), len(sources))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse")  # CSR is in beta; invariants are not checked
        forth = torch.sparse_coo_tensor(torch.stack([target, source]), weight, shape, check_invariants=False)
        return PlainRelation(number, sources, targets, forth.to_sparse_csr(), forth.T.to_sparse_csr())


class PlainEmerGNN(nn.Module):
    """The model with weights copied from ours.

    Args:
        model: gives weights and options; its own gradients stay untouched.
        dtype: of the copy.
    """

    def __init__(self, model: EmerGNN, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.names = [name for name, _ in model.named_parameters()]
        self.weights = nn.ParameterList(one.detach().clone().to(dtype) for one in model.parameters())
        self.fingerprints = model.fingerprints.to(dtype)
        self.depth, self.has_bias, self.features = model.num_layers, model.has_bias, model.features

    def weight(self, name: str) -> Tensor:
        """Return the copy of a parameter by its name in our model."""
        return self.weights[self.names.index(name)]

    def linear(self, name: str, x: Tensor) -> Tensor:
        """Apply the copy of a linear layer."""
        y = x @ self.weight(f"{name}.weight").T
        return y + self.weight(f"{name}.bias") if f"{name}.bias" in self.names else y

    def forward(self, network: PlainNetwork, pairs: Tensor) -> Tensor:
        """Return logits [B, C]."""
        head, tail = (self._drug(side) for side in pairs.T)
        both = torch.cat([head, tail], 1)
        gates = [torch.sigmoid(self.linear(f"B.{i}", self.linear(f"A.{i}", both).relu())) for i in range(self.depth)]
        rows = torch.arange(len(pairs))
        to_tail = self._flow(network, gates, pairs[:, 0], head)[pairs[:, 1], rows]
        to_head = self._flow(network, gates, pairs[:, 1], tail)[pairs[:, 0], rows]
        read = [to_head, to_tail] if self.features == "M" else [head, tail, to_head, to_tail]
        return self.linear("W_rel", torch.cat(read, 1))

    def _drug(self, drug: Tensor) -> Tensor:
        return self.linear("W_ent", self.fingerprints[drug]) if self.features == "M" else self.weight("E")[drug]

    def _flow(self, network: PlainNetwork, gates: list[Tensor], start: Tensor, f: Tensor) -> Tensor:
        """Return the states of all entities after the last layer, [N, B, d]."""
        h = f.new_zeros(network.num_entities, *f.shape).index_put((start, torch.arange(len(start))), f)
        for layer in range(self.depth):
            h = self.linear(f"W.{layer}", self._propagate(network, h, gates[layer], self.weight(f"R.{layer}"))).relu()
        return h

    def _propagate(self, network: PlainNetwork, h: Tensor, gate: Tensor, table: Tensor) -> Tensor:
        """Sum the messages of all edges, [N, B, d]."""
        carried = gate.T.unsqueeze(2) * table.unsqueeze(1)  # [K, B, d]
        return _Propagation.apply(h, carried, network)


class _Propagation(torch.autograd.Function):
    """Relation by relation; no message is kept."""

    @staticmethod
    def forward(ctx, h: Tensor, carried: Tensor, network: PlainNetwork) -> Tensor:
        ctx.save_for_backward(h, carried)
        ctx.network, summed = network, torch.zeros_like(h)
        for one in network.relations:
            message = h[one.sources] * carried[one.number]
            summed.index_add_(0, one.targets, _product(one.forth, message))
        return summed

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        h, carried = ctx.saved_tensors
        d_h, d_carried = torch.zeros_like(h), torch.zeros_like(carried)
        for one in ctx.network.relations:
            arriving = _product(one.back, gradient[one.targets])
            d_carried[one.number] = (arriving * h[one.sources]).sum(0)
            d_h.index_add_(0, one.sources, arriving.mul_(carried[one.number]))
        return d_h, d_carried, None


def _product(matrix: Tensor, x: Tensor) -> Tensor:
    """Multiply a sparse matrix with rows of any shape."""
    return (matrix.to(x.dtype) @ x.flatten(1)).view(matrix.shape[0], *x.shape[1:])
