"""A knowledge graph for message passing: its facts and their inverses, grouped by the entity that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from parsimony.data.knowledge_graph import with_inverses


@dataclass(frozen=True, eq=False)
class FactGraph:
    """E edges: each fact (h, r, t) once as it stands and once as (t, r + R, h).

    Attributes:
        num_relations: R, inverses not counted.
        first: where the edges that leave each entity begin, then E, [N + 1].
        relation: of each edge, 0 to 2 R - 1, [E].
        tail: where each edge leads, [E].
    """

    num_relations: int
    first: Tensor
    relation: Tensor
    tail: Tensor

    @classmethod
    def of(cls, triples: Tensor, num_entities: int, num_relations: int) -> FactGraph:
        """Make the graph of some facts.

        Args:
            triples: head, relation, tail of each fact, without inverses, [F, 3].
            num_entities: N.
            num_relations: R.
        """
        head, relation, tail = with_inverses(triples, num_relations).unbind(1)
        order = torch.argsort(head, stable=True)
        ends = torch.bincount(head, minlength=num_entities).cumsum(0)
        return cls(num_relations, torch.cat([ends.new_zeros(1), ends]), relation[order], tail[order])

    @property
    def num_entities(self) -> int:
        """N."""
        return len(self.first) - 1

    @property
    def num_edges(self) -> int:
        """E, inverses counted."""
        return len(self.tail)

    @cached_property
    def head(self) -> Tensor:
        """Which entity each edge leaves, [E]."""
        return torch.arange(self.num_entities, device=self.first.device).repeat_interleave(self.first.diff())

    def to(self, device: str | torch.device) -> FactGraph:
        """Return the graph on a device."""
        return FactGraph(self.num_relations, *(one.to(device) for one in (self.first, self.relation, self.tail)))
