"""Predict interactions of drugs from molecules and texts: TextDDI-lite, DeepLGF, TIGER (Figures 10 and 11).

DeepLGF begins with epochs that embed the biomedical facts of all drugs. TIGER's walks are drawn once a run, in the
network of training anew for validation and test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parsimony.baselines.deeplgf import DeepLGF, smiles_words
from parsimony.baselines.text_ddi_lite import TextDDILite, word_weights
from parsimony.baselines.tiger import TIGER
from parsimony.data.drug_graphs import NUM_BONDS, molecule_graphs, walked_graphs
from parsimony.data.drug_molecules import load_smiles, load_texts
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions.harness import opened, trained
from parsimony.experiments.interactions.learners import FactLearner, Learner, PairLearner
from parsimony.experiments.interactions.problem import Problem, View
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification


class ViewLearner(FactLearner):
    """DeepLGF."""

    def __init__(self, model: DeepLGF, problem: Problem, embedding_epochs: int, facts_at_once: int) -> None:
        super().__init__(model, problem, embedding_epochs, facts_at_once)
        self.facts = problem.network.triples

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all biomedical facts in the first epochs, then all training pairs."""
        self.use(self.problem.training_view)
        return super().batches(epoch, size, generator)

    def use(self, view: View) -> None:
        """Describe drugs by the facts of a view."""
        self.model.use(view.triples)


class SubgraphLearner(PairLearner):
    """TIGER.

    Args:
        model: TIGER.
        problem: what it learns.
        seed: of the walks.
    """

    def __init__(self, model: TIGER, problem: Problem, seed: int) -> None:
        super().__init__(model, problem)
        self.seed = seed

    def batches(self, epoch: int, size: int, generator: torch.Generator) -> Sequence[Tensor]:
        """Return all training pairs in random order."""
        self.use(self.problem.training_view)
        return super().batches(epoch, size, generator)

    def use(self, view: View) -> None:
        """Walk among the facts of a view."""
        network, drugs = self.problem.network, self.problem.pairs.num_drugs
        sizes = drugs, network.num_entities, len(network.relations)
        self.model.use(walked_graphs(view.triples, *sizes, self.seed))


def _tiger(problem: Problem, generator: torch.Generator, **options: Any) -> Learner:
    pairs, network = problem.pairs, problem.network
    molecules, relations = molecule_graphs(load_smiles(pairs)), 2 * len(network.relations)
    model = TIGER(molecules, NUM_BONDS, network.num_entities, relations, pairs.num_types, generator, **options)
    return SubgraphLearner(model, problem, int(torch.randint(2**31 - 1, (), generator=generator)))


def _text_ddi(problem: Problem, generator: torch.Generator, **options: Any) -> Learner:
    pairs = problem.pairs
    words = word_weights(load_texts(problem.network.identifiers, pairs), pairs.known_drugs)
    return PairLearner(TextDDILite(words, pairs.num_types, generator, **options), problem)


def _deeplgf(
    problem: Problem, generator: torch.Generator, *, embedding_epochs: int, facts_at_once: int, **options: Any
) -> Learner:
    pairs, network = problem.pairs, problem.network
    words = smiles_words(load_smiles(pairs), pairs.known_drugs)
    model = DeepLGF(words, network.num_entities, len(network.relations), pairs.num_types, generator, **options)
    return ViewLearner(model, problem, embedding_epochs, facts_at_once)


LEARNERS: Mapping[str, Callable[..., Learner]] = {"text-ddi-lite": _text_ddi, "deeplgf": _deeplgf, "tiger": _tiger}


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation pairs.

    Raises:
        ValueError: if the device is not the processor.
    """
    settings, problem = opened(specification, device)
    seed, generator = specification.seed, torch.Generator().manual_seed(specification.seed)
    learner = LEARNERS[specification.method](problem, generator, **settings.options)
    return trained(learner, problem, settings, seed, Journal(checkpoint, progress))
