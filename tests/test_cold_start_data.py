"""Cold-start data: the protocol of tasks, every loader by hand and against its counts, files that are wrong."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from functools import cache

import pyarrow
import pytest
import torch
from pyarrow import parquet
from torch import Tensor

from parsimony.book.datasets import data_card
from parsimony.data import book_crossing, last_fm, movielens, planted_users
from parsimony.data.cards import DATASETS, card, digests_of, require_counts
from parsimony.data.cold_start import ColdStart, UserTasks
from parsimony.data.cold_start_sets import LOADERS, load_cold_start
from parsimony.data.cold_start_tasks import (
    RatingTable,
    identity_field,
    rows_by_user,
    split_into_tasks,
    task_counts,
    value_field,
    vocabulary_field,
)
from parsimony.data.movielens_ratings import read_pairs
from parsimony.data.raw_text import Raw, field_lines, registered, zip_members
from parsimony.data.registry import DataError

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)


def raw(text: str, label: str = "file.txt") -> Raw:
    return Raw(label, text.encode("latin-1"))


def zipped(members: Mapping[str, str]) -> Raw:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text.encode("latin-1"))
    return Raw("archive.zip", stream.getvalue())


def with_change(files: Mapping[str, str], name: str, old: str, new: str) -> dict[str, str]:
    """Replace a part of one file; the part must stand there."""
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


def tables_equal(one: ColdStart, other: ColdStart) -> bool:
    """Compare all tasks bit for bit."""
    pairs = [(getattr(one, split), getattr(other, split)) for split in ("train", "valid", "test")]
    names = UserTasks.__dataclass_fields__
    return all(torch.equal(getattr(a, name), getattr(b, name)) for a, b in pairs for name in names)


def rows_of(rows: Tensor) -> set[tuple[float, ...]]:
    return set(map(tuple, rows.tolist()))


# Text


def test_a_wrong_header_is_named() -> None:
    """The first line must begin as announced."""
    with pytest.raises(DataError, match=r"file.txt, line 1: 'a\|b' found; expected the header 'user'"):
        list(field_lines(raw("a|b\n"), "|", "user, item", header="user"))


def test_lines_are_counted_behind_the_header() -> None:
    """Only a line feed ends a line, as Latin-1 texts hold other break characters."""
    with pytest.raises(DataError, match=r"file.txt, line 3: 'c' has 1 fields; expected user, item"):
        list(field_lines(raw("user\r\na\x85|b\r\nc\r\n"), "|", "user, item", "latin-1", header="user"))


def test_bytes_that_are_no_text_are_named() -> None:
    """A file in another encoding is refused."""
    with pytest.raises(DataError, match=r"file.txt is not UTF-8 text"):
        list(field_lines(raw("é|b"), "|", "user, item"))


def test_a_damaged_archive_is_named() -> None:
    """Half an archive is refused; so is one without the file asked for."""
    whole = zipped({"a.txt": "abc"})
    assert b"abc" == zip_members(whole, r"\w\.txt")["a.txt"].content
    with pytest.raises(DataError, match=r"truncated or no .zip archive"):
        zip_members(Raw("archive.zip", whole.content[:20]), ".*")


# Tasks


def random_table(num_users: int = 60, num_items: int = 80, seed: int = 0) -> RatingTable:
    """Users with 5 to 60 rows, the rows of all mixed; items above 70 are rare."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for user in range(num_users):
        many = int(torch.randint(5, 61, (), generator=generator))
        last = num_items if user % 7 == 0 else 70
        items = torch.randperm(last, generator=generator)[:many].double()
        stars = torch.randint(1, 6, (many,), generator=generator).double()
        rows.append(torch.stack([torch.full((many,), float(user)).double(), items, stars], dim=1))
    mixed = torch.cat(rows)[torch.randperm(sum(map(len, rows)), generator=generator)]
    return RatingTable(mixed, (identity_field("user", num_users),), (identity_field("item", num_items),))


