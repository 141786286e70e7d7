"""What the harness trains by gradient steps: what it asks in an epoch, and what it sees of the network.

    pairs      all training pairs in random order; no network
    facts      first epochs of embedding facts, then all training pairs

The second embeds the biomedical facts of all drugs, those of test drugs too: what has no fact has no embedding.
Learners of one method alone stand beside it, so that its runs depend on no other method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from parsimony.data.drug_interactions import LabelledPairs
from parsimony.experiments.interactions.problem import Problem, View

SCORED_AT_ONCE = 4096  # pairs


class Learner(Protocol):
    """What the harness trains and asks.

    Attributes:
        model: its weights.
        is_summed: whether a loss is a sum over pairs, not a mean.
    """

    model: nn.Module
    is_summed: bool

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Prepare an epoch; return what each of its steps asks, as rows."""

    def loss(self, rows: Tensor) -> Tensor:
        """Return the training loss of what a step asks."""

    def use(self, view: View) -> None:
        """Answer with what may be known now."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], [P, C]."""


class PairLearner:
    """A model of two drugs that sees no network.

    Args:
        model: with `loss`, `multilabel_loss` and `scores`.
        problem: what it learns.
    """

    is_summed = False

    def __init__(self, model: nn.Module, problem: Problem) -> None:
        self.model, self.problem = model, problem

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all training pairs in random order."""
        return torch.randperm(len(self.problem.train), generator=generator).split(size)

    def loss(self, rows: Tensor) -> Tensor:
        """Return the loss of some training pairs."""
        asked = self.problem.train[rows]
        if isinstance(asked, LabelledPairs):
            return self.model.multilabel_loss(asked.pairs, asked.labels, asked.negatives)
        return self.model.loss(asked)

    def use(self, view: View) -> None:
        """See nothing of it."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs, some at a time."""
        return torch.cat([self.model.scores(part) for part in pairs.split(SCORED_AT_ONCE)])


class FactLearner(PairLearner):
    """KG-DDI; DeepLGF with facts of its own.

    Args:
        model: also with `embedding_loss`.
        problem: what it learns.
        embedding_epochs: first epochs, which embed facts.
        facts_at_once: facts of a step.
    """

    def __init__(self, model: nn.Module, problem: Problem, embedding_epochs: int, facts_at_once: int) -> None:
        super().__init__(model, problem)
        self.embedding_epochs, self.facts_at_once = embedding_epochs, facts_at_once
        self.facts, self.is_embedding = embedded_facts(problem), False

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all facts in the first epochs, then all training pairs."""
        self.is_embedding = epoch <= self.embedding_epochs
        if self.is_embedding:
            return torch.randperm(len(self.facts), generator=generator).split(self.facts_at_once)
        return super().batches(epoch, size, generator)

    def loss(self, rows: Tensor) -> Tensor:
        """Return the loss of some facts or of some training pairs."""
        if not self.is_embedding:
            return super().loss(rows)
        return self.model.embedding_loss(self.facts[rows], torch.default_generator)


def embedded_facts(problem: Problem) -> Tensor:
    """Return head, relation, tail of training interactions and all biomedical facts, relations behind types, [F, 3]."""
    interactions = problem.training_view.facts[:, [0, 2, 1]]
    return torch.cat([interactions, problem.network.triples + torch.tensor([0, problem.pairs.num_types, 0])])
