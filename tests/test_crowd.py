"""People: what they see, social forces against loops and by hand, rotations and mirrors, walks."""

import math

import pytest
import torch
from torch import Tensor

from parsimony.data.crowd import Crowd, Recorded, crowd_samples, encounters, turned, walk
from parsimony.data.physical_laws import law_generator
from parsimony.data.social_force import (
    DESIRED_SPEED,
    LAWS,
    RADII,
    RELAXATION,
    draw_crowd,
    social_force,
)

NAMES = tuple(LAWS)
by_name = pytest.mark.parametrize("name", NAMES)


def crowd_of(position: list[list[float]], velocity: list[list[float]]) -> Crowd:
    """One snapshot of people who want to go where they go."""
    x, v = (torch.tensor([rows], dtype=torch.float64) for rows in (position, velocity))
    return Crowd(x, v, x + 1000 * v, torch.ones(x.shape[:2], dtype=torch.bool))


def random_crowd(seed: int = 0) -> Crowd:
    drawn = draw_crowd(6, 10, law_generator("test", seed), is_mixed=True)
    return Crowd(drawn.position.double(), drawn.velocity.double(), drawn.destination.double(), drawn.present)


def force_by_loops(name: str, crowd: Crowd) -> Tensor:
    """The laws, person by person, in plain numbers."""
    rows = []
    for s in range(len(crowd.position)):
        x, v = crowd.position[s].tolist(), crowd.velocity[s].tolist()
        goals = crowd.destination[s].tolist()
        mean = [sum(one[k] for one in v) / len(v) for k in (0, 1)]
        for i in range(len(x)):
            away = math.dist(goals[i], x[i])
            wish = [1.34 * (goals[i][k] - x[i][k]) / away for k in (0, 1)] if name != "uni" else mean
            a = [(wish[k] - v[i][k]) / 0.5 for k in (0, 1)]
            for j in range(len(x)):
                r = math.dist(x[i], x[j])
                if i == j or r >= {"sfm": 2.5, "bi": 2.5, "uni": 1.5}[name]:
                    continue
                n = [(x[i][k] - x[j][k]) / r for k in (0, 1)]
                closing = -sum((v[i][k] - v[j][k]) * n[k] for k in (0, 1)) > 0
                side = 0.0 if name == "sfm" else 1.0
                if name == "sfm" or closing:
                    a[0] += math.exp(-r / 0.5) * (4 * n[0] - side * n[1])
                    a[1] += math.exp(-r / 0.5) * (4 * n[1] + side * n[0])
            rows.append(a)
    return torch.tensor(rows, dtype=torch.float64).view_as(crowd.position)


@by_name
def test_forces_agree_with_loops(name: str) -> None:
    """The vectorised law is the plain sum over people."""
    crowd = random_crowd()
    assert torch.allclose(force_by_loops(name, crowd), social_force(name, crowd), atol=1e-9)


def test_two_who_meet_by_hand() -> None:
    """Head on at 1 m: repulsion 4 exp(-2) backwards, dodging exp(-2) to the right of each."""
    meeting = crowd_of([[0, 0], [1, 0]], [[1.34, 0], [-1.34, 0]])
    push, aside = 4 * math.exp(-2), math.exp(-2)
    expected = torch.tensor([[[-push, -aside], [push, aside]]], dtype=torch.float64)
    assert torch.allclose(expected, social_force("bi", meeting), atol=1e-6)
    assert torch.allclose(expected * torch.tensor([1.0, 0.0]), social_force("sfm", meeting), atol=1e-6)


def test_nobody_is_pushed_by_who_walks_away() -> None:
    """The faster one ahead repels nobody in bi, but in sfm."""
    parting = crowd_of([[0, 0], [1, 0]], [[1.0, 0], [1.5, 0]])
    free = (1.34 - torch.tensor([1.0, 1.5], dtype=torch.float64)) / 0.5
    assert torch.allclose(free, social_force("bi", parting)[0, :, 0], atol=1e-6)
    assert torch.allclose(free[:1] - 4 * math.exp(-2), social_force("sfm", parting)[0, :1, 0], atol=1e-6)


def test_a_lone_person_reaches_the_desired_speed() -> None:
    """Without neighbours only the relaxation is left."""
    alone = crowd_of([[0, 0]], [[0.5, 0]])
    assert math.isclose((DESIRED_SPEED - 0.5) / RELAXATION, float(social_force("sfm", alone)[0, 0, 0]), rel_tol=1e-9)


