"""The predictors that are trained by gradient steps: what each asks in an epoch, and what it sees of the network.

    pairs      all training pairs in random order; no network              MLP, TextDDI-lite
    flows      EmerGNN: facts and training pairs drawn apart for each epoch, so that a pair looks like one of the test
    graph      all training pairs; a graph of facts and network, in which training pairs are edges too     Decagon
    facts      first epochs of embedding interactions and network, then all training pairs                 KG-DDI

The last embeds the biomedical facts of all drugs, those of test drugs too: what has no fact has no embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from parsimony.baselines.decagon import Decagon, graph_edges
from parsimony.baselines.fingerprint_mlp import FingerprintMLP
from parsimony.baselines.kg_ddi import KGDDI
from parsimony.data.drug_interactions import LabelledPairs
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.methods.emergnn import EmerGNN

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


class FlowLearner(PairLearner):
    """EmerGNN.

    Args:
        model: EmerGNN.
        problem: what it learns.
        setting: whose test pairs the training pairs of an epoch look like.
    """

    def __init__(self, model: EmerGNN, problem: Problem, setting: str) -> None:
        super().__init__(model, problem)
        self.setting, self.is_summed = setting, not problem.pairs.is_multilabel

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Draw facts and training pairs of an epoch; let messages flow over these facts."""
        lesson = self.problem.lesson(self.setting, generator)
        self.use(lesson.view)
        return lesson.asked.split(size)

    def use(self, view: View) -> None:
        """Let messages flow in the network of a view."""
        self.model.use(self.problem.augmented(view))


class GraphLearner(PairLearner):
    """Decagon."""

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all training pairs in random order; the graph has all of them as edges."""
        self.use(self.problem.training_view)
        return super().batches(epoch, size, generator)

    def use(self, view: View) -> None:
        """Convolve over the graph of a view."""
        self.model.use(graph_edges(self.problem.network, view.triples, view.facts)[0])


class FactLearner(PairLearner):
    """KG-DDI.

    Args:
        model: KGDDI.
        problem: what it learns.
        embedding_epochs: first epochs, which embed facts.
        facts_at_once: facts of a step.
    """

    def __init__(self, model: KGDDI, problem: Problem, embedding_epochs: int, facts_at_once: int) -> None:
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


def _emergnn(problem: Problem, served: Sequence[str], generator: torch.Generator, **options: Any) -> Learner:
    model = EmerGNN(problem.pairs.fingerprints, problem.ids, generator, **options)
    return FlowLearner(model, problem, served[0])


def _mlp(problem: Problem, served: Sequence[str], generator: torch.Generator, **options: Any) -> Learner:
    pairs = problem.pairs
    return PairLearner(FingerprintMLP(pairs.fingerprints, pairs.num_types, generator, **options), problem)


def _decagon(problem: Problem, served: Sequence[str], generator: torch.Generator, **options: Any) -> Learner:
    pairs = problem.pairs
    entities = graph_edges(problem.network, problem.network.triples, problem.training_view.facts)[1]
    return GraphLearner(Decagon(pairs.fingerprints, entities, pairs.num_types, generator, **options), problem)


def _kg_ddi(
    problem: Problem,
    served: Sequence[str],
    generator: torch.Generator,
    *,
    embedding_epochs: int,
    facts_at_once: int,
    **options: Any,
) -> Learner:
    pairs, network = problem.pairs, problem.network
    relations = pairs.num_types + len(network.relations)
    model = KGDDI(network.num_entities, relations, pairs.num_types, generator, **options)
    return FactLearner(model, problem, embedding_epochs, facts_at_once)


LEARNERS: Mapping[str, Callable[..., Learner]] = {
    "emergnn": _emergnn, "fingerprint-mlp": _mlp, "decagon": _decagon, "kg-ddi": _kg_ddi,
}  # fmt: skip
