"""CompGCN: composition-based graph convolution (Vashishth et al., ICLR 2020, arXiv 1911.03082; Tables 2 and 6).

A training triple (s, r, o) gives two edges: "in" carries o to s with relation r, "out" carries s to o with r + m.

    composition   phi(x, z) = x - z  |  x * z  |  corr(x, z), corr_k = sum_i x_i z_{(i + k) mod d}
    message       a_v = sum over edges (u, r, v) of one direction of  c_uv phi(x_u, z_r)
    entity        x_v' = tanh(BN(1/3 drop(a_v^in W_in) + 1/3 drop(a_v^out W_out) + 1/3 phi(x_v, z_loop) W_loop))
    relation      z_r' = z_r W_rel
    norm          c_uv = deg(u)^-1/2 deg(v)^-1/2, separately for each direction
    score         f(s, r, o) = q(x_s, z_r) . x_o + b_o,    q = x_s * z_r  (DistMult)  or a convolution (ConvE)

W stands behind the sum, since the sum of (phi W) is (sum of phi) W, and so does the sum of x_u over edges that
share relation and receiver, since every phi is linear in x: the matrices meet n rows instead of one for each edge.

The authors count deg(u) like deg(v), by the edges that *end* in a node, and an infinite deg^-1/2 becomes 0: whatever
a node without incoming edges sends is lost. `receiver_norm` does the same and is the default; `symmetric_norm`
counts the edges that leave u. Left out, as it is off in the authors' settings: bias, basis relations, TransE decoder.

Shapes: n entities, m relations (2m with inverses), E edges of a direction, P distinct (receiver, relation) pairs,
d width, B queries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from parsimony.nn.sparse_sum import SparseSum


class Composition(Protocol):
    """phi in three parts, so that sums over edges can stand between them: phi(x, z) = back(combine(front, front))."""

    @staticmethod
    def front(x: Tensor) -> Tensor:
        """Prepare rows of entities or relations, [., d]."""

    @staticmethod
    def combine(x: Tensor, weight: Tensor | float, z: Tensor) -> Tensor:
        """Return the sum of  c phi(x_u, z)  over edges, given the sum of c x_u, the sum of c, and the shared z."""

    @staticmethod
    def back(y: Tensor, width: int) -> Tensor:
        """Undo `front`, [., d]."""


class Subtraction:
    """phi(x, z) = x - z."""

    @staticmethod
    def front(x: Tensor) -> Tensor:
        return x

    @staticmethod
    def combine(x: Tensor, weight: Tensor | float, z: Tensor) -> Tensor:
        return x - weight * z

    @staticmethod
    def back(y: Tensor, width: int) -> Tensor:
        return y


class Multiplication(Subtraction):
    """phi(x, z) = x * z."""

    @staticmethod
    def combine(x: Tensor, weight: Tensor | float, z: Tensor) -> Tensor:
        return x * z


class Correlation:
    """phi(x, z) = F^-1(conj(F x) * F z); the transforms see every entity once, not every edge."""

    @staticmethod
    def front(x: Tensor) -> Tensor:
        return torch.view_as_real(torch.fft.rfft(x)).flatten(1)

    @staticmethod
    def combine(x: Tensor, weight: Tensor | float, z: Tensor) -> Tensor:
        product = _complex(x).conj() * _complex(z)
        return torch.view_as_real(product).flatten(1)

    @staticmethod
    def back(y: Tensor, width: int) -> Tensor:
        return torch.fft.irfft(_complex(y), n=width)


def _complex(rows: Tensor) -> Tensor:
    return torch.view_as_complex(rows.unflatten(1, (-1, 2)))


COMPOSITIONS: Mapping[str, type[Composition]] = {
    "sub": Subtraction,
    "mult": Multiplication,
    "corr": Correlation,
}


def receiver_norm(source: Tensor, target: Tensor, num_entities: int) -> Tensor:
    """Return c of each edge as published: both degrees count received edges, infinite becomes 0, [E]."""
    received = torch.bincount(target, minlength=num_entities).float().pow(-0.5)
    received[received.isinf()] = 0.0
    return received[source] * received[target]


def symmetric_norm(source: Tensor, target: Tensor, num_entities: int) -> Tensor:
    """Return c of each edge with the edges that leave u counted for u: no message is lost, [E]."""
    sent, received = (torch.bincount(end, minlength=num_entities).float().pow(-0.5) for end in (source, target))
    return sent[source] * received[target]


Norm = Callable[[Tensor, Tensor, int], Tensor]
NORMS: Mapping[str, Norm] = {"published": receiver_norm, "repaired": symmetric_norm}


class Direction:
    """The edges of one direction, prepared for summation.

    Args:
        source: sender u of each edge, [E].
        relation: relation of each edge, from 0 to 2m - 1, [E].
        target: receiver v of each edge, [E].
        size: number of entities and of relations with inverses.
        norm: gives c of each edge.
    """

    def __init__(self, source: Tensor, relation: Tensor, target: Tensor, size: tuple[int, int], norm: Norm) -> None:
        num_entities, num_relations = size
        c = norm(source, target, num_entities)
        pair, place = torch.unique(target * num_relations + relation, return_inverse=True)
        each, ones = torch.arange(len(pair), device=pair.device), c.new_ones(len(pair))
        self._weight = c.new_zeros(len(pair)).index_add(0, place, c).unsqueeze(1)
        self._senders = SparseSum(place, source, c, (len(pair), num_entities))
        self._relations = SparseSum(each, pair % num_relations, ones, (len(pair), num_relations))
        self._receivers = SparseSum(pair // num_relations, each, ones, (num_entities, len(pair)))

    def messages(self, x: Tensor, z: Tensor, phi: type[Composition]) -> Tensor:
        """Return a_v of every entity, still to be brought `back`, from prepared x and z."""
        return self._receivers(phi.combine(self._senders(x), self._weight, self._relations(z)))


class CompGCNLayer(nn.Module):
    """One convolution: messages of both directions and of the entity itself.

    Args:
        width: d of its input and of its output.
        phi: composition.
        dropout: on the messages of each direction.
    """

    def __init__(self, width: tuple[int, int], phi: type[Composition], dropout: float) -> None:
        super().__init__()
        self.phi, self.width = phi, width[0]
        self.W_in, self.W_out, self.W_loop, self.W_rel = (xavier(*width) for _ in range(4))
        self.z_loop = xavier(1, width[0])
        self.drop = nn.Dropout(dropout)
        self.bn = nn.BatchNorm1d(width[1])

    def forward(self, x: Tensor, z: Tensor, directions: Sequence[Direction]) -> tuple[Tensor, Tensor]:
        """Convolve once.

        Args:
            x: entities, [n, d].
            z: relations and their inverses, [2m, d].
            directions: in and out.

        Returns:
            Entities [n, d'] and relations [2m, d'].
        """
        front, rows = self.phi.front, self.phi.front(x)
        a_in, a_out = (self._back(one.messages(rows, front(z), self.phi)) for one in directions)
        loop = self._back(self.phi.combine(rows, 1.0, front(self.z_loop)))
        x = (self.drop(a_in @ self.W_in) + self.drop(a_out @ self.W_out) + loop @ self.W_loop) / 3
        return torch.tanh(self.bn(x)), z @ self.W_rel

    def _back(self, y: Tensor) -> Tensor:
        return self.phi.back(y, self.width)


class DistMultDecoder(nn.Module):
    """q = x_s * z_r.

    Args:
        width: d of entities and relations.
    """

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return query vectors [B, d] of known entities and relations, [B, d] each."""
        return x * z


