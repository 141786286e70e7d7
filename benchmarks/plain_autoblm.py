"""Plain references for AutoBLM: the computation of the authors' code, in its order, written anew.

One structure, one triple a row, two dense softmaxes with autograd, Adagrad, then the projection; evaluation by
a dense float64 filter for each direction and a full sort. Nothing is grouped, fused or kept in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from parsimony.data.knowledge_graph import KnowledgeGraph
from parsimony.experiments.bilinear_training import TrainingSettings


class PlainTraining:
    """The same loss, optimiser and projection as `BilinearTraining`, triple by triple.

    Args:
        graph: knowledge graph to learn.
        structure: 16 entries, row by row.
        settings: of the training; the precision is float32.
        entities: initial entity table, [n, d].
        relations: initial relation table, [m, d].
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        structure: Sequence[int],
        settings: TrainingSettings,
        entities: Tensor,
        relations: Tensor,
    ) -> None:
        self.graph, self.structure, self.settings = graph, structure, settings
        self.entities = torch.nn.Parameter(entities.clone())
        self.relations = torch.nn.Parameter(relations.clone())
        self.optimiser = torch.optim.Adagrad([self.entities, self.relations], lr=settings.learning_rate, eps=1e-10)

    def query(self, known: Tensor, relation: Tensor, *, head: bool) -> Tensor:
        """Queries of one direction, cell by cell, [B, d]."""
        h, r, out = known.chunk(4, 1), relation.chunk(4, 1), [torch.zeros_like(known[:, ::4])] * 4
        for cell, value in enumerate(self.structure):
            if value:
                source, target = (cell % 4, cell // 4) if head else (cell // 4, cell % 4)
                term = h[source] * r[abs(value) - 1]
                out[target] = out[target] + term if value > 0 else out[target] - term
        return torch.cat(out, 1)

    def loss(self, batch: Tensor) -> Tensor:
        """Summed loss of a batch of triples [B, 3], without the regulariser."""
        head, relation, tail = self.entities[batch[:, 0]], self.relations[batch[:, 1]], self.entities[batch[:, 2]]
        truth = (self.query(head, relation, head=False) * tail).sum(1)
        tails = self.query(head, relation, head=False) @ self.entities.T
        heads = self.query(tail, relation, head=True) @ self.entities.T
        return (-2 * truth + _log_sum_exp(tails) + _log_sum_exp(heads)).sum()

    def step(self, batch: Tensor) -> float:
        """Take one step; return the summed loss before it."""
        loss = self.loss(batch)
        penalty = self.settings.regulariser * (self.relations[batch[:, 1]] ** 2).sum()
        self.optimiser.zero_grad()
        (loss + penalty).backward()
        self.optimiser.step()
        with torch.no_grad():
            norm = self.entities.norm(dim=1, keepdim=True)
            self.entities.copy_(torch.where(norm > 1, self.entities / norm, self.entities))
        return loss.item()


def _log_sum_exp(scores: Tensor) -> Tensor:
    top = scores.max(1, keepdim=True)[0]
    return (top + torch.log(torch.exp(scores - top).sum(1, keepdim=True))).squeeze(1)


def plain_ranks(training: PlainTraining, triples: Tensor, known: Tensor) -> Tensor:
    """Filtered ranks by dense float64 filters and a full sort, tails first, [2 N].

    Args:
        training: the model.
        triples: triples to rank, [N, 3].
        known: all true triples of the graph, [K, 3].
    """
    heads, relations, tails = triples.T
    sides = [(heads, tails, False), (tails, heads, True)]
    return torch.cat([_sorted_ranks(training, a, relations, b, known, side) for a, b, side in sides])


def _sorted_ranks(
    training: PlainTraining, known_entity: Tensor, relation: Tensor, answer: Tensor, known: Tensor, head: bool
) -> Tensor:
    dense = _dense_filter(known_entity, relation, answer, known, head, len(training.entities))
    ranks = []
    for start in range(0, len(answer), 512):
        part = slice(start, start + 512)
        with torch.no_grad():
            q = training.query(training.entities[known_entity[part]], training.relations[relation[part]], head=head)
            scores = torch.sigmoid(q @ training.entities.T) * dense[part]
        order = scores.argsort(dim=1, descending=True)
        ranks.append((order == answer[part].unsqueeze(1)).float().argmax(1) + 1)
    return torch.cat(ranks).double()


def _dense_filter(
    known_entity: Tensor, relation: Tensor, answer: Tensor, known: Tensor, head: bool, entities: int
) -> Tensor:
    """Return 1, or -1 where another entity completes a true triple, [N, n] in float64."""
    answers: dict[tuple[int, int], list[int]] = {}
    for h, r, t in known.tolist():
        pair, other = ((t, r), h) if head else ((h, r), t)
        answers.setdefault(pair, []).append(other)
    dense = torch.ones(len(answer), entities, dtype=torch.float64)
    for row, (e, r, a) in enumerate(zip(known_entity.tolist(), relation.tolist(), answer.tolist(), strict=True)):
        dense[row, answers[(e, r)]] = -1.0
        dense[row, a] = 1.0
    return dense
