"""Book-Crossing (Ziegler et al., WWW 2005), the processed copy: users with 20 books or more, books with 10 or more.

A row is a book in a user's history; its rating is 1 to 10 where the user gave one, else 0, as in the original file.
Content: author, publisher and decade of a book, beside the book itself; age group and location of a user.
Tasks have 30 to 200 rows.

The list of books was cut at the semicolons of the original, which parted an HTML ampersand in two fields and a few
titles in several; both are mended here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from parsimony.data.cards import require_counts
from parsimony.data.cold_start import ColdStart, FeatureField
from parsimony.data.cold_start_tasks import (
    RatingTable,
    distinct,
    identity_field,
    split_into_tasks,
    value_field,
    vocabulary_field,
)
from parsimony.data.raw_text import Place, Raw, field_lines, member, number_of, registered, whole_number, zip_members

ARCHIVE = "cold-start/book-crossing/book_crossing.zip"
FOLDER = "book_crossing"
SCALE = 10.0
LEAST, MOST = 30, 200
AMPERSAND = b"&amp\t"  # was "&amp;" before the semicolons became tabs
BOOK_FIELDS = 10  # of a line: number, ISBN, title, author, year, publisher, three addresses, and nothing
DECADES, YEAR_CLASSES = 11, 12  # from the 1900s to the 2000s; class 0 is an unknown year
YOUNGEST, OLDEST, AGE_CLASSES = 5, 100, 10  # class 0 is an age that nobody believes


class Book(NamedTuple):
    """What is known of a book."""

    author: str
    publisher: str
    year_class: int


class Reader(NamedTuple):
    """What is known of a user."""

    age_class: int
    location: str


def load_book_crossing(seed: int) -> ColdStart:
    """Load Book-Crossing, parted into tasks by a seed."""
    table = read_book_crossing(registered(ARCHIVE))
    require_counts("Book-Crossing", table.counts())
    return split_into_tasks("Book-Crossing", table, SCALE, LEAST, MOST, seed)


def read_book_crossing(archive: Raw) -> RatingTable:
    """Read users, books and ratings; both are numbered in the order of their files.

    Raises:
        DataError: if a file is missing or malformed, or they do not fit together.
    """
    members = zip_members(archive, rf"{FOLDER}/\w+\.dat")
    users, books, history, ratings = (
        member(members, f"{FOLDER}/{name}.dat", archive.label)
        for name in ("users_info", "items_info", "book_history", "book_ratings")
    )
    reader_of, book_of = read_readers(users), read_books(books)
    rows = read_rows(history, ratings, tuple(reader_of), tuple(book_of))
    return RatingTable(
        torch.tensor(rows, dtype=torch.float64), _user_fields(reader_of.values()), _book_fields(book_of.values())
    )


def _user_fields(readers: Sequence[Reader]) -> tuple[FeatureField, ...]:
    places = [[one.location] for one in readers]
    return (
        value_field("age", AGE_CLASSES, ([one.age_class] for one in readers)),
        vocabulary_field("location", distinct(places), places),
    )


def _book_fields(books: Sequence[Book]) -> tuple[FeatureField, ...]:
    authors, publishers = ([[getattr(one, name)] for one in books] for name in ("author", "publisher"))
    return (
        identity_field("book", len(books)),
        vocabulary_field("author", distinct(authors), authors),
        vocabulary_field("publisher", distinct(publishers), publishers),
        value_field("year", YEAR_CLASSES, ([one.year_class] for one in books)),
    )


def read_readers(raw: Raw) -> dict[str, Reader]:
    """Read age group and location of each user.

    Raises:
        DataError: at the first malformed line.
    """
    readers = {}
    for place, (user, location, age, _) in field_lines(raw, "\t", "user, location, age, nothing", header="User-ID"):
        readers[user] = Reader(age_class(whole_number(age, place, "age")), location)
    return readers


def age_class(age: int) -> int:
    """Return the group of an age: 0 below 5 or above 100, else 1 below 20, 2 below 30, ..., 9 from 90."""
    if not YOUNGEST <= age <= OLDEST:
        return 0
    return min(max(age // 10, 1), AGE_CLASSES - 1)


def read_books(raw: Raw) -> dict[str, Book]:
    """Read author, publisher and decade of each book, a Latin-1 text.

    Fields are counted from the right, since a title may have been cut into several.

    Raises:
        DataError: at the first line with too few fields, or without a year.
    """
    books = {}
    mended = Raw(raw.label, raw.content.replace(AMPERSAND, b"&"))
    for place, (line,) in field_lines(mended, "\n", "line", "latin-1", header="Book_ID"):
        fields = line.split("\t")
        if len(fields) < BOOK_FIELDS:
            raise place.wrong(
                f"{line[:80]!r} has {len(fields)} fields; expected {BOOK_FIELDS} or more, parted by tabs."
            )
        author, year, publisher = fields[-7:-4]
        books[fields[0]] = Book(author, publisher, year_class(whole_number(year, place, "year")))
    return books


def year_class(year: int) -> int:
    """Return the decade of a year: 1 for the 1900s to 11 for the 2000s; 0 for any other year, which is unknown."""
    decade = year // 10 - 189
    return decade if 1 <= decade <= DECADES else 0


def read_rows(history: Raw, ratings: Raw, users: Sequence[str], books: Sequence[str]) -> list[tuple[int, int, float]]:
    """Read the rows of the history with their ratings.

    Args:
        history: which books each user read.
        ratings: those rated.
        users: names, in the order of their numbers.
        books: names, in the order of their numbers.

    Raises:
        DataError: if a line is malformed or repeated, names an unknown user or book, or rates a book not read.
    """
    user_of, book_of = ({name: number for number, name in enumerate(names)} for names in (users, books))
    rows = {}
    for place, (user, book, _) in field_lines(history, "\t", "user, book, accessed", header="user\titem"):
        pair = number_of(user, user_of, place, "users_info.dat"), number_of(book, book_of, place, "items_info.dat")
        if pair in rows:
            raise place.wrong(f"user {user} and book {book} stand here for the second time; expected each pair once.")
        rows[pair] = 0.0
    for place, (user, book, stars) in field_lines(ratings, "\t", "user, book, rating", header="user\titem"):
        pair = user_of.get(user, -1), book_of.get(book, -1)
        if pair not in rows:
            raise place.wrong(
                f"user {user} rates book {book}, which is not in book_history.dat; fetch the archive again."
            )
        rows[pair] = _rating(stars, place)
    return [(user, book, rating) for (user, book), rating in rows.items()]


_RATINGS: Mapping[str, float] = {f"{rating}.000000": float(rating) for rating in range(1, 11)}


def _rating(text: str, place: Place) -> float:
    if text not in _RATINGS:
        raise place.wrong(f"{text[:40]!r} given as rating; expected 1.000000 to 10.000000.")
    return _RATINGS[text]
