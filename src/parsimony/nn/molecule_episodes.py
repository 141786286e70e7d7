"""Episodes of few-shot molecular property prediction: one batch of molecules for all properties of a meta-iteration.

Shapes: T properties (tasks), K shots, Q query molecules of each.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from parsimony.nn.molecule_encoder import Molecules


class Episodes(NamedTuple):
    """T episodes of equal size.

    Attributes:
        molecules: property by property K inactive and K active support molecules, then Q query molecules.
        shots: K.
        label: of the query molecules, 0 inactive or 1 active, [T, Q].
    """

    molecules: Molecules
    shots: int
    label: Tensor

    def split(self, g: Tensor) -> tuple[Tensor, Tensor]:
        """Part what belongs to all molecules, [T (2 K + Q), D], into support [T, 2 K, D] and query [T, Q, D].

        Raises:
            ValueError: if there are more or fewer molecules than the episodes have.
        """
        (tasks, queries), n = self.label.shape, 2 * self.shots
        if len(g) != tasks * (n + queries):
            raise ValueError(
                f"{len(g)} molecules given; {tasks} episodes of 2 x {self.shots} support and {queries} query molecules "
                f"have {tasks * (n + queries)}. Lay them out property by property."
            )
        support, query = g.unflatten(0, (tasks, n + queries)).split([n, queries], dim=1)
        return support, query