def test_tasks_follow_the_protocol() -> None:
    """Each task holds the rows of one user that the protocol keeps, 20 of them known; the rest are others."""
    table = random_table()
    data = split_into_tasks("random", table, 5.0, 25, 55, seed=0)
    users = [set(split.user.tolist()) for split in (data.train, data.valid, data.test)]
    assert sum(map(len, users)) == len(set.union(*users))
    order = torch.randperm(60, generator=torch.Generator().manual_seed(0))
    first_rows = [int(rows[0, 0]) for rows in rows_by_user(table.rows)]
    training = {first_rows[place] for place in order[:42].tolist()}
    seen = {item for user, item, _ in table.rows.tolist() if user in training}
    kept = {user: {row for row in rows_of(table.rows) if row[0] == user} for user in range(60)}
    kept = {user: {row for row in rows if user in training or row[1] in seen} for user, rows in kept.items()}
    expected = {user for user, rows in kept.items() if 25 <= len(rows) <= 55}
    assert expected == set.union(*users)
    assert users[0] == expected & training
    for split in (data.train, data.valid, data.test):
        assert [20] * len(split) == split.has_support.sum(1).tolist()
        for number, user in enumerate(split.user.tolist()):
            assert kept[user] == rows_of(split[number : number + 1].rows())
    assert {row for row in rows_of(table.rows) if row[0] not in expected} == rows_of(data.others)


def test_a_seed_gives_one_split() -> None:
    """The same seed gives the same tasks bit for bit, another seed others."""
    splits = [split_into_tasks("random", random_table(), 5.0, 25, 60, seed) for seed in (3, 3, 4)]
    assert tables_equal(splits[0], splits[1])
    assert not tables_equal(splits[0], splits[2])


def test_renaming_users_renames_tasks() -> None:
    """Other numbers of users give the same tasks with other numbers of users."""
    table, renamed = random_table(), torch.randperm(60, generator=torch.Generator().manual_seed(1))
    rows = table.rows.clone()
    rows[:, 0] = renamed[rows[:, 0].long()].double()
    one = split_into_tasks("random", table, 5.0, 25, 60, seed=0)
    other = split_into_tasks("random", RatingTable(rows, table.user_fields, table.item_fields), 5.0, 25, 60, seed=0)
    for split in ("train", "valid", "test"):
        before, after = getattr(one, split), getattr(other, split)
        assert torch.equal(renamed[before.user], after.user)
        assert torch.equal(before.query_item, after.query_item)


def test_fields_by_hand() -> None:
    """Unknown values are left out, each other stands once, and a row without any is filled up."""
    field = vocabulary_field("genre", ["war", "love"], [["love", "war", "love"], ["odd"], ["war"]])
    assert (2, [[1, 0], [-1, -1], [0, -1]]) == (field.size, field.values.tolist())
    assert [[-1], [-1]] == value_field("none", 3, [[], []]).values.tolist()


# Cards and names


def test_every_loader_has_a_card() -> None:
    """Names of loaders and of cards are the same; only generated data have no files."""
    cards = {name: one for name, one in DATASETS.items() if one.kind == "cold start"}
    assert set(LOADERS) == set(cards)
    assert ["Planted-users"] == [name for name, one in cards.items() if not one.files]
    assert {} == digests_of("Planted-users")
    assert "quick" == card("Planted-users").profile


def test_a_card_without_files_lists_none() -> None:
    """The page shows counts and note, and no list."""
    page = data_card(card("Planted-users"), {})
    assert f"{card('Planted-users').counts['train tasks']} train tasks" in page
    assert "<details>" not in page


def test_a_wrong_count_is_named() -> None:
    """Found and expected count stand in the message."""
    with pytest.raises(DataError, match="MovieLens-100K has 942 users, expected 943; None items"):
        require_counts("MovieLens-100K", {"users": 942, "ratings": 100000})


def test_an_unknown_name_is_refused() -> None:
    """The message names the known ones."""
    with pytest.raises(DataError, match=r"'Lastfm' given; known are Last.fm, Last.fm-fresh"):
        load_cold_start("Lastfm", 0)


# Last.fm

