"""Predict interactions of drugs by what is fitted once, without gradient steps: CSMDDI and HIN-DDI (Figure 11).

    CSMDDI    interactions of training and all training pairs; it sees no network
    HIN-DDI   counts of paths with the facts of one epoch as EmerGNN draws it for a setting, on the training pairs of
              that epoch, so that no count knows the interaction that is asked; then counts of the view at hand

Both end with a forest; the depth of its trees is chosen on the validation pairs, by the mean over the settings served.
With several types a pair, the negatives are pairs without a type.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from parsimony.baselines.csmddi import CSMDDI
from parsimony.baselines.hin_ddi import HINDDI, MetaPaths
from parsimony.baselines.pair_forest import PairForest
from parsimony.data.drug_interactions import LabelledPairs
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions.harness import opened, outcome_of, tested
from parsimony.experiments.interactions.measures import deciding_value
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.experiments.progress import Progress
from parsimony.experiments.stopwatch import now
from parsimony.records import Outcome, Specification


class Estimator(Protocol):
    """What the harness fits and asks.

    Attributes:
        problem: what it learns.
        served: settings that it is asked in.
        depths: of trees, among which validation pairs choose; None lets them grow.
    """

    problem: Problem
    served: Sequence[str]
    depths: Sequence[int | None]

    def fit(self, generator: torch.Generator) -> None:
        """Learn from the training pairs."""

    def use(self, view: View) -> None:
        """Answer with what may be known now."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return the votes for each type of pairs (head, tail) [P, 2], [P, C]."""

    def tried(self) -> list[dict[str, Any]]:
        """Return what was chosen among on validation pairs, with its value there; nothing if there was no choice."""

    @property
    def num_parameters(self) -> int:
        """Numbers that were learned."""


class StructureEstimator:
    """CSMDDI.

    Args:
        problem: what it learns.
        served: settings that it is asked in; one fit serves all.
        generator: of its first embeddings and of its forests.
        depths: of trees, tried in turn; None lets them grow.
        options: of CSMDDI.
    """

    def __init__(
        self,
        problem: Problem,
        served: Sequence[str],
        generator: torch.Generator,
        depths: Sequence[int | None],
        **options: Any,
    ) -> None:
        pairs = problem.pairs
        self.problem, self.served, self.depths = problem, served, depths
        self.method = CSMDDI(pairs.fingerprints, pairs.num_types, generator, **options)
        self._tried: list[dict[str, Any]] = []

    def fit(self, generator: torch.Generator) -> None:
        """Learn from all training pairs, with trees of each depth; keep the best."""
        train = self.problem.train
        pairs, kinds = examples(train, torch.arange(len(train)))
        self.method.embed(self.problem.training_view.facts)

        def plant(depth: int | None) -> PairForest:
            self.method.fit(pairs, kinds, depth)
            return self.method.forest

        self.method.forest, self._tried = best_forest(self, plant)

    def use(self, view: View) -> None:
        """See nothing of it."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return votes."""
        return self.method.scores(pairs)

    def tried(self) -> list[dict[str, Any]]:
        """Return the depths with their values."""
        return self._tried

    @property
    def num_parameters(self) -> int:
        """Embeddings of all drugs, and the forest."""
        return self.method.embedding.numel() + self.method.forest.num_parameters


