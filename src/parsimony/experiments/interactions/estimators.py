"""The predictors that are fitted once, without gradient steps: CSMDDI and HIN-DDI.

    CSMDDI    interactions of training and all training pairs; it sees no network
    HIN-DDI   counts of paths with the facts of one epoch as EmerGNN draws it for S1, on the training pairs of that
              epoch, so that no count knows the interaction that is asked; then counts of the view at hand

With several types a pair, the negatives are pairs without a type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch import Tensor

from parsimony.baselines.csmddi import CSMDDI
from parsimony.baselines.hin_ddi import HINDDI, meta_path_counts
from parsimony.data.drug_interactions import LabelledPairs
from parsimony.experiments.interactions.problem import Problem, View


class Estimator(Protocol):
    """What the harness fits and asks."""

    def fit(self, generator: torch.Generator) -> None:
        """Learn from the training pairs."""

    def use(self, view: View) -> None:
        """Answer with what may be known now."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return the votes for each type of pairs (head, tail) [P, 2], [P, C]."""

    @property
    def num_parameters(self) -> int:
        """Numbers that were learned."""


class StructureEstimator:
    """CSMDDI.

    Args:
        problem: what it learns.
        generator: of its first embeddings and of its forest.
        options: of CSMDDI.
    """

    def __init__(self, problem: Problem, generator: torch.Generator, **options: Any) -> None:
        pairs = problem.pairs
        self.problem = problem
        self.method = CSMDDI(pairs.fingerprints, pairs.num_types, generator, **options)

    def fit(self, generator: torch.Generator) -> None:
        """Learn from all training pairs."""
        train = self.problem.train
        self.method.fit(self.problem.training_view.facts, *examples(train, torch.arange(len(train))))

    def use(self, view: View) -> None:
        """See nothing of it."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return votes."""
        return self.method.scores(pairs)

    @property
    def num_parameters(self) -> int:
        """Embeddings of all drugs, and the forest."""
        return self.method.embedding.numel() + self.method.forest.num_parameters


class PathEstimator:
    """HIN-DDI.

    Args:
        problem: what it learns.
        generator: of its forest.
    """

    def __init__(self, problem: Problem, generator: torch.Generator) -> None:
        self.problem, self.method = problem, HINDDI(problem.pairs.num_types, generator)

    def fit(self, generator: torch.Generator) -> None:
        """Learn from the training pairs of one epoch."""
        lesson = self.problem.lesson("S1", generator)
        self.use(lesson.view)
        self.method.fit(*examples(self.problem.train, lesson.asked))

    def use(self, view: View) -> None:
        """Count the paths of a view."""
        seen = replace(self.problem.network, triples=view.triples)
        self.method.use(meta_path_counts(seen, view.facts, self.problem.pairs.num_drugs))

    def scores(self, pairs: Tensor) -> Tensor:
        """Return votes."""
        return self.method.scores(pairs)

    @property
    def num_parameters(self) -> int:
        """Those of the forest."""
        return self.method.forest.num_parameters


def examples(train: Tensor | LabelledPairs, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return pairs [P, 2] and their types [P], or labels [P, C] with those of the negatives, which have none."""
    asked = train[rows]
    if not isinstance(asked, LabelledPairs):
        return asked[:, :2], asked[:, 2]
    return torch.cat([asked.pairs, asked.negatives]), torch.cat([asked.labels, torch.zeros_like(asked.labels)])


ESTIMATORS: Mapping[str, Callable[..., Estimator]] = {"csmddi": StructureEstimator, "hin-ddi": PathEstimator}
