"""Fit bilinear structures to a graph, keep the best epoch on validation triples, and rank the test triples.

A fit can be stopped at any moment: its `Journal` lies in the run's checkpoint, so that a second start loses at
most the epoch in progress and ends in the same numbers, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from parsimony.data.knowledge_graph import KnowledgeGraph, load_knowledge_graph, with_inverses
from parsimony.evaluation.ranking import FilterIndex, filtered_ranks, summarise_ranks
from parsimony.experiments.bilinear_training import BilinearTraining, TrainingSettings
from parsimony.experiments.journal import Journal


@dataclass(frozen=True)
class Task:
    """A graph with its filter, the seed of everything trained on it, and the device."""

    graph: KnowledgeGraph
    index: FilterIndex
    seed: int
    device: str = "cpu"

    @classmethod
    def open(cls, dataset: str, seed: int, device: str = "cpu") -> Task:
        """Load a graph and file its known answers."""
        graph = load_knowledge_graph(dataset)
        relations = len(graph.relations)
        index = FilterIndex.of(with_inverses(graph.all_triples(), relations), 2 * relations)
        return cls(graph, index, seed, device)

    def rank(self, training: BilinearTraining, structure: int, triples: Tensor) -> Tensor:
        """Return filtered ranks of both directions, tails first, [2 N]."""
        asked = with_inverses(triples, len(self.graph.relations))
        return filtered_ranks(lambda queries: training.score(structure, queries.to(self.device)), asked, self.index)


@dataclass(frozen=True)
class Fit:
    """One fitted structure: its best epoch on validation triples, the way there, and the embeddings of that epoch."""

    valid_mrr: float
    epoch: int
    curve: list[list[float]]  # epoch, mean loss per triple, validation MRR
    tables: dict[str, Tensor]


def fit(
    task: Task,
    structures: Sequence[Sequence[int]],
    settings: TrainingSettings | Sequence[TrainingSettings],
    journal: Journal,
    note: str = "",
) -> list[Fit]:
    """Train structures side by side; return the best epoch of each, chosen on validation triples.

    Args:
        task: graph, filter and seed.
        structures: S structures of 16 entries.
        settings: of all, or one for each.
        journal: where a stopped fit goes on; the key "fit" belongs to this function.
        note: shown beside the progress bar.

    Returns:
        S fits in the order of the structures.
    """
    training = BilinearTraining(task.graph, structures, settings, task.seed, task.device)
    fits: list[Fit | None] = [None] * len(structures)
    curves: list[list[list[float]]] = [[] for _ in structures]
    if saved := journal.get("fit"):
        training.load_state_dict(saved["training"])
        fits, curves = [Fit(**one) if one else None for one in saved["fits"]], saved["curves"]
    one = training.settings
    while training.epoch < one.epochs:
        loss = training.run_epoch()
        if not loss.isfinite().all():
            raise ValueError(f"the loss is {loss.tolist()} in epoch {training.epoch}; lower the learning rate.")
        if training.epoch % one.evaluate_every == 0 or training.epoch == one.epochs:
            _evaluate(task, training, loss, fits, curves)
        journal.progress.update(training.epoch, one.epochs, note)
        state = {"training": training.state_dict(), "fits": [vars(f) if f else None for f in fits], "curves": curves}
        journal.put("fit", state, at_once=False)
    journal.forget("fit")
    return [best for best in fits if best is not None]


def _evaluate(
    task: Task, training: BilinearTraining, loss: Tensor, fits: list[Fit | None], curves: list[list[list[float]]]
) -> None:
    """Add one point to each curve and keep the embeddings of each structure that improved."""
    for s in range(len(fits)):
        mrr = summarise_ranks(task.rank(training, s, task.graph.valid))["MRR"]
        curves[s].append([float(training.epoch), float(loss[s]), mrr])
        best = fits[s]
        improved = best is None or mrr > best.valid_mrr
        tables = {name: table[s].clone() for name, table in training.tables().items()} if improved else best.tables
        epoch = training.epoch if improved else best.epoch
        fits[s] = Fit(mrr if improved else best.valid_mrr, epoch, curves[s], tables)


def test_ranks(task: Task, structure: Sequence[int], settings: TrainingSettings, tables: dict[str, Tensor]) -> Tensor:
    """Return the filtered ranks of the test triples, both directions, under given embeddings, [2 N]."""
    training = BilinearTraining(task.graph, [structure], settings, task.seed, task.device)
    training.entities, training.relations = tables["entities"].unsqueeze(0), tables["relations"].unsqueeze(0)
    return task.rank(training, 0, task.graph.test)
