"""Where the entities of a layered graph stand in its drawing."""

from __future__ import annotations

from collections.abc import Sequence

ROW, MARGIN = 46, 70  # units of the drawing
LONGEST = 16  # characters of a name that is written out
LETTER = 7.4  # width of one, about
BEND = 26


class Layout:
    """Columns from left to right, entities of a column from top to bottom.

    Args:
        columns: names of the entities of each column, in their order.
    """

    def __init__(self, columns: Sequence[Sequence[str]]) -> None:
        self.columns = columns
        self.width = 720
        self.height = ROW * max(3, *map(len, columns))

    def place(self, column: int, label: str) -> tuple[float, float]:
        """Return the middle of an entity."""
        labels = self.columns[column]
        x = MARGIN + column * (self.width - 2 * MARGIN) / (len(self.columns) - 1)
        return x, self.height * (labels.index(label) + 0.5) / len(labels)

    def curve(self, layer: int, head: str, tail: str, bend: float) -> str:
        """Return the path of an edge from the box of its head to the box of its tail."""
        x0, y0 = self.place(layer, head)
        x1, y1 = self.place(layer + 1, tail)
        x0, x1 = x0 + self.width_of(head) / 2, x1 - self.width_of(tail) / 2
        middle = (x0 + x1) / 2, (y0 + y1) / 2 + BEND * bend
        return f"M{x0:.1f} {y0:.1f} Q{middle[0]:.1f} {middle[1]:.1f} {x1:.1f} {y1:.1f}"

    def width_of(self, label: str) -> float:
        """Return the width of the box around a name."""
        return 16 + LETTER * len(self.short(label))

    @staticmethod
    def short(label: str) -> str:
        """Return a name as it is written, cut if it is long."""
        return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
