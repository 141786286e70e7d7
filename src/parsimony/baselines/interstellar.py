"""Interstellar: a searched recurrent cell over relational paths (Zhang, Yao and Chen, arXiv 1911.07132; Table 2).

A path is a chain of triples (s_1, r_1, o_1 = s_2, r_2, o_2 = s_3, ...). At step t the cell reads s_t, r_t and the
state h_{t-1}, with h_0 = s_1:

    o      = a_1(op_1(W_1 s_t, W_2 h_{t-1}))
    h_t    = a_2(op_2(W_3 x,   W_4 r_t))         x and y: s_t, h_{t-1}, o or 0, as the architecture says
    v_t    =     op_3(W_5 y,   W_6 h_t)
    op(x, h) = x + h  |  x * h  |  complex product of half-vectors  |  g * h + (1 - g) * x,  g = sigmoid(V [x; h])

Two entity tables S and O and one relation table. The forward pass reads S[s_t], R[r_t] and is matched with O; the
backward pass is the same cell on O[s_t], R[r_t^-1], matched with S. Score of an entity e as o_t:

    f(e) = v_t . O[e] + v'_t . S[e]

Loss: softmax over all entities at every step. A query (s, r, ?) is a path of one step.

The architecture is 11 integers (module `interstellar_architecture`).

Shapes: B paths, L steps, n entities, m relations (2m with inverses), E edges with inverses, d width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from parsimony.baselines.interstellar_architecture import GATE, checked

BIASED = (2, 4, 6)  # W_2, W_4 and W_6 have a bias
REPEATED = 0.3  # weight of a third edge that also leaves the first entity, against 1 - 0.3
STEPS = 3

Operator = Callable[[Tensor, Tensor], Tensor]
Layer = TypeVar("Layer", nn.Linear, nn.Embedding)


def complex_product(x: Tensor, h: Tensor) -> Tensor:
    """Multiply as complex numbers, real parts in the first half of a row, [B, d]."""
    (a, b), (c, d) = x.chunk(2, 1), h.chunk(2, 1)
    return torch.cat([a * c - b * d, a * d + b * c], 1)


class Gate(nn.Module):
    """g * h + (1 - g) * x with g = sigmoid(V [x; h]).

    Args:
        width: d of both inputs.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.V = xavier(nn.Linear(2 * width, width))

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """Mix two inputs, [B, d] each."""
        g = torch.sigmoid(self.V(torch.cat([x, h], 1)))
        return g * h + (1 - g) * x


