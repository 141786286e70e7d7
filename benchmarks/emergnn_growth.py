"""Training steps of EmerGNN on generated networks of 10^4 to 10^6 triples, and on batches of 2 to 32 pairs.

A tenth as many interactions as triples, five triples an entity, one entity in twenty a drug. The larger such a network,
the fewer paths of three steps join two given drugs, which is not so in real networks with their hubs: our step shrinks
to its fixed costs, while that of the reference grows with every edge.
"""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.emergnn_steps import Problem, compare_steps, new_model

from parsimony.nn.augmented_network import RelationIds

NAME = "emergnn-growth"
TARGET = 30.0
TRIPLES, PAIRS = (10_000, 100_000, 1_000_000), 8
BATCHES, OF_TRIPLES = (2, 8, 32), 100_000
TYPES, RELATIONS, BITS, WIDTH = 86, 23, 64, 32


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio on the largest network, and a row for each size of the network and of the batch."""
    sizes = [_row(size, PAIRS, pairs) for size in TRIPLES]
    batches = [_row(OF_TRIPLES, batch, pairs) for batch in BATCHES]
    return {**sizes[-1]["seconds"], "rows": sizes, "batches": batches}


def _row(size: int, batch: int, pairs: int) -> dict[str, Any]:
    problem = generated(size, batch)
    model = new_model(problem, width=WIDTH)
    model.use(problem.network())
    flows = model.flows(problem.batch[:, :2])
    return {
        "triples": size,
        "batch": batch,
        "entities": problem.num_entities,
        "classes": len(flows.classes.flow),
        "rows": flows.middle.sums.num_rows,
        "entries": len(flows.middle.sums.column),
        "seconds": compare_steps(NAME, TARGET, problem, pairs, repeats=5, width=WIDTH),
    }


def generated(size: int, batch: int) -> Problem:
    """Return a network of random triples, random interactions, and a batch of others."""
    generator = torch.Generator().manual_seed(0)
    entities = size // 5
    drugs = entities // 20

    def rows(count: int, *bounds: int) -> torch.Tensor:
        return torch.stack([torch.randint(one, (count,), generator=generator) for one in bounds], 1)

    triples, facts = rows(size, entities, RELATIONS, entities), rows(size // 10, drugs, drugs, TYPES)
    bits = torch.randint(2, (drugs, BITS), generator=generator)
    return Problem(triples=triples, facts=facts, num_entities=entities, ids=RelationIds(TYPES, RELATIONS),
                   fingerprints=bits, batch=rows(batch, drugs, drugs, TYPES))  # fmt: skip
