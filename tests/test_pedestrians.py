"""Pedestrians: raw files, smoothing, the protocol against loops and by hand, trials, counts and speeds of the files."""

import math
import os

import numpy as np
import pytest
import torch

from parsimony.data import pedestrians
from parsimony.data.cards import card
from parsimony.data.crowd import walk
from parsimony.data.pedestrian_tracks import (
    RECORDINGS,
    Recording,
    Tracks,
    gaussian,
    load_tracks,
    read_rows,
    smooth_tracks,
    smoothed,
)
from parsimony.data.pedestrians import (
    DATASETS,
    HALF_SECTION,
    LEAST_DISTANCE,
    fold_of,
    load_pedestrians,
    load_trials,
    snapshots,
    trials,
)
from parsimony.data.raw_text import Raw
from parsimony.data.registry import DataError

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
ASKED = Recording("pedestrians/julich/small.txt", 2, 4.0, 1, 100.0, (0, 1, 2, 3), 5, 1)


def raw(*lines: str) -> Raw:
    return Raw("small.txt", "\r\n".join(lines).encode())


def tracks_of(people: dict[int, tuple[int, list[float], list[float]]], seconds: float = 20.0) -> Tracks:
    """Put people who walk steadily into frames, four a second: first frame, first place, velocity."""
    frames = round(seconds * ASKED.frame_rate)
    present = torch.zeros(len(people), frames, dtype=torch.bool)
    position = torch.zeros(len(people), frames, 2, dtype=torch.float64)
    velocity = torch.zeros_like(position)
    for person, (first, place, speed) in people.items():
        present[person, first:] = True
        time = torch.arange(frames - first).double().unsqueeze(1) / ASKED.frame_rate
        position[person, first:] = torch.tensor(place) + time * torch.tensor(speed)
        velocity[person, first:] = torch.tensor(speed).double()
    return Tracks("steady", ASKED.frame_rate, ASKED.along, present, position, velocity)


def restless(seed: int = 0, people: int = 9) -> Tracks:
    """People who wander through a corridor of 20 m, come and go at any frame."""
    generator = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        first, many = generator.integers(0, 40), generator.integers(20, 60)
        way = np.cumsum(generator.normal([0.0, 0.35], 0.05, (many, 2)), axis=0) + generator.normal([0, -9], [1, 1])
        rows.append(np.column_stack([np.full(many, person), first + np.arange(many), way]))
    return smooth_tracks("restless", ASKED, np.concatenate(rows))


# Files


