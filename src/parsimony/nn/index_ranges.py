"""Numbers from each first to before each last, one range after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ranges(first: NDArray, last: NDArray) -> tuple[NDArray, NDArray]:
    """Return the numbers of all ranges, and which range each belongs to."""
    sizes = last - first
    owner = np.repeat(np.arange(len(sizes)), sizes)
    shift = first - (np.cumsum(sizes) - sizes)
    return np.arange(len(owner)) + shift[owner], owner
