"""Planted-users: generated ratings in which it is known where and how a user modulates the predictor.

Every user rates items by one network whose four positions may be modulated, as in ColdNAS (arXiv 2306.03387); the
structure, four of the sixteen operations with at most two at a position, is drawn from the seed:

    x = e_v;  at each position: x <- norm(x), then max, min, times, plus with p_u where the structure has them,
    then x <- W LeakyReLU(x);   y = R sigmoid(c norm(x) + noise)

norm standardises each number over all users and items before it is modulated, which is an affine map and so part of
the layer before. The numbers p_u of an operation are affine in the user's traits z_u, two normal numbers that twenty
ratings tell well. Nothing else is known of users: their only field is drawn apart from all this.
Items have two fields of content, which together with the item itself make e_v.
Shapes: U users, I items, w width of a position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from parsimony.data.cards import require_counts
from parsimony.data.cold_start import ColdStart, FeatureField
from parsimony.data.cold_start_tasks import SUPPORT, Episode, gather_tasks, identity_field, task_counts

NAME = "Planted-users"
USERS, ITEMS = (600, 100, 200), 60  # users of training, validation and test
SCALE = 5.0
STEEPNESS = 1.5  # c: how far ratings spread
NOISE = 0.1  # standard deviation, before the sigmoid
POSITIONS, WIDTH, TRAITS = 4, 8, 2
GENRES, MAKERS, GROUPS = 8, 12, 4
SIZES = {"genre": 3, "maker": 3, "item": 2}  # numbers of e_v that each field sets
QUERY = 20
OPERATIONS = ("max", "min", "times", "plus")
PLANTED, MOST_AT_A_POSITION = 4, 2

Structure = Sequence[Sequence[str]]

# Operation: its effect, the mean of its numbers over users, and their standard deviation. Chosen for inputs of mean 0
# and deviation 1, so that each operation changes about as much as the others; factors are never negative.
_EFFECTS: Mapping[str, tuple[Callable[[Tensor, Tensor], Tensor], float, float]] = {
    "max": (torch.maximum, 0.4, 0.8),
    "min": (torch.minimum, 0.4, 0.8),
    "times": (lambda x, p: x * p.relu(), 1.0, 1.0),
    "plus": (torch.add, 0.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class World:
    """What ratings are made with.

    Attributes:
        structure: operations of each position, in the order in which they act.
        items: e_v, [I, w].
        traits: z_u, [U, 2].
        directions: of each operation of each position, which mix of traits moves each number, [4, 4, w, 2].
        weights: W of the layers between positions, [3, w, w].
        output: W of the last layer, [w].
    """

    structure: Structure
    items: Tensor
    traits: Tensor
    directions: Tensor
    weights: Tensor
    output: Tensor


def load_planted_users(seed: int) -> ColdStart:
    """Generate 600, 100 and 200 users with 20 support and 20 query rows each; another seed, another structure."""
    generator = torch.Generator().manual_seed(seed)
    structure = draw_structure(generator)
    fields = _item_fields(generator)
    world = draw_world(structure, fields, generator)
    rating = noise_free_ratings(world)
    noise = NOISE * torch.randn(rating.shape, generator=generator, dtype=torch.float64)
    noisy = SCALE * torch.sigmoid(torch.logit(rating / SCALE) + noise)
    episodes = [_draw_episode(user, noisy[user], generator) for user in range(len(noisy))]
    tasks = [gather_tasks(episodes[sum(USERS[:k]) : sum(USERS[: k + 1])]) for k in range(len(USERS))]
    group = torch.randint(GROUPS, (len(noisy), 1), generator=generator)
    ratings = sum(len(split.rows()) for split in tasks)
    require_counts(NAME, {"users": len(group), "items": ITEMS, "ratings": ratings} | task_counts(tasks))
    truth = {
        "structure": [list(chosen) for chosen in structure],
        "world": world,
        "rating": rating,  # without noise, [U, I]
        "noise": float((noisy - rating).square().mean()),  # the least squared error that any method can expect
    }
    others = torch.empty(0, 3, dtype=torch.float64)
    return ColdStart(NAME, SCALE, (FeatureField("group", GROUPS, group),), fields, *tasks, others, truth)


def draw_structure(generator: torch.Generator) -> list[list[str]]:
    """Draw four of the sixteen operations, at most two at a position; all such choices are equally likely."""
    while True:
        chosen = torch.randperm(POSITIONS * len(OPERATIONS), generator=generator)[:PLANTED].tolist()
        cells = [
            [name for number, name in enumerate(OPERATIONS) if position * len(OPERATIONS) + number in chosen]
            for position in range(POSITIONS)
        ]
        if max(map(len, cells)) <= MOST_AT_A_POSITION:
            return cells


def noise_free_ratings(world: World, without: tuple[int, str] | None = None) -> Tensor:
    """Return the rating of every item by every user, [U, I] in float64.

    Args:
        world: what ratings are made with.
        without: position and name of an operation to replace by the identity; none if None.
    """
    x = world.items.expand(len(world.traits), -1, -1)
    for position in range(POSITIONS):
        x = _standardise(x)
        for name in world.structure[position]:
            if (position, name) != without:
                x = _EFFECTS[name][0](x, _numbers(world, position, name))
        weight = world.weights[position] if position < POSITIONS - 1 else world.output.unsqueeze(0)
        x = functional.leaky_relu(x) @ weight.T
    return SCALE * torch.sigmoid(STEEPNESS * _standardise(x).squeeze(-1))


def _standardise(x: Tensor) -> Tensor:
    """Shift and scale each number to mean 0 and deviation 1 over users and items."""
    return (x - x.mean((0, 1))) / x.std((0, 1))


def _numbers(world: World, position: int, name: str) -> Tensor:
    """Return p_u of an operation, [U, 1, w]."""
    _, mean, deviation = _EFFECTS[name]
    moved = world.traits @ world.directions[position, OPERATIONS.index(name)].T
    return (mean + deviation * moved).unsqueeze(1)


def lost_without(world: World) -> dict[tuple[int, str], float]:
    """Return the share of the variance of ratings that is lost if an operation is replaced by the identity.

    All else stays as it is, but the ratings left may be shifted and scaled together as fits best: what any network
    could undo is no loss.
    """
    rating = noise_free_ratings(world).flatten()
    cells = [(position, name) for position, chosen in enumerate(world.structure) for name in chosen]
    pairs = {cell: torch.stack([rating, noise_free_ratings(world, cell).flatten()]) for cell in cells}
    return {cell: 1 - float(torch.corrcoef(pair)[0, 1].square()) for cell, pair in pairs.items()}


def draw_world(structure: Structure, fields: Sequence[FeatureField], generator: torch.Generator) -> World:
    """Draw everything that ratings are made with but the structure.

    Args:
        structure: operations of each position.
        fields: of the items.
        generator: makes the draws.
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    tables = [normal(field.size, SIZES[field.name])[field.values[:, 0]] for field in fields]
    return World(
        structure=structure,
        items=torch.cat(tables, dim=1),
        traits=normal(sum(USERS), TRAITS),
        directions=functional.normalize(normal(POSITIONS, len(OPERATIONS), WIDTH, TRAITS), dim=-1),
        weights=normal(POSITIONS - 1, WIDTH, WIDTH),
        output=normal(WIDTH),
    )


def _item_fields(generator: torch.Generator) -> tuple[FeatureField, ...]:
    drawn = [
        FeatureField(name, size, torch.randint(size, (ITEMS, 1), generator=generator))
        for name, size in (("genre", GENRES), ("maker", MAKERS))
    ]
    return identity_field("item", ITEMS), *drawn


def _draw_episode(user: int, ratings: Tensor, generator: torch.Generator) -> Episode:
    items = torch.randperm(ITEMS, generator=generator)[: SUPPORT + QUERY]
    rows = torch.stack([torch.full((len(items),), float(user)).double(), items.double(), ratings[items]], dim=1)
    return Episode(rows[:SUPPORT], rows[SUPPORT:])
