"""AutoBLM and AutoBLM+: search for a bilinear scoring function (arXiv 2107.00184; first paper, section 3.1).

    A* = argmax over A of  M(P*(A); A, S_valid),   P*(A) = argmin over P of  L(P; A, S_train)

Both searches ask for structures to train and are told their validation MRR; they train nothing themselves, so a
run can train a round side by side, stop at any point and go on.

AutoBLM is progressive and greedy: from the permutations (4 cells) it adds two cells a stage to one of the best
structures of the stage before, and trains those that the predictor ranks highest. AutoBLM+ is evolutionary: a small
population, crossover and mutation, the same kind of predictor. Every structure reached by the greedy search holds a
permutation with four different relation chunks; ComplEx and Analogy do not, so only AutoBLM+ can find them.

Departures: equivalence is tested with the sign changes of entity chunks too (exact, since head and tail share a
table), which spares the training of structures that cannot differ. The noise on the scores that the evolutionary
predictor learns from is drawn anew each round; the authors draw it once for each structure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from parsimony.methods.bilinear_structure import (
    CELLS,
    PERMUTATIONS,
    SIZE,
    Structure,
    canonical,
    has_empty_line,
    passes_published_filter,
    symmetry_features,
)
from parsimony.methods.structure_predictor import StructurePredictor

KEEP = 8  # structures trained in a round, and parents of the next stage
TRIES = 50  # attempts at one greedy candidate
NOISE = 0.02  # of the scores that the evolutionary predictor learns from
POPULATION = 5
CANDIDATES = 100
CROSSOVER, MUTATE_AFTER_CROSSOVER, MUTATE_CELL = 0.5, 0.2, 2 / CELLS


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
        """Append the structures of a round."""
        self.structures += structures
        self.scores += [float(score) for score in scores]
        self.rounds += [number] * len(structures)

    @property
    def best(self) -> tuple[Structure, float]:
        """The first structure with the highest score, and the score."""
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
        """Return plain lists."""
        return {"structures": [list(s.entries) for s in self.structures], "scores": self.scores, "rounds": self.rounds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.structures = [Structure(tuple(entries)) for entries in state["structures"]]
        self.scores, self.rounds = list(state["scores"]), list(state["rounds"])


def features_of(structures: Iterable[Structure]) -> np.ndarray:
    """Return the symmetry features of structures, [N, 20]."""
    return np.array([symmetry_features(one) for one in structures])


class ProgressiveSearch:
    """AutoBLM: add two cells a stage to the best structures of the stage before.

    Args:
        seed: of everything random.
        rounds: rounds of a stage; 32 in the authors' code.
        last_stage: cells of the last stage, an even number from 6 to 16.
        candidates: candidates drawn in a round, of which the best eight are trained.
    """

    def __init__(self, seed: int, rounds: int = 32, last_stage: int = CELLS, candidates: int = 256) -> None:
        if rounds < 1 or last_stage not in range(SIZE + 2, CELLS + 1, 2):
            raise ValueError(f"{rounds} rounds to {last_stage} cells given; expected 1 or more, and 6, 8, ... or 16.")
        self.rounds, self.last_stage, self.candidates = rounds, last_stage, candidates
        self.trained = Trained()
        self.stage, self.round = SIZE, 0
        self._generator = np.random.default_rng(seed)
        self._predictor = StructurePredictor(self._generator, networks=5)
        self.finished = False

    @property
    def best(self) -> tuple[Structure, float]:
        """Best structure of all stages, and its score."""
        return self.trained.best

    @property
    def trajectory(self) -> list[dict[str, Any]]:
        """What was trained, in order."""
        return self.trained.trajectory

    def ask(self) -> tuple[Structure, ...]:
        """Return the structures to train next: the permutations first, then eight a round."""
        if self.stage == SIZE:
            return permutation_classes()
        drawn = self._draw()
        order = np.argsort(-self._predictor.predict(features_of(drawn)), kind="stable")
        return tuple(drawn[place] for place in order[:KEEP])

    def tell(self, structures: Sequence[Structure], scores: Sequence[float]) -> None:
        """Take the validation MRR of the structures asked for; move on to the next round or stage."""
        self.trained.add(structures, scores, self.stage)
        self._predictor.learn(self.trained.features(), np.array(self.trained.scores))
        self.round += 1
        if self.stage == SIZE or self.round == self.rounds:
            self._next_stage()

    def _next_stage(self) -> None:
        self.stage, self.round = self.stage + 2, 0
        self.finished = self.stage > self.last_stage

    def _draw(self) -> list[Structure]:
        """Draw candidates of this stage that are new up to equivalence; at least one, unless the stage is spent."""
        seen = {canonical(s) for s, number in zip(self.trained.structures, self.trained.rounds) if number == self.stage}
        parents, drawn = self._parents(), []
        for _ in range(self.candidates):
            child = self._child(parents, seen)
            if child is not None:
                seen.add(canonical(child))
                drawn.append(child)
        if not drawn:
            raise ValueError(f"no new structure of {self.stage} cells found in {self.candidates} attempts.")
        return drawn

    def _parents(self) -> list[Structure]:
        """The best structures of the stage before."""
        before = [i for i, number in enumerate(self.trained.rounds) if number == self.stage - 2]
        order = sorted(before, key=lambda i: -self.trained.scores[i])
        return [self.trained.structures[i] for i in order[:KEEP]]

    def _child(self, parents: list[Structure], seen: set[Structure]) -> Structure | None:
        """Add two random cells to a parent, in at most fifty attempts."""
        for _ in range(TRIES):
            entries = list(parents[self._generator.integers(len(parents))].entries)
            for _ in range(2):
                cell = self._generator.integers(CELLS)
                value = (1 + self._generator.integers(SIZE)) * (1 - 2 * self._generator.integers(2))
                if entries[cell] == 0:
                    entries[cell] = int(value)
            child = Structure(tuple(entries))
            if child.num_cells == self.stage and not has_empty_line(child) and canonical(child) not in seen:
                return child
        return None

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed search needs to go on alike; write or copy it before the search goes on."""
        return {
            "trained": self.trained.state_dict(), "stage": self.stage, "round": self.round,
            "generator": _state_of(self._generator), "predictor": self._predictor.state_dict(),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.trained.load_state_dict(state["trained"])
        self.stage, self.round = state["stage"], state["round"]
        self.finished = self.stage > self.last_stage
        _restore(self._generator, state["generator"])
        self._predictor.load_state_dict(state["predictor"])


class EvolutionarySearch:
    """AutoBLM+: crossover and mutation in a population of five.

    Args:
        seed: of everything random.
        budget: structures to train, the five permutations included; 300 in KGBench's examples.
    """

    def __init__(self, seed: int, budget: int = 300) -> None:
        if budget <= POPULATION:
            raise ValueError(f"a budget of {budget} given; expected more than the {POPULATION} permutations.")
        self.budget = budget
        self.trained = Trained()
        self._population: list[int] = []  # places in `trained`
        self._generator = np.random.default_rng(seed)
        self._predictor = StructurePredictor(self._generator)

    @property
    def finished(self) -> bool:
        """Whether the budget is spent."""
        return len(self.trained.structures) >= self.budget

    @property
    def best(self) -> tuple[Structure, float]:
        """Best structure ever trained, and its score."""
        return self.trained.best

    @property
    def trajectory(self) -> list[dict[str, Any]]:
        """What was trained, in order."""
        return self.trained.trajectory

    def ask(self) -> tuple[Structure, ...]:
        """Return the structures to train next: the permutations first, then eight a round within the budget."""
        if not self.trained.structures:
            return permutation_classes()
        drawn = self._draw()
        noise = self._generator.uniform(-NOISE, NOISE, len(self.trained.scores))
        self._predictor.learn(self.trained.features(), np.array(self.trained.scores) + noise)
        order = np.argsort(-self._predictor.predict(features_of(drawn)), kind="stable")
        return tuple(drawn[place] for place in order[: min(KEEP, self.budget - len(self.trained.structures))])

    def tell(self, structures: Sequence[Structure], scores: Sequence[float]) -> None:
        """Take the validation MRR of the structures asked for; each replaces the worst member if it is better."""
        first = len(self.trained.structures)
        number = self.trained.rounds[-1] + 1 if first else 0
        self.trained.add(structures, scores, number)
        for place in range(first, len(self.trained.structures)):
            self._population.append(place)
            self._population.sort(key=lambda i: -self.trained.scores[i])
            del self._population[POPULATION:]

    def _draw(self) -> list[Structure]:
        """Draw candidates that are new up to equivalence, until a hundred stand or a hundred in a row fail."""
        seen = {canonical(structure) for structure in self.trained.structures}
        drawn: list[Structure] = []
        failures = 0
        while len(drawn) < CANDIDATES and (failures < CANDIDATES or not drawn):
            child = self._child()
            if passes_published_filter(child) and canonical(child) not in seen:
                seen.add(canonical(child))
                drawn.append(child)
                failures = 0
            else:
                failures += 1
        return drawn

    def _child(self) -> Structure:
        """Cross two parents (and perhaps mutate the child), or mutate one."""
        members = [self.trained.structures[place].entries for place in self._population]
        if self._generator.random() >= CROSSOVER:
            return self._mutate(members[self._generator.integers(len(members))])
        first, second = self._generator.choice(len(members), 2, replace=False)
        from_first = self._generator.random(CELLS) < 0.5
        child = tuple(a if take else b for a, b, take in zip(members[first], members[second], from_first, strict=True))
        return self._mutate(child) if self._generator.random() < MUTATE_AFTER_CROSSOVER else Structure(child)

    def _mutate(self, entries: Sequence[int]) -> Structure:
        """Replace each cell with probability 2/16 by a uniform draw from -4..4."""
        is_new = self._generator.random(CELLS) < MUTATE_CELL
        values = self._generator.integers(-SIZE, SIZE + 1, CELLS)
        return Structure(tuple(int(v) if new else e for e, v, new in zip(entries, values, is_new, strict=True)))

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed search needs to go on alike; write or copy it before the search goes on."""
        return {
            "trained": self.trained.state_dict(), "population": self._population,
            "generator": _state_of(self._generator), "predictor": self._predictor.state_dict(),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.trained.load_state_dict(state["trained"])
        self._population = list(state["population"])
        _restore(self._generator, state["generator"])
        self._predictor.load_state_dict(state["predictor"])


def _state_of(generator: np.random.Generator) -> str:
    """Return the state of a generator as text (its integers are too long for an array)."""
    return json.dumps(generator.bit_generator.state)


def _restore(generator: np.random.Generator, state: str) -> None:
    generator.bit_generator.state = json.loads(state)
