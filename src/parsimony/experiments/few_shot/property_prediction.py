"""Few-shot molecular property prediction: meta-train one method, then test it on properties it never saw (Table 5).

Choose among a few candidates on validation properties if asked, train the chosen one for a fixed number of
meta-iterations, and measure the meta-testing properties at its end. These are measured along the way too, so that a
page can show what picking the best evaluation, as the authors' code does, would have given; no choice reads that.
Validation properties are taken from the meta-training properties.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch

from parsimony.data.episodes import PropertyTask, property_tasks
from parsimony.data.molecule_sets import load_molecules
from parsimony.data.molecules import MoleculeSet
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.few_shot.continuation import TRAINING, TRIALS, go_on, keep_end
from parsimony.experiments.few_shot.meta_testing import (
    Exam,
    context,
    draw_exam,
    mean_areas,
    measure_property,
    molecules_of,
)
from parsimony.experiments.few_shot.meta_training import MetaTraining
from parsimony.experiments.few_shot.models import FewShotModel, Method, method_of
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification

TRIAL, TESTED = "trial", "tested"  # keys of the journal, beside those that a longer run goes on from


class Split(NamedTuple):
    """Properties to learn from, to choose on and to test on, and the names of those with too few molecules."""

    train: Sequence[PropertyTask]
    valid: Sequence[PropertyTask]
    test: Sequence[PropertyTask]
    left_out: list[str]

    @property
    def all_train(self) -> Split:
        """The same with the validation properties among those to learn from."""
        return self._replace(train=[*self.train, *self.valid], valid=[])


@dataclass(frozen=True)
class Work:
    """What all trainings of a run share."""

    data: MoleculeSet
    method: Method
    seed: int
    journal: Journal

    def make(self, settings: FewShotRun) -> FewShotModel:
        """Build the model; the same options give the same initial weights."""
        model = self.method.make(torch.Generator().manual_seed(self.seed), **settings.options)
        return model.to(self.data.labels.device)

    def exam(self, tasks: Sequence[PropertyTask], settings: FewShotRun, draws: int, queries: int) -> Exam:
        """Draw test episodes of some properties."""
        return draw_exam(tasks, self.data, shots=settings.shots, draws=draws, queries=queries, seed=self.seed)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run."""
    settings = FewShotRun(**specification.settings)
    method, journal = method_of(settings.model), Journal(checkpoint, progress)
    data = load_molecules(specification.dataset).to(device)
    work, split = Work(data, method, specification.seed, journal), split_properties(data, settings)
    go_on(specification, checkpoint, journal, settings.iterations)
    trials = try_candidates(work, split, settings)
    if trials:
        best = max(trials, key=lambda trial: trial["validation ROC-AUC"])
        settings, split = settings.changed(best["settings"]), split.all_train
    training, curve = train(work, split.train, settings, TRAINING, "meta-training", watched(work, split, settings))
    if settings.is_short:
        keep_end(specification, checkpoint, journal)
    return report(work, split, settings, training, curve, trials)


def split_properties(data: MoleculeSet, settings: FewShotRun) -> Split:
    """Part the properties of a data set; those with too few molecules for the episodes are left out.

    Raises:
        ValueError: if no property is left to learn from or to test on.
    """
    tasks = {name: property_tasks(data, getattr(data, f"{name}_properties")) for name in ("train", "test")}
    fit = {name: [one for one in some if has_enough(one, settings)] for name, some in tasks.items()}
    left_out = [one.name for some in tasks.values() for one in some if not has_enough(one, settings)]
    if len(fit["train"]) <= settings.held_out or not fit["test"]:
        raise ValueError(
            f"{settings.held_out} properties to hold out, {settings.shots} shots and {settings.queries} queries asked "
            f"of {data.name}, which has {len(fit['train'])} meta-training and {len(fit['test'])} meta-testing "
            "properties with enough molecules; ask for less."
        )
    border = len(fit["train"]) - settings.held_out
    return Split(fit["train"][:border], fit["train"][border:], fit["test"], left_out)


def has_enough(task: PropertyTask, settings: FewShotRun) -> bool:
    """Tell whether a property has the support set, a query of each class beside it, and the queries of an episode."""
    sizes = len(task.inactive), len(task.active)
    queries = 2 if settings.is_balanced else settings.queries
    return min(sizes) > settings.shots and sum(sizes) >= 2 * settings.shots + queries