FOLDER = last_fm.FOLDER
SMALL_LAST_FM = {
    f"{FOLDER}/interaction_dict_x.json": json.dumps({str(user): [str(i) for i in range(40)] for user in range(4)}),
    f"{FOLDER}/interaction_dict_y.json": json.dumps({str(user): [1, 0] * 20 for user in range(4)}),
    **{
        f"{FOLDER}/{split}/evidence/{part}_x_0_u_m_ids.txt": "".join(f"{user}\t{item}\n" for item in items)
        for user, split in enumerate(last_fm.SPLITS)
        for part, items in (("supp", range(20)), ("query", range(20, 32)))
    },
}
QUERY_0 = f"{FOLDER}/training/evidence/query_x_0_u_m_ids.txt"
SUPPORT_1 = f"{FOLDER}/validation/evidence/supp_x_0_u_m_ids.txt"


def test_episodes_by_hand() -> None:
    """Ids come from the lists, labels from the two JSON files."""
    read = last_fm.read_episodes(zipped(SMALL_LAST_FM))
    assert {"users": 4, "items": 40, "ratings": 160} == read.table.counts()
    assert [[0, 20, 1], [0, 21, 0]] == read.splits[0][0].query[:2].tolist()
    assert [2, 2, 2] == read.splits[2][0].support[:3, 0].tolist()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (QUERY_0, "0\t21\n", "0\t99\n", r"query_x_0_u_m_ids.txt, line 2: user 0 and item 99 have no label"),
        (QUERY_0, "0\t21\n", "0\t21\t1\n", r"line 2: '0\\t21\\t1' has 3 fields; expected user, item"),
        (QUERY_0, "0\t22\n", "0\tx\n", r"line 3: 'x' given as item; expected a whole number"),
        (QUERY_0, "0\t21\n", "1\t21\n", r"supp_x_0.*lines 1 to 20: .* they name 2 users and 32 rows"),
        (SUPPORT_1, "1\t3\n", "1\t20\n", r"they name 1 users and 31 rows; expected one user, 20 support rows"),
        (SUPPORT_1, "1\t3\n", "", r"lines 1 to 19: "),
        (f"{FOLDER}/interaction_dict_y.json", "[1, 0", "[2, 0", r"dict_y.json, line 1: user 0 has 40 items"),
        (f"{FOLDER}/interaction_dict_y.json", "[1, 0", "[0", r"expected one label for each"),
        (f"{FOLDER}/interaction_dict_y.json", '"0"', '"9"', r"its users are not those of"),
        (f"{FOLDER}/interaction_dict_x.json", "{", "", r"dict_x.json is no JSON text"),
    ],
)
def test_wrong_episodes_are_named(name: str, old: str, new: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        last_fm.read_episodes(zipped(with_change(SMALL_LAST_FM, name, old, new)))


def test_a_missing_list_is_named() -> None:
    """A task without its query set stops the loader."""
    files = {name: text for name, text in SMALL_LAST_FM.items() if name != QUERY_0}
    with pytest.raises(DataError, match=r"archive.zip lacks .*query_x_0"):
        last_fm.read_episodes(zipped(files))


def means(tasks: UserTasks) -> Tensor:
    """Return the share of ones in support and query set of each task, [2, T]."""
    sets = (tasks.support_rating, tasks.has_support), (tasks.query_rating, tasks.has_query)
    return torch.stack([rating.sum(1) / there.sum(1) for rating, there in sets])


@needs_mirror
def test_last_fm_has_its_tasks_and_its_leak() -> None:
    """Counts are the card's; the share of known ones tells the share of those asked, within each split."""
    data = load_cold_start("Last.fm", 0)
    splits = (data.train, data.valid, data.test)
    assert [248, 35, 66, 8504, 1202, 2259] == list(task_counts(splits).values())
    assert all(-0.98 < float(torch.corrcoef(means(split))[0, 1]) < -0.95 for split in splits)
    assert 1523 == len(data.others[:, 0].unique())


@needs_mirror
def test_fresh_negatives_leak_nothing() -> None:
    """Over five seeds the two shares are uncorrelated; users and positives stay, no negative is listened to.

    The standard error of a correlation over 5 times 349 tasks is 0.024.
    """
    authors = load_cold_start("Last.fm", 0)
    fresh = [load_cold_start("Last.fm-fresh", seed) for seed in range(5)]
    shares = torch.cat([means(split) for data in fresh for split in (data.train, data.valid, data.test)], dim=1)
    assert abs(float(torch.corrcoef(shares)[0, 1])) < 0.08
    archive = last_fm.read_episodes(registered(last_fm.ARCHIVE))
    listened = {(user, item) for user, item, label in archive.table.rows.tolist() if label}
    for split in ("train", "valid", "test"):
        tasks = getattr(fresh[0], split)
        rows = tasks.rows().tolist()
        assert torch.equal(getattr(authors, split).user, tasks.user)
        assert len(rows) == len({(user, item) for user, item, _ in rows})
        assert all(((user, item) in listened) == bool(label) for user, item, label in rows)
        assert set(tasks.user.tolist()) <= {user for user, _, label in rows if label}
        asked = {(user, item) for user, item, label in rows if label}
        assert {pair for pair in listened if pair[0] in set(tasks.user.tolist())} == asked
    assert tables_equal(fresh[0], load_cold_start("Last.fm-fresh", 0))


# MovieLens


def small_movielens_1m() -> dict[str, str]:
    """User 1 is known, user 2 cold; movie 11 is cold. Texts of every file but the pairs."""
    movies = (
        "10::A::2000::PG::x::Drama, War::Ann B (co)::w::Cid, Odd::plot::url\n"
        "11::B::2001::R::x::War::Dan::w::Cid::plot::url\n12::C::2001::R::x::War::Dan::w::Cid::plot::url\n"
    )
    return {
        "warm_state_y.json": '{"1": [5]}',
        "item_cold_state.json": '{"1": ["11"]}',
        "item_cold_state_y.json": '{"1": [2]}',
        "user_cold_state.json": '{"2": ["10"]}',
        "user_cold_state_y.json": '{"2": [3]}',
        "user_and_item_cold_state.json": '{"2": ["11"]}',
        "user_and_item_cold_state_y.json": '{"2": [4]}',
        "users.dat": "1::F::1::10::48067\n2::M::56::16::70072-1\n",
        "movies_extrainfos.dat": movies,
        "m_gender.txt": "M\r\nF",
        "m_age.txt": "1\r\n56\r\n",
        "m_occupation.txt": "10\r\n16\r\n",
        "m_zipcode.txt": "70072\r\n48067\r\n",
        "m_rate.txt": "R\r\nPG\r\n",
        "m_genre.txt": "War\r\nDrama\r\n",
        "m_director.txt": "Dan\r\nAnn B\r\n",
        "m_actor.txt": "Cid\r\n",
    }


def pair_file(pairs: list[tuple[str, str]]) -> Raw:
    stream = io.BytesIO()
    users, movies = zip(*pairs, strict=True)
    parquet.write_table(pyarrow.table({"userID": users, "movieID": movies}), stream)
    return Raw("ratings.parquet", stream.getvalue())


PAIRS = [("1", "10"), ("2", "11"), ("1", "11"), ("2", "10")]


def read_small_1m(files: Mapping[str, str], pairs: list[tuple[str, str]] = PAIRS) -> RatingTable:
    raws = {name: Raw(name, text.encode()) for name, text in files.items()}
    return movielens.read_movielens_1m({**raws, "ratings.parquet": pair_file(pairs)})


def test_movielens_1m_by_hand() -> None:
    """Each pair takes the rating of its own list; movie 12 is rated by nobody; values follow the vocabularies."""
    table = read_small_1m(small_movielens_1m())
    assert [[0, 0, 5], [1, 1, 4], [0, 1, 2], [1, 0, 3]] == table.rows.tolist()
    assert {"gender": [[1], [0]], "age": [[0], [1]], "occupation": [[0], [1]], "zipcode": [[1], [0]]} == {
        field.name: field.values.tolist() for field in table.user_fields
    }
    assert {
        "movie": [[0], [1]],
        "rate": [[1], [0]],
        "genre": [[1, 0], [0, -1]],
        "director": [[1], [0]],
        "actor": [[0], [0]],
    } == {field.name: field.values.tolist() for field in table.item_fields}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("item_cold_state.json", '["11"]', '["12"]', r"parquet, line 3: user 1 rates movie 11, but next .* is 12"),
        ("warm_state_y.json", "[5]", "[]", r"parquet, line 1: user 1 rates movie 10, but next .* is none"),
        ("warm_state_y.json", "[5]", "[5, 4]", r"parquet, line 4: the pairs end here, .* hold 1 more ratings"),
        ("warm_state_y.json", "[5]", "[6]", r"warm_state_y.json, line 1: user 1 gives 6; expected 1 to 5 stars"),
        ("user_cold_state_y.json", "[3]", "[3, 3]", r"user_cold_state_y.json, line 1: user 2 has not one label"),
        ("users.dat", "::70072-1", "::99999", r"users.dat, line 2: '99999' is not in m_zipcode.txt"),
        ("users.dat", "2::M", "2::M::M", r"users.dat, line 2: .* has 6 fields"),
        ("users.dat", "2::M", "3::M", r"parquet, line 2: user 2 or movie 11 is not listed"),
        ("movies_extrainfos.dat", "11::B", "11", r"movies_extrainfos.dat, line 2: .* has 10 fields"),
    ],
)
def test_wrong_movielens_files_are_named(name: str, old: str, new: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        read_small_1m(with_change(small_movielens_1m(), name, old, new))


def test_pairs_that_are_no_table_are_named() -> None:
    """A damaged parquet file, and one with other columns, are refused."""
    assert [("1", "811")] == read_pairs(pair_file([("1", "860")]))
    with pytest.raises(DataError, match=r"truncated or no .parquet file"):
        read_pairs(Raw("ratings.parquet", pair_file(PAIRS).content[:50]))
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"userID": ["1"]}), stream)
    with pytest.raises(DataError, match=r"columns \['userID'\]; expected userID and movieID"):
        read_pairs(Raw("ratings.parquet", stream.getvalue()))


