"""What a search of structures has trained so far, where it starts, and how its random state is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from parsimony.methods.bilinear_structure import CELLS, PERMUTATIONS, SIZE, Structure, canonical, symmetry_features


def permutation_classes() -> tuple[Structure, ...]:
    """Return one structure for each of the five classes of permutations with chunks 1, 2, 3, 4 on rows 1 to 4."""
    found: dict[Structure, Structure] = {}
    for order in PERMUTATIONS:
        entries = [0] * CELLS
        for row, column in enumerate(order):
            entries[SIZE * row + column] = row + 1
        structure = Structure(tuple(entries))
        found.setdefault(canonical(structure), structure)
    return tuple(found.values())


class Trained:
    """Structures trained so far, in order, with scores and the number of their round."""

    def __init__(self) -> None:
        self.structures: list[Structure] = []
        self.scores: list[float] = []
        self.rounds: list[int] = []

    def add(self, structures: Sequence[Structure], scores: Sequence[float], number: int) -> None:
        """Append the structures of a round.

        Raises:
            ValueError: if the numbers of structures and scores differ.
        """
        if len(structures) != len(scores):
            raise ValueError(f"{len(structures)} structures but {len(scores)} scores told; expected one for each.")
        self.structures += structures
        self.scores += [float(score) for score in scores]
        self.rounds += [number] * len(structures)

    @property
    def best(self) -> tuple[Structure, float]:
        """The first structure with the highest score, and the score.

        Raises:
            ValueError: if nothing was trained yet.
        """
        if not self.scores:
            raise ValueError("no structure was trained yet; ask for structures and tell their scores first.")
        place = int(np.argmax(self.scores))
        return self.structures[place], self.scores[place]

    @property
    def trajectory(self) -> list[dict[str, Any]]:
        """One entry for each trained structure: its number, entries, score, the best so far, its round."""
        best = np.maximum.accumulate(self.scores).tolist() if self.scores else []
        return [
            {
                "trained": i + 1,
                "structure": list(s.entries),
                "score": self.scores[i],
                "best": best[i],
                "round": self.rounds[i],
            }
            for i, s in enumerate(self.structures)
        ]

    def features(self) -> np.ndarray:
        """Symmetry features of all, [N, 20]."""
        return features_of(self.structures)

    def state_dict(self) -> dict[str, Any]:
        """Return plain lists, copied."""
        structures = [list(one.entries) for one in self.structures]
        return {"structures": structures, "scores": list(self.scores), "rounds": list(self.rounds)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.structures = [Structure(tuple(entries)) for entries in state["structures"]]
        self.scores, self.rounds = list(state["scores"]), list(state["rounds"])


def features_of(structures: Iterable[Structure]) -> np.ndarray:
    """Return the symmetry features of structures, [N, 20]."""
    return np.array([symmetry_features(one) for one in structures])


def generator_state(generator: np.random.Generator) -> str:
    """Return the state of a generator as text (its integers are too long for an array)."""
    return json.dumps(generator.bit_generator.state)


def restore_generator(generator: np.random.Generator, state: str) -> None:
    """Go back to a saved state."""
    generator.bit_generator.state = json.loads(state)
