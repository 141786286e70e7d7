"""Was it the shared noise? A few-shot run of PAR that draws masks and batch statistics as the authors' program does.

Data, episodes, initial weights, rate and evaluations are those of `few_shot.property_prediction` (section 4, Table 5).
"""

from __future__ import annotations

from parsimony.data.molecule_sets import load_molecules
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot.continuation import TRAINING, go_on, keep_end
from parsimony.experiments.few_shot.models import Method
from parsimony.experiments.few_shot.property_prediction import Work, report, split_properties, train, watched
from parsimony.experiments.few_shot.relation_example import relation_example
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.methods.par_apart import PARApart
from parsimony.records import Outcome, Specification


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run.

    Raises:
        ValueError: if another model than PAR, or a choice among candidates is asked.
    """
    settings, journal = FewShotRun(**specification.settings), Journal(checkpoint, progress)
    if settings.model != "par" or settings.held_out:
        raise ValueError(
            f"model {settings.model!r} with {settings.held_out} held-out properties given; this task trains 'par' "
            "and chooses nothing."
        )
    data = load_molecules(specification.dataset).to(device)
    work = Work(data, Method(PARApart, show=relation_example), specification.seed, journal)
    split = split_properties(data, settings)
    go_on(specification, checkpoint, journal, settings.iterations)
    training, curve = train(work, split.train, settings, TRAINING, "meta-training", watched(work, split, settings))
    if settings.is_short:
        keep_end(specification, checkpoint, journal)
    return report(work, split, settings, training, curve, [])
