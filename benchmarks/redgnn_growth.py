"""Training steps of RED-GNN on generated graphs of 10^4 to 10^6 triples with 5 triples an entity.

Edges within three steps hardly depend on the size of such a graph, so a step that follows what is reached hardly
grows with it either. Little more than one edge ends in each pair here, so the linear maps of the pairs, which neither
way can spare, weigh more than in real graphs.
"""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.redgnn_steps import Settings, steps_on

from parsimony.data.fact_graph import FactGraph
from parsimony.methods.redgnn_cost import count_layers, edge_by_edge, sparse

NAME = "redgnn-growth"
TARGET = 2.5
TRIPLES = (10_000, 100_000, 1_000_000)
RELATIONS, QUERIES, WIDTH, ATTENTION, LAYERS = 10, 20, 48, 5, 3


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio on the largest graph, and a row for each size: pairs, edges, operations, bytes and seconds."""
    rows = [_row(size, pairs) for size in TRIPLES]
    return {**rows[-1]["seconds"], "rows": rows}


def _row(size: int, pairs: int) -> dict[str, Any]:
    graph, asked = generated(size, size // 5)
    counts = count_layers(graph, asked[:, 0], LAYERS)
    settings = Settings({"width": WIDTH, "attention": ATTENTION, "layers": LAYERS}, QUERIES, 0.001, 0.0)
    return {
        "triples": size,
        "layers": [one._asdict() for one in counts],
        "edge_by_edge": [edge_by_edge(one, WIDTH, ATTENTION)._asdict() for one in counts],
        "sparse": [sparse(one, WIDTH, ATTENTION)._asdict() for one in counts],
        "seconds": compare(NAME, TARGET, *steps_on(graph, asked, settings), pairs),
    }


def generated(size: int, entities: int) -> tuple[FactGraph, torch.Tensor]:
    """Return a graph of random triples and questions (head, relation, answer) [B, 3] about others."""
    generator = torch.Generator().manual_seed(0)
    bounds = (entities, RELATIONS, entities)
    triples = torch.stack([torch.randint(one, (size + QUERIES,), generator=generator) for one in bounds], 1)
    return FactGraph.of(triples[QUERIES:], entities, RELATIONS), triples[:QUERIES]
