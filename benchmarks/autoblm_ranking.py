"""Filtered ranks of the test triples of WN18RR, both directions, filter included."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_autoblm import PlainTraining, plain_ranks

from parsimony.data.knowledge_graph import load_knowledge_graph, with_inverses
from parsimony.evaluation.ranking import FilterIndex
from parsimony.experiments.bilinear_training import BilinearTraining, TrainingSettings
from parsimony.experiments.fitting import Task
from parsimony.methods.bilinear_structure import PUBLISHED

NAME = "autoblm-ranking-wn18rr"
TARGET = 10.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair."""
    graph, settings = load_knowledge_graph("WN18RR"), TrainingSettings()
    structure = PUBLISHED["WN18RR"].entries
    ours = BilinearTraining(graph, [structure], settings, seed=0)
    plain = PlainTraining(graph, structure, settings, ours.entities[0], ours.relations[0])
    known = torch.cat([graph.train, graph.valid, graph.test])

    def rank() -> None:
        index = FilterIndex.of(with_inverses(known, len(graph.relations)), 2 * len(graph.relations))
        Task(graph, index, 0).rank(ours, 0, graph.test)

    return compare(NAME, TARGET, lambda: plain_ranks(plain, graph.test, known), rank, pairs)
