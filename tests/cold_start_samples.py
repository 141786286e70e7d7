"""A small cold-start data set for tests: ratings are user bias + item bias + noise, so the support set helps."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from parsimony.data.cold_start import NOTHING, ColdStart, FeatureField, UserTasks
from parsimony.nn.field_embedding import FieldEmbedding
from parsimony.nn.filled_rows import mean_squared_error

ITEMS, SUPPORT, QUERY = 30, 8, 6


def sample_data(users: int = 96, seed: int = 0) -> ColdStart:
    """Ratings of a scale up to 5; the last users validate and test, one field of the items has several values."""
    generator = torch.Generator().manual_seed(seed)
    bias = torch.randn(users, 1, generator=generator) + 0.5 * torch.randn(1, ITEMS, generator=generator)
    rating = (2.5 + bias + 0.1 * torch.randn(users, ITEMS, generator=generator)).clamp(0, 5)
    tasks = sample_tasks(rating, generator)
    genre = torch.randint(4, (ITEMS, 2), generator=generator)
    genre[::3, 1] = NOTHING
    item_fields = (FeatureField("item", ITEMS, torch.arange(ITEMS).unsqueeze(1)), FeatureField("genre", 4, genre))
    user_fields = (FeatureField("age", 7, torch.randint(7, (users, 1), generator=generator)),)
    parts = tasks[: users - 32], tasks[users - 32 : users - 16], tasks[users - 16 :]
    return ColdStart("generated", 5.0, user_fields, item_fields, *parts, torch.zeros(0, 3, dtype=torch.float64))


def sample_tasks(rating: Tensor, generator: torch.Generator) -> UserTasks:
    """Give each user 3 to 8 support items and 2 to 6 query items of their own."""
    users = len(rating)
    item = torch.rand(users, ITEMS, generator=generator).argsort(1)[:, : SUPPORT + QUERY]
    support, query = item[:, :SUPPORT], item[:, SUPPORT:]
    num_support = torch.randint(3, SUPPORT + 1, (users, 1), generator=generator)
    num_query = torch.randint(2, QUERY + 1, (users, 1), generator=generator)
    rated = [rating.gather(1, part) for part in (support, query)]
    is_support, is_query = torch.arange(SUPPORT) < num_support, torch.arange(QUERY) < num_query
    return UserTasks(
        torch.arange(users),
        support.masked_fill(~is_support, NOTHING),
        rated[0].masked_fill(~is_support, 0.0),
        query.masked_fill(~is_query, NOTHING),
        rated[1].masked_fill(~is_query, 0.0),
    )


def widen(tasks: UserTasks, more: int) -> UserTasks:
    """Fill up with more rows that are no rows."""
    items = {name: pad(getattr(tasks, name), (0, more), value=NOTHING) for name in ("support_item", "query_item")}
    ratings = {name: pad(getattr(tasks, name), (0, more)) for name in ("support_rating", "query_rating")}
    return replace(tasks, **items, **ratings)


def shuffle_support(tasks: UserTasks) -> UserTasks:
    """Turn the order of every user's support rows round; the filling then stands first."""
    return replace(tasks, support_item=tasks.support_item.flip(1), support_rating=tasks.support_rating.flip(1))


def plain_embedding(embedding: FieldEmbedding, fields: Sequence[FeatureField], row: int) -> Tensor:
    """Embed one row: the mean of each field's values, side by side, plus the bias."""
    parts = []
    for field, table in zip(fields, embedding.tables, strict=True):
        values = [value for value in field.values[row].tolist() if value >= 0]
        parts.append(sum(table[value] for value in values) / len(values))
    return torch.cat(parts) + embedding.bias


def measure_test(model: torch.nn.Module, data: ColdStart) -> tuple[float, float]:
    """Return the test MSE of a model and of the constant that fits the training users best."""
    model.eval()
    tasks, known = data.test, data.train
    with torch.no_grad():
        prediction = model(tasks)
    constant = known.query_rating[known.has_query].mean().expand_as(prediction)
    found = [mean_squared_error(value, tasks.query_rating, tasks.has_query).mean() for value in (prediction, constant)]
    return found[0].item(), found[1].item()


def fit(model: torch.nn.Module, data: ColdStart, epochs: int, rate: float) -> list[float]:
    """Train with Adam on batches of 32 users, as the experiment does; return the loss of each step."""
    generator = torch.Generator().manual_seed(1)
    optimiser, losses = torch.optim.Adam(model.parameters(), rate), []
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(data.train), generator=generator).split(32):
            optimiser.zero_grad()
            loss = model.loss(data.train[batch], generator)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses
