"""A small cold-start data set, drawn by hand: ratings follow a user bias, an item bias and one content field."""

import torch

from parsimony.data.cold_start import ColdStart, FeatureField, UserTasks


def small_cold_start(seed: int = 0, users: int = 30, items: int = 25) -> ColdStart:
    """Return 18 / 6 / 6 users with 3 to 5 support and 1 to 6 query items, a field of several values included."""
    generator = torch.Generator().manual_seed(seed)
    several = torch.rand(items, 4, generator=generator).argsort(1)[:, :3]
    several = several.where(torch.arange(3) < torch.randint(0, 4, (items, 1), generator=generator), -1)
    genre = FeatureField("genre", 4, several)
    number = FeatureField("item", items, torch.arange(items).unsqueeze(1))
    user = FeatureField("user", users, torch.arange(users).unsqueeze(1))
    bias_user, bias_item = (torch.randn(n, generator=generator) for n in (users, items))
    tasks = _tasks(generator, bias_user, bias_item)
    return ColdStart(
        "small", 5.0, (user,), (number, genre), tasks[:18], tasks[18:24], tasks[24:], torch.zeros(0, 3).double()
    )


def _tasks(generator: torch.Generator, bias_user: torch.Tensor, bias_item: torch.Tensor) -> UserTasks:
    users, items = len(bias_user), len(bias_item)
    order = torch.rand(users, items, generator=generator).argsort(1)[:, :11]
    rating = (3 + bias_user.unsqueeze(1) + bias_item[order]).round().clamp(1, 5)
    num_support = torch.randint(3, 6, (users, 1), generator=generator)
    num_query = torch.randint(1, 7, (users, 1), generator=generator)
    support, query = torch.arange(5) < num_support, torch.arange(6) < num_query
    return UserTasks(
        torch.arange(users),
        order[:, :5].where(support, -1), rating[:, :5].where(support, 0.0),
        order[:, 5:].where(query, -1), rating[:, 5:].where(query, 0.0),
    )  # fmt: skip
