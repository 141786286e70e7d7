"""What a query costs RED-GNN: pairs and edges of each layer, arithmetic and memory traffic of a forward pass.

Two ways of the same computation are counted, in operations (a multiplication and an addition are two) and bytes:

                     each edge                                each pair reached       each old pair
    edge by edge     three products d x A, message, gate      W_h, six maps d x d
    sparse           two weighted rows, A sums                W_h, three maps d x d   three maps d x d, one d x A

Bytes are those that cross the memory if the tables of a batch's pairs stay in the cache and rows of edges do not.

Shapes: B queries, d width, A attention width.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from parsimony.data.fact_graph import FactGraph
from parsimony.nn.reached_pairs import ReachedPairs, Steps

NUMBER = 4  # bytes of a float32, and of an index of the sparse way
LONG = 8  # bytes of an index edge by edge
ELEMENTWISE = 12  # operations of a GRU cell for each unit beside its products


class LayerCounts(NamedTuple):
    """Means over queries: pairs that had a state, pairs reached, edges with the identity steps."""

    old: float
    reached: float
    edges: float


class Cost(NamedTuple):
    """Forward operations and bytes of one query in one layer."""

    operations: float
    bytes: float


def count_layers(graph: FactGraph, heads: Tensor, layers: int, batch_size: int = 64) -> list[LayerCounts]:
    """Walk from every head and count.

    Args:
        graph: of facts.
        heads: entity of each query, [B].
        layers: L.
        batch_size: heads walked from at a time.

    Returns:
        Means over the queries, layer by layer.
    """
    steps, totals = Steps.of(graph), [[0, 0, 0] for _ in range(layers)]
    for part in heads.split(batch_size):
        walk = ReachedPairs(steps, part)
        for total in totals:
            layer = walk.expand()
            for place, count in enumerate((layer.num_sources, layer.num_targets, len(layer.source))):
                total[place] += count
    return [LayerCounts(*(count / len(heads) for count in total)) for total in totals]


def edge_by_edge(counts: LayerCounts, width: int, attention: int) -> Cost:
    """Return the cost if every edge has vectors of its own."""
    per_edge = 2 * 3 * width * attention + 6 * attention + 4 * width
    per_pair = 2 * 7 * width**2 + ELEMENTWISE * width
    # gather, write and read three rows; add two, gate, scatter: 16 rows of d, and six indices
    traffic = counts.edges * (NUMBER * (16 * width + 8 * attention) + 6 * LONG)
    return Cost(counts.edges * per_edge + counts.reached * per_pair, traffic + _pair_bytes(counts, width, rows=24))


def sparse(counts: LayerCounts, width: int, attention: int) -> Cost:
    """Return the cost with sparse products, as `nn.gated_sum` has it."""
    per_edge = 4 * width + 4 * attention + 4
    per_pair = 2 * 4 * width**2 + ELEMENTWISE * width
    per_old = 2 * 3 * width**2 + 2 * width * attention
    operations = counts.edges * per_edge + counts.reached * per_pair + counts.old * per_old
    # the indices of source, target, question and relation, order by target, and the gate, each written and read
    return Cost(operations, counts.edges * NUMBER * 2 * 8 + _pair_bytes(counts, width, rows=4))


def _pair_bytes(counts: LayerCounts, width: int, rows: int) -> float:
    """Return the bytes of so many rows of d numbers for each pair reached."""
    return counts.reached * rows * width * NUMBER
