"""Episodes: what they hold, what a seed fixes, what they refuse."""

from dataclasses import replace

import pytest
import torch

from molecule_samples import sample_tasks
from parsimony.data.episodes import (
    Episode,
    PropertyTask,
    draw_balanced_episode,
    draw_episode,
    draw_tasks,
    draw_test_episodes,
    property_tasks,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small_task(num_inactive: int, num_active: int) -> PropertyTask:
    """Inactive molecules from 0, active ones from 1000."""
    return PropertyTask("SR-p53", 3, torch.arange(num_inactive), torch.arange(1000, 1000 + num_active))


def equal(one: Episode, other: Episode) -> bool:
    return all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in zip(one, other, strict=True))


def test_tasks_hold_exactly_the_measured_molecules() -> None:
    """Each label stands in one of the two lists; what was not measured in none."""
    data = sample_tasks()
    for task in property_tasks(data, data.test_properties):
        labels = data.labels[:, task.column].tolist()
        expected = [[row for row, label in enumerate(labels) if label == value] for value in (0, 1)]
        assert expected == [task.inactive.tolist(), task.active.tolist()]
        assert data.properties[task.column] == task.name


@pytest.mark.parametrize("draw", [draw_episode, draw_balanced_episode])
def test_an_episode_is_inactive_then_active_without_overlap(draw) -> None:
    """Over many draws: order of the support set, labels of the queries, nothing twice."""
    data, randomness = sample_tasks(), generator()
    for task in property_tasks(data, range(4)) * 20:
        episode = draw(task, 5, 8, randomness)
        assert [0] * 5 + [1] * 5 == episode.support_label.tolist()
        assert torch.equal(episode.support_label, data.labels[episode.support, task.column].long())
        assert torch.equal(episode.query_label, data.labels[episode.query, task.column].long())
        assert 18 == len(set(episode.support.tolist()) | set(episode.query.tolist()))


def test_queries_have_the_natural_ratio() -> None:
    """One active in ten: over 400 episodes of 16 queries the share is a tenth; standard error 0.004."""
    randomness, task = generator(), small_task(910, 110)
    labels = torch.cat([draw_episode(task, 10, 16, randomness).query_label for _ in range(400)])
    assert abs(float(labels.double().mean()) - 0.1) < 0.015


def test_every_molecule_is_drawn_alike() -> None:
    """Over 3,000 draws each of 6 inactive molecules is in the support set a third of the time; standard error 0.009."""
    randomness, task = generator(), small_task(6, 4)
    counts = torch.zeros(6)
    for _ in range(3000):
        counts[draw_episode(task, 2, 3, randomness).support[:2]] += 1
    assert (counts / 3000 - 1 / 3).abs().max() < 0.04


def test_balanced_queries_shrink_with_the_rare_class() -> None:
    """MUV leaves 14 active molecules: 14 of each class are asked, not 16."""
    labels = draw_balanced_episode(small_task(200, 24), 10, 32, generator()).query_label
    assert [0] * 14 + [1] * 14 == labels.tolist()


def test_a_test_asks_about_all_others_in_order() -> None:
    """Support and query set together are the measured molecules."""
    data = sample_tasks()
    (task,) = property_tasks(data, [2])
    for episode in draw_test_episodes(task, 3, 4, seed=0):
        measured = (data.labels[:, 2] >= 0).nonzero().flatten()
        expected = sorted(set(measured.tolist()) - set(episode.support.tolist()))
        assert expected == episode.query.tolist()
        assert torch.equal(data.labels[episode.query, 2].long(), episode.query_label)


def test_a_seed_gives_one_series_of_test_episodes() -> None:
    """Bit for bit; more draws begin alike; another seed, draw or property has another support set."""
    task, other = small_task(300, 300), small_task(300, 300)._replace(name="SR-MMP")
    first, again, more = (draw_test_episodes(task, 10, draws, seed=7) for draws in (3, 3, 5))
    assert all(equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(equal(a, b) for a, b in zip(first, more[:3], strict=True))
    supports = [*more, *draw_test_episodes(task, 10, 5, seed=8), *draw_test_episodes(other, 10, 5, seed=7)]
    assert 15 == len({tuple(episode.support.tolist()) for episode in supports})


def test_a_generator_gives_one_series_of_episodes() -> None:
    """The same seed gives the same tasks and episodes bit for bit."""
    tasks = property_tasks(sample_tasks(), range(4))

    def series() -> list[Episode]:
        randomness = generator(3)
        return [draw_episode(task, 2, 4, randomness) for task in draw_tasks(tasks, 3, randomness)]

    assert all(equal(a, b) for a, b in zip(series(), series(), strict=True))


def test_renumbering_molecules_renumbers_episodes() -> None:
    """If new numbers keep the order within each class, the same molecules are drawn."""
    data = sample_tasks()
    order = torch.cat([(data.labels[:, 0] == label).nonzero().flatten() for label in (1, -1, 0)])
    (before,), (after,) = (property_tasks(one, [0]) for one in (data, replace(data, labels=data.labels[order])))
    one, other = (draw_episode(task, 4, 9, generator()) for task in (before, after))
    assert torch.equal(one.support, order[other.support])
    assert torch.equal(one.query, order[other.query])


def test_tasks_are_drawn_without_replacement() -> None:
    """As many as asked, or all of them."""
    tasks = property_tasks(sample_tasks(num_properties=6), range(6))
    assert 4 == len({task.column for task in draw_tasks(tasks, 4, generator())})
    assert set(range(6)) == {task.column for task in draw_tasks(tasks, 9, generator())}


@pytest.mark.parametrize(
    ("task", "shots", "num_queries", "said"),
    [
        (
            small_task(50, 6),
            10,
            16,
            "10 shots asked, but task SR-p53 has only 6 active molecules; ask for at most 6 or",
        ),
        (
            small_task(3, 60),
            5,
            16,
            "task SR-p53 has only 3 inactive molecules; ask for at most 3 or leave the task out",
        ),
        (small_task(50, 6), 0, 16, "0 shots asked; a support set has at least one molecule of each class"),
        (small_task(9, 6), 5, 6, "6 queries asked, but task SR-p53 has 5 molecules beside its support set"),
        (small_task(9, 6), 5, 0, "0 queries asked"),
    ],
)
def test_what_cannot_be_drawn_is_named(task: PropertyTask, shots: int, num_queries: int, said: str) -> None:
    """What was asked, what there is, what to do."""
    with pytest.raises(ValueError, match=said):
        draw_episode(task, shots, num_queries, generator())


def test_balanced_queries_need_both_classes() -> None:
    """An odd number, and a class that the support set uses up."""
    with pytest.raises(ValueError, match="7 balanced queries asked; ask for an even number"):
        draw_balanced_episode(small_task(20, 20), 5, 7, generator())
    with pytest.raises(ValueError, match="the 5 shots take all active molecules of task SR-p53; ask for at most 4"):
        draw_balanced_episode(small_task(20, 5), 5, 8, generator())
    with pytest.raises(ValueError, match="has only 4 active molecules"):
        draw_test_episodes(small_task(20, 4), 5, 1, seed=0)