class ConvEDecoder(nn.Module):
    """q by a convolution over an image in which the numbers of x_s and z_r alternate.

    image → BN → convolution → BN → ReLU → drop → linear → drop → BN → ReLU

    Args:
        width: d of entities and relations.
        height: rows of the image; 2d / height are its columns.
        filters: of the convolution.
        kernel: side of each filter.
        dropout: on the feature maps and on the linear map.
    """

    def __init__(self, width: int, height: int = 20, filters: int = 200, kernel: int = 7, dropout: float = 0.3) -> None:
        super().__init__()
        columns = 2 * width // height
        if columns * height != 2 * width or min(columns, height) < kernel:
            raise ValueError(
                f"an image of {height} rows and kernel {kernel} given for width {width}; "
                f"expected a height that divides {2 * width} and leaves at least {kernel} rows and columns."
            )
        self.height, flat = height, filters * (height - kernel + 1) * (columns - kernel + 1)
        self.convolution = nn.Sequential(
            nn.BatchNorm2d(1), nn.Conv2d(1, filters, kernel, bias=False), nn.BatchNorm2d(filters), nn.ReLU(),
            nn.Dropout(dropout), nn.Flatten(),
        )  # fmt: skip
        self.projection = nn.Sequential(nn.Linear(flat, width), nn.Dropout(dropout), nn.BatchNorm1d(width), nn.ReLU())

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return query vectors [B, d] of known entities and relations, [B, d] each."""
        image = torch.stack([x, z], dim=-1).view(len(x), 1, self.height, -1)
        return self.projection(self.convolution(image))


DECODERS: Mapping[str, Callable[..., nn.Module]] = {"distmult": DistMultDecoder, "conve": ConvEDecoder}


class Encoded(NamedTuple):
    """Entities [n, d] and relations [2m, d] after the convolutions."""

    x: Tensor
    z: Tensor


class CompGCN(nn.Module):
    """Convolutions over the training graph and a decoder that asks for tails; heads are asked by inverse relations.

    Args:
        triples: edges of the graph, [E, 3].
        num_entities: n.
        num_relations: m, without inverses.
        widths: of the input tables, then of the output of each layer.
        phi: composition.
        decoder: gives query vectors [B, d] from x_s and z_r.
        dropout: on the entities after each layer.
        layer_dropout: on the messages inside a layer.
        norm: gives c of each edge.
        bias: b of every entity before training.
    """

    def __init__(
        self,
        triples: Tensor,
        num_entities: int,
        num_relations: int,
        widths: Sequence[int],
        phi: type[Composition],
        decoder: nn.Module,
        *,
        dropout: float = 0.3,
        layer_dropout: float = 0.1,
        norm: Norm = receiver_norm,
        bias: float = 0.0,
    ) -> None:
        super().__init__()
        if len(widths) < 2:
            raise ValueError(f"widths {tuple(widths)} given; expected those of the tables and of at least one layer.")
        head, relation, tail = triples.T
        size = (num_entities, 2 * num_relations)
        self.directions = (
            Direction(tail, relation, head, size, norm),
            Direction(head, relation + num_relations, tail, size, norm),
        )
        self.x, self.z = xavier(num_entities, widths[0]), xavier(2 * num_relations, widths[0])
        self.layers = nn.ModuleList(CompGCNLayer(pair, phi, layer_dropout) for pair in pairwise(widths))
        self.drop = nn.Dropout(dropout)
        self.decoder = decoder
        self.b = nn.Parameter(torch.full((num_entities,), bias))

    def encode(self) -> Encoded:
        """Convolve the whole graph."""
        x, z = self.x, self.z
        for layer in self.layers:
            x, z = layer(x, z, self.directions)
            x = self.drop(x)
        return Encoded(x, z)

    def forward(self, queries: Tensor, encoded: Encoded) -> tuple[Tensor, Tensor]:
        """Return q [B, d + 1] and t [n, d + 1] with scores q . t, of queries (entity, relation) [B, 2]."""
        q = self.decoder(encoded.x[queries[:, 0]], encoded.z[queries[:, 1]])
        one = torch.ones_like(q[:, :1])  # meets the bias of each entity
        return torch.cat([q, one], 1), torch.cat([encoded.x, self.b.unsqueeze(1)], 1)


def xavier(rows: int, columns: int) -> nn.Parameter:
    """Return a table [rows, columns] drawn from a normal distribution of variance 2 / (rows + columns)."""
    return nn.Parameter(nn.init.xavier_normal_(torch.empty(rows, columns)))
