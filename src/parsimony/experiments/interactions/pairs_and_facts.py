"""Predict interactions of drugs from pairs and facts: fingerprints + MLP, Decagon, KG-DDI (Figures 10 and 11).

Each is trained once, by gradient steps on all training pairs, and tested on every setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parsimony.baselines.decagon import Decagon, graph_edges
from parsimony.baselines.fingerprint_mlp import FingerprintMLP
from parsimony.baselines.kg_ddi import KGDDI
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions.harness import opened, trained
from parsimony.experiments.interactions.learners import FactLearner, Learner, PairLearner
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification


class GraphLearner(PairLearner):
    """Decagon: a graph of facts and network, in which training pairs are edges too."""

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all training pairs in random order; the graph has all of them as edges."""
        self.use(self.problem.training_view)
        return super().batches(epoch, size, generator)

    def use(self, view: View) -> None:
        """Convolve over the graph of a view."""
        self.model.use(graph_edges(self.problem.network, view.triples, view.facts)[0])


def _mlp(problem: Problem, generator: torch.Generator, **options: Any) -> Learner:
    pairs = problem.pairs
    return PairLearner(FingerprintMLP(pairs.fingerprints, pairs.num_types, generator, **options), problem)


def _decagon(problem: Problem, generator: torch.Generator, **options: Any) -> Learner:
    pairs = problem.pairs
    entities = graph_edges(problem.network, problem.network.triples, problem.training_view.facts)[1]
    return GraphLearner(Decagon(pairs.fingerprints, entities, pairs.num_types, generator, **options), problem)


def _kg_ddi(
    problem: Problem,
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


LEARNERS: Mapping[str, Callable[..., Learner]] = {"fingerprint-mlp": _mlp, "decagon": _decagon, "kg-ddi": _kg_ddi}


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation pairs.

    Raises:
        ValueError: if the device is not the processor.
    """
    settings, problem = opened(specification, device)
    seed, generator = specification.seed, torch.Generator().manual_seed(specification.seed)
    learner = LEARNERS[specification.method](problem, generator, **settings.options)
    return trained(learner, problem, settings, seed, Journal(checkpoint, progress))