def try_candidates(work: Work, split: Split, settings: FewShotRun) -> list[dict[str, Any]]:
    """Train every candidate for some meta-iterations without the validation properties, and measure it on these.

    Returns:
        The trials in order, {"settings": the changes, "validation ROC-AUC": fraction}.
    """
    trials: list[dict[str, Any]] = work.journal.get(TRIALS, [])
    length = settings.candidate_iterations
    for change in settings.candidates[len(trials) :]:
        one = replace(settings.changed(change), candidates=(), iterations=length, evaluate_every=length)
        note = f"candidate {len(trials) + 1} of {len(settings.candidates)}"
        training, _ = train(work, split.train, one, TRIAL, note)
        trials = [*trials, {"settings": dict(change), "validation ROC-AUC": validate(work, split, one, training)}]
        work.journal.forget(TRIAL)
        work.journal.put(TRIALS, trials)
    return trials


def validate(work: Work, split: Split, settings: FewShotRun, training: MetaTraining) -> float:
    """Return the mean area on the validation properties."""
    exam = work.exam(split.valid, settings, settings.draws, settings.curve_queries)
    return mean_areas(work.method, training.model, work.data, [exam], work.seed)[0]


def watched(work: Work, split: Split, settings: FewShotRun) -> list[Exam]:
    """Return what is measured along the way: test properties, and validation properties or those learnt from."""
    return [
        work.exam(tasks, settings, settings.curve_draws, settings.curve_queries)
        for tasks in (split.test, split.valid or split.train)
    ]


def train(
    work: Work, tasks: Sequence[PropertyTask], settings: FewShotRun, key: str, note: str, exams: Sequence[Exam] = ()
) -> tuple[MetaTraining, list[list[float]]]:
    """Train one model to the end.

    Args:
        work: data, method, seed and journal.
        tasks: properties to learn from.
        settings: how long and how fast.
        key: under which the journal keeps where it is.
        note: shown beside the progress bar.
        exams: what is measured along the way, and steers nothing.

    Returns:
        The training at its end, and the curve: iteration, mean loss since the row before, mean area of each exam.
    """
    training, curve = MetaTraining(work.make(settings), work.data, tasks, settings, work.seed), []
    if saved := work.journal.get(key):
        training.load_state_dict(saved["training"])
        curve = saved["curve"]
    while training.iteration < settings.iterations:
        training.step()
        if training.iteration % settings.evaluate_every == 0:
            areas = mean_areas(work.method, training.model, work.data, exams, work.seed) if exams else []
            curve = [*curve, [training.iteration, training.take_loss(), *areas]]
        work.journal.put(key, {"training": training.state_dict(), "curve": curve}, at_once=False)
        work.journal.progress.update(training.iteration, settings.iterations, note)
    return training, curve


def measure(work: Work, exam: Exam, model: FewShotModel) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Measure the test properties one by one; also show one episode if the method has something to show.

    Returns:
        Areas and depths by property; what is shown, by name.
    """
    scorer = work.method.scorer(model, work.data, molecules_of([exam]))
    done: dict[str, dict[str, Any]] = work.journal.get(TESTED, {})
    for name, episodes in exam.items():
        if name not in done:
            done = {**done, name: measure_property(scorer, episodes, work.seed)._asdict()}
            work.journal.put(TESTED, done, at_once=False)
            work.journal.progress.update(len(done), len(exam), "meta-testing")
    first = next(iter(exam.values()))[0]
    shown = work.method.show(scorer, work.data, first, context(work.seed, 0)) if work.method.show else {}
    return done, {"example": shown} if shown else {}


def report(
    work: Work, split: Split, settings: FewShotRun, training: MetaTraining, curve: list[list[float]], trials: list
) -> Outcome:
    """Test the trained model, and gather what the record keeps."""
    exam = work.exam(split.test, settings, settings.draws, settings.test_queries)
    tested, example = measure(work, exam, training.model)
    depths = {name: one["depths"] for name, one in tested.items() if one["depths"]}
    return Outcome(
        metrics={
            "ROC-AUC": statistics.fmean(statistics.fmean(one["areas"]) for one in tested.values()),
            "best-evaluation ROC-AUC": max(row[2] for row in curve),
            **validation(work, split, settings, training, trials),
        },
        measurements={
            "properties": {name: one["areas"] for name, one in tested.items()},
            "curve": curve,
            "iterations": settings.iterations,
            "schedule": settings.schedule,
            "shots": settings.shots,
            "adaptive parameters": training.model.adaptive_parameters,
            "seconds per iteration": training.seconds / training.iteration,
            "left out": split.left_out,
            "tuning": trials,
            **({"depths": depths} if depths else {}),
            **example,
        },
        parameters=sum(one.numel() for one in training.model.parameters()),
    )


def validation(
    work: Work, split: Split, settings: FewShotRun, training: MetaTraining, trials: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """Return the area on validation properties, of the best trial or of this training; nothing if none are held out."""
    if trials:
        return {"validation ROC-AUC": max(trial["validation ROC-AUC"] for trial in trials)}
    return {"validation ROC-AUC": validate(work, split, settings, training)} if split.valid else {}
