"""Link prediction with one given bilinear structure: tune if asked, train, rank the test triples (Table 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from parsimony.evaluation.ranking import summarise_ranks
from parsimony.experiments.bilinear_training import TrainingSettings
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fitting import Fit, Task, fit, test_ranks
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.experiments.tuning import best_settings, tune
from parsimony.methods.bilinear_structure import Structure
from parsimony.records import Outcome, Specification


@dataclass(frozen=True, kw_only=True)
class LinkPrediction:
    """What a run of this task needs.

    Attributes:
        structure: 16 entries, row by row.
        training: settings of the final training.
        tuning_trials: settings tried on validation triples before it; 0 keeps `training` as it is.
        tuning_epochs: epochs of a trial.
    """

    structure: Sequence[int]
    training: TrainingSettings = field(default_factory=TrainingSettings)
    tuning_trials: int = 0
    tuning_epochs: int = 60

    def __post_init__(self) -> None:
        Structure(tuple(self.structure))
        if isinstance(self.training, dict):
            object.__setattr__(self, "training", TrainingSettings(**self.training))


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run; all that is chosen is chosen on validation triples."""
    settings = LinkPrediction(**specification.settings)
    task = Task.open(specification.dataset, specification.seed, device)
    return finish(task, settings.structure, settings, Journal(checkpoint, progress))


def finish(task: Task, structure: Sequence[int], settings: LinkPrediction, journal: Journal) -> Outcome:
    """Tune and train one structure, then rank the test triples once."""
    base = settings.training
    short = replace(
        base, epochs=settings.tuning_epochs, evaluate_every=min(base.evaluate_every, settings.tuning_epochs)
    )
    trials = tune(task, structure, short, settings.tuning_trials, journal) if settings.tuning_trials else []
    chosen = replace(best_settings(base, trials), epochs=base.epochs, evaluate_every=base.evaluate_every)
    found: Fit = fit(task, [structure], chosen, journal, "final training")[0]
    ranks = test_ranks(task, structure, chosen, found.tables)
    half = len(ranks) // 2
    return Outcome(
        metrics={**summarise_ranks(ranks), "valid MRR": found.valid_mrr},
        measurements={
            "ranks": {"tail": ranks[:half].tolist(), "head": ranks[half:].tolist()},
            "structure": list(structure),
            "curve": found.curve,
            "epoch": found.epoch,
            "chosen": asdict(chosen),
            "tuning": trials,
        },
        parameters=sum(table.numel() for table in found.tables.values()),
    )
