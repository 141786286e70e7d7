"""Execute a message-passing flow on dense graphs (GSR, Shi et al., ICLR 2023; first paper, section 5.2).

Graphs of 4 to 40 nodes come as dense tensors with masks. Only what exists is computed: edges and present nodes are
taken out of the dense tensors as rows, each layer is one function of rows, and an aggregator adds, averages or
maximises the rows of one owner; without any row it gives 0. A layer may be a perceptron or a formula.

Shapes: S graphs, N nodes, M edges, P present nodes, R rows of any level, F inputs, D width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from parsimony.nn.flow_function import LinearReader, ScaledPerceptron
from parsimony.symbolic.message_flow import AGGREGATORS, MIXTURE, Connection, Flow, Layer


class GraphRows(NamedTuple):
    """The edges, nodes and graphs of a batch as rows.

    Attributes:
        owner: for (from, to) the row of `to` that each row of `from` belongs to; an edge belongs to its receiver.
        sender: node row from which each edge comes, [M].
        raw: variables of the levels, [M, Fe], [P, Fv], [S, Fu].
        counts: number of rows of each level.
        asked: rows of the target's level whose target counts; None if all do.
    """

    owner: Mapping[tuple[str, str], Tensor]
    sender: Tensor
    raw: Mapping[str, Tensor]
    counts: Mapping[str, int]
    asked: Tensor | None = None


class Call(NamedTuple):
    """What one layer was given and gave: [R, F] and [R, D]."""

    inputs: Tensor
    outputs: Tensor


def rows_of(samples) -> GraphRows:
    """Take edges, present nodes and graphs out of `GraphSamples`."""
    present, adjacency = samples.present, samples.adjacency
    graph_of_node = present.nonzero()[:, 0]
    node_row = (present.flatten().cumsum(0) - 1).view(present.shape)
    graph, receiver, sender = adjacency.nonzero(as_tuple=True)
    raw = {"E": samples.edge[graph, receiver, sender], "V": samples.node[present], "U": samples.whole}
    owner = {("E", "V"): node_row[graph, receiver], ("E", "U"): graph, ("V", "U"): graph_of_node}
    counts = {"E": len(graph), "V": len(graph_of_node), "U": len(present)}
    has_target = getattr(samples, "has_target", None)
    asked = None if has_target is None else has_target[present].nonzero()[:, 0]
    return GraphRows(owner, node_row[graph, sender], raw, counts, asked)


def target_rows(samples) -> Tensor:
    """Return what is asked, one row for each node or graph whose target counts, [R, d]."""
    if samples.level == "whole":
        return samples.target
    has_target = getattr(samples, "has_target", None)
    return samples.target[samples.present if has_target is None else has_target]


def gather(values: Tensor, owner: Tensor, count: int, how: str) -> Tensor:
    """Sum, average or maximise rows by owner.

    Args:
        values: [R, D].
        owner: row of the result to which each row belongs, [R].
        count: rows of the result.
        how: sum, mean or max.

    Returns:
        [count, D]; 0 for an owner without rows.
    """
    empty = values.new_zeros(count, values.shape[1])
    if how == "max":
        return empty.scatter_reduce(0, owner.unsqueeze(1).expand_as(values), values, "amax", include_self=False)
    total = empty.index_add(0, owner, values)
    if how == "sum":
        return total
    return total / torch.bincount(owner, minlength=count).clamp(min=1).unsqueeze(1).to(values.dtype)


class GraphNetwork(nn.Module):
    """One function for each layer of a flow.

    Args:
        flow: which layers there are and what they read.
        functions: for each layer by name, a module from [R, F] to [R, D].
    """

    def __init__(self, flow: Flow, functions: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.flow = flow
        self.functions = nn.ModuleDict(functions)
        mixed = [
            f"{layer.name}{one.level}" for layer in flow.layers for one in layer.reads if one.aggregator == MIXTURE
        ]
        self.mixtures = nn.ParameterDict({name: nn.Parameter(torch.zeros(len(AGGREGATORS))) for name in mixed})
        self._columns = {layer.name: [_columns(flow, layer, one) for one in layer.reads] for layer in flow.layers}

    def forward(self, samples) -> Tensor:
        """Predict the target of `GraphSamples`, [S, d] or [S, N, d]; 0 for absent nodes."""
        rows = self.trace(rows_of(samples))[self.flow.output.name].outputs
        if self.flow.output.level == "U":
            return rows
        return rows.new_zeros(*samples.present.shape, rows.shape[1]).index_put((samples.present,), rows)

    def predict(self, rows: GraphRows) -> Tensor:
        """Predict the target row by row where it counts, [R, d]."""
        outputs = self.trace(rows)[self.flow.output.name].outputs
        return outputs if rows.asked is None else outputs.index_select(0, rows.asked)

    def trace(self, rows: GraphRows) -> dict[str, Call]:
        """Compute every layer; return what each was given and gave."""
        latest, calls = dict(rows.raw), {}
        for layer in self.flow.layers:
            parts = zip(layer.reads, self._columns[layer.name], strict=True)
            inputs = [self._carry(rows, latest[one.level], layer, one, columns) for one, columns in parts]
            x = inputs[0] if len(inputs) == 1 else torch.cat(inputs, dim=1)
            calls[layer.name] = Call(x, self.functions[layer.name](x))
            latest[layer.level] = calls[layer.name].outputs
        return calls

    def aggregator_weights(self) -> dict[str, list[float]]:
        """Return the weights of sum, mean and max wherever they are mixed."""
        return {name: logits.softmax(0).tolist() for name, logits in self.mixtures.items()}

    def _carry(self, rows: GraphRows, values: Tensor, layer: Layer, one: Connection, columns: list) -> Tensor:
        """Bring a quantity to the rows of the layer that reads it, [R, F]."""
        here, there = layer.level, one.level
        if (there, here) == ("V", "E"):
            ends = zip((rows.owner["E", "V"], rows.sender), columns, strict=True)
            return torch.cat([_pick(values, chosen).index_select(0, end) for end, chosen in ends if chosen], dim=1)
        values = _pick(values, columns)
        if one.aggregator:
            return self._gather(values, rows.owner[there, here], rows.counts[here], layer, one)
        return values if there == here else values.index_select(0, rows.owner[here, there])

    def _gather(self, values: Tensor, owner: Tensor, count: int, layer: Layer, one: Connection) -> Tensor:
        if one.aggregator != MIXTURE:
            return gather(values, owner, count, one.aggregator)
        share = self.mixtures[f"{layer.name}{one.level}"].softmax(0)
        return sum(part * gather(values, owner, count, how) for part, how in zip(share, AGGREGATORS, strict=True))


def graph_network(flow: Flow, samples, hidden: tuple[int, ...], generator: torch.Generator) -> GraphNetwork:
    """Return a network of perceptrons for a flow; raw inputs and the target are divided by their deviations."""
    rows = rows_of(samples)
    deviations = {level: deviation(values) for level, values in rows.raw.items()}
    functions = {}
    for layer in flow.layers:
        into = torch.cat([_scales(flow, layer, one, deviations[one.level]) for one in layer.reads])
        out = deviation(target_rows(samples)) if layer == flow.output else torch.ones(layer.size)
        functions[layer.name] = _function(flow, layer, into, out, hidden, generator)
    return GraphNetwork(flow, functions)


def _function(
    flow: Flow, layer: Layer, into: Tensor, out: Tensor, hidden: tuple[int, ...], generator: torch.Generator
) -> nn.Module:
    is_linear = torch.tensor([one.is_linear for one in layer.reads for _ in flow.names_in(layer, one)])
    if is_linear.any():
        return LinearReader(is_linear, into, out, hidden, generator)
    return ScaledPerceptron(into, out, hidden, generator)


def deviation(values: Tensor) -> Tensor:
    """Return the standard deviation of each column, 1 where a column is constant."""
    found = values.std(0, correction=0) if values.numel() else values.new_ones(values.shape[1])
    return torch.where(found > 0, found, 1.0)


def _pick(values: Tensor, columns: list[int] | None) -> Tensor:
    return values if columns is None else values[:, columns]


def _columns(flow: Flow, layer: Layer, one: Connection) -> list | None:
    """Return the columns of a quantity that a layer reads; for both ends of an edge a list for each end."""
    names = flow.data.names[one.level]
    is_pair = (one.level, layer.level) == ("V", "E")
    if flow.source(layer, one.level) is not None:
        return [slice(None), slice(None)] if is_pair else None
    if is_pair:
        return [[k for k, name in enumerate(names) if f"{name}_{end}" in one.variables] for end in "ij"]
    found = [names.index(name) for name in one.variables]
    return None if found == list(range(len(names))) else found


def _scales(flow: Flow, layer: Layer, one: Connection, deviations: Tensor) -> Tensor:
    """Return what the inputs of one connection are divided by, [F]; embeddings are left alone."""
    if flow.source(layer, one.level) is not None:
        return torch.ones(len(flow.names_in(layer, one)))
    columns = _columns(flow, layer, one)
    if (one.level, layer.level) == ("V", "E"):
        return torch.cat([deviations[chosen] for chosen in columns])
    return _pick(deviations.unsqueeze(0), columns).squeeze(0)
