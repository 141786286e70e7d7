"""Meta-testing: the area under the ROC curve of each property, over several draws of its support set.

The episodes of a property depend on the run's seed, its name and the number of the draw only. Where queries are
bounded, as many active as inactive ones are kept: the area does not depend on their ratio, and no rare class is lost.
Those kept are the first of an order drawn once for the whole data set, so that properties share molecules.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from parsimony.data.episodes import Episode, PropertyTask, draw_test_episodes
from parsimony.data.molecules import MoleculeSet
from parsimony.evaluation.classification import roc_auc
from parsimony.experiments.few_shot.models import Method
from parsimony.experiments.few_shot.scoring import Scorer

Exam = Mapping[str, Sequence[Episode]]  # episodes of each property by its name


class Measured(NamedTuple):
    """Areas of the draws of a property; how many queries of the first draw chose each depth, if the method has any."""

    areas: list[float]
    depths: list[int] | None


def draw_exam(
    tasks: Iterable[PropertyTask], data: MoleculeSet, *, shots: int, draws: int, queries: int, seed: int
) -> Exam:
    """Draw the test episodes of some properties.

    Args:
        tasks: the properties.
        data: the molecules.
        shots: K.
        draws: support sets of each property.
        queries: of an episode at most, half of each class; 0 takes all.
        seed: of the run.
    """
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))
    return {
        one.name: [bounded(episode, queries, order) for episode in draw_test_episodes(one, shots, draws, seed)]
        for one in tasks
    }


def bounded(episode: Episode, queries: int, order: Tensor) -> Episode:
    """Keep at most half of so many queries of each class, those that come first in the order of all molecules [M]."""
    if not queries:
        return episode
    place = order[episode.query]
    kept = [
        own[place[own].argsort()[: max(1, queries // 2)]]
        for own in ((episode.query_label == label).nonzero().flatten() for label in range(2))
    ]
    chosen = torch.cat(kept).sort().values
    return episode._replace(query=episode.query[chosen], query_label=episode.query_label[chosen])


def molecules_of(exams: Iterable[Exam]) -> Tensor:
    """Return the molecules of some exams; one may stand there more than once."""
    episodes = [one for exam in exams for draws in exam.values() for one in draws]
    return torch.cat([torch.cat([one.support, one.query]) for one in episodes])


def context(seed: int, draw: int) -> torch.Generator:
    """Return the generator of what a method draws when it scores an episode."""
    return torch.Generator().manual_seed(1000 * seed + draw)


def measure_property(scorer: Scorer, episodes: Sequence[Episode], seed: int) -> Measured:
    """Score all draws of a property.

    Raises:
        ValueError: if a score is not finite.
    """
    scored = [scorer(one, context(seed, draw)) for draw, one in enumerate(episodes)]
    areas = [roc_auc(found.score, one.query_label) for found, one in zip(scored, episodes, strict=True)]
    return Measured(areas, scored[0].depths)


def mean_areas(method: Method, model: Any, data: MoleculeSet, exams: Sequence[Exam], seed: int) -> list[float]:
    """Return the mean area of each exam, over properties and draws."""
    scorer = method.scorer(model, data, molecules_of(exams))
    return [
        statistics.fmean(statistics.fmean(measure_property(scorer, episodes, seed).areas) for episodes in exam.values())
        for exam in exams
    ]