def test_rows_are_read_in_metres_and_in_order() -> None:
    """Comments are left out, people and frames sorted, centimetres become metres."""
    rows = read_rows(raw("# id frame x y z", "2 7 100 200 170", "1 8 -50 0 170", "1 7 0 50 170"), ASKED)
    assert [[1, 7, 0, 0.5], [1, 8, -0.5, 0], [2, 7, 1, 2]] == rows.tolist()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("# head", "1 7 0 0 0", "1 8 0 0"), r"small.txt, line 3: '1 8 0 0' found; expected 5 finite numbers"),
        (("1 7 0 0 0", "1 8 0 zero 0"), r"line 2: '1 8 0 zero 0' found"),
        (("1 7 0 nan 0",), r"line 1: '1 7 0 nan 0' found"),
        (("1 7 0 0", "1 8 0 0"), r"line 1: '1 7 0 0' found; expected 5"),
        (("1 7 0 0 0", "1 7 1 0 0"), r"small.txt: person 1 is twice in frame 7"),
        (("# nothing",), r"small.txt holds no positions"),
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_malformed_files_are_named_with_their_line(lines: tuple[str, ...], message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        read_rows(raw(*lines), ASKED)


def test_an_unknown_name_is_refused() -> None:
    """The message names the known ones."""
    with pytest.raises(DataError, match=r"recording 'uo-055' given; known are uo-050, uo-060"):
        load_tracks("uo-055")
    with pytest.raises(DataError, match=r"pedestrians 'corridor' given; known are corridor-uni, corridor-bi"):
        load_pedestrians("corridor", 2.0)


# Smoothing


def test_smoothing_agrees_with_a_loop() -> None:
    """Each place is the weighted mean over a path that its point reflections continue."""
    path = np.random.default_rng(0).normal(size=(30, 2)).cumsum(0)
    deviation = 2.0

    def place(frame: int) -> np.ndarray:
        if frame < 0:
            return 2 * path[0] - path[-frame]
        return path[frame] if frame < 30 else 2 * path[29] - path[58 - frame]

    weight = {k: math.exp(-0.5 * (k / deviation) ** 2) for k in range(-8, 9)}
    expected = [sum(w * place(t + k) for k, w in weight.items()) / sum(weight.values()) for t in range(30)]
    assert np.allclose(expected, smoothed(path, gaussian(deviation)))


def test_steady_walking_stays_steady() -> None:
    """Smoothing changes neither place nor velocity of someone who walks straight on, up to the ends."""
    rows = np.column_stack([np.ones(9), np.arange(9), 0.1 * np.arange(9), -0.3 * np.arange(9)])
    tracks = smooth_tracks("steady", ASKED, rows)
    assert np.allclose(rows[:, 2:], tracks.position[0].numpy())
    assert np.allclose([0.4, -1.2], tracks.velocity[0].numpy())
    assert math.isclose(math.hypot(0.4, 1.2), tracks.mean_speed)


def test_swaying_is_damped_as_a_gaussian_damps_it() -> None:
    """A sway of angular frequency w keeps exp(-(w sigma)^2 / 2) of its width."""
    time, omega = np.arange(400) / 16, 2 * math.pi / 3
    kept = smoothed(np.stack([np.sin(omega * time)] * 2, axis=1), gaussian(0.5 * 16))[150:250]
    assert np.allclose(math.exp(-0.5 * (omega * 0.5) ** 2) * np.sin(omega * time[150:250]), kept[:, 0], atol=1e-3)


def test_a_frame_left_out_is_interpolated() -> None:
    """Someone who is not annotated for a frame walks straight on."""
    rows = np.array([[1, 0, 0, 0], [1, 1, 1, 0], [1, 3, 3, 0], [1, 4, 4, 0]], float)
    tracks = smooth_tracks("gap", ASKED, rows)
    assert tracks.present.all()
    assert np.allclose(np.arange(5), tracks.position[0, :, 0].numpy())


def test_someone_seen_once_has_no_speed() -> None:
    """A track of one frame is kept, at rest."""
    tracks = smooth_tracks("once", ASKED, np.array([[1, 0, 2, 3], [2, 0, 0, 0], [2, 1, 0, 1]], float))
    assert [[2.0, 3.0], [0.0, 0.0]] == [tracks.position[0, 0].tolist(), tracks.velocity[0, 0].tolist()]
    assert 4.0 == tracks.mean_speed


# Protocol


def test_snapshots_agree_with_loops() -> None:
    """Who is there, who counts and how they accelerate, person by person and second by second."""
    tracks, horizon = restless(), 2.0
    found = snapshots(tracks, horizon)
    place = tracks.position[..., 1][tracks.present]
    middle = float(place.min() + place.max()) / 2
    expected = {}
    for row, frame in enumerate(range(0, tracks.present.shape[1] - 8, 4)):
        for person in range(len(tracks.present)):
            if not tracks.present[person, frame]:
                continue
            seen = tracks.present[person].nonzero().flatten().tolist()
            goal, here = tracks.position[person, seen[-1]], tracks.position[person, frame]
            is_counted = frame + 8 <= seen[-1] and abs(float(here[1]) - middle) <= HALF_SECTION
            is_counted &= float((goal - here).norm()) >= LEAST_DISTANCE
            change = (tracks.velocity[person, frame + 8] - tracks.velocity[person, frame]) / horizon
            expected[row, tuple(here.tolist())] = (is_counted, change.tolist() if is_counted else [0.0, 0.0])
    rows, columns = found.crowd.present.nonzero(as_tuple=True)
    got = {
        (row, tuple(found.crowd.position[row, column].tolist())): (
            bool(found.counted[row, column]),
            pytest.approx(found.target[row, column].tolist()),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    }
    assert expected == got
    assert 10 < found.counted.sum() < len(expected)


def test_one_person_by_hand() -> None:
    """1 m/s along the corridor, seen for 20 s from y = -5 to 14.75: counts at y = 1 to 8, 14.75 lies ahead."""
    found = snapshots(tracks_of({0: (0, [0.0, -5.0], [0.0, 1.0])}), 2.0)
    assert list(range(1, 9)) == found.crowd.position[found.counted][:, 1].tolist()
    assert 0 == found.target.abs().max()
    assert torch.equal(torch.tensor([0.0, 1.0]).double(), found.crowd.direction[0, 0])
    assert [1.0] == found.crowd.desired_speed[0].tolist()


def test_a_horizon_shorter_than_a_frame_is_refused() -> None:
    """The message names the shortest one."""
    with pytest.raises(ValueError, match=r"0.1 s asked of steady; give at least a frame, 0.25 s"):
        snapshots(tracks_of({0: (0, [0.0, 0.0], [0.0, 1.0])}), 0.1)


def test_every_fourth_person_is_a_test_person() -> None:
    """People are counted through the recordings; the folds share all of them out."""
    people = {number: (0, [0.0, float(number)], [0.0, 1.0]) for number in range(6)}
    assert [3, 2, 1, 0, 3, 2] == fold_of(tracks_of(people)).tolist()
    assert [1, 0, 3, 2, 1, 0] == fold_of(tracks_of(people), before=6).tolist()


# Trials


def test_trials_hold_the_tracks() -> None:
    """The walker stands first and is the only free one; truth and others are the recorded tracks."""
    tracks = restless(1)
    found = trials(tracks, 2.0, torch.ones(len(tracks.present), dtype=torch.bool))
    assert (found.recorded.is_free.sum(1) == 1).all() and found.recorded.is_free[:, 0].all()
    assert found.recorded.present[:, :, 0].all() and found.start.present[:, 0].all()
    assert torch.equal(found.start.position, found.recorded.position[0])
    assert torch.equal(found.truth, found.recorded.position[:, :, 0])
    everyone = {tuple(place) for place in tracks.position[tracks.present].tolist()}
    seen = {tuple(place) for place in found.recorded.position[found.recorded.present].tolist()}
    assert everyone >= seen
    for trial in range(found.truth.shape[1]):
        (start,) = [
            frame
            for frame in range(tracks.present.shape[1])
            if (tracks.position[:, frame] == found.truth[0, trial]).all(1).any()
        ]
        assert tracks.present[:, start : start + 9].any(1).sum() == found.recorded.present[:, trial].any(0).sum()


def test_steady_walkers_are_where_they_were() -> None:
    """Without acceleration, people who walk steadily end where the recording has them."""
    tracks = tracks_of({0: (0, [0.0, -5.0], [0.0, 1.0]), 1: (8, [1.0, 9.0], [0.0, -1.0])})
    found = trials(tracks, 3.0, torch.tensor([True, False]))
    walked = walk(found.start, lambda crowd: torch.zeros_like(crowd.velocity), found.seconds, 12, found.recorded)
    assert torch.allclose(found.truth, walked[:, :, 0])
    assert [[0.0, -1.0]] == found.truth[0].tolist()  # both are seen from -8.75 to 14.75, so 3 is the middle


def test_a_walk_that_nobody_makes_is_refused() -> None:
    """Longer than any track."""
    with pytest.raises(ValueError, match=r"a walk of 30.0 s asked of steady; no test person is seen so long"):
        trials(tracks_of({0: (0, [0.0, 0.0], [0.0, 1.0])}), 30.0, torch.tensor([True]))


# The files


def test_data_sets_are_their_cards() -> None:
    """Each recording is read by one data set, and the cards list the files."""
    names = [name for recordings in DATASETS.values() for name in recordings]
    assert sorted(RECORDINGS) == sorted(names)
    for dataset, recordings in DATASETS.items():
        assert card(dataset).files == tuple(RECORDINGS[name].file for name in recordings)
        assert card(dataset).counts["people"] == sum(RECORDINGS[name].people for name in recordings)


@needs_mirror
@pytest.mark.parametrize(
    ("name", "speed"),
    [("uo-050", 1.43), ("uo-180", 0.98), ("bo-050", 1.42), ("bo-160", 0.77), ("eth", 1.39), ("unicorr-500", 1.49)],
)
def test_recordings_have_the_speeds_of_the_sheet(name: str, speed: float) -> None:
    """Metres, seconds and frames are right; the people are counted when a recording is loaded."""
    tracks = load_tracks(name)
    assert 0.02 > abs(tracks.mean_speed - speed)
    assert 3.0 > tracks.velocity.norm(dim=-1).max() or name == "eth"


@needs_mirror
def test_real_snapshots_and_trials() -> None:
    """Training and test people share snapshots but no target; both walk through the same corridor."""
    train, test = load_pedestrians("corridor-uni", 2.0)
    assert ("vx", "vy", "ex", "ey", "v0") == train.node_names
    share = test.counted.sum() / (train.counted.sum() + test.counted.sum())
    assert 0.03 > abs(float(share) - 0.25)
    assert 0.1 > float(train.target[train.counted].mean(0).abs().max())
    assert 3.0 > train.edge[train.adjacency][:, 2].max()
    assert [True] * 3 == [one.truth.shape[1] > 10 for one in load_trials("corridor-uni", 4.8)]


@needs_mirror
def test_a_recording_with_other_people_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found and expected number of people stand in the message."""
    wrong = {**RECORDINGS, "uo-050": RECORDINGS["uo-050"].__class__(**{**vars(RECORDINGS["uo-050"]), "people": 62})}
    monkeypatch.setattr("parsimony.data.pedestrian_tracks.RECORDINGS", wrong)
    with pytest.raises(DataError, match=r"uo-050-180-180.txt holds 61 people, expected 62; fetch it again"):
        pedestrians.load_tracks("uo-050")