class PathEstimator:
    """HIN-DDI.

    Args:
        problem: what it learns.
        served: the setting whose test pairs the pairs that it learns from look like.
        generator: of its forests.
        depths: of trees, tried in turn; None lets them grow.
    """

    def __init__(
        self, problem: Problem, served: Sequence[str], generator: torch.Generator, depths: Sequence[int | None]
    ) -> None:
        self.problem, self.served, self.depths = problem, served, depths
        self.seed = int(torch.randint(2**31 - 1, (), generator=generator))
        self._tried: list[dict[str, Any]] = []
        self._counted: dict[bytes, Tensor] = {}

    def fit(self, generator: torch.Generator) -> None:
        """Learn from the training pairs of one epoch, with trees of each depth; keep the best."""
        lesson = self.problem.lesson(self.served[0], generator)
        self.use(lesson.view)
        pairs, kinds = examples(self.problem.train, lesson.asked)
        counts = self.paths.counts(pairs)
        self.use(self.problem.validation_view)

        def plant(depth: int | None) -> HINDDI:
            self.method = HINDDI(self.problem.pairs.num_types, self.seed, depth)
            self.method.fit(counts, kinds)
            return self.method

        self.method, self._tried = best_forest(self, plant)

    def use(self, view: View) -> None:
        """Count the paths of a view."""
        seen, self._counted = replace(self.problem.network, triples=view.triples), {}
        self.paths = MetaPaths(seen, view.facts, self.problem.pairs.num_drugs, self.problem.pairs.num_types)

    def scores(self, pairs: Tensor) -> Tensor:
        """Return votes; the counts of pairs are kept as long as the view is, since several forests ask them."""
        key = pairs.numpy().tobytes()
        if key not in self._counted:
            self._counted[key] = self.paths.counts(pairs)
        return self.method.scores(self._counted[key])

    def tried(self) -> list[dict[str, Any]]:
        """Return the depths with their values."""
        return self._tried

    @property
    def num_parameters(self) -> int:
        """Those of the forest."""
        return self.method.forest.num_parameters


Planted = TypeVar("Planted")


def best_forest(estimator: Estimator, plant: Callable[[int | None], Planted]) -> tuple[Planted, list[dict[str, Any]]]:
    """Let an estimator answer the validation pairs with trees of each of its depths.

    Args:
        estimator: which is asked.
        plant: fits trees of a depth, from which the estimator then answers, and returns them.

    Returns:
        What was planted with the highest mean over the settings served, and each depth with its values.

    Raises:
        ValueError: if there is no depth.
    """
    if not estimator.depths:
        raise ValueError("no depth of trees given; expected at least one, such as [8].")
    tried: list[dict[str, Any]] = []
    forests = []
    for depth in estimator.depths:
        forests.append(plant(depth))
        splits = [f"valid {setting}" for setting in estimator.served]
        tried.append({"depth": depth, **{one: deciding_value(estimator, estimator.problem, one) for one in splits}})
    means = [statistics.fmean(row[one] for one in splits) for row in tried]
    return forests[means.index(max(means))], tried


def examples(train: Tensor | LabelledPairs, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return pairs [P, 2] and their types [P], or labels [P, C] with those of the negatives, which have none."""
    asked = train[rows]
    if not isinstance(asked, LabelledPairs):
        return asked[:, :2], asked[:, 2]
    return torch.cat([asked.pairs, asked.negatives]), torch.cat([asked.labels, torch.zeros_like(asked.labels)])


ESTIMATORS: Mapping[str, Callable[..., Estimator]] = {"csmddi": StructureEstimator, "hin-ddi": PathEstimator}


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation pairs.

    Raises:
        ValueError: if the device is not the processor.
    """
    settings, problem = opened(specification, device)
    start, generator = now(), torch.Generator().manual_seed(specification.seed)
    estimator = ESTIMATORS[specification.method](problem, settings.served, generator, **settings.options)
    progress.update(0, 1, "fitting")
    estimator.fit(generator)
    estimator.use(problem.validation_view)
    row = {f"valid {one}": deciding_value(estimator, problem, f"valid {one}") for one in settings.served}
    curve = [{"epoch": 1, **row, "minutes": round((now() - start) / 60, 4)}]
    answers = {setting: tested(estimator, problem, setting) for setting in settings.served}
    more = {
        "curve": curve, "chosen_epochs": dict.fromkeys(settings.served, 1), "epochs": 1, "tried": estimator.tried(),
    }  # fmt: skip
    return outcome_of(problem, settings, answers, estimator.num_parameters, is_logit=False, more=more)