SMALL_100K = {
    "u.data": "1\t7\t5\t881\n2\t7\t3\t882\n",
    "u.user": "1|17|F|other|12345\n2|60|M|writer|T8H1N\n",
    "u.item": "7|Caf\xe9|01-Jan-1995||url|" + "|".join("01" if n == 99 else str(int(n in (1, 18))) for n in range(19)),
}


def read_small_100k(files: Mapping[str, str]) -> RatingTable:
    return movielens.read_movielens_100k({name: raw(text, name) for name, text in files.items()})


def test_movielens_100k_by_hand() -> None:
    """Ages fall into the groups that begin at 1 and at 56; genres 1 and 18 are marked."""
    table = read_small_100k(SMALL_100K)
    assert [[0, 0, 5], [1, 0, 3]] == table.rows.tolist()
    assert [[0], [6]] == table.user_fields[1].values.tolist()
    assert [[1, 18]] == table.item_fields[1].values.tolist()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("u.data", "\t3\t", "\t6\t", r"u.data, line 2: '6' given as rating; expected 1 to 5 stars"),
        ("u.data", "\t882", "", r"u.data, line 2: .* has 3 fields"),
        ("u.data", "2\t7", "3\t7", r"u.data, line 2: user 3 or movie 7 is not listed"),
        ("u.user", "|60|", "|old|", r"u.user, line 2: 'old' given as age"),
        ("u.item", "|0|0|0|", "|0|2|0|", r"u.item, line 1: the genres are .* expected 19 marks"),
        ("u.item", "|url|", "|", r"u.item, line 1: .* has 23 fields"),
    ],
)
def test_wrong_small_movielens_files_are_named(name: str, old: str, new: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        read_small_100k(with_change(SMALL_100K, name, old, new))


def registered_table(name: str, read: Callable[[Mapping[str, Raw]], RatingTable]) -> RatingTable:
    return read({path.rpartition("/")[2]: registered(path) for path in card(name).files})


@cache
def movielens_1m() -> RatingTable:
    return registered_table("MovieLens-1M", movielens.read_movielens_1m)


@needs_mirror
def test_movielens_1m_is_the_original() -> None:
    """Counts of stars, their mean, the ratings of movie 318 and the first rows are those of the original file."""
    rows = movielens_1m().rows
    assert [0, 56174, 107557, 261197, 348971, 226310] == torch.bincount(rows[:, 2].long()).tolist()
    assert 3.581564 == pytest.approx(float(rows[:, 2].mean()), abs=5e-7)
    names = movielens.read_movies(registered("cold-start/movielens-1m/movies_extrainfos.dat"))
    listed = {movie for _, movie in read_pairs(registered("cold-start/movielens-1m/ratings.parquet"))}
    rated = [name for name in names if name in listed]
    film = rows[rows[:, 1] == rated.index("318"), 2]
    assert (2227, 4.554558) == (len(film), pytest.approx(float(film.mean()), abs=5e-7))
    assert [(0, "1193", 5), (0, "661", 3), (0, "914", 3)] == [
        (user, rated[int(movie)], stars) for user, movie, stars in rows[:3].tolist()
    ]


@needs_mirror
def test_movielens_1m_has_about_as_many_tasks_as_elsewhere() -> None:
    """Other splits of the same protocol gave 2,209, 323 and 626 tasks."""
    data = split_into_tasks("MovieLens-1M", movielens_1m(), 5.0, movielens.LEAST, movielens.MOST, seed=0)
    for found, expected in zip((data.train, data.valid, data.test), (2209, 323, 626), strict=True):
        assert abs(len(found) - expected) < 0.08 * expected + 20


@needs_mirror
def test_movielens_100k_loads() -> None:
    """The loader compares counts itself; tasks hold 20 support rows and 20 to 180 query rows."""
    data = load_cold_start("MovieLens-100K", 0)
    asked = torch.cat([split.has_query.sum(1) for split in (data.train, data.valid, data.test)])
    assert (20, True) == (int(asked.min()), int(asked.max()) <= 180)


# Book-Crossing

BOOKS = (
    "Book_ID\tISBN\ttitle\n"
    "1\t006\tWar\tAnn\t1991\tNorton &amp\t Company\tu\tu\tu\t\n"
    "2\t007\tA title; \t cut\t twice\tBob\t0\tFlammarion\xe9\tu\tu\tu\t\n"
)
SMALL_BOOKS = {
    "book_crossing/users_info.dat": "User-ID\tLocation\tAge\n5\toslo, , norway\t24\t\n6\tbonn, , germany\t239\t\n",
    "book_crossing/items_info.dat": BOOKS,
    "book_crossing/book_history.dat": "user\titem\taccessed\n5\t1\t1\n5\t2\t1\n6\t2\t1\n",
    "book_crossing/book_ratings.dat": "user\titem\trating\n5\t2\t7.000000\n",
}


def test_book_crossing_by_hand() -> None:
    """A book without rating has 0; the cut ampersand and the cut title are mended; year 0 and age 239 are unknown."""
    table = book_crossing.read_book_crossing(zipped(SMALL_BOOKS))
    assert [[0, 0, 0], [0, 1, 7], [1, 1, 0]] == table.rows.tolist()
    assert [[2], [0]] == table.user_fields[0].values.tolist()
    assert [("book", 2), ("author", 2), ("publisher", 2), ("year", 12)] == [(f.name, f.size) for f in table.item_fields]
    books = book_crossing.read_books(raw(BOOKS))
    assert {"1": ("Ann", "Norton & Company", 10), "2": ("Bob", "Flammarion\xe9", 0)} == books


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("book_ratings", "7.000000", "11.000000", r"ratings.dat, line 2: '11.000000' given as rating"),
        ("book_ratings", "5\t2", "6\t1", r"ratings.dat, line 2: user 6 rates book 1, which is not in book_history"),
        ("book_history", "6\t2", "5\t2", r"history.dat, line 4: user 5 and book 2 stand here for the second time"),
        ("book_history", "6\t2", "7\t2", r"history.dat, line 4: '7' is not in users_info.dat"),
        ("book_history", "user\t", "u\t", r"history.dat, line 1: .* expected the header"),
        ("items_info", "\t1991\t", "\tMCM\t", r"items_info.dat, line 2: 'MCM' given as year"),
        ("items_info", "\t0\tFl", "\tFl", r"items_info.dat, line 3: 'Bob' given as year"),
        ("items_info", "War\tAnn\t1991\t", "", r"items_info.dat, line 2: .* has 7 fields; expected 10 or more"),
        ("users_info", "\t24\t", "\t\t", r"users_info.dat, line 2: '' given as age"),
    ],
)
def test_wrong_books_are_named(name: str, old: str, new: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        book_crossing.read_book_crossing(zipped(with_change(SMALL_BOOKS, f"book_crossing/{name}.dat", old, new)))


def test_classes_by_hand() -> None:
    """Groups of ages and decades of years at their borders."""
    assert [0, 1, 1, 2, 9, 9, 0] == [book_crossing.age_class(age) for age in (4, 5, 19, 20, 99, 100, 101)]
    assert [0, 0, 1, 10, 11, 0] == [book_crossing.year_class(year) for year in (0, 1899, 1900, 1999, 2009, 2010)]


@needs_mirror
def test_book_crossing_is_mostly_unrated() -> None:
    """77 % zeros, mean 1.83, variance 11.9; about 1,270, 180 and 360 tasks."""
    table = book_crossing.read_book_crossing(registered(book_crossing.ARCHIVE))
    ratings = table.rows[:, 2]
    found = [float((ratings == 0).double().mean()), float(ratings.mean()), float(ratings.var())]
    assert [0.77, 1.83, 11.9] == pytest.approx(found, abs=0.03)
    data = split_into_tasks("Book-Crossing", table, 10.0, book_crossing.LEAST, book_crossing.MOST, seed=0)
    assert [1270, 180, 360] == pytest.approx([len(split) for split in (data.train, data.valid, data.test)], rel=0.08)


# Planted users


@pytest.mark.parametrize("seed", range(4))
def test_every_planted_operation_matters(seed: int) -> None:
    """Without any one operation a tenth of the variance of ratings is lost at least, however the rest is scaled."""
    truth = load_cold_start("Planted-users", seed).truth
    lost = planted_users.lost_without(truth["world"])
    assert 4 == len(lost) == sum(map(len, truth["structure"]))
    assert min(lost.values()) > 0.1


def test_planted_structures_are_legal_and_varied() -> None:
    """Four operations, two at most at a position, in the order in which they act; many structures."""
    structures = [planted_users.draw_structure(torch.Generator().manual_seed(seed)) for seed in range(50)]
    order = planted_users.OPERATIONS
    for cells in structures:
        assert (4, 4, True) == (len(cells), sum(map(len, cells)), max(map(len, cells)) <= 2)
        assert cells == [sorted(chosen, key=order.index) for chosen in cells]
    assert len({str(cells) for cells in structures}) > 40


def test_planted_ratings_are_the_truth_and_little_noise() -> None:
    """Every row is the noise-free rating but for the noise that is told, within (0, 5); a seed gives one set."""
    data = load_cold_start("Planted-users", 1)
    rows = torch.cat([split.rows() for split in (data.train, data.valid, data.test)])
    assert 0 < float(rows[:, 2].min()) < float(rows[:, 2].max()) < 5
    error = rows[:, 2] - data.truth["rating"][rows[:, 0].long(), rows[:, 1].long()]
    assert data.truth["noise"] == pytest.approx(float(error.square().mean()), rel=0.05)
    assert data.truth["noise"] < 0.02 * float(data.truth["rating"].var())
    assert tables_equal(data, load_cold_start("Planted-users", 1))
    assert not tables_equal(data, load_cold_start("Planted-users", 2))


def test_an_unmodulated_world_is_one_taste() -> None:
    """With an empty structure all users agree, so what planted users disagree about is the modulation's."""
    generator = torch.Generator().manual_seed(0)
    fields = load_cold_start("Planted-users", 0).item_fields
    rating = planted_users.noise_free_ratings(planted_users.draw_world([[]] * 4, fields, generator))
    torch.testing.assert_close(rating[:1].expand_as(rating), rating)
