"""The search space of ColdNAS and the theorem that makes it small (arXiv 2306.03387; first paper, section 3.2).

Large space: at each of the L + 1 positions of a predictor a chain of C element-wise operations

    M(h) = (...((h o_1 phi_1) o_2 phi_2)...) o_C phi_C,    o_k in {max, min, +, -, x, /},   6^(C (L + 1)) structures.

Theorem: if every factor and divisor is positive, then for any chain there are low <= high, factor > 0 and shift with

    M(h) = min(max(h, low), high) * factor + shift

where low = -inf without a max in the chain, high = inf without a min, factor = 1 without x and /, shift = 0
without + and -. So a chain may be replaced by a subset of four operations in one fixed order: 2^(4 (L + 1)) structures.

The proof is an algorithm, `normal_form`: minus and divide are plus and times with another parameter; neighbours of one
kind merge; max and min pass through plus, and through times because its factor is positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

OPERATIONS = ("max", "min", "times", "plus")  # the order in which a position applies them
LARGE_OPERATIONS = ("max", "min", "plus", "minus", "times", "divide")
POSITIONS = 4


@dataclass(frozen=True)
class ModulationStructure:
    """Which operations act at each position.

    Attributes:
        cells: operations of each position, in the order of `OPERATIONS`.
    """

    cells: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for position, chosen in enumerate(self.cells):
            expected = tuple(name for name in OPERATIONS if name in chosen)
            if tuple(chosen) != expected:
                raise ValueError(
                    f"operations {', '.join(chosen)} given for position {position}; expected some of "
                    f"{', '.join(OPERATIONS)}, each once and in this order."
                )
        object.__setattr__(self, "cells", tuple(tuple(chosen) for chosen in self.cells))

    @classmethod
    def top(cls, gates: Any, count: int) -> ModulationStructure:
        """Keep the `count` largest gates of all positions and operations together; ties go to the earlier one.

        Args:
            gates: weight of each operation, [positions, 4].
            count: how many to keep.

        Raises:
            ValueError: if there are fewer gates than that.
        """
        values = np.asarray(gates, dtype=float)
        if not 0 <= count <= values.size:
            raise ValueError(f"{count} operations asked of {values.size}; ask for 0 to {values.size}.")
        kept = set(np.argsort(-values.ravel(), kind="stable")[:count].tolist())
        width = len(OPERATIONS)
        return cls(
            tuple(
                tuple(name for k, name in enumerate(OPERATIONS) if width * row + k in kept)
                for row in range(len(values))
            )
        )

    @property
    def size(self) -> int:
        """Number of operations."""
        return sum(map(len, self.cells))

    def to_list(self) -> list[list[str]]:
        """Return the JSON value that stands for this structure."""
        return [list(chosen) for chosen in self.cells]

    def __str__(self) -> str:
        return " | ".join("+".join(chosen) or "none" for chosen in self.cells)


NONE = ModulationStructure(((),) * POSITIONS)
FILM = ModulationStructure((("times", "plus"),) * POSITIONS)
ALL = ModulationStructure((OPERATIONS,) * POSITIONS)
# The structure of the authors' released model for Last.fm.
RELEASED = ModulationStructure((("plus",), ("plus",), ("max", "plus"), ()))


def large_space(chain: int, positions: int = POSITIONS) -> int:
    """Count the structures with a chain of given length at every position."""
    return len(LARGE_OPERATIONS) ** (chain * positions)


def small_space(positions: int = POSITIONS) -> int:
    """Count the structures that choose a subset of four operations at every position."""
    return 2 ** (len(OPERATIONS) * positions)


@dataclass(frozen=True, eq=False)
class NormalForm:
    """min(max(h, low), high) * factor + shift, element by element."""

    low: np.ndarray
    high: np.ndarray
    factor: np.ndarray
    shift: np.ndarray

    def __call__(self, h: np.ndarray) -> np.ndarray:
        """Modulate h."""
        return np.minimum(np.maximum(h, self.low), self.high) * self.factor + self.shift

    def then(self, operation: str, phi: np.ndarray) -> NormalForm:
        """Return the normal form of this one followed by one more operation.

        Raises:
            ValueError: if a factor or divisor is not positive, for then max and min change places and the
                operations of the chain may not suffice.
        """
        if operation in ("times", "divide") and not (phi > 0).all():
            raise ValueError(f"smallest factor {phi.min()} given; the theorem needs positive factors: apply a ReLU.")
        if operation in ("plus", "minus"):
            return NormalForm(self.low, self.high, self.factor, self.shift + (phi if operation == "plus" else -phi))
        if operation in ("times", "divide"):
            by = phi if operation == "times" else 1 / phi
            return NormalForm(self.low, self.high, self.factor * by, self.shift * by)
        bound = {"max": np.maximum, "min": np.minimum}[operation]
        threshold = (phi - self.shift) / self.factor
        return NormalForm(bound(self.low, threshold), bound(self.high, threshold), self.factor, self.shift)


def apply_chain(h: np.ndarray, chain: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """Apply operations one after the other, as the large space writes them."""
    functions = {
        "max": np.maximum, "min": np.minimum, "plus": np.add, "minus": np.subtract,
        "times": np.multiply, "divide": np.divide,
    }  # fmt: skip
    for operation, phi in chain:
        h = functions[operation](h, phi)
    return h


def normal_form(chain: Sequence[tuple[str, np.ndarray]], shape: tuple[int, ...]) -> NormalForm:
    """Return the four parameters that do what a whole chain does.

    Args:
        chain: operations with their parameters, each of the given shape.
        shape: of what is modulated.
    """
    form = NormalForm(np.full(shape, -np.inf), np.full(shape, np.inf), np.ones(shape), np.zeros(shape))
    for operation, phi in chain:
        form = form.then(operation, phi)
    return form


def operations_of(chain: Sequence[str]) -> tuple[str, ...]:
    """Return the subset of the small space that a chain of the large space needs."""
    group = {"divide": "times", "minus": "plus"}
    needed = {group.get(name, name) for name in chain}
    return tuple(name for name in OPERATIONS if name in needed)
