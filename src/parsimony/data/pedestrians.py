"""Pedestrians as samples of a law: what people see at one moment, and how they accelerate over the next seconds.

    target     a_i = (v_i(t + H) - v_i(t)) / H, one frame a second
    who        people within 4 m of the middle of the observed section along the corridor, who are seen for H seconds
               more and whose destination is at least 0.5 m away
    sees       everyone within 3 m, whoever that is
    wish       destination: where the person is seen last; desired speed: 90 % quantile of the own speed
    test set   every fourth person, counted through the recordings of a data set; all others are training people

Shi et al. (ICLR 2023) do not say how they prepared the recordings; this protocol is chosen here. Destination and
desired speed look into the future of the same person, alike for every method. Times are rounded to frames: of ETH and
UCY every other annotation counts, 0.8 s apart.

Trials serve simulated walks: one for each test person, from the first moment at which the person counts and is seen
for the whole walk. Everybody else keeps to the recorded track.
Shapes: P people and F frames of a recording, S snapshots or trials, N people of one, T steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from parsimony.data.cards import require_counts
from parsimony.data.crowd import Crowd, Recorded, crowd_samples
from parsimony.data.graph_samples import GraphSamples
from parsimony.data.pedestrian_tracks import Tracks, load_tracks
from parsimony.data.registry import DataError

DATASETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "corridor-uni": ("uo-050", "uo-100", "uo-145"),
        "corridor-bi": ("bo-090", "bo-120"),
        "corridor-uni-others": ("uo-060", "uo-070", "uo-180", "unicorr-500"),
        "corridor-bi-others": ("bo-050", "bo-075", "bo-160", "bicorr-400"),
        "ETH-UCY": ("eth", "hotel", "zara01", "zara02", "students03"),
    }
)
INTERVAL = 1.0  # seconds between snapshots
RADIUS = 3.0  # metres
HALF_SECTION = 4.0  # metres
LEAST_DISTANCE = 0.5  # metres to the destination
QUANTILE = 0.9
FOLDS = 4


class PedestrianSamples(NamedTuple):
    """The same snapshots twice, with the targets of training and of test people."""

    train: GraphSamples
    test: GraphSamples


class ThreeParts(NamedTuple):
    """The same snapshots three times, with the targets of training people, of the next fold's and of test people."""

    train: GraphSamples
    valid: GraphSamples
    test: GraphSamples


@dataclass(frozen=True, eq=False)
class Trials:
    """Walks of test people of one recording; the walker stands first in each.

    Attributes:
        name: of the recording.
        start: everyone at the first moment, [S, N].
        recorded: everyone's track; only the walker is free, [T + 1, S, N].
        seconds: of one step.
    """

    name: str
    start: Crowd
    recorded: Recorded
    seconds: float

    @property
    def truth(self) -> Tensor:
        """Recorded positions of the walkers, [T + 1, S, 2]."""
        return self.recorded.position[:, :, 0]


def load_pedestrians(dataset: str, horizon: float, fold: int = 0) -> PedestrianSamples:
    """Load the snapshots of a data set.

    Args:
        dataset: one of `DATASETS`.
        horizon: H in seconds.
        fold: 0 to 3; which of four people is the test person.

    Raises:
        DataError: if the name is not known, or a file is missing, damaged or malformed.
        ValueError: if the horizon is shorter than a frame.
    """
    samples, folds = _with_folds(dataset, horizon)
    return PedestrianSamples(*(_counting(samples, part) for part in (folds != fold, folds == fold)))


def load_three_parts(dataset: str, horizon: float, fold: int = 0) -> ThreeParts:
    """Load the snapshots of a data set three times; arguments and errors as `load_pedestrians`."""
    samples, folds = _with_folds(dataset, horizon)
    valid = (fold + 1) % FOLDS
    parts = (folds != fold) & (folds != valid), folds == valid, folds == fold
    return ThreeParts(*(_counting(samples, part) for part in parts))


def _counting(samples: GraphSamples, part: Tensor) -> GraphSamples:
    """Return the snapshots in which some people of a part count."""
    part = samples.counted & part
    return samples.counting(part).take(part.any(1))


def _with_folds(dataset: str, horizon: float) -> tuple[GraphSamples, Tensor]:
    """Return every snapshot of a data set, and the fold of each person, [S, N]."""
    crowds, targets, counted, folds = zip(
        *(snapshots(one, horizon, before) for one, before in _load(dataset)), strict=True
    )
    people = max(crowd.present.shape[1] for crowd in crowds)
    columns = ("position", "velocity", "destination", "present", "desired_speed")
    crowd = Crowd(**{name: _joined([getattr(one, name) for one in crowds], people) for name in columns})
    samples = crowd_samples(dataset, crowd, RADIUS, _joined(targets, people), _joined(counted, people))
    return samples, _joined(folds, people)


def _joined(parts: Sequence[Tensor], people: int) -> Tensor:
    """Put recordings below each other, each filled up to so many people."""
    return torch.cat([functional.pad(one, (0, 0) * (one.dim() - 2) + (0, people - one.shape[1])) for one in parts])


def load_trials(dataset: str, duration: float, fold: int = 0) -> tuple[Trials, ...]:
    """Load the trials of each recording of a data set.

    Args:
        dataset: one of `DATASETS`.
        duration: of a walk, in seconds.
        fold: 0 to 3; which of four people is the test person.

    Raises:
        DataError: as `load_pedestrians`.
        ValueError: if nobody is seen so long.
    """
    return tuple(trials(one, duration, fold_of(one, before) == fold) for one, before in _load(dataset))


