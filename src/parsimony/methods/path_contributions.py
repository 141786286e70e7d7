"""How much each path adds to a logit of EmerGNN, exactly (section 6; no source, our own).

Without a bias, a state is linear in what flows in once it is known which of its numbers are above zero. So the state
that arrives at v is a sum over the walks u = e_0, e_1, ..., e_L = v,

    x_0 = f_u        x_l = [h^l_{e_l} > 0] * W^l (w alpha^l_r R^l_r * x_{l-1})        h^L_v = sum over walks of x_L

and the logit of type c is its bias plus, over the walks of both flows, W_rel[c] x_L. Walks that differ only in where
they wait by identity edges are one path, whose contribution is their sum; a walk that visits an entity twice is no path
and is left out of explanations, not of the sum. A logit matters beside the others, so `contrast` takes from each
contribution what the walk adds to the mean of all types.

Shapes: n walks, L layers, d width, C types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.methods.emergnn import EmerGNN
from parsimony.nn.augmented_network import AugmentedNetwork
from parsimony.nn.index_ranges import ranges


class Walks(NamedTuple):
    """All walks of L edges, identity edges too, from one drug to another.

    Attributes:
        entities: [n, L + 1].
        relations: ids of the edges, [n, L].
        states: what each brings to the end, [n, d].
    """

    entities: Tensor
    relations: Tensor
    states: Tensor


class Contribution(NamedTuple):
    """A path, identity edges left out, and what it adds to a logit."""

    entities: tuple[int, ...]
    relations: tuple[int, ...]
    value: float


class Chain(NamedTuple):
    """All paths with the same relations in the same order.

    Attributes:
        entities: of the path that adds most, the first of equal ones.
        relations: of all its paths.
        value: what that path adds to a logit.
        total: what all its paths add.
        count: how many paths it has.
    """

    entities: tuple[int, ...]
    relations: tuple[int, ...]
    value: float
    total: float
    count: int


@torch.no_grad()
def path_contributions(
    model: EmerGNN,
    network: AugmentedNetwork,
    pair: tuple[int, int],
    kind: int,
    *,
    contrast: bool = True,
) -> list[Contribution]:
    """Return the paths of both flows that visit no entity twice, the largest contribution first.

    Args:
        model: without a bias, which uses the network.
        network: that messages flow in.
        pair: head and tail.
        kind: type whose logit is asked.
        contrast: whether contributions are those beside the mean of all types.
    """
    found = []
    for flow in _merged_flows(model, network, pair, kind, contrast):
        rows = zip(*(field.tolist() for field in flow), strict=True)
        found += [Contribution(*_cut(*ends), value) for *ends, value in rows]
    return sorted(found, key=lambda one: (-one.value, one.entities, one.relations))


@torch.no_grad()
def chain_contributions(model: EmerGNN, network: AugmentedNetwork, pair: tuple[int, int], kind: int) -> list[Chain]:
    """Return what each chain of relations adds to the logit beside the mean of all types, that of the best path first.

    Args:
        model: as for `path_contributions`.
        network: that messages flow in.
        pair: head and tail.
        kind: type whose logit is asked.
    """
    found = []
    for entities, relations, values in _merged_flows(model, network, pair, kind, True):
        number = _numbered(relations)
        order = values.argsort(descending=True, stable=True)
        size = len(number.unique())
        place = torch.arange(len(number))
        best = order[place.new_full((size,), len(number)).scatter_reduce(0, number[order], place, "amin")]
        total = values.new_zeros(size).index_add(0, number, values)
        fields = (entities[best], relations[best], values[best], total, torch.bincount(number, minlength=size))
        rows = zip(*(field.tolist() for field in fields), strict=True)
        found += [Chain(*_cut(*row[:2]), *row[2:]) for row in rows]
    return sorted(found, key=lambda one: (-one.value, one.entities, one.relations))


def _merged_flows(
    model: EmerGNN, network: AugmentedNetwork, pair: tuple[int, int], kind: int, contrast: bool
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the paths of each flow and what they add to a logit."""
    for walks, weight in zip(both_flows(model, network, pair), read_weights(model), strict=True):
        weight = weight - weight.mean(0) if contrast else weight
        yield merged(walks, walks.states @ weight[kind], network.ids.identity)


