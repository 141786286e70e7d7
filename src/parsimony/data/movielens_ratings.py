"""MovieLens-1M put together from two copies, since the file of ratings is not redistributed as such.

One copy lists who rated what, in the order of the original file, without ratings. The other, made for MeLU (Lee et
al., KDD 2019), holds the ratings of each user in four lists, in the same order: users known or cold by movies known
or cold. For known users with known movies it holds labels only; every other list names its movies too, so that each
step of the join can be checked.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from parsimony.data.raw_text import Place, Raw, lists_by_user
from parsimony.data.registry import DataError

TWINS = {"860": "811", "1795": "1741"}  # MeLU gives both copies of a film one number

Rating = tuple[str, str, float]  # user and movie, by the names of the raw files, and stars
Queue = Iterator[tuple[str, float]]  # movies, or nothing in their place, with stars


class MeluFiles(NamedTuple):
    """MeLU's lists of each user. Known users rate known movies in `known`, which has labels only."""

    known: Raw
    cold_movies: tuple[Raw, Raw]
    cold_users: tuple[Raw, Raw]
    both_cold: tuple[Raw, Raw]


def read_pairs(raw: Raw) -> list[tuple[str, str]]:
    """Read (user, movie) in the order of the original file, twins under one number.

    Raises:
        DataError: if it is no parquet file with the columns userID and movieID.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(io.BytesIO(raw.content))
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{raw.label} is truncated or no .parquet file ({error}); fetch it again.") from error
    if table.column_names != ["userID", "movieID"]:
        raise DataError(f"{raw.label} has the columns {table.column_names}; expected userID and movieID.")
    users, movies = (column.to_pylist() for column in table.columns)
    return [(user, TWINS.get(movie, movie)) for user, movie in zip(users, movies, strict=True)]


def join_ratings(label: str, pairs: Iterable[tuple[str, str]], files: MeluFiles) -> list[Rating]:
    """Give each pair its rating.

    Args:
        label: name of the file of pairs.
        pairs: user and movie.
        files: MeLU's lists.

    Raises:
        DataError: if a list names another movie than the pair, ends too early or is not used up.
    """
    known, cold_movies = _labels_alone(files.known), _named_labels(*files.cold_movies)
    cold_users, both_cold = _named_labels(*files.cold_users), _named_labels(*files.both_cold)
    is_cold = {movie for lists in (cold_movies, both_cold) for rows in lists.values() for movie, _ in rows}
    states = (known, cold_movies, cold_users, both_cold)
    queues = [{user: iter(rows) for user, rows in lists.items()} for lists in states]
    ratings = []
    for number, (user, movie) in enumerate(pairs, start=1):
        queue = queues[2 * (user in cold_users) + (movie in is_cold)].get(user, iter(()))
        named, stars = next(queue, ("none", 0.0))
        if named not in ("", movie):
            raise Place(label, number).wrong(f"user {user} rates movie {movie}, but next in MeLU's list is {named}.")
        ratings.append((user, movie, stars))
    left = sum(1 for lists in queues for queue in lists.values() for _ in queue)
    if left:
        raise DataError(f"{label}, line {len(ratings)}: the pairs end here, but MeLU's lists hold {left} more ratings.")
    return ratings


def _labels_alone(labels: Raw) -> Mapping[str, Sequence[tuple[str, float]]]:
    return {user: [("", _stars(label, user, labels)) for label in row] for user, row in lists_by_user(labels).items()}


def _named_labels(movies: Raw, labels: Raw) -> Mapping[str, Sequence[tuple[str, float]]]:
    named, marks = lists_by_user(movies), lists_by_user(labels)
    wrong = [user for user in named.keys() | marks.keys() if len(named.get(user, ())) != len(marks.get(user, ()))]
    if wrong:
        raise DataError(f"{labels.label}, line 1: user {min(wrong)} has not one label for each of {movies.label}.")
    return {
        user: [(movie, _stars(label, user, labels)) for movie, label in zip(row, marks[user], strict=True)]
        for user, row in named.items()
    }


def _stars(label: object, user: str, labels: Raw) -> float:
    if label not in (1, 2, 3, 4, 5):
        raise DataError(f"{labels.label}, line 1: user {user} gives {label!r}; expected 1 to 5 stars.")
    return float(label)