def _load(dataset: str) -> list[tuple[Tracks, int]]:
    """Return the tracks of each recording, with the number of people in those before it."""
    if dataset not in DATASETS:
        raise DataError(f"pedestrians {dataset!r} given; known are {', '.join(DATASETS)}.")
    loaded = [load_tracks(name) for name in DATASETS[dataset]]
    people, positions = [len(one.present) for one in loaded], sum(int(one.present.sum()) for one in loaded)
    require_counts(dataset, {"recordings": len(loaded), "people": sum(people), "positions": positions})
    return [(one, sum(people[:number])) for number, one in enumerate(loaded)]


def fold_of(tracks: Tracks, before: int = 0) -> Tensor:
    """Return the fold in which each person is a test person, [P]: in fold 0 the fourth, the eighth, ...

    Args:
        tracks: of a recording.
        before: number of people in the recordings before it, as people are counted through a data set.
    """
    return FOLDS - 1 - (torch.arange(len(tracks.present)) + before) % FOLDS


class Snapshots(NamedTuple):
    """Snapshots of a recording.

    Attributes:
        crowd: everyone, [S, N].
        target: mean acceleration over H, [S, N, 2].
        counted: whose acceleration counts, [S, N].
        fold: of each person, 0 to 3, [S, N].
    """

    crowd: Crowd
    target: Tensor
    counted: Tensor
    fold: Tensor


def snapshots(tracks: Tracks, horizon: float, before: int = 0) -> Snapshots:
    """Return the snapshots of a recording, one frame a second.

    Args:
        tracks: of the recording.
        horizon: H in seconds; rounded to frames.
        before: number of people in the recordings before it.

    Raises:
        ValueError: if the horizon is shorter than a frame.
    """
    ahead = frames_of(horizon, tracks)
    frame = torch.arange(0, tracks.present.shape[1] - ahead, frames_of(INTERVAL, tracks))
    person = _people_first(tracks.present[:, frame].T)
    here, later = frame.unsqueeze(1), frame.unsqueeze(1) + ahead
    crowd = crowd_at(tracks, person, here)
    target = (tracks.velocity[person, later] - crowd.velocity) * (tracks.frame_rate / ahead)
    counted = counts_at(tracks, ahead)[person, here]
    return Snapshots(crowd, target * counted.unsqueeze(-1), counted, fold_of(tracks, before)[person])


def frames_of(seconds: float, tracks: Tracks) -> int:
    """Return how many frames come closest to a time.

    Raises:
        ValueError: if that is none.
    """
    frames = round(seconds * tracks.frame_rate)
    if frames < 1:
        raise ValueError(f"{seconds} s asked of {tracks.name}; give at least a frame, {1 / tracks.frame_rate} s.")
    return frames


def counts_at(tracks: Tracks, ahead: int) -> Tensor:
    """Return who counts in which frame, seen for so many frames more, [P, F]."""
    frame = torch.arange(tracks.present.shape[1])
    is_seen = frame + ahead <= tracks.last_frame.unsqueeze(1)
    distance = (tracks.last_position.unsqueeze(1) - tracks.position).norm(dim=-1)
    return tracks.present & is_seen & (distance >= LEAST_DISTANCE) & _is_inside(tracks)


def _is_inside(tracks: Tracks) -> Tensor:
    """Return who is within 4 m of the middle of the corridor; everyone where there is none, [P, F]."""
    if tracks.along is None:
        return tracks.present
    place = tracks.position[..., tracks.along]
    seen = place[tracks.present]
    return (place - (seen.min() + seen.max()) / 2).abs() <= HALF_SECTION


def _people_first(present: Tensor) -> Tensor:
    """Return who is present, then others to fill up the row, [S, P] to [S, N]."""
    many = int(present.sum(1).max())
    return (~present).int().argsort(dim=1, stable=True)[:, :many]


def crowd_at(tracks: Tracks, person: Tensor, frame: Tensor) -> Crowd:
    """Return people in frames.

    Args:
        tracks: of the recording.
        person: numbers of people, [S, N].
        frame: one for each row, [S, 1].
    """
    return Crowd(
        position=tracks.position[person, frame],
        velocity=tracks.velocity[person, frame],
        destination=tracks.last_position[person],
        present=tracks.present[person, frame],
        desired_speed=tracks.speed_quantile(QUANTILE)[person],
    )


def trials(tracks: Tracks, duration: float, is_test: Tensor) -> Trials:
    """Return one walk for each test person who is seen long enough.

    Args:
        tracks: of the recording.
        duration: of a walk, in seconds; rounded to frames.
        is_test: who is a test person, [P].

    Raises:
        ValueError: if nobody is seen so long.
    """
    steps = frames_of(duration, tracks)
    is_start = counts_at(tracks, steps) & is_test.unsqueeze(1)
    walker = is_start.any(1).nonzero().flatten()
    if not len(walker):
        raise ValueError(f"a walk of {duration} s asked of {tracks.name}; no test person is seen so long.")
    first = is_start[walker].int().argmax(1)
    frame = first + torch.arange(steps + 1).unsqueeze(1)  # [T + 1, S]
    is_other = torch.stack([tracks.present[:, one].any(1) for one in frame.T])
    is_other[torch.arange(len(walker)), walker] = False
    others = _people_first(is_other)
    person = torch.cat([walker.unsqueeze(1), others], dim=1)
    is_walker = (torch.arange(person.shape[1]) == 0).expand(person.shape)
    is_someone = torch.cat([is_walker[:, :1], is_other.gather(1, others)], dim=1)  # others fill the row up
    place = person, frame.unsqueeze(-1)
    present = tracks.present[place] & is_someone
    recorded = Recorded(tracks.position[place], tracks.velocity[place], present, is_walker)
    start = replace(crowd_at(tracks, person, first.unsqueeze(1)), present=present[0])
    return Trials(tracks.name, start, recorded, 1 / tracks.frame_rate)
