"""What a law with a known formula consists of, and how its samples are asked for.

The truth is text, so that it can be shown, parsed by SymPy and compared with what a method found:

    m_k = aggregate of edge_k over the edges that end in node i (every edge, if there is no `node`)
    s_k = aggregate of summary_k over all nodes
    y   = node_k(m, s, variables of node i)                              level "node"
    y   = whole(m, s, n, variables of the whole), n_k = sum of node_k    level "whole"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from parsimony.data.graph_samples import GraphSamples, Unit


class Sampler(Protocol):
    """Draws samples of a law."""

    def __call__(self, num_graphs: int, seed: int, nodes: int | None = None) -> GraphSamples:
        """Return graphs.

        Args:
            num_graphs: how many.
            seed: of the draws; laws share no draws under the same seed.
            nodes: of each graph; as many as in training if None.
        """


@dataclass(frozen=True)
class Law:
    """One law.

    Attributes:
        name: as in specifications.
        title: as on pages.
        sample: draws samples.
        flows: the message-passing flows that can hold the law and from which nothing can be left out, as
            `parsimony.symbolic.message_flow` writes them, but without the numbers of blocks; the paper's first.
        edge: formulas m0, m1, ... of a message; a variable of the receiving node ends in _i, of the sending one in _j.
        aggregator: "sum", "mean" or "max" over the messages of an edge formula.
        node: formulas of a node over m0, ..., s0, ... and its own variables; none if edges meet in the whole.
        whole: formula of the whole over m0, ... or n0, ..., the sums of `node`; empty if the target is the nodes'.
        summary: formulas s0, s1, ... over the variables of a node, aggregated over all nodes.
        summary_aggregator: "sum", "mean" or "max".
        constants: values of the other names in the formulas.
        units: of the constants.
        nodes: numbers of nodes, first for training, then for larger graphs.
    """

    name: str
    title: str
    sample: Sampler
    flows: tuple[str, ...]
    edge: tuple[str, ...]
    aggregator: str = "sum"
    node: tuple[str, ...] = ()
    whole: str = ""
    summary: tuple[str, ...] = ()
    summary_aggregator: str = "sum"
    constants: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    nodes: tuple[int, ...] = ()
