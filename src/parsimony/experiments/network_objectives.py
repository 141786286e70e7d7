"""What the networks of the baselines are trained on.

CompGCN learns from distinct queries with all their answers (binary cross-entropy, smoothed targets), Interstellar
from every step of its paths (softmax). Both score every entity.

Departures from the authors. CompGCN: the bias of every entity starts where a random entity answers as often as in
training, not at 0, from where WN18RR needs epochs to learn that most entities are wrong.
Interstellar: no weight decay, since their loss is summed over a matrix of N x N by mistake, which under Adam divides
the decay by N (4e-6 / 6144 on WN18RR).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parsimony.baselines.compgcn import COMPOSITIONS, DECODERS, NORMS, CompGCN
from parsimony.baselines.interstellar import Interstellar, sample_paths
from parsimony.data.knowledge_graph import with_inverses
from parsimony.evaluation.ranking import FilterIndex
from parsimony.experiments.fitting import Task
from parsimony.experiments.network_training import NetworkTraining, Objective
from parsimony.nn.entity_loss import MultiHotLoss, SoftmaxLoss


class QueryObjective:
    """CompGCN on distinct queries of both directions.

    Args:
        task: graph and device.
        training: width of the last layer, and precision.
        hidden: widths of the input tables and of every layer but the last.
        composition: a key of `COMPOSITIONS`.
        decoder: a key of `DECODERS`.
        decoder_options: keyword arguments of the decoder.
        norm: a key of `NORMS`.
        network: keyword arguments of the network.
    """

    def __init__(
        self,
        task: Task,
        training: NetworkTraining,
        *,
        hidden: Sequence[int],
        composition: str,
        decoder: str,
        decoder_options: Mapping[str, Any] | None = None,
        norm: str = "published",
        **network: Any,
    ) -> None:
        entities, relations = len(task.graph.entities), len(task.graph.relations)
        questions = with_inverses(task.graph.train, relations)
        self.items = torch.unique(questions[:, :2], dim=0)
        share = len(questions) / (len(self.items) * entities)  # of entities that answer a query
        make = _named(DECODERS, decoder, "decoder")
        self.network = CompGCN(
            task.graph.train.to(task.device), entities, relations, (*hidden, training.dimension),
            _named(COMPOSITIONS, composition, "composition"), make(training.dimension, **(decoder_options or {})),
            norm=_named(NORMS, norm, "norm"), bias=math.log(share / (1 - share)), **network,
        ).to(task.device)  # fmt: skip
        self._index = FilterIndex.of(questions, 2 * relations)
        self._loss = MultiHotLoss(precision=getattr(torch, training.precision))
        self._device = task.device

    def loss(self, batch: Tensor) -> Tensor:
        """Compare the scores of queries [B, 2] with all their training answers."""
        row, answer = (one.to(self._device) for one in self._index.known(batch))
        return self._loss(*self.network(batch.to(self._device), self.network.encode()), row, answer)

    def finish_step(self) -> None:
        """Leave the parameters as they are."""

    def scorer(self) -> Callable[[Tensor], Tensor]:
        """Convolve once and decode many queries."""
        encoded = self.network.encode()
        return lambda queries: product(*self.network(queries.to(self._device), encoded))


class PathObjective:
    """Interstellar on paths that are drawn once.

    Args:
        task: graph, seed of the paths, and device.
        training: width and precision.
        network: keyword arguments of the network.
    """

    def __init__(self, task: Task, training: NetworkTraining, **network: Any) -> None:
        relations = len(task.graph.relations)
        size = (len(task.graph.entities), relations, training.dimension)
        self.network = Interstellar(*size, **network).to(task.device)
        self.items = sample_paths(with_inverses(task.graph.train, relations), torch.Generator().manual_seed(task.seed))
        self._loss = SoftmaxLoss(getattr(torch, training.precision))
        self._device = task.device

    def loss(self, batch: Tensor) -> Tensor:
        """Compare each step of paths [B, 7] with the entity it leads to."""
        paths = batch.to(self._device)
        q, table = self.network(paths)
        return self._loss(q, table, torch.arange(len(q), device=q.device), paths[:, 2::2].T.flatten())

    def finish_step(self) -> None:
        """Bring entities back into the unit ball."""
        self.network.project()

    def scorer(self) -> Callable[[Tensor], Tensor]:
        """Take queries as paths of one step."""
        return lambda queries: product(*self.network(queries.to(self._device)))


def product(q: Tensor, table: Tensor) -> Tensor:
    """Return the scores [B, n] of query vectors [B, d] and candidates [n, d]."""
    return q @ table.T


OBJECTIVES: Mapping[str, Callable[..., Objective]] = {"compgcn": QueryObjective, "interstellar": PathObjective}


def _named(options: Mapping[str, Any], name: str, kind: str) -> Any:
    if name not in options:
        raise ValueError(f"{kind} {name!r} given; choose one of {', '.join(options)}.")
    return options[name]
