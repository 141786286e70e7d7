"""Find a known law again: generate graphs, let one method learn, hold what it found against the truth (Figure 8).

The target of training and validation graphs may carry noise; that of test graphs never does, so that errors tell the
distance from the law. Larger graphs ask whether a formula goes on where nothing was seen. All draws, of data and of
methods, depend on the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from parsimony.data import physical_laws, social_force
from parsimony.data.graph_samples import GraphSamples
from parsimony.data.law import Law
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.graph_laws.learners import LEARNERS, Learned
from parsimony.experiments.graph_laws.truth import judge, truth_of
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification

LAWS: Mapping[str, Law] = {**physical_laws.LAWS, **social_force.LAWS}
DRAWS = 10  # seeds of the data that belong to one seed of a run


@dataclass(frozen=True, kw_only=True)
class LawRecovery:
    """What a run of this task needs.

    Attributes:
        train: training graphs.
        valid: validation graphs.
        test: test graphs of the size of training, and of each larger size.
        noise: deviation of the noise on the training target, as a share of the target's own.
        options: settings of the method, as its learner takes them.
    """

    train: int = 8000
    valid: int = 2000
    test: int = 500
    noise: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LawData:
    """Graphs of a law; of test graphs one part for each number of nodes."""

    train: GraphSamples
    valid: GraphSamples
    test: Mapping[int, GraphSamples]


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run, on one thread of the processor: matrices are small, and sums the same everywhere."""
    torch.set_num_threads(1)
    settings = LawRecovery(**specification.settings)
    law, journal = LAWS[specification.dataset], Journal(checkpoint, progress)
    data = draw(law, settings, specification.seed)
    learned = LEARNERS[specification.method](data.train, data.valid, settings.options, specification.seed, journal)
    return outcome(law, data, learned)


def draw(law: Law, settings: LawRecovery, seed: int) -> LawData:
    """Draw the graphs of one seed; no two parts share a draw."""
    train, valid, test = (DRAWS * seed + part for part in (1, 2, 3))
    parts = law.sample(settings.train, train), law.sample(settings.valid, valid)
    generator = torch.Generator().manual_seed(DRAWS * seed + 4)
    noisy = [part.noisy(settings.noise, generator) if settings.noise else part for part in parts]
    return LawData(*noisy, {nodes: law.sample(settings.test, test, nodes) for nodes in law.nodes})


def outcome(law: Law, data: LawData, learned: Learned) -> Outcome:
    """Measure what was learned, and hold its formulas and its flow against those of the law."""
    explained = {nodes: learned.determination(part) for nodes, part in data.test.items()}
    first, *larger = law.nodes
    metrics = {"R2": explained[first]} | {f"R2 x{nodes // first}": explained[nodes] for nodes in larger}
    judged = judge(law, data.train, learned) if learned.law is not None else {}
    names = ("flow", "recovered", "constant error")
    return Outcome(
        metrics=metrics | {name: float(judged[name]) for name in names if name in judged},
        measurements={
            "explained": {str(nodes): value for nodes, value in explained.items()},
            "truth": truth_of(law, data.train),
            "judged": judged,
            **learned.measurements,
        },
        parameters=learned.parameters,
    )
