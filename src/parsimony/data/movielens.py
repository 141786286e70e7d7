"""MovieLens-1M and MovieLens-100K (Harper and Konstan, 2015): users rate movies with one to five stars.

Content of MovieLens-1M as in MeLU (Lee et al., KDD 2019): gender, age group, occupation and zip code of a user;
rate, genres, directors and actors of a movie, beside the movie itself. MovieLens-100K knows genres only.
Movies that nobody rates are left out. Tasks have 40 to 200 rows.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch

from parsimony.data.cards import card, require_counts
from parsimony.data.cold_start import ColdStart, FeatureField
from parsimony.data.cold_start_tasks import (
    RatingTable,
    distinct,
    identity_field,
    split_into_tasks,
    vocabulary_field,
)
from parsimony.data.movielens_ratings import MeluFiles, Rating, join_ratings, read_pairs
from parsimony.data.raw_text import Place, Raw, field_lines, number_of, registered, text_lines, whole_number

STARS = 5.0
LEAST, MOST = 40, 200
USER = ("gender", "age", "occupation", "zipcode")
MOVIE = ("rate", "genre", "director", "actor")
MOVIE_LINE = "id, title, year, rate, released, genre, director, writer, actor, plot, poster"
AGES = (1, 18, 25, 35, 45, 50, 56)  # the first year of each age group of MovieLens-1M
GENRES = 19
SMALL_MOVIE_LINE = "id, title, released, video, address, " + ", ".join(f"genre {number}" for number in range(GENRES))

Content = Mapping[str, Mapping[str, Sequence[str]]]  # of each user or movie, by its name: the values of each field


class Described(NamedTuple):
    """Users, or movies: the content of each, and the values that each field may take."""

    content: Content
    words: Mapping[str, Sequence[str]]


def load_movielens_1m(seed: int) -> ColdStart:
    """Load MovieLens-1M, parted into tasks by a seed."""
    return _into_tasks("MovieLens-1M", read_movielens_1m, seed)


def load_movielens_100k(seed: int) -> ColdStart:
    """Load MovieLens-100K, parted into tasks by a seed."""
    return _into_tasks("MovieLens-100K", read_movielens_100k, seed)


def _into_tasks(name: str, read: Callable[[Mapping[str, Raw]], RatingTable], seed: int) -> ColdStart:
    table = read({path.rpartition("/")[2]: registered(path) for path in card(name).files})
    require_counts(name, table.counts())
    return split_into_tasks(name, table, STARS, LEAST, MOST, seed)


def read_movielens_1m(files: Mapping[str, Raw]) -> RatingTable:
    """Read users, movies and ratings of MovieLens-1M.

    Args:
        files: the raw files by name, without folders.

    Raises:
        DataError: if one is malformed, or they do not fit together.
    """
    pairs = files["ratings.parquet"]
    user_words, movie_words = (
        {name: [word for word in text_lines(files[f"m_{name}.txt"]) if word] for name in names}
        for names in (USER, MOVIE)
    )
    users = Described(read_users(files["users.dat"], user_words), user_words)
    movies = Described(read_movies(files["movies_extrainfos.dat"]), movie_words)
    return rating_table(pairs.label, join_ratings(pairs.label, read_pairs(pairs), _melu_files(files)), users, movies)


def _melu_files(files: Mapping[str, Raw]) -> MeluFiles:
    named = [
        (files[f"{state}_cold_state.json"], files[f"{state}_cold_state_y.json"])
        for state in ("item", "user", "user_and_item")
    ]
    return MeluFiles(files["warm_state_y.json"], *named)


def read_users(raw: Raw, words: Mapping[str, Sequence[str]]) -> Content:
    """Read gender, age group, occupation and zip code, which is cut to five characters.

    Args:
        raw: the file of users.
        words: the values that each field may take.

    Raises:
        DataError: at the first malformed line, or value that the field cannot take.
    """
    numbers = {name: {word: index for index, word in enumerate(words[name])} for name in USER}
    users = {}
    for place, (user, *values) in field_lines(raw, "::", ", ".join(("id", *USER))):
        values[-1] = values[-1][:5]
        for name, value in zip(USER, values, strict=True):
            number_of(value, numbers[name], place, f"m_{name}.txt")
        users[user] = {name: [value] for name, value in zip(USER, values, strict=True)}
    return users


def read_movies(raw: Raw) -> Content:
    """Read rate, genres, directors and actors; roles in brackets behind directors are removed, as in MeLU.

    Raises:
        DataError: at the first line that has not eleven fields.
    """
    names, movies = MOVIE_LINE.split(", "), {}
    for _, fields in field_lines(raw, "::", MOVIE_LINE):
        line = dict(zip(names, fields, strict=True))
        line["director"] = re.sub(r"\([^()]*\)", "", line["director"])
        lists = {name: [part.strip() for part in line[name].split(", ")] for name in MOVIE}
        movies[line["id"]] = lists
    return movies


def read_movielens_100k(files: Mapping[str, Raw]) -> RatingTable:
    """Read users, movies and ratings of MovieLens-100K; ages become the groups of MovieLens-1M.

    Args:
        files: the raw files by name, without folders.

    Raises:
        DataError: if one is malformed, or they do not fit together.
    """
    users, movies = read_small_users(files["u.user"]), read_small_movies(files["u.item"])
    user_words = {name: distinct(lists[name] for lists in users.values()) for name in USER}
    user_words["age"] = [str(age) for age in AGES]
    movie_words = {"genre": [str(number) for number in range(GENRES)]}
    ratings = files["u.data"]
    described = Described(users, user_words), Described(movies, movie_words)
    return rating_table(ratings.label, read_small_ratings(ratings), *described)


def read_small_users(raw: Raw) -> Content:
    """Read the users of MovieLens-100K.

    Raises:
        DataError: at the first malformed line.
    """
    users = {}
    for place, (user, age, gender, occupation, zipcode) in field_lines(raw, "|", "id, age, gender, occupation, zip"):
        group = AGES[max(bisect.bisect(AGES, whole_number(age, place, "age")), 1) - 1]
        users[user] = dict(zip(USER, ([gender], [str(group)], [occupation], [zipcode]), strict=True))
    return users


def read_small_movies(raw: Raw) -> Content:
    """Read the genres of the movies of MovieLens-100K, a Latin-1 text.

    Raises:
        DataError: at the first line without its 19 marks of 0 or 1.
    """
    movies = {}
    for place, (movie, *fields) in field_lines(raw, "|", SMALL_MOVIE_LINE, "latin-1"):
        marks = fields[-GENRES:]
        if set(marks) - {"0", "1"}:
            raise place.wrong(f"the genres are {'|'.join(marks)[:80]!r}; expected {GENRES} marks, 0 or 1.")
        movies[movie] = {"genre": [str(number) for number, mark in enumerate(marks) if mark == "1"]}
    return movies


def read_small_ratings(raw: Raw) -> list[Rating]:
    """Read the ratings of MovieLens-100K.

    Raises:
        DataError: at the first malformed line, or rating that is not 1 to 5.
    """
    ratings = []
    for place, (user, movie, stars, _) in field_lines(raw, "\t", "user, movie, rating, time"):
        if stars not in ("1", "2", "3", "4", "5"):
            raise place.wrong(f"{stars[:40]!r} given as rating; expected 1 to 5 stars.")
        ratings.append((user, movie, float(stars)))
    return ratings


def rating_table(label: str, ratings: Sequence[Rating], users: Described, movies: Described) -> RatingTable:
    """Number users and movies in the order of their files; movies that nobody rates are left out.

    Args:
        label: name of the file of ratings, which has one a line.
        ratings: user, movie and stars; users and movies by names.
        users: their content.
        movies: their content.

    Raises:
        DataError: at the first rating of an unknown user or movie.
    """
    _require_known(label, ratings, users, movies)
    rated = {movie for _, movie, _ in ratings}
    movies = Described({name: one for name, one in movies.content.items() if name in rated}, movies.words)
    user_of, movie_of = ({name: number for number, name in enumerate(one.content)} for one in (users, movies))
    rows = [(user_of[user], movie_of[movie], stars) for user, movie, stars in ratings]
    identity = identity_field("movie", len(movies.content))
    return RatingTable(torch.tensor(rows, dtype=torch.float64), _fields(users), (identity, *_fields(movies)))


def _require_known(label: str, ratings: Sequence[Rating], users: Described, movies: Described) -> None:
    for number, (user, movie, _) in enumerate(ratings, start=1):
        if user not in users.content or movie not in movies.content:
            raise Place(label, number).wrong(f"user {user} or movie {movie} is not listed; fetch all files again.")


def _fields(described: Described) -> tuple[FeatureField, ...]:
    content, words = described
    return tuple(vocabulary_field(name, words[name], (one[name] for one in content.values())) for name in words)
