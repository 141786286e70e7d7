"""The flows of a batch of drug pairs, reduced to what can reach the other drug (section 6).

A pair (u, v) has two flows, u -> v and v -> u. Only the state of the target after layer L is read, so layer l needs
the entities within L - l steps of the target, and, if there is no bias, within l steps of the source: all others hold
0. For L = 3:

    layer 1    signature classes of the source (`nn.signature_tables`)
    layer 2    rows: in-neighbours of the target that the source's table has; sums over (row, id, class)
    layer 3    the target: sums over (id, row), first of the rows of each id, then of the ids

L = 2 reads layer 2 at the target alone; L = 4 has one more layer of rows. With a bias c the unreached entities hold
relu(c) after layer 1, so all in-neighbours are rows and a background is added: layer 2 sums differences from relu(c) as
above, and relu(c) times what all in-edges of a row carry.

Shapes: B pairs, F = 2 B flows: all u -> v, then all v -> u.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parsimony.nn.augmented_network import AugmentedNetwork
from parsimony.nn.compressed_sum import Entries
from parsimony.nn.index_ranges import ranges
from parsimony.nn.signature_tables import SignatureTable, SignatureTables


class Classes(NamedTuple):
    """Layer 1: classes of every flow.

    Attributes:
        flow: of each class, [S].
        edges: sums the weighted edges of each class, [S x A].
        relation: id of each of those edges, [A].
        pair: of each, [A].
    """

    flow: Tensor
    edges: Entries
    relation: Tensor
    pair: Tensor


class Middle(NamedTuple):
    """Layer 2: messages of classes, and sums of them.

    Attributes:
        relation: id of each message, [M]; behind the messages of classes stand those of the background, if any.
        pair: of each, [M].
        source: class of each message that has one, [M' <= M].
        sums: adds up messages, [Q x M].
    """

    relation: Tensor
    pair: Tensor
    source: Tensor
    sums: Entries


class Hop(NamedTuple):
    """A layer from 3 on: rows summed for each (target, id), and these groups summed for each target.

    Attributes:
        groups: sums the rows of each group, [G x Q].
        relation: id of each group, [G].
        pair: of each, [G].
        sums: adds up groups, [Q' x G].
    """

    groups: Entries
    relation: Tensor
    pair: Tensor
    sums: Entries


class PairFlows(NamedTuple):
    """All that the model needs to know of the network for a batch.

    Attributes:
        pairs: head drug and tail drug, [B, 2].
        classes: layer 1.
        middle: layer 2.
        hops: layers 3 to L; the last has a row for each flow.
    """

    pairs: Tensor
    classes: Classes
    middle: Middle
    hops: tuple[Hop, ...]

    def to(self, device: torch.device) -> PairFlows:
        """Return the flows on a device."""
        parts = (type(part)(*(one.to(device) for one in part)) for part in (self.classes, self.middle, *self.hops))
        classes, middle, *hops = parts
        return PairFlows(self.pairs.to(device), classes, middle, tuple(hops))


class _Level(NamedTuple):
    """In-edges of the targets of one flow at one layer: rows they leave, and groups by (target, id)."""

    first: NDArray
    row: NDArray
    weight: NDArray
    relation: NDArray
    first_group: NDArray


class _Flow(NamedTuple):
    """One flow: its table, entries of layer 2, background entries, and layers from L down to 3."""

    table: SignatureTable
    first: NDArray
    code: NDArray
    count: NDArray
    background: tuple[NDArray, NDArray, NDArray]
    levels: tuple[_Level, ...]


def pair_flows(
    network: AugmentedNetwork, tables: SignatureTables, pairs: Tensor, layers: int, has_bias: bool
) -> PairFlows:
    """Return the flows of a batch.

    Args:
        network: that messages flow in.
        tables: of its drugs, for as many layers.
        pairs: head drug and tail drug, [B, 2].
        layers: L.
        has_bias: whether states have a bias, so that unreached entities count.
    """
    ends = np.concatenate([pairs.numpy(), pairs.numpy()[:, ::-1]])
    flows = [_flow(network, tables.of(s), t, layers, has_bias) for s, t in ends.tolist()]
    classes = [one.table.num_classes for one in flows]
    hops = [_hop([one.levels[place] for one in flows], len(pairs)) for place in reversed(range(layers - 2))]
    middle = _middle(flows, np.array(classes), network.ids.count, len(pairs), has_bias)
    return PairFlows(pairs, _layer_1(flows, np.array(classes), len(pairs)), middle, tuple(hops))


def _flow(network: AugmentedNetwork, table: SignatureTable, target: int, layers: int, has_bias: bool) -> _Flow:
    rows, levels = np.array([target]), []
    for layer in range(layers, 2, -1):
        kept = table.rows if layer == 3 and not has_bias else None
        level, rows = _level(network, rows, kept)
        levels.append(level)
    place = np.searchsorted(table.rows, rows)
    place[place == len(table.rows)] = 0  # an unreached row behind all others; found to be another below
    is_reached = table.rows[place] == rows
    low, high = (np.where(is_reached, table.first[place + shift], 0) for shift in (0, 1))
    entry, _ = ranges(low, high)
    return _Flow(table, _running(high - low), table.code[entry], table.count[entry],
                 _background(network, rows) if has_bias else _NOTHING, tuple(levels))  # fmt: skip


_NOTHING = (np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _level(network: AugmentedNetwork, targets: NDArray, kept: NDArray | None) -> tuple[_Level, NDArray]:
    """Return the in-edges of some entities, and the rows that they leave.

    Args:
        network: that messages flow in.
        targets: entities, in order.
        kept: ordered entities that may be rows; all if None.
    """
    incoming = network.incoming
    edge, owner = ranges(incoming.first[targets], incoming.first[targets + 1])
    if kept is not None:
        place = np.searchsorted(kept, incoming.other[edge])
        place[place == len(kept)] = 0
        is_kept = kept[place] == incoming.other[edge]
        edge, owner = edge[is_kept], owner[is_kept]
    rows, row = np.unique(incoming.other[edge], return_inverse=True)
    group = owner * network.ids.count + incoming.relation[edge]
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    first_group = np.searchsorted(begins, _running(np.bincount(owner, minlength=len(targets))))
    first, relation = np.append(begins, len(edge)), incoming.relation[edge[begins]]
    return _Level(first, row, incoming.weight[edge], relation, first_group), rows


def _background(network: AugmentedNetwork, rows: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Return first, id and number of the in-edges of each row."""
    counts = network.incoming_counts
    low, high = counts.first[rows], counts.first[rows + 1]
    entry, _ = ranges(low, high)
    return _running(high - low), counts.relation[entry], counts.weight[entry]


def _layer_1(flows: Sequence[_Flow], classes: NDArray, num_pairs: int) -> Classes:
    flow = np.repeat(np.arange(len(flows)), classes)
    tables = [one.table for one in flows]
    relation, weight = (np.concatenate([one[place] for one in tables]) for place in (1, 2))
    owner = np.repeat(np.arange(len(flows)), [len(one.edge_relation) for one in tables])
    edges = _entries([one.first_edge for one in tables], np.arange(len(relation)), weight, len(relation))
    return Classes(_tensor(flow), edges, _tensor(relation), _tensor(owner % num_pairs))


def _middle(flows: Sequence[_Flow], classes: NDArray, num_ids: int, num_pairs: int, has_bias: bool) -> Middle:
    """Number the messages that occur, and put the sums of all flows together."""
    space, first_class = _running(classes * num_ids), _running(classes)
    key = np.concatenate([one.code + start for one, start in zip(flows, space, strict=False)])
    occurring, column = _numbered(key, space[-1])
    flow = np.searchsorted(space, occurring, side="right") - 1
    relation, source = np.divmod(occurring - space[flow], classes[flow])
    source, pair = _tensor(source + first_class[flow]), flow % num_pairs
    count = np.concatenate([one.count for one in flows])
    reached = _entries([one.first for one in flows], column, count, len(occurring))
    if not has_bias:
        return Middle(_tensor(relation), _tensor(pair), source, reached)
    every = np.append(relation, np.tile(np.arange(num_ids), num_pairs))
    pair = np.append(pair, np.repeat(np.arange(num_pairs), num_ids))
    return Middle(_tensor(every), _tensor(pair), source, _beside(reached, _all_backgrounds(flows, num_ids, num_pairs)))


def _all_backgrounds(flows: Sequence[_Flow], num_ids: int, num_pairs: int) -> Entries:
    """Return the background of the rows of all flows; each pair has K messages."""
    first, relation, count = zip(*(one.background for one in flows), strict=True)
    pair = np.repeat(np.arange(len(flows)) % num_pairs, list(map(len, relation)))
    return _entries(first, pair * num_ids + np.concatenate(relation), np.concatenate(count), num_ids * num_pairs)


def _beside(left: Entries, right: Entries) -> Entries:
    """Return a matrix with the columns of one and, behind them, those of another."""
    sizes, more = left.first.diff().numpy(), right.first.diff().numpy()
    row = np.append(np.repeat(np.arange(len(sizes)), sizes), np.repeat(np.arange(len(more)), more))
    order = _tensor(np.argsort(row, kind="stable"))
    column = torch.cat([left.column, right.column + left.num_columns])[order]
    weight = torch.cat([left.weight, right.weight])[order]
    return Entries(left.first + right.first, column, weight, left.num_columns + right.num_columns)


def _hop(levels: Sequence[_Level], num_pairs: int) -> Hop:
    rows = np.array([1 + one.row.max(initial=-1) for one in levels])
    row = np.concatenate([one.row + start for one, start in zip(levels, _running(rows), strict=False)])
    weight = np.concatenate([one.weight for one in levels])
    groups = [len(one.relation) for one in levels]
    pair = np.repeat(np.arange(len(levels)) % num_pairs, groups)
    num_groups = sum(groups)
    return Hop(
        _entries([one.first for one in levels], row, weight, int(rows.sum())),
        _tensor(np.concatenate([one.relation for one in levels])),
        _tensor(pair),
        _entries([one.first_group for one in levels], np.arange(num_groups), np.ones(num_groups), num_groups),
    )


def _entries(first: Sequence[NDArray], column: NDArray, weight: NDArray, num_columns: int) -> Entries:
    """Put the rows of all flows one below the other; columns are numbered through already."""
    bounds = _running(np.concatenate([np.diff(one) for one in first]))
    return Entries(_tensor(bounds), _tensor(column), _weights(weight), num_columns)


def _numbered(key: NDArray, bound: int) -> tuple[NDArray, NDArray]:
    """Return the distinct keys in order, and the number of each key among them; linear in keys and bound."""
    is_there = np.zeros(bound, bool)
    is_there[key] = True
    number = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), number[key]


def _running(sizes: NDArray) -> NDArray:
    return np.append(0, np.cumsum(sizes))


def _tensor(array: NDArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.int64))


def _weights(array: NDArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))
