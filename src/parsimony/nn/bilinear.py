"""Bilinear queries of a 4 x 4 structure, and the exact gradients of the softmax over all entities.

A structure A (AutoBLM, arXiv 2107.00184; equation of the unified space) cuts a vector into K = 4 chunks and has
T cells that are not zero:

    query of a tail   q_j = sum over cells (i, j) of  sgn(A_ij)  h_i * r_|A_ij|
    score             f(h, r, t) = q . t
    query of a head   the same with A transposed, so one function serves both directions

Loss of a batch, in both directions ("1-vs-all"): the sum of  log sum_e exp f(h, r, e) - f(h, r, t)  and of the
same with the head left open. Its gradients need the softmax P only through two products, P E and P^T q, so the
logits are made once, block of entities by block of entities while they lie in the cache, and never divided:
the normaliser multiplies the narrow side of each product. Queries that occur twice in a batch are made once.

Shapes: S structures side by side, G groups (structure and direction), M queries, n entities, d width, c = d / 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

CHUNKS = 4
BLOCK = 2048  # entities whose logits stay in the cache; 1024 to 4096 are equally fast
SAFE_LOGIT = 60.0  # exp(60) summed over 10^10 entities is still a float32 and a bfloat16


class Cells(NamedTuple):
    """The cells of G structures as one-hot matrices, [G, 4, T]; cells that only fill up are zero in `tail`.

    Attributes:
        head: which head chunk a cell reads.
        relation: which relation chunk it reads.
        tail: which tail chunk it adds to, times its sign.
    """

    head: Tensor
    relation: Tensor
    tail: Tensor

    @classmethod
    def of(cls, structures: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> Cells:
        """Lay out structures given as 16 entries, row by row."""
        terms = [[(i // 4, abs(a) - 1, i % 4, a) for i, a in enumerate(A) if a] for A in structures]
        shape = (len(structures), CHUNKS, max(len(cells) for cells in terms))
        head, relation, tail = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape)
        for g, cells in enumerate(terms):
            head[g, 0, len(cells) :] = relation[g, 0, len(cells) :] = 1.0
            for t, (i, k, j, a) in enumerate(cells):
                head[g, i, t] = relation[g, k, t] = 1.0
                tail[g, j, t] = 1.0 if a > 0 else -1.0
        return cls(head.to(device), relation.to(device), tail.to(device))

    def chunk(self, which: Tensor) -> Tensor:
        """Row of each cell in a table of all groups' chunks, [G T]."""
        first = torch.arange(0, len(which) * CHUNKS, CHUNKS, device=which.device)
        return (which.argmax(1) + first.unsqueeze(1)).flatten()


def transpose(structure: Sequence[int]) -> tuple[int, ...]:
    """Return the structure that asks for heads: head and tail chunks change places."""
    return tuple(structure[CHUNKS * j + i] for i in range(CHUNKS) for j in range(CHUNKS))


