"""What the layers of a trained flow compute, freed from what the data cannot tell (GSR, stage 2; first paper,
section 5.2).

1. Swap symmetry: where edges are summed over both directions into one number of the graph, whatever changes its sign
   when the ends are swapped cancels. Used instead: (phi(i, j) + phi(j, i)) / 2.
2. Basis: messages are known up to an invertible linear map. Used instead: J z, with z the message and J the mean over
   rows of d reader / d z; so messages come in the directions of the output. Where a factor of either sign stands in
   front, such as a charge, the mean cancels; then J is what the rows share up to a factor of their own.
3. The output layer is asked for the target itself, not for what the network made of it.
4. Frame: a message of two numbers along an edge with displacement D = (dx, dy) of length r is split into its normal
   part, along n = -D / r, and its tangential part, along n turned left; a law without a preferred direction is simpler
   there:   m = normal n + tangential t,   n = (-dx, -dy) / r,   t = (dy, -dx) / r

Shapes: R rows of a layer, F inputs, D numbers that the layer gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import sympy
import torch
from torch import Tensor

from parsimony.nn.dense_graph_block import Call, GraphNetwork, GraphRows, rows_of, target_rows
from parsimony.symbolic.message_flow import Connection, Flow, Layer

FRAME = ("dx", "dy", "r")
OF_AXES = ("dx", "dy", "wx", "wy")  # components: a formula in the frame of an edge has no use for them
INDEPENDENT = 0.1  # share of a direction that must lie outside those chosen before
CANCELS = 0.5  # a mean Jacobian below this share of its root mean square says little
SHARED = 0.5  # of the squares, by the common Jacobian of the rows, or else they have none


class Pairs(NamedTuple):
    """Inputs and outputs of one layer, drawn from its rows: [R, F] and [R, D], in double precision."""

    names: tuple[str, ...]
    inputs: np.ndarray
    outputs: np.ndarray


def message_pairs(network: GraphNetwork, samples, most: int, generator: torch.Generator) -> dict[str, Pairs]:
    """Record at most `most` input-output pairs of every layer on `GraphSamples`."""
    rows, flow = rows_of(samples), network.flow
    with torch.no_grad():
        calls = network.trace(rows)
    bases = alignments(network, calls)
    pairs = {}
    for layer in flow.layers:
        inputs = calls[layer.name].inputs @ _input_basis(flow, layer, bases).T
        if layer == flow.output:
            inputs, outputs = inputs[slice(None) if rows.asked is None else rows.asked], target_rows(samples)
        else:
            outputs = _message(flow, layer, calls, rows, bases)
        chosen = torch.randperm(len(inputs), generator=generator)[:most]
        pairs[layer.name] = Pairs(flow.inputs(layer), *(_numpy(one[chosen]) for one in (inputs, outputs)))
    return pairs


def _numpy(values: Tensor) -> np.ndarray:
    return values.detach().double().numpy()


def _message(flow: Flow, layer: Layer, calls, rows: GraphRows, bases) -> Tensor:
    outputs = calls[layer.name].outputs @ bases[layer.name].T
    return symmetrised(outputs, rows) if loses_direction(flow, layer) else outputs


def loses_direction(flow: Flow, layer: Layer) -> bool:
    """Whether both directions of an edge are only ever added up."""
    readers = list(flow.readers(layer))
    return layer.level == "E" and all(one.level == "U" and way.aggregator in ("sum", "mean") for one, way in readers)


def symmetrised(outputs: Tensor, rows: GraphRows) -> Tensor:
    """Average each edge with its reverse, [M, D]; an edge without reverse stays as it is."""
    receiver, count = rows.owner["E", "V"], rows.counts["V"]
    here, back = receiver * count + rows.sender, rows.sender * count + receiver
    ordered, order = here.sort()
    place = torch.searchsorted(ordered, back).clamp(max=len(here) - 1)
    reverse = torch.where(ordered[place] == back, order[place], torch.arange(len(here)))
    return (outputs + outputs[reverse]) / 2


def alignments(network: GraphNetwork, calls: Mapping[str, Call]) -> dict[str, Tensor]:
    """Return for each layer the matrix that turns its output into the directions of the target, [D, D]."""
    flow, bases = network.flow, {}
    for layer in reversed(flow.layers):
        identity = torch.eye(layer.size, dtype=calls[layer.name].outputs.dtype)
        if layer == flow.output or layer.size == 1:
            bases[layer.name] = identity
            continue
        means = [bases[reader.name] @ mean_jacobian(network, calls, reader, one) for reader, one in flow.readers(layer)]
        bases[layer.name] = independent_rows(torch.cat([*means, identity]), layer.size)
    return bases


def mean_jacobian(network: GraphNetwork, calls: Mapping[str, Call], reader: Layer, one: Connection) -> Tensor:
    """Average d reader / d z over the rows of the reader, for the embedding z that comes through a connection.

    Returns:
        [D of the reader, D of what it reads]; `common_direction` where the mean cancels. An edge counts its receiver.
    """
    flow = network.flow
    names = flow.inputs(reader)
    size = flow.source(reader, one.level).size
    start = names.index(flow.names_in(reader, one)[0])
    inputs = calls[reader.name].inputs.clone().requires_grad_()
    outputs = network.functions[reader.name](inputs)
    slopes = [torch.autograd.grad(part.sum(), inputs, retain_graph=True)[0] for part in outputs.unbind(1)]
    own = torch.stack(slopes, dim=1)[:, :, start : start + size]
    mean = own.mean(0)
    return mean if mean.norm() > CANCELS * own.square().mean(0).sqrt().norm() else common_direction(own)


def common_direction(jacobians: Tensor) -> Tensor:
    """Return the matrix J of norm 1 with jacobians about c J, each with a factor c of its own; 0 if there is none.

    Args:
        jacobians: [R, D, D'].
    """
    flat = jacobians.flatten(1)
    values, vectors = torch.linalg.eigh(flat.T @ flat)
    found = vectors[:, -1].reshape(jacobians.shape[1:])
    return found if values[-1] > SHARED * values.sum() else torch.zeros_like(found)


def independent_rows(rows: Tensor, count: int) -> Tensor:
    """Choose the first `count` rows that point in new directions, [count, D]."""
    chosen: list[Tensor] = []
    basis = rows.new_zeros(0, rows.shape[1])
    for row in rows:
        rest = row - basis.T @ (basis @ row)
        if len(chosen) < count and rest.norm() > max(INDEPENDENT * float(row.norm()), 1e-9):
            chosen.append(row)
            basis = torch.cat([basis, (rest / rest.norm()).unsqueeze(0)])
    return torch.stack(chosen)


def _input_basis(flow: Flow, layer: Layer, bases: Mapping[str, Tensor]) -> Tensor:
    """Return the map of a layer's inputs that turns every embedding into its aligned form, [F, F]."""
    blocks = []
    for one in layer.reads:
        source, count = flow.source(layer, one.level), len(flow.names_in(layer, one))
        part = torch.eye(count, dtype=bases[layer.name].dtype) if source is None else bases[source.name]
        blocks += [part] * (1 if source is None else count // source.size)
    return torch.block_diag(*blocks)


def has_frame(pairs: Pairs) -> bool:
    """Whether pairs are vectors along an edge whose displacement is known."""
    return pairs.outputs.shape[1] == 2 and set(FRAME) <= set(pairs.names)


def in_frame(pairs: Pairs) -> Pairs:
    """Return the normal and tangential part of messages, over the inputs that are no components of vectors."""
    dx, dy, r = (pairs.inputs[:, pairs.names.index(name)] for name in FRAME)
    x, y = pairs.outputs.T
    parts = np.stack([-(x * dx + y * dy) / r, (x * dy - y * dx) / r], axis=1)
    kept = [column for column, name in enumerate(pairs.names) if name not in OF_AXES]
    return Pairs(tuple(pairs.names[column] for column in kept), pairs.inputs[:, kept], parts)


def on_axes(normal: sympy.Expr, tangential: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Return the x and y components of a message given by its normal and tangential part."""
    dx, dy, r = sympy.symbols(FRAME)
    return (tangential * dy - normal * dx) / r, (-tangential * dx - normal * dy) / r
