"""Find a law of recorded pedestrians and hold it against people who were not used (Figure 9).

Folds stand for seeds: in fold k every fourth person, counted from the k-th, is a test person. Laws are fitted to mean
accelerations over 2 s, and once more to those over 1 s. With the former people walk: each test person alone by the
law, among everyone else's recorded tracks. Methods:

    constant-velocity, social-force     no law; the social force model by least squares
    gsr, variants printed and closing   the formulas of the paper, by least squares
    gsr                                 our own search, chosen on the people of the next fold, constants on both
    black-box                           the network of a full block
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from parsimony.data.pedestrians import load_pedestrians, load_three_parts
from parsimony.evaluation.motion import explained_variance
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.graph_laws.walking import walks
from parsimony.experiments.graph_laws.walking_laws import WALKERS, Walker, cut
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification


@dataclass(frozen=True, kw_only=True)
class PedestrianLaw:
    """What a run of this task needs.

    Attributes:
        horizons: over how many seconds accelerations are averaged; the first one is that of the walks.
        duration: of a walk, in seconds.
        kept: walks whose tracks a record keeps.
        options: settings of the method: `form` of a formula, `search` and `formulas` of GSR, `training` of a network.
    """

    horizons: Sequence[float] = (2.0, 1.0)
    duration: float = 4.8
    kept: int = 8
    options: Mapping[str, Any] = field(default_factory=dict)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Carry out one run, on one thread of the processor: matrices are small, and sums the same everywhere."""
    torch.set_num_threads(1)
    settings, journal = PedestrianLaw(**specification.settings), Journal(checkpoint, progress)
    dataset, fold = specification.dataset, specification.seed
    first, *others = settings.horizons
    learn = WALKERS[specification.method]
    walker = learn(load_three_parts(dataset, first, fold), settings.options, fold, journal)
    metrics = {"R2": measure(walker, dataset, first, fold)}
    for horizon in others:
        again = walker.refitted(load_pedestrians(dataset, horizon, fold).train, fold)
        metrics[f"R2 {horizon:g} s"] = measure(again, dataset, horizon, fold)
    walked, kept = walks(walker, dataset, settings.duration, fold, settings.kept)
    means = {name: sum(values) / len(values) for name, values in walked.items()}
    return Outcome(
        metrics={**metrics, **means},
        measurements={**walker.measurements, "walks": walked, "tracks": kept, "duration": settings.duration},
        parameters=walker.parameters,
    )


@torch.no_grad()
def measure(walker: Walker, dataset: str, horizon: float, fold: int) -> float:
    """Return R^2 of the accelerations of test people."""
    test = load_pedestrians(dataset, horizon, fold).test
    found = cut(walker.acceleration(test))[test.counted]
    return explained_variance(found, test.target[test.counted])
