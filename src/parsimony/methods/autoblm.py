"""AutoBLM: progressive greedy search for a bilinear scoring function (arXiv 2107.00184; first paper, section 3.1).

    A* = argmax over A of  M(P*(A); A, S_valid),   P*(A) = argmin over P of  L(P; A, S_train)

The search asks for structures to train and is told their validation MRR; it trains nothing itself, so a run can
train a round side by side, stop at any point and go on.

From the permutations (4 cells) it adds two cells a stage to one of the best structures of the stage before, and
trains those that the predictor ranks highest. Every structure that it reaches holds a permutation with four
different relation chunks; ComplEx and Analogy do not, so only AutoBLM+ can find them.

Departure: equivalence is tested with the sign changes of entity chunks too (exact, since head and tail share a
table), which spares the training of structures that cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from parsimony.methods.bilinear_structure import CELLS, SIZE, Structure, canonical, has_empty_line
from parsimony.methods.structure_predictor import StructurePredictor
from parsimony.methods.trained_structures import (
    Trained,
    features_of,
    generator_state,
    permutation_classes,
    restore_generator,
)

KEEP = 8  # structures trained in a round, and parents of the next stage
TRIES = 50  # attempts at one candidate


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
        rounds = zip(self.trained.structures, self.trained.rounds, strict=True)
        seen = {canonical(structure) for structure, number in rounds if number == self.stage}
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
        """Return all that a resumed search needs to go on alike."""
        return {
            "trained": self.trained.state_dict(), "stage": self.stage, "round": self.round,
            "generator": generator_state(self._generator), "predictor": self._predictor.state_dict(),
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.trained.load_state_dict(state["trained"])
        self.stage, self.round = state["stage"], state["round"]
        self.finished = self.stage > self.last_stage
        restore_generator(self._generator, state["generator"])
        self._predictor.load_state_dict(state["predictor"])
