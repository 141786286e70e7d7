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


@torch.no_grad()
def path_contributions(
    model: EmerGNN, network: AugmentedNetwork, pair: tuple[int, int], kind: int, *, contrast: bool = True
) -> list[Contribution]:
    """Return the paths of both flows that visit no entity twice, the largest contribution first.

    Args:
        model: without a bias, which uses the network.
        network: that messages flow in.
        pair: head and tail.
        kind: type whose logit is asked.
        contrast: whether contributions are those beside the mean of all types.
    """
    summed: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}
    for walks, weight in zip(both_flows(model, network, pair), read_weights(model), strict=True):
        weight = weight - weight.mean(0) if contrast else weight
        values = (walks.states @ weight[kind]).tolist()
        for entities, relations, value in zip(walks.entities.tolist(), walks.relations.tolist(), values, strict=True):
            path = _without_waiting(entities, relations, network.ids.identity)
            if len(set(path[0])) == len(path[0]):
                summed[path] = summed.get(path, 0.0) + value
    found = [Contribution(*path, value) for path, value in summed.items()]
    return sorted(found, key=lambda one: (-one.value, one.entities, one.relations))


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


def _without_waiting(
    entities: list[int], relations: list[int], identity: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    moves = [place for place, relation in enumerate(relations) if relation != identity]
    return (entities[0], *(entities[place + 1] for place in moves)), tuple(relations[place] for place in moves)