class Cell(nn.Module):
    """The recurrent cell of one architecture; only the matrices that it uses exist.

    Args:
        architecture: 11 integers.
        width: d of inputs, state and output.
    """

    def __init__(self, architecture: Sequence[int], width: int) -> None:
        super().__init__()
        code = checked(architecture)
        operators = (code[0], code[1] % 4, code[2] % 4)
        self.gate = Gate(width) if GATE in operators else None  # one gate, shared
        known: tuple[Operator | None, ...] = (torch.add, torch.mul, complex_product, self.gate)
        self.op_1, self.op_2, self.op_3 = (known[operator] for operator in operators)
        self.a_1, self.a_2 = ((nn.Identity(), nn.Tanh(), nn.Sigmoid())[one] for one in code[3:5])
        self.x, self.y = code[1] // 4, code[2] // 4
        self.W = nn.ModuleList(
            xavier(nn.Linear(width, width, bias=i in BIASED)) if learned else nn.Identity()
            for i, learned in enumerate(code[5:], start=1)
        )

    def forward(self, s: Tensor, r: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            s: entity, [B, d].
            r: relation, [B, d].
            h: state of the step before, [B, d].

        Returns:
            Output v_t and state h_t, [B, d] each.
        """
        W_1, W_2, W_3, W_4, W_5, W_6 = self.W
        o = self.a_1(self.op_1(W_1(s), W_2(h)))
        inputs = (s, h, o, torch.zeros_like(s))
        h = self.a_2(self.op_2(W_3(inputs[self.x]), W_4(r)))
        return self.op_3(W_5(inputs[self.y]), W_6(h)), h


class Interstellar(nn.Module):
    """The two passes of a cell over paths, and the tables that they read.

    Args:
        num_entities: n.
        num_relations: m, without inverses.
        width: d, even.
        architecture: 11 integers.
        dropout: on the outputs v_t.
    """

    def __init__(
        self, num_entities: int, num_relations: int, width: int, architecture: Sequence[int], dropout: float = 0.0
    ) -> None:
        super().__init__()
        if width < 2 or width % 2:
            raise ValueError(f"width {width} given; a complex product of half-vectors needs an even width above zero.")
        self.num_relations = num_relations
        self.S, self.O = (xavier(nn.Embedding(num_entities, width)) for _ in range(2))
        self.R = xavier(nn.Embedding(2 * num_relations, width))
        self.cell = Cell(architecture, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, paths: Tensor) -> tuple[Tensor, Tensor]:
        """Run both passes.

        Args:
            paths: s_1, r_1, o_1, r_2, o_2, ... as indices, [B, 2L + 1]; or queries s, r alone, [B, 2].

        Returns:
            Outputs [L B, 2d], step after step, and candidates [n, 2d], with scores f = output . candidate.
        """
        steps = paths.shape[1] // 2
        s, r = paths[:, 0::2].T[:steps], paths[:, 1::2].T
        inverse = (r + self.num_relations) % (2 * self.num_relations)
        outputs = torch.cat([self._run(self.S(s), self.R(r)), self._run(self.O(s), self.R(inverse))], 1)
        return outputs, torch.cat([self.O.weight, self.S.weight], 1)

    def _run(self, s: Tensor, r: Tensor) -> Tensor:
        """Run the cell over entities and relations [L, B, d]; return its outputs, [L B, d]."""
        h, outputs = s[0], []
        for s_t, r_t in zip(s, r, strict=True):
            v_t, h = self.cell(s_t, r_t, h)
            outputs.append(v_t)
        return self.drop(torch.cat(outputs))

    @torch.no_grad()
    def project(self) -> None:
        """Bring the rows of both entity tables back into the unit ball; done after every step of training."""
        for table in (self.S.weight, self.O.weight):
            table.div_(torch.linalg.vector_norm(table, dim=1, keepdim=True).clamp_(min=1.0))


def sample_paths(edges: Tensor, generator: torch.Generator, each: int = 2) -> Tensor:
    """Draw paths of three triples from every edge.

    The second edge is uniform over those that leave o_1. The third is drawn among those that leave o_2, with weight
    0.3 if the same (relation, entity) also leaves s_1, else 0.7: by rejection, which is exact and needs no weights
    of every edge.

    Args:
        edges: triples with their inverses, so that every entity reached can be left again, [E, 3].
        generator: of all draws.
        each: paths that begin with each edge.

    Returns:
        Indices s_1, r_1, o_1, r_2, o_2, r_3, o_3, [each E, 7].
    """
    walk = Walk(edges, generator)
    first = edges.repeat_interleave(each, 0)
    second = walk.leave(first[:, 2])
    third, waiting = torch.empty_like(second), torch.arange(len(first))
    while len(waiting):
        drawn = walk.leave(second[waiting, 1])
        probability = torch.where(walk.exists(first[waiting, 0], drawn), REPEATED / (1 - REPEATED), 1.0)
        taken = torch.rand(len(waiting), generator=generator) < probability
        third[waiting[taken]] = drawn[taken]
        waiting = waiting[~taken]
    return torch.cat([first, second, third], 1)


class Walk:
    """Edges [E, 3] filed by the entity they leave."""

    def __init__(self, edges: Tensor, generator: torch.Generator) -> None:
        self._bounds = edges.amax(0) + 1
        size = max(int(self._bounds[0]), int(self._bounds[2]))
        self._codes = torch.sort(self._code(edges[:, 0], edges[:, 1:])).values
        self._edges = edges[torch.argsort(edges[:, 0], stable=True)]
        self._count = torch.bincount(edges[:, 0], minlength=size)
        self._start = self._count.cumsum(0) - self._count
        self._generator = generator

    def leave(self, entity: Tensor) -> Tensor:
        """Draw one of the edges that leave each entity [B]; return relation and other end, [B, 2]."""
        if not self._count[entity].all():
            raise ValueError("a path ends in an entity that no edge leaves; give the edges with their inverses.")
        uniform = torch.rand(len(entity), generator=self._generator, dtype=torch.float64)
        return self._edges[self._start[entity] + (uniform * self._count[entity]).long(), 1:]

    def exists(self, entity: Tensor, edge: Tensor) -> Tensor:
        """Tell whether (relation, other end) [B, 2] also leaves an entity [B]."""
        code = self._code(entity, edge)
        place = torch.searchsorted(self._codes, code).clamp_(max=len(self._codes) - 1)
        return self._codes[place] == code

    def _code(self, entity: Tensor, edge: Tensor) -> Tensor:
        return (entity * self._bounds[1] + edge[:, 0]) * self._bounds[2] + edge[:, 1]


def xavier(layer: Layer) -> Layer:
    """Draw the weight of a layer or table from the Xavier-uniform distribution."""
    nn.init.xavier_uniform_(layer.weight)
    return layer
