"""Let test people walk by a law among recorded tracks.

Shapes: S walks, N people, T steps.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from parsimony.data.crowd import Crowd, crowd_samples, walk
from parsimony.data.pedestrians import RADIUS, Trials, load_trials
from parsimony.evaluation.motion import displacement_errors
from parsimony.experiments.graph_laws.walking_laws import Walker, cut

SECONDS_BETWEEN = 0.4  # of the points of a track that a record keeps


def walks(walker: Walker, dataset: str, duration: float, fold: int, kept: int) -> tuple[dict, list[dict]]:
    """Walk every trial of a data set.

    Returns:
        ADE and FDE of each walk, in metres; and of the first walks of each recording, `kept` in all, the tracks.
    """
    errors: dict[str, list[float]] = {"ADE": [], "FDE": []}
    tracks: list[dict] = []
    trials = load_trials(dataset, duration, fold)
    for one in trials:
        walked = walk_trials(walker, one)
        for name, values in zip(errors, displacement_errors(walked, one.truth), strict=True):
            errors[name] += values.tolist()
        tracks += kept_tracks(one, walked, -(-kept // len(trials)))
    return errors, tracks


@torch.no_grad()
def walk_trials(walker: Walker, trials: Trials) -> Tensor:
    """Return the positions of the walkers, [T + 1, S, 2]."""
    steps = len(trials.recorded.position) - 1
    return walk(trials.start, accelerations(walker), trials.seconds, steps, trials.recorded)[:, :, 0]


def accelerations(walker: Walker) -> Callable[[Crowd], Tensor]:
    """Return the law as a function of people."""

    def of(crowd: Crowd) -> Tensor:
        asked = crowd.present if crowd.is_asked is None else crowd.present & crowd.is_asked
        samples = crowd_samples("walk", crowd, RADIUS, has_target=asked)
        return cut(walker.acceleration(samples)).to(crowd.position)

    return of


def kept_tracks(trials: Trials, walked: Tensor, count: int) -> list[dict]:
    """Return some tracks as lists of points, in metres: as recorded, and as walked."""
    stride = max(1, round(SECONDS_BETWEEN / trials.seconds))
    chosen = torch.linspace(0, walked.shape[1] - 1, min(count, walked.shape[1])).long().unique().tolist()
    rounded = {"truth": trials.truth[::stride], "walked": walked[::stride]}
    return [
        {"recording": trials.name, **{name: points(part[:, place]) for name, part in rounded.items()}}
        for place in chosen
    ]


def points(track: Tensor) -> list[list[float]]:
    """Return a track in centimetres' precision."""
    return [[round(x, 2) for x in place] for place in track.double().tolist()]
