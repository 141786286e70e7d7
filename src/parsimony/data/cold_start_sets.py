"""The cold-start data sets by name."""

from __future__ import annotations

from collections.abc import Callable

from parsimony.data.book_crossing import load_book_crossing
from parsimony.data.cold_start import ColdStart
from parsimony.data.last_fm import load_fresh_last_fm, load_last_fm
from parsimony.data.movielens import load_movielens_1m, load_movielens_100k
from parsimony.data.planted_users import load_planted_users
from parsimony.data.registry import DataError

LOADERS: dict[str, Callable[[int], ColdStart]] = {
    "Last.fm": lambda seed: load_last_fm(),  # the authors' episodes leave nothing to a seed
    "Last.fm-fresh": load_fresh_last_fm,
    "MovieLens-1M": load_movielens_1m,
    "MovieLens-100K": load_movielens_100k,
    "Book-Crossing": load_book_crossing,
    "Planted-users": load_planted_users,
}


def load_cold_start(name: str, seed: int) -> ColdStart:
    """Load a data set and check its counts against its card.

    Args:
        name: one of `LOADERS`.
        seed: of everything that is chosen at random: splits, support sets, negatives, generated users.

    Raises:
        DataError: if the name is not known, a file is missing or damaged, or a count is not the card's.
    """
    if name not in LOADERS:
        raise DataError(f"cold-start data set {name!r} given; known are {', '.join(LOADERS)}.")
    return LOADERS[name](seed)
