"""Training steps of RED-GNN: ours against the plain reference, with the authors' settings, on real facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from benchmarks.pairs import compare
from benchmarks.plain_redgnn import PlainGraph, PlainREDGNN

from parsimony.data.fact_graph import FactGraph
from parsimony.data.knowledge_graph import load_knowledge_graph, with_inverses
from parsimony.methods.redgnn import REDGNN


class Settings(NamedTuple):
    """Options of the model, batch size, learning rate and L2 weight of one graph."""

    options: Mapping[str, Any]
    batch_size: int
    learning_rate: float
    weight_decay: float


OFFICIAL = {
    "family": Settings({"layers": 3, "dropout": 0.29, "activation": "relu"}, 20, 0.0036, 1.7e-5),
    "umls": Settings({"layers": 4, "dropout": 0.0024, "activation": "relu"}, 20, 0.0012, 1.15e-4),
    "WN18RR-facts": Settings({"layers": 5, "dropout": 0.0067, "activation": "tanh"}, 100, 0.0021, 3.7e-5),
}


class Steps(NamedTuple):
    """One step of each way; calling one again takes the next step on the same batch."""

    plain: Callable[[], None]
    ours: Callable[[], None]


def training_steps(dataset: str) -> Steps:
    """Prepare both ways from the same weights, on the graph of facts and one batch of training queries."""
    data, settings = load_knowledge_graph(dataset), OFFICIAL[dataset]
    graph = FactGraph.of(data.facts, len(data.entities), len(data.relations))
    asked = with_inverses(data.train, len(data.relations))
    asked = asked[torch.randperm(len(asked), generator=torch.Generator().manual_seed(1))[: settings.batch_size]]
    return steps_on(graph, asked, settings)


def steps_on(graph: FactGraph, asked: torch.Tensor, settings: Settings) -> Steps:
    """Prepare both ways for a batch of questions (head, relation, answer), [B, 3]."""
    generator, queries, answers = torch.Generator().manual_seed(0), asked[:, :2], asked[:, 2]
    ours = REDGNN(graph.num_relations, generator, is_official_scale=True, **settings.options)
    plain, plain_graph = PlainREDGNN(ours), PlainGraph(graph)
    rates = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    adams = [torch.optim.Adam(one.parameters(), **rates) for one in (plain, ours)]
    return Steps(
        lambda: _step(adams[0], lambda: plain.loss(plain_graph, queries, answers)),
        lambda: _step(adams[1], lambda: ours.loss(graph, queries, answers, generator)),
    )


def _step(optimiser: torch.optim.Optimizer, loss: Callable[[], torch.Tensor]) -> None:
    optimiser.zero_grad()
    loss().backward()
    optimiser.step()


def compare_steps(name: str, target: float, dataset: str, repeats: int, pairs: int) -> dict[str, Any]:
    """Time some steps of both ways, pair by pair.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        dataset: family, umls or WN18RR-facts.
        repeats: steps timed at once.
        pairs: how many pairs are timed.
    """
    torch.manual_seed(0)
    steps = training_steps(dataset)
    plain, ours = (lambda one=one: [one() for _ in range(repeats)] for one in steps)
    return compare(name, target, plain, ours, pairs)
