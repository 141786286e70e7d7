"""Train a network on whatever its objective says, and keep the epoch with the best validation MRR.

Every epoch draws from a seed of its own, made of the run's seed and the epoch's number: the state of a stopped run
is its tables and Adam's, and it goes on bit for bit. Batches are of nearly equal size, so that none is too small for
the batch norms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from parsimony.data.knowledge_graph import with_inverses
from parsimony.evaluation.ranking import filtered_ranks, summarise_ranks
from parsimony.experiments.fitting import Task
from parsimony.experiments.journal import Journal

SEEDS_OF_A_RUN = 100_000  # more than any run has epochs


@dataclass(frozen=True, kw_only=True)
class NetworkTraining:
    """How a network is trained.

    Attributes:
        dimension: width of the vectors that are compared with entities.
        epochs: passes over the training items, at most.
        batch_size: items of a step: distinct queries, or paths.
        learning_rate: of Adam, in the first epoch.
        decay: factor of the learning rate after each epoch.
        evaluate_every: epochs between two evaluations on validation triples.
        patience: evaluations without a better one that end the training.
        precision: type of the logits, "float32" or "bfloat16".
    """

    dimension: int = 200
    epochs: int = 500
    batch_size: int = 128
    learning_rate: float = 0.001
    decay: float = 1.0
    evaluate_every: int = 5
    patience: int = 10
    precision: str = "float32"

    def __post_init__(self) -> None:
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision {self.precision!r} given; choose 'float32' or 'bfloat16'.")
        for name in ("dimension", "epochs", "batch_size", "learning_rate", "decay", "evaluate_every", "patience"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")


class Objective(Protocol):
    """A network and what it is trained on.

    Attributes:
        network: whose parameters are trained.
        items: what is shuffled and cut into batches, [N, .].
    """

    network: nn.Module
    items: Tensor

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean loss of some items."""

    def finish_step(self) -> None:
        """Do what the method does after every step."""

    def scorer(self) -> Callable[[Tensor], Tensor]:
        """Return the function from queries [B, 2] to scores [B, n] under the present parameters."""


@dataclass(frozen=True)
class NetworkFit:
    """The best epoch of a training on validation triples, the way there, and the parameters of that epoch."""

    valid_mrr: float
    epoch: int
    curve: list[list[float]]  # epoch, mean loss of its batches, validation MRR
    state: dict[str, Tensor]


def fit_network(task: Task, objective: Objective, training: NetworkTraining, journal: Journal, note: str) -> NetworkFit:
    """Train one network; return its best epoch, chosen on validation triples.

    Args:
        task: graph, filter and seed.
        objective: the network and its loss.
        training: how long and how fast.
        journal: where a stopped training goes on; the key "fit" belongs to this function.
        note: shown beside the progress bar.
    """
    optimiser = torch.optim.Adam(objective.network.parameters(), training.learning_rate)
    epoch, best = 0, NetworkFit(-1.0, 0, [], {})
    if saved := journal.get("fit"):
        objective.network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        epoch, best = saved["epoch"], NetworkFit(**saved["best"])
    while epoch < training.epochs and not _is_stale(best.curve, training.patience):
        epoch += 1
        loss = _run_epoch(objective, optimiser, training, task.seed, epoch)
        if epoch % training.evaluate_every == 0 or epoch == training.epochs:
            best = _evaluate(task, objective, best, epoch, loss)
        journal.progress.update(epoch, training.epochs, note)
        state = {"network": objective.network.state_dict(), "optimiser": optimiser.state_dict()}
        journal.put("fit", {**state, "epoch": epoch, "best": vars(best)}, at_once=False)
    journal.forget("fit")
    return best


def _run_epoch(
    objective: Objective, optimiser: torch.optim.Optimizer, training: NetworkTraining, seed: int, epoch: int
) -> float:
    """Pass once over the shuffled items; return the mean loss of the batches."""
    seed_epoch(seed, epoch)
    objective.network.train()
    for group in optimiser.param_groups:
        group["lr"] = training.learning_rate * training.decay ** (epoch - 1)
    order = torch.randperm(len(objective.items))
    losses = []
    for rows in order.tensor_split(math.ceil(len(order) / training.batch_size)):
        optimiser.zero_grad(set_to_none=True)
        loss = objective.loss(objective.items[rows])
        loss.backward()
        optimiser.step()
        objective.finish_step()
        losses.append(loss.item())
    mean = sum(losses) / len(losses)
    if not math.isfinite(mean):
        raise ValueError(f"the loss is {mean} in epoch {epoch}; lower the learning rate.")
    return mean


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed everything random of an epoch; epoch 0 is the making of the network."""
    torch.manual_seed(seed * SEEDS_OF_A_RUN + epoch)


def _evaluate(task: Task, objective: Objective, best: NetworkFit, epoch: int, loss: float) -> NetworkFit:
    """Add a point to the curve, and keep the parameters if they are better than before."""
    mrr = summarise_ranks(rank(task, objective, task.graph.valid))["MRR"]
    curve = [*best.curve, [float(epoch), loss, mrr]]
    if mrr <= best.valid_mrr:
        return NetworkFit(best.valid_mrr, best.epoch, curve, best.state)
    return NetworkFit(mrr, epoch, curve, {name: one.clone() for name, one in objective.network.state_dict().items()})


def _is_stale(curve: Sequence[Sequence[float]], patience: int) -> bool:
    """Tell whether the last evaluations, as many as `patience`, brought nothing better."""
    mrr = [point[2] for point in curve]
    return len(mrr) > patience and max(mrr[-patience:]) <= max(mrr[:-patience])


@torch.no_grad()
def rank(task: Task, objective: Objective, triples: Tensor) -> Tensor:
    """Return filtered ranks of both directions, tails first, [2 N]."""
    objective.network.eval()
    return filtered_ranks(objective.scorer(), with_inverses(triples, len(task.graph.relations)), task.index)
