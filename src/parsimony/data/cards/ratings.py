"""Cards of cold-start data: users who rated items."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from parsimony.data.cards.dataset_card import Card


def _cold_start(name: str, layout: str, files: tuple[str, ...], counts: Mapping[str, int], note: str) -> Card:
    profile = "paper" if files else "quick"
    paths = tuple(f"cold-start/{path}" for path in files)
    return Card(name, "cold start", layout, paths, MappingProxyType(counts), profile, note)


def _table_counts(users: int, items: int, ratings: int) -> dict[str, int]:
    return {"users": users, "items": items, "ratings": ratings}


_LAST_FM = {**_table_counts(1872, 3846, 42346), "train tasks": 248, "valid tasks": 35, "test tasks": 66}
_MELU_STATES = ("item_cold_state", "user_cold_state", "user_and_item_cold_state")
_MELU_WORDS = ("gender", "age", "occupation", "zipcode", "rate", "genre", "director", "actor")
_MOVIELENS_1M = (
    "movielens-1m/ratings.parquet",
    "movielens-1m/warm_state_y.json",
    *(f"movielens-1m/{state}{part}.json" for state in _MELU_STATES for part in ("", "_y")),
    "movielens-1m/users.dat",
    "movielens-1m/movies_extrainfos.dat",
    *(f"movielens-1m/m_{name}.txt" for name in _MELU_WORDS),
)

CARDS = (
    _cold_start(
        "Last.fm",
        "episodes",
        ("lastfm/data.zip",),
        {**_LAST_FM, "train rows": 8504, "valid rows": 1202, "test rows": 2259},
        "The authors' own episodes; half of the rows of each user are ones, which leaks the mean of the query set.",
    ),
    _cold_start(
        "Last.fm-fresh",
        "episodes",
        ("lastfm/data.zip",),
        _LAST_FM,
        "Users, splits and positives of Last.fm with negatives drawn anew, so that nothing leaks.",
    ),
    _cold_start(
        "MovieLens-1M",
        "ratings",
        _MOVIELENS_1M,
        _table_counts(6040, 3704, 1000209),
        "Ratings put together from two copies; two films that stand twice in the original count once.",
    ),
    _cold_start(
        "MovieLens-100K",
        "ratings",
        ("movielens-100k/u.data", "movielens-100k/u.item", "movielens-100k/u.user"),
        _table_counts(943, 1682, 100000),
        "The small set, for quick runs.",
    ),
    _cold_start(
        "Book-Crossing",
        "ratings",
        ("book-crossing/book_crossing.zip",),
        _table_counts(2946, 17384, 272678),
        "A book read but not rated counts as rated 0, as in the original file: 77 % of all rows.",
    ),
    _cold_start(
        "Planted-users",
        "generated",
        (),
        {
            **_table_counts(900, 60, 36000),
            **{"train tasks": 600, "valid tasks": 100, "test tasks": 200},
        },
        "Generated: four operations, drawn from the seed, adapt one network to the taste of each user.",
    ),
)
