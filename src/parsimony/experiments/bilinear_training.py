"""Train bilinear structures, several side by side (AutoBLM, arXiv 2107.00184; lower level of the search).

    P*(A) = argmin over P = (E, R) of  sum over training triples of  2-way softmax loss + lambda |r|^2

Full softmax over all entities in both directions, no negative sampling, no reciprocal relations, other true
answers not masked. After each step every entity row is projected onto the unit ball; relations are free. Adagrad,
learning rate times `decay` after each epoch, triples shuffled in each epoch, the last short batch kept.

Departures from the authors' code: it adds a [B] to a [B, 1] tensor, so its regulariser weighs lambda / B; here the
clean sum stands and `regulariser` is that effective weight. Structures trained side by side see the same
triples in the same order and start from the same tables, so a structure trains alike alone and in company.

Shapes: S structures, n entities, m relations, d width, B triples of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parsimony.data.knowledge_graph import KnowledgeGraph
from parsimony.nn.bilinear import BilinearQuery, SoftmaxOverEntities, transpose

EPSILON = 1e-10  # of Adagrad


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How one structure is trained.

    Attributes:
        dimension: width d of all embeddings, a multiple of 4.
        epochs: passes over the training triples.
        batch_size: triples of a step.
        learning_rate: of Adagrad, in the first epoch.
        decay: factor of the learning rate after each epoch.
        regulariser: weight of |r|^2 for each triple, lambda divided by the batch size in the authors' terms.
        evaluate_every: epochs between two evaluations on validation triples.
        precision: type of the logits, "float32" or "bfloat16".
    """

    dimension: int = 64
    epochs: int = 100
    batch_size: int = 512
    learning_rate: float = 0.5
    decay: float = 1.0
    regulariser: float = 0.0
    evaluate_every: int = 10
    precision: str = "float32"

    def __post_init__(self) -> None:
        if self.dimension < 4 or self.dimension % 4:
            raise ValueError(f"dimension {self.dimension} given; four equal chunks need a positive multiple of 4.")
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision {self.precision!r} given; choose 'float32' or 'bfloat16'.")
        for name in ("epochs", "batch_size", "evaluate_every", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")


class BilinearTraining:
    """Embeddings of S structures and the Adagrad steps that train them together.

    Args:
        graph: knowledge graph whose training triples are learnt.
        structures: S structures, 16 entries each.
        settings: one for all, or one for each structure (equal but for learning rate, decay and regulariser).
        seed: of the initial tables and of the order of the triples.
        device: where the tables live.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        structures: Sequence[Sequence[int]],
        settings: TrainingSettings | Sequence[TrainingSettings],
        seed: int,
        device: str = "cpu",
    ) -> None:
        each = [settings] * len(structures) if isinstance(settings, TrainingSettings) else list(settings)
        self.settings = each[0]
        self.triples = graph.train.to(device)
        self.num_relations = len(graph.relations)
        self.query = BilinearQuery([way for A in structures for way in (A, transpose(A))], device)
        self.generator = torch.Generator().manual_seed(seed)
        count = len(structures)
        self.entities = self._initial(len(graph.entities)).to(device).repeat(count, 1, 1)
        self.relations = self._initial(self.num_relations).to(device).repeat(count, 1, 1)
        self.squares = [torch.zeros_like(self.entities), torch.zeros_like(self.relations)]
        self.learning_rate = self._column([one.learning_rate for one in each])
        self.decay = self._column([one.decay for one in each])
        self.regulariser = self._column([one.regulariser for one in each])
        self.epoch = 0
        self._softmax = SoftmaxOverEntities(getattr(torch, self.settings.precision))

    def _initial(self, rows: int) -> Tensor:
        """Xavier-uniform table [rows, d], bound sqrt(6 / (rows + d))."""
        bound = (6.0 / (rows + self.settings.dimension)) ** 0.5
        return (torch.rand(rows, self.settings.dimension, generator=self.generator) * 2 - 1) * bound

    def _column(self, values: Sequence[float]) -> Tensor:
        return torch.tensor(values, device=self.entities.device).view(-1, 1, 1)

    def run_epoch(self) -> Tensor:
        """Pass once over the shuffled training triples; return the mean loss per triple, [S]."""
        order = torch.randperm(len(self.triples), generator=self.generator).to(self.triples.device)
        batches = plan_batches(self.triples[order], self.settings.batch_size, self.num_relations)
        total = sum(self.step(batch) for batch in batches)
        self.learning_rate = self.learning_rate * self.decay
        self.epoch += 1
        return total / len(self.triples)

    def step(self, batch: Batch) -> Tensor:
        """Take one Adagrad step; return the summed loss, [S]."""
        count, width = len(self.entities), self.settings.dimension
        known, relation = batch.entity.flatten(), batch.relation.flatten()
        rows = [self.entities[:, known], self.relations[:, relation]]
        q, factors = self.query.forward(*(row.view(2 * count, -1, width) for row in rows))
        result = self._softmax(q.view(count, -1, width), self.entities, batch.row, batch.answer)
        inner = self.query.backward(result.query_gradient.view(2 * count, -1, width), factors)
        entity_gradient = result.entity_gradient.index_add_(1, known, inner[0].view(count, -1, width))
        relation_gradient = self._regulariser_gradient(batch.asked)
        relation_gradient.index_add_(1, relation, inner[1].view(count, -1, width))
        self._adagrad(self.entities, entity_gradient, self.squares[0])
        self._adagrad(self.relations, relation_gradient, self.squares[1])
        self._project()
        return result.loss

    def _regulariser_gradient(self, relation: Tensor) -> Tensor:
        """Gradient of the regulariser: 2 lambda r for each triple of the batch with r, [S, m, d]."""
        count = torch.bincount(relation, minlength=self.num_relations).view(1, -1, 1)
        return self.relations * (2 * self.regulariser) * count

    def _adagrad(self, table: Tensor, gradient: Tensor, squares: Tensor) -> None:
        squares.addcmul_(gradient, gradient)
        table.addcdiv_(gradient.mul_(-self.learning_rate), squares.sqrt().add_(EPSILON))

    def _project(self) -> None:
        """Bring every entity row back into the unit ball."""
        norm = torch.linalg.vector_norm(self.entities, dim=-1, keepdim=True)
        self.entities.div_(norm.clamp_(min=1.0))

    def score(self, structure: int, queries: Tensor) -> Tensor:
        """Score every entity as the answer of queries (known entity, relation or inverse relation).

        Args:
            structure: which of the S structures.
            queries: known entity and relation, [B, 2]; a relation of m or more asks for the head.

        Returns:
            Scores, [B, n].
        """
        is_inverse = queries[:, 1] >= self.num_relations
        known, relation = self.entities[:, queries[:, 0]], self.relations[:, queries[:, 1] % self.num_relations]
        both = [rows[structure].expand(2 * len(self.entities), -1, -1) for rows in (known, relation)]
        q = self.query.forward(*both)[0][2 * structure : 2 * structure + 2]
        return torch.where(is_inverse.unsqueeze(1), q[1], q[0]) @ self.entities[structure].T

    def num_parameters(self) -> int:
        """Trainable scalars of one structure."""
        return self.entities[0].numel() + self.relations[0].numel()

    def tables(self) -> dict[str, Tensor]:
        """Return a copy of the embeddings."""
        return {"entities": self.entities.clone(), "relations": self.relations.clone()}

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed run needs to go on bit for bit."""
        return {
            "entities": self.entities, "relations": self.relations, "squares": list(self.squares),
            "learning_rate": self.learning_rate, "epoch": self.epoch, "generator": self.generator.get_state(),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        device = self.entities.device
        self.entities, self.relations = state["entities"].to(device), state["relations"].to(device)
        self.squares = [square.to(device) for square in state["squares"]]
        self.learning_rate, self.epoch = state["learning_rate"].to(device), int(state["epoch"])
        self.generator.set_state(state["generator"])


class Batch(NamedTuple):
    """The distinct queries of a batch, in both directions, filled up to M each; and what its B triples ask.

    Attributes:
        entity: known entity, [2, M]; first the tail queries, then the head queries.
        relation: relation, [2, M].
        row: query (of the 2 M in one line) of each of the 2 B targets.
        answer: entity that answers, [2 B].
        asked: relation of each triple, [B].
    """

    entity: Tensor
    relation: Tensor
    row: Tensor
    answer: Tensor
    asked: Tensor


def plan_batches(triples: Tensor, batch_size: int, num_relations: int) -> Iterator[Batch]:
    """Cut triples [N, 3] into batches and find the distinct queries of all of them in one sort."""
    number = torch.arange(len(triples), device=triples.device) // batch_size
    bound = int(triples.max()) + 1
    pair = torch.stack([triples[:, 0], triples[:, 2]]) * num_relations + triples[:, 1]  # [2, N]
    side = torch.stack([2 * number, 2 * number + 1])  # batch and direction
    codes, inverse = torch.unique(side * (bound * num_relations) + pair, return_inverse=True)
    group, pair = codes // (bound * num_relations), codes % (bound * num_relations)
    counts = torch.bincount(group)
    starts = [0, *counts.cumsum(0).tolist()]
    for b, part in enumerate(triples.split(batch_size)):
        first, middle, last = starts[2 * b : 2 * b + 3]
        width = max(middle - first, last - middle)
        distinct = pair.new_zeros(2, width)
        distinct[0, : middle - first], distinct[1, : last - middle] = pair[first:middle], pair[middle:last]
        rows = inverse[:, b * batch_size : b * batch_size + len(part)]
        row = torch.cat([rows[0] - first, rows[1] - middle + width])
        answer = torch.cat([part[:, 2], part[:, 0]])
        yield Batch(distinct // num_relations, distinct % num_relations, row, answer, part[:, 1])
