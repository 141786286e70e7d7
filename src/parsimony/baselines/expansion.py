"""Which edges leave some entities, which of them a batch must not see, and where equal codes meet.

Shapes: P entities, M edges that leave them, E edges of the graph, B queries, C ends of each.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from parsimony.data.fact_graph import FactGraph


def ranges(first: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Unroll P ranges of integers.

    Args:
        first: where each range begins, [P].
        count: how long it is, [P].

    Returns:
        For each of the M integers the range that it belongs to, and the integer itself, [M] each.
    """
    owner = torch.arange(len(first), device=first.device).repeat_interleave(count)
    offset = torch.arange(len(owner), device=first.device) - (count.cumsum(0) - count)[owner]
    return owner, first[owner] + offset


def leaving(graph: FactGraph, entities: Tensor) -> tuple[Tensor, Tensor]:
    """Find the edges that leave entities [P]; return for each its place in `entities` and the edge, [M] each."""
    first = graph.first[entities]
    return ranges(first, graph.first[entities + 1] - first)


def joining(graph: FactGraph, queries: Tensor, ends: Tensor, *, has_any_relation: bool = False) -> Tensor:
    """Tell which edges join the head of a query with one of its ends, in both directions.

    Args:
        graph: E edges.
        queries: head and relation, [B, 2].
        ends: answers, or answers and negatives, [B, C].
        has_any_relation: whether edges of other relations count as well.

    Returns:
        True for edges (head, relation, end) and (end, inverse relation, head), [E].
    """
    heads, relations = queries.T
    found = torch.zeros(graph.num_edges, dtype=torch.bool, device=graph.tail.device)
    row, edge = leaving(graph, heads)
    is_asked = (graph.relation[edge] == relations[row]) | has_any_relation
    found[edge[is_asked & (graph.tail[edge].unsqueeze(1) == ends[row]).any(1)]] = True
    row, edge = leaving(graph, ends.flatten())
    row = row // ends.shape[1]
    is_asked = (graph.relation[edge] == inverse_of(relations, graph)[row]) | has_any_relation
    found[edge[is_asked & (graph.tail[edge] == heads[row])]] = True
    return found


def known_answers(graph: FactGraph, queries: Tensor) -> tuple[Tensor, Tensor]:
    """Find the answers that the graph gives to queries [B, 2]; return row and entity, in two lists of equal length."""
    row, edge = leaving(graph, queries[:, 0])
    is_asked = graph.relation[edge] == queries[row, 1]
    return row[is_asked], graph.tail[edge[is_asked]]


def inverse_of(relation: Tensor, graph: FactGraph) -> Tensor:
    """Return the relation that leads back: r + R of r, and r of r + R."""
    return (relation + graph.num_relations) % (2 * graph.num_relations)


def distinct(code: Tensor, bound: int) -> tuple[Tensor, Tensor]:
    """Find the distinct codes without sorting; a flag for each possible code is cheaper than a sort.

    Args:
        code: integers from 0 to bound - 1, [M].
        bound: how many codes there can be.

    Returns:
        The distinct codes in rising order, [P], and the place of each given code among them, [M].
    """
    is_there = torch.zeros(bound, dtype=torch.bool, device=code.device)
    is_there[code] = True
    values = is_there.nonzero().squeeze(1)
    place = torch.empty(bound, dtype=torch.long, device=code.device)  # read only where it is written
    place[values] = torch.arange(len(values), device=code.device)
    return values, place[code]


def require_evaluation(model: nn.Module) -> None:
    """Refuse to rank with dropout or noise on.

    Raises:
        ValueError: if the model is in training mode.
    """
    if model.training:
        raise ValueError(f"{type(model).__name__} is in training mode; call eval() before asking for scores.")
