"""AutoBLM+: evolutionary search for a bilinear scoring function (arXiv 2107.00184; first paper, section 3.1).

The problem and the way to ask and tell are those of AutoBLM. A population of five, which starts from the
permutations, gives children by crossover and mutation; of a hundred the predictor picks the eight that are
trained, and each replaces the worst member if it is better.

Departures: equivalence is tested with the sign changes of entity chunks too, as in AutoBLM. The noise on the
scores that the predictor learns from is drawn anew each round; the authors draw it once for each structure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from parsimony.methods.bilinear_structure import CELLS, SIZE, Structure, canonical, passes_published_filter
from parsimony.methods.structure_predictor import StructurePredictor
from parsimony.methods.trained_structures import (
    Trained,
    features_of,
    generator_state,
    permutation_classes,
    restore_generator,
)

KEEP = 8  # structures trained in a round
NOISE = 0.02  # of the scores that the predictor learns from
POPULATION = 5
CANDIDATES = 100
CROSSOVER, MUTATE_AFTER_CROSSOVER, MUTATE_CELL = 0.5, 0.2, 2 / CELLS


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
        """Return all that a resumed search needs to go on alike."""
        return {
            "trained": self.trained.state_dict(), "population": list(self._population),
            "generator": generator_state(self._generator), "predictor": self._predictor.state_dict(),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.trained.load_state_dict(state["trained"])
        self._population = list(state["population"])
        restore_generator(self._generator, state["generator"])
        self._predictor.load_state_dict(state["predictor"])
