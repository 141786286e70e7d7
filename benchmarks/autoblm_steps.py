"""Training steps of one structure: ours against the plain reference, on the same batches of real triples."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_autoblm import PlainTraining

from parsimony.data.knowledge_graph import load_knowledge_graph
from parsimony.experiments.bilinear_training import BilinearTraining, TrainingSettings, plan_batches
from parsimony.methods.bilinear_structure import PUBLISHED


def compare_steps(name: str, target: float, dataset: str, precision: str, batches: int, pairs: int) -> dict[str, Any]:
    """Time the first `batches` batches of an epoch of WN18RR's published structure, width 64, batch 512.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        dataset: knowledge graph.
        precision: of our logits; the reference stays in float32.
        batches: steps timed at once; an epoch is a multiple of them.
        pairs: how many pairs are timed.
    """
    torch.manual_seed(0)
    graph, settings = load_knowledge_graph(dataset), TrainingSettings(learning_rate=0.5, precision=precision)
    structure = PUBLISHED["WN18RR"].entries
    ours = BilinearTraining(graph, [structure], settings, seed=0)
    plain = PlainTraining(graph, structure, settings, ours.entities[0], ours.relations[0])
    triples = graph.train[torch.randperm(len(graph.train))][: batches * settings.batch_size]

    def step_plainly() -> None:
        for batch in triples.split(settings.batch_size):
            plain.step(batch)

    def step() -> None:
        for batch in plan_batches(triples, settings.batch_size, len(graph.relations)):
            ours.step(batch)

    return compare(name, target, step_plainly, step, pairs)