class BilinearQuery:
    """Queries of G structures, and the gradients of what they were made from.

    Args:
        structures: G structures, 16 entries each; a head query takes the transposed structure.
        device: where the computation runs.
    """

    def __init__(self, structures: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> None:
        self.cells = Cells.of(structures, device)
        self._heads, self._relations = self.cells.chunk(self.cells.head), self.cells.chunk(self.cells.relation)

    def forward(self, known: Tensor, relation: Tensor) -> tuple[Tensor, Factors]:
        """Make the queries of known entities [G, M, d] and relations [G, M, d].

        Returns:
            Query vectors, [G, M, d], and the factors that `backward` needs.
        """
        groups, queries, _ = known.shape
        h = _by_chunk(known).index_select(0, self._heads).view(groups, -1, known[0].numel() // CHUNKS)
        r = _by_chunk(relation).index_select(0, self._relations).view_as(h)
        return _by_query(torch.bmm(self.cells.tail, h * r), queries), Factors(h, r)

    def backward(self, gradient: Tensor, factors: Factors) -> tuple[Tensor, Tensor]:
        """Return the gradients of known entities and relations, [G, M, d] each, from that of the queries."""
        groups, queries, _ = gradient.shape
        inner = torch.bmm(self.cells.tail.transpose(1, 2), _by_chunk(gradient).view(groups, CHUNKS, -1))
        known = torch.bmm(self.cells.head, inner * factors.relation)
        relation = torch.bmm(self.cells.relation, inner.mul_(factors.head))
        return _by_query(known, queries), _by_query(relation, queries)


class Factors(NamedTuple):
    """The two factors of every cell, [G, T, M c]."""

    head: Tensor
    relation: Tensor


def _by_chunk(rows: Tensor) -> Tensor:
    """Rows [G, M, d] as one row for each chunk, [G 4, M c]."""
    groups, queries, width = rows.shape
    return rows.view(groups, queries, CHUNKS, width // CHUNKS).transpose(1, 2).reshape(groups * CHUNKS, -1)


def _by_query(chunks: Tensor, queries: int) -> Tensor:
    """Chunks [G, 4, M c] as rows [G, M, d]."""
    groups = len(chunks)
    return chunks.view(groups, CHUNKS, queries, -1).transpose(1, 2).reshape(groups, queries, -1)


class SoftmaxResult(NamedTuple):
    """What one batch of queries gives: loss per structure [S] and the gradients of queries and entities."""

    loss: Tensor
    query_gradient: Tensor
    entity_gradient: Tensor


class SoftmaxOverEntities:
    """Softmax loss against all entities, with its gradients, for S structures side by side.

    Holds the logits of the largest batch, S x M x n numbers of the chosen precision, so that no step allocates.

    Args:
        precision: type of logits and products; the sums and the true scores keep the type of the tables.
    """

    def __init__(self, precision: torch.dtype = torch.float32) -> None:
        self.precision = precision
        self._logits = torch.empty(0, dtype=precision)

    def __call__(self, q: Tensor, entities: Tensor, row: Tensor, answer: Tensor) -> SoftmaxResult:
        """Sum  log sum_e exp(q_row . e) - q_row . answer  over the targets.

        Args:
            q: distinct queries, [S, M, d].
            entities: entity table, [S, n, d], rows of norm at most about 1.
            row: query of each target, [T].
            answer: entity of each target, [T].

        Returns:
            Loss [S], gradient of q [S, M, d], gradient of the table [S, n, d].
        """
        weight = torch.bincount(row, minlength=q.shape[1]).to(q.dtype)  # targets that share a query
        shift = self._shift(q, entities)
        normaliser, expected = self._forward(q, entities, shift)
        scaled = q * (weight / normaliser).unsqueeze(-1)
        entity_gradient = self._backward(scaled, entities)
        truth = entities[:, answer]
        loss = ((normaliser.log() + shift) * weight).sum(1) - (q[:, row] * truth).sum((1, 2))
        query_gradient = expected * (weight / normaliser).unsqueeze(-1)
        query_gradient.index_add_(1, row, truth, alpha=-1)
        entity_gradient.index_add_(1, answer, q[:, row], alpha=-1)
        return SoftmaxResult(loss, query_gradient, entity_gradient)

    def _shift(self, q: Tensor, entities: Tensor) -> Tensor:
        """Return what is taken off each row of logits before exp: 0 while no logit can overflow, [S, M]."""
        if q.norm(dim=-1).max() <= SAFE_LOGIT:  # entity rows lie in the unit ball, so |q . e| <= |q|
            return q.new_zeros(q.shape[:2])
        parts = [torch.bmm(q, block.transpose(1, 2)).amax(-1) for block in entities.split(BLOCK, 1)]
        return torch.stack(parts).amax(0).to(self.precision).to(q.dtype)

    def _forward(self, q: Tensor, entities: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
        """Return sum_e exp(logit) [S, M] and sum_e exp(logit) e [S, M, d]; the exponentials stay in the buffer."""
        low, table = q.to(self.precision), entities.to(self.precision)
        normaliser, expected = torch.zeros_like(shift), torch.zeros_like(q)
        shifted = bool(shift.any())
        for block, logits in zip(table.split(BLOCK, 1), self._blocks(q, entities), strict=True):
            torch.bmm(low, block.transpose(1, 2), out=logits)
            if shifted:
                logits.sub_(shift.unsqueeze(-1))
            logits.exp_()
            normaliser += logits.sum(-1, dtype=shift.dtype)
            expected += torch.bmm(logits, block)
        return normaliser, expected

    def _backward(self, scaled: Tensor, entities: Tensor) -> Tensor:
        """Return P^T q as [S, n, d] from the exponentials in the buffer and the scaled queries."""
        low, gradient = scaled.to(self.precision), torch.empty_like(entities)
        for target, logits in zip(gradient.split(BLOCK, 1), self._blocks(scaled, entities), strict=True):
            target.copy_(torch.bmm(logits.transpose(1, 2), low))
        return gradient

    def _blocks(self, q: Tensor, entities: Tensor) -> list[Tensor]:
        """Cut the buffer into one contiguous [S, M, block] matrix for each block of entities."""
        s, m, n = q.shape[0], q.shape[1], entities.shape[1]
        if self._logits.numel() < s * m * n or self._logits.device != q.device:
            self._logits = torch.empty(s * m * n, dtype=self.precision, device=q.device)
        sizes = [min(BLOCK, n - start) for start in range(0, n, BLOCK)]
        parts = self._logits[: s * m * n].split([s * m * size for size in sizes])
        return [part.view(s, m, size) for part, size in zip(parts, sizes, strict=True)]
