"""A law written out on a small graph, so that two laws can be compared as plain expressions.

Two laws are the same if they agree on every graph, whatever their messages look like: a factor may stand in a message
or outside of it, and what cancels between the two directions of an edge is no difference. So each law is written out
on small graphs, with a symbol for every variable of every node and edge:

    path of three nodes, sum of k (1 - 1/r) dx, output of node 0  ->  k_01 (1 - 1/r_01) dx_01

Edge variables are symmetric or change their sign when the ends are swapped; the distance is the root of dx^2 + dy^2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy

from parsimony.symbolic.message_flow import ODD, Connection, Flow, Layer

Values = dict[object, tuple[sympy.Expr, ...]]  # numbers of each edge (i, j), node i or the whole ()


@dataclass(frozen=True)
class SmallGraph:
    """A graph with symbols for its variables.

    Attributes:
        nodes: number of nodes.
        edges: joined pairs, each once.
        odd: edge variables that change their sign when the ends are swapped; the others keep it.
        is_plane: whether r stands for the root of dx^2 + dy^2.
    """

    nodes: int
    edges: tuple[tuple[int, int], ...]
    odd: tuple[str, ...] = ODD
    is_plane: bool = True

    @property
    def directed(self) -> tuple[tuple[int, int], ...]:
        """Every edge (i, j) by which i receives from j, in both directions."""
        return tuple(sorted({*self.edges, *((j, i) for i, j in self.edges)}))

    def raw(self, flow: Flow) -> dict[str, Values]:
        """Return the symbols of all variables by level."""
        names = flow.data.names
        return {
            "E": {edge: tuple(self._of_edge(name, *edge) for name in names["E"]) for edge in self.directed},
            "V": {i: tuple(_real(f"{name}_{i}") for name in names["V"]) for i in range(self.nodes)},
            "U": {(): tuple(_real(name) for name in names["U"])},
        }

    def _of_edge(self, name: str, i: int, j: int) -> sympy.Expr:
        symbol = _real(f"{name}_{min(i, j)}{max(i, j)}")
        if name == "r" and self.is_plane:
            return sympy.sqrt(self._of_edge("dx", i, j) ** 2 + self._of_edge("dy", i, j) ** 2)
        return -symbol if name in self.odd and i > j else symbol

    def elements(self, level: str) -> tuple:
        """Return all edges, all nodes, or the whole."""
        return {"E": self.directed, "V": tuple(range(self.nodes)), "U": ((),)}[level]


PAIR = SmallGraph(2, ((0, 1),))
PATH = SmallGraph(3, ((0, 1), (1, 2)))
TRIANGLE = SmallGraph(3, ((0, 1), (0, 2), (1, 2)))


def write_out(flow: Flow, expressions: Mapping[str, Sequence[sympy.Expr]], graph: SmallGraph) -> tuple[sympy.Expr, ...]:
    """Write a law out on a small graph.

    Args:
        flow: skeleton of the law.
        expressions: formulas of every layer, over `flow.inputs(layer)` and constants.
        graph: the graph.

    Returns:
        The output of every node, or of the whole, number by number.
    """
    latest = graph.raw(flow)
    for layer in flow.layers:
        latest[layer.level] = {
            element: _apply(flow, layer, expressions[layer.name], latest, graph, element)
            for element in graph.elements(layer.level)
        }
    return tuple(one for values in latest[flow.output.level].values() for one in values)


def _apply(flow: Flow, layer: Layer, expressions, latest: Mapping[str, Values], graph: SmallGraph, element):
    inputs: dict[sympy.Symbol, sympy.Expr] = {}
    for one in layer.reads:
        values = _read(flow, layer, one, latest[one.level], graph, element)
        inputs |= dict(zip(map(sympy.Symbol, flow.names_in(layer, one)), values, strict=True))
    return tuple(one.xreplace(inputs) for one in expressions)


def _read(flow: Flow, layer: Layer, one: Connection, values: Values, graph: SmallGraph, element) -> list[sympy.Expr]:
    """Return what a layer reads through one connection, number by number."""
    if (one.level, layer.level) == ("V", "E"):
        return _both_ends(flow, layer, one, values, element)
    if one.aggregator:
        own = [other for other in values if layer.level == "U" or other[0] == element]  # an edge is its receiver's
        columns = zip(*(_chosen(flow, layer, one, values[other]) for other in own), strict=True)
        return [_aggregate(numbers, one.aggregator) for numbers in columns]
    return list(_chosen(flow, layer, one, values[element if one.level == layer.level else ()]))


def _both_ends(flow: Flow, layer: Layer, one: Connection, values: Values, edge: tuple[int, int]) -> list[sympy.Expr]:
    if flow.source(layer, one.level) is not None:
        return [*values[edge[0]], *values[edge[1]]]
    names = flow.data.names["V"]
    offered = {f"{name}_{end}": values[i][k] for end, i in zip("ij", edge, strict=True) for k, name in enumerate(names)}
    return [offered[name] for name in one.variables]


def _chosen(flow: Flow, layer: Layer, one: Connection, numbers: tuple[sympy.Expr, ...]) -> tuple[sympy.Expr, ...]:
    if flow.source(layer, one.level) is not None:
        return numbers
    names = flow.data.names[one.level]
    return tuple(numbers[names.index(name)] for name in one.variables)


def _aggregate(numbers: Sequence[sympy.Expr], how: str) -> sympy.Expr:
    if how == "max":
        return sympy.Max(*numbers)
    total = sympy.Add(*numbers)
    return total / len(numbers) if how == "mean" else total


def _real(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)