def merged(walks: Walks, values: Tensor, identity: int) -> tuple[Tensor, Tensor, Tensor]:
    """Add up the values of walks that differ only in where they wait; leave out those that visit an entity twice.

    Args:
        walks: n of them.
        values: of each, [n].
        identity: relation of waiting.

    Returns:
        Entities [m, L + 1] and relations [m, L] of the paths, with -1 behind their ends, and their values, [m].
    """
    order = (walks.relations == identity).long().argsort(dim=1, stable=True)
    waits = walks.relations.gather(1, order) == identity
    after = walks.entities[:, 1:].gather(1, order).masked_fill(waits, -1)
    entities = torch.cat([walks.entities[:, :1], after], dim=1)
    relations = walks.relations.gather(1, order).masked_fill(waits, -1)
    is_path = ~_visits_twice(entities)
    entities, relations, values = entities[is_path], relations[is_path], values[is_path]
    number = _numbered(torch.cat([entities, relations], dim=1))
    size, row = len(number.unique()), torch.arange(len(number))
    first = row.new_full((size,), len(number)).scatter_reduce(0, number, row, "amin")
    return entities[first], relations[first], values.new_zeros(size).index_add(0, number, values)


def _numbered(rows: Tensor) -> Tensor:
    """Number equal rows alike, column by column, so that no number grows beyond rows times the values of a column."""
    number = torch.zeros(len(rows), dtype=torch.long)
    base = 2 + int(rows.max()) if len(rows) else 2
    for column in rows.unbind(1):
        number = (number * base + column + 1).unique(return_inverse=True)[1]
    return number


def _visits_twice(entities: Tensor) -> Tensor:
    """Tell which rows [n, L + 1] name an entity twice, -1 aside, [n]."""
    ordered = entities.sort(dim=1).values
    return ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(1)


def _cut(entities: list[int], relations: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Leave out what stands behind the end of a path."""
    steps = sum(relation >= 0 for relation in relations)
    return tuple(entities[: steps + 1]), tuple(relations[:steps])


@torch.no_grad()
def both_flows(model: EmerGNN, network: AugmentedNetwork, pair: tuple[int, int]) -> tuple[Walks, Walks]:
    """Return the walks from head to tail and those from tail to head.

    Raises:
        ValueError: if the model has a bias, with which a logit is no sum over walks.
    """
    if model.has_bias:
        raise ValueError("the model has a bias of states, so logits are no sums over walks; expected one without.")
    asked = torch.tensor([pair])
    gates = model.gates(asked)[:, 0]
    drugs = model.drug_features(asked[0])
    ends = (pair, pair[::-1])
    return tuple(_walks(model, network, gates, f, *end) for f, end in zip(drugs, ends, strict=True))


def read_weights(model: EmerGNN) -> tuple[Tensor, Tensor]:
    """Return the part of W_rel that reads what arrives at the tail, and that of the head, [C, d] each."""
    to_head, to_tail = model.W_rel.weight.chunk(2 if model.features == "M" else 4, dim=1)[-2:]
    return to_tail, to_head


def _walks(model: EmerGNN, network: AugmentedNetwork, gates: Tensor, f: Tensor, start: int, target: int) -> Walks:
    within = _reaching(network, target, model.num_layers)
    entities, relations = torch.tensor([[start]]), torch.zeros(1, 0, dtype=torch.long)
    states, edges = f.unsqueeze(0), network.outgoing
    for layer, W in enumerate(model.W):
        here = entities[:, -1].numpy()
        edge, walk = ranges(edges.first[here], edges.first[here + 1])
        is_kept = within[model.num_layers - layer - 1][edges.other[edge]]
        edge, walk = edge[is_kept], torch.from_numpy(walk[is_kept])
        after, relation = torch.from_numpy(edges.other[edge]), torch.from_numpy(edges.relation[edge]).long()
        weight = torch.from_numpy(edges.weight[edge]).to(f.dtype) * gates[layer, relation]
        states = (weight.unsqueeze(1) * model.R[layer][relation] * states[walk]) @ W.weight.T
        entities = torch.cat([entities[walk], after.unsqueeze(1)], dim=1)
        relations = torch.cat([relations[walk], relation.unsqueeze(1)], dim=1)
        states = _passed(states, after)
    return Walks(entities, relations, states)


def _passed(states: Tensor, entity: Tensor) -> Tensor:
    """Keep of what walks bring to entities [n] the numbers whose sum over the walks to that entity is above zero."""
    number, place = entity.unique(return_inverse=True)
    whole = states.new_zeros(len(number), states.shape[1]).index_add(0, place, states)
    return states * (whole > 0)[place]


def _reaching(network: AugmentedNetwork, target: int, most: int) -> list[Tensor]:
    """Return from where the target is reached in 0, 1, ... steps, waiting allowed, [N] each."""
    is_here = torch.zeros(network.num_entities, dtype=torch.bool)
    is_here[target] = True
    within = [is_here.numpy()]
    for _ in range(most):
        here = is_here.nonzero().squeeze(1).numpy()
        edge, _ = ranges(network.incoming.first[here], network.incoming.first[here + 1])
        is_here = is_here.clone()
        is_here[torch.from_numpy(network.incoming.other[edge])] = True
        within.append(is_here.numpy())
    return within