@by_name
def test_turning_the_world_turns_the_forces(name: str) -> None:
    """A rotation of places, velocities and destinations rotates accelerations."""
    crowd, angle = random_crowd(), 0.7
    matrix = torch.tensor(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], dtype=torch.float64
    )
    turned_crowd = Crowd(crowd.position @ matrix, crowd.velocity @ matrix, crowd.destination @ matrix, crowd.present)
    assert torch.allclose(social_force(name, crowd) @ matrix, social_force(name, turned_crowd), atol=1e-9)


def test_a_mirror_shows_who_dodges() -> None:
    """The social force model is the same in a mirror; dodging to the right is not."""
    crowd, mirror = random_crowd(), torch.tensor([1.0, -1.0], dtype=torch.float64)
    mirrored = Crowd(crowd.position * mirror, crowd.velocity * mirror, crowd.destination * mirror, crowd.present)
    assert torch.allclose(social_force("sfm", crowd) * mirror, social_force("sfm", mirrored), atol=1e-9)
    assert not torch.allclose(social_force("bi", crowd) * mirror, social_force("bi", mirrored), atol=1e-3)


def test_what_is_seen_by_hand() -> None:
    """j is 2 m ahead on the left-hand axis and comes nearer at 1 m/s, passing at 0.5 m/s."""
    crowd = crowd_of([[0, 0], [0, 2]], [[0.5, 1.0], [0, 0]])
    seen = encounters(crowd, crowd.neighbours(3.0))[0, 0, 1]
    assert torch.allclose(torch.tensor([0, 2, 2, 0.5, 1.0, 1.0, 0.5, 1.0]).double(), seen)
    assert [[0.0, 1.0]] == turned(torch.tensor([[1.0, 0.0]])).tolist()


def test_normal_and_tangential_speeds_are_the_same_from_both_ends() -> None:
    """Turning normal and relative velocity together changes nothing."""
    crowd = random_crowd()
    seen = encounters(crowd, crowd.neighbours(2.5))[..., 5:]
    assert torch.allclose(seen, seen.transpose(1, 2), atol=1e-12)


def test_snapshots_are_those_of_the_sheet() -> None:
    """Ten people in 6 m x 4 m, nobody closer than 0.5 m; 0.3 to 1.7 m/s within 30 degrees of ahead."""
    crowd = draw_crowd(2000, 10, law_generator("test", 0), is_mixed=False)
    assert math.pi / 6 == pytest.approx(float(torch.atan2(*crowd.direction.flip(-1).unbind(-1)).abs().max()), abs=1e-2)
    distance = torch.cdist(crowd.position, crowd.position) + 9 * torch.eye(10)
    assert 0.4999 <= distance.min() and crowd.position.min() >= 0
    assert [True, True] == (crowd.position.amax((0, 1)) <= torch.tensor([6.0, 4.0])).tolist()
    mean = crowd.velocity.mean(1)
    ahead = math.sin(math.pi / 6) / (math.pi / 6)  # mean cosine of an angle within 30 degrees
    assert 0.03 > abs(float(mean[:, 0].mean()) - ahead) and 0.03 > abs(float(mean[:, 1].mean()))
    askew = (1 - ahead**2) * (1 + 1.4**2 / 12)  # variance of e b over both axes
    expected = math.sqrt(0.9 * (0.6**2 + askew / 2))
    assert expected == pytest.approx(float((crowd.velocity - mean.unsqueeze(1)).std()), abs=0.02)


def test_some_people_are_away_in_uni() -> None:
    """None to four of ten, of whom nothing is known; where a size is asked everybody is there."""
    samples = LAWS["uni"].sample(400, 0)
    assert {6, 7, 8, 9, 10} == set(samples.present.sum(1).tolist())
    assert not samples.target[~samples.present].any() and not samples.node[~samples.present].any()
    assert LAWS["uni"].sample(4, 0, 10).present.all() and LAWS["bi"].sample(4, 0).present.all()


