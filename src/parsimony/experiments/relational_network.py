"""Link prediction with a network over the whole graph: CompGCN or Interstellar (Table 2).

Choose among a few candidates on validation triples if asked, train the chosen one, rank the test triples once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from parsimony.evaluation.ranking import summarise_ranks
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fitting import Task
from parsimony.experiments.journal import Journal
from parsimony.experiments.network_objectives import OBJECTIVES
from parsimony.experiments.network_training import NetworkTraining, Objective, fit_network, rank, seed_epoch
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification


@dataclass(frozen=True, kw_only=True)
class RelationalNetwork:
    """What a run of this task needs.

    Attributes:
        network: keyword arguments of the method's objective.
        training: settings of the final training.
        candidates: changes {"network": ..., "training": ...} of which the best on validation triples is taken; with
            none, everything stays as it is.
        candidate_epochs: epochs of a candidate.
    """

    network: Mapping[str, Any] = field(default_factory=dict)
    training: NetworkTraining = field(default_factory=NetworkTraining)
    candidates: Sequence[Mapping[str, Mapping[str, Any]]] = ()
    candidate_epochs: int = 20

    def __post_init__(self) -> None:
        if isinstance(self.training, dict):
            object.__setattr__(self, "training", NetworkTraining(**self.training))
        for change in self.candidates:
            if unknown := set(change) - {"network", "training"}:
                raise ValueError(f"candidate changes {sorted(unknown)}; expected 'network' and 'training' only.")

    def changed(self, change: Mapping[str, Mapping[str, Any]]) -> RelationalNetwork:
        """Return these settings with the changes of a candidate."""
        network, training = ({**change.get(name, {})} for name in ("network", "training"))
        return replace(self, network={**self.network, **network}, training=replace(self.training, **training))


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation triples."""
    settings = RelationalNetwork(**specification.settings)
    task = Task.open(specification.dataset, specification.seed, device)
    journal = Journal(checkpoint, progress)
    trials = try_candidates(task, specification.method, settings, journal)
    if trials:
        settings = settings.changed(max(trials, key=lambda trial: trial["valid MRR"])["settings"])
    objective = make_objective(task, specification.method, settings)
    found = fit_network(task, objective, settings.training, journal, "final training")
    objective.network.load_state_dict(found.state)
    ranks = rank(task, objective, task.graph.test)
    half = len(ranks) // 2
    return Outcome(
        metrics={**summarise_ranks(ranks), "valid MRR": found.valid_mrr},
        measurements={
            "ranks": {"tail": ranks[:half].tolist(), "head": ranks[half:].tolist()},
            "curve": found.curve,
            "epoch": found.epoch,
            "chosen": {"network": dict(settings.network), **asdict(settings.training)},
            "tuning": trials,
        },
        parameters=sum(one.numel() for one in objective.network.parameters()),
    )


def make_objective(task: Task, method: str, settings: RelationalNetwork) -> Objective:
    """Make the network of a method with parameters drawn from the run's seed."""
    seed_epoch(task.seed, 0)
    return OBJECTIVES[method](task, settings.training, **settings.network)


def try_candidates(task: Task, method: str, settings: RelationalNetwork, journal: Journal) -> list[dict[str, Any]]:
    """Train every candidate for a few epochs.

    Returns:
        The trials in order, {"settings": the changes, "valid MRR": fraction}.
    """
    trials: list[dict[str, Any]] = journal.get("trials", [])
    for change in settings.candidates[len(trials) :]:
        one = settings.changed(change)
        training = replace(one.training, epochs=settings.candidate_epochs)
        note = f"candidate {len(trials) + 1} of {len(settings.candidates)}"
        found = fit_network(task, make_objective(task, method, one), training, journal, note)
        trials = [*trials, {"settings": dict(change), "valid MRR": found.valid_mrr}]
        journal.put("trials", trials)
    return trials