def test_absent_people_count_for_nothing() -> None:
    """A snapshot padded with absent people gives the others the same accelerations."""
    crowd = random_crowd()
    present = crowd.present.clone()
    present[:, 7:] = False
    padded = Crowd(crowd.position, crowd.velocity, crowd.destination, present)
    fewer = Crowd(crowd.position[:, :7], crowd.velocity[:, :7], crowd.destination[:, :7], present[:, :7])
    for name in NAMES:
        assert torch.allclose(social_force(name, fewer), social_force(name, padded)[:, :7], atol=1e-9)
    samples = crowd_samples("padded", padded, RADII["bi"])
    assert not samples.adjacency[:, 7:].any() and 0 == samples.node[:, 7:].abs().max()


def test_desired_speeds_become_a_variable() -> None:
    """If people differ in it, the desired speed stands behind the direction."""
    crowd = random_crowd()
    own = Crowd(crowd.position, crowd.velocity, crowd.destination, crowd.present, torch.full((6, 10), 1.5))
    assert ("vx", "vy", "ex", "ey", "v0") == crowd_samples("own", own, 2.0).node_names
    assert ("vx", "vy", "ex", "ey") == crowd_samples("same", crowd, 2.0).node_names


def test_only_who_is_asked_sees_others() -> None:
    """The acceleration of those who are asked is what it is when everyone is."""
    crowd = random_crowd()
    is_asked = torch.arange(10).expand(6, 10) % 3 == 0
    some = Crowd(crowd.position, crowd.velocity, crowd.destination, crowd.present, is_asked=is_asked)
    assert torch.equal(social_force("bi", crowd)[is_asked], social_force("bi", some)[is_asked])
    assert not some.neighbours(2.5)[~is_asked].any() and some.neighbours(2.5)[is_asked].any()


# Walks


def relaxation(crowd: Crowd) -> Tensor:
    """Acceleration towards 1 m/s within 1 s."""
    return crowd.direction - crowd.velocity


def test_a_walk_follows_its_solution() -> None:
    """v = 1 - exp(-t), x = t - 1 + exp(-t); semi-implicit Euler is as close as its step is short."""
    start = crowd_of([[0, 0]], [[1, 0]])
    start = Crowd(start.position, torch.zeros_like(start.velocity), start.destination, start.present)
    expected = 2 - 1 + math.exp(-2)
    errors = [abs(float(walk(start, relaxation, dt, round(2 / dt))[-1, 0, 0, 0]) - expected) for dt in (0.1, 0.05)]
    assert 0.08 > errors[0] and 0.1 > abs(errors[0] / errors[1] - 2)


def test_the_first_step_by_hand() -> None:
    """The velocity changes first, and moves the person at once."""
    start = crowd_of([[0, 0]], [[2, 0]])
    assert [0.0, 0.5 * (2 - 0.5)] == walk(start, relaxation, 0.5, 1)[:, 0, 0, 0].tolist()


def test_recorded_people_keep_to_their_tracks() -> None:
    """Only who is free walks by the law; someone recorded may leave."""
    start = crowd_of([[0, 0], [0, 1]], [[1, 0], [1, 0]])
    track = torch.arange(4.0, dtype=torch.float64).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    present = torch.ones(4, 1, 2, dtype=torch.bool)
    present[2:, :, 1] = False
    seen: list[list[bool]] = []

    def watched(crowd: Crowd) -> Tensor:
        seen.append(crowd.present[0].tolist())
        return torch.zeros_like(crowd.velocity)

    recorded = Recorded(track, torch.zeros_like(track), present, torch.tensor([[True, False]]))
    tracks = walk(start, watched, 0.1, 3, recorded)
    assert torch.allclose(torch.tensor([0.0, 0.1, 0.2, 0.3]).double(), tracks[:, 0, 0, 0])
    assert [1.0, 2.0, 3.0] == tracks[1:, 0, 1, 0].tolist()
    assert [[True, True], [True, True], [True, False]] == seen


def test_tracks_that_end_too_early_are_refused() -> None:
    """A walk longer than the tracks of the others cannot be done."""
    start = crowd_of([[0, 0]], [[1, 0]])
    recorded = Recorded(torch.zeros(2, 1, 1, 2), torch.zeros(2, 1, 1, 2), torch.ones(2, 1, 1).bool(), start.present)
    with pytest.raises(ValueError, match=r"3 steps of 0.1 s asked, with 1 steps given"):
        walk(start, relaxation, 0.1, 3, recorded)
