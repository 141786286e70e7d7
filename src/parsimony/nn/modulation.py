"""Element-wise modulation of hidden states by one vector per task, fixed or as a mixture of all operations.

A cell is an operation at a position. A fixed modulation applies its cells; a gated one (the supernet of a search)
mixes each with what came in:

    x <- beta (x o p) + (1 - beta) x,    beta = sigmoid(alpha)

Shapes: B tasks, R rows (of all tasks), w width of a position, P numbers per task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn


def _times(x: Tensor, p: Tensor) -> Tensor:
    """Scale by a factor that is never negative, so that max and min keep their sides."""
    return x * p.relu()


FUNCTIONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "max": torch.maximum,
    "min": torch.minimum,
    "times": _times,
    "plus": torch.add,
}


class Modulation(nn.Module):
    """The cells of a structure, and where each finds its numbers.

    Args:
        widths: w of each position.
        cells: names of operations of each position, in the order in which they act.
        is_gated: whether each cell has a weight that is learnt, 1/2 at the start.

    Attributes:
        size: P, the numbers that each task must bring.
        alpha: weights before the sigmoid, one for each cell in order; None without gates.
    """

    def __init__(self, widths: Sequence[int], cells: Sequence[Sequence[str]], *, is_gated: bool = False) -> None:
        super().__init__()
        if len(widths) != len(cells):
            raise ValueError(f"operations for {len(cells)} positions given; the predictor has {len(widths)}.")
        self.cells = [list(chosen) for chosen in cells]
        sizes = [width for width, chosen in zip(widths, cells, strict=True) for _ in chosen]
        self.sizes, self.size = sizes, sum(sizes)
        self.alpha = nn.Parameter(torch.zeros(len(sizes))) if is_gated else None

    def split(self, p: Tensor) -> list[tuple[Tensor, ...]]:
        """Cut the numbers of each row, [R, P], into one tuple of [R, w] for each position."""
        parts = iter(p.split(self.sizes, dim=-1))
        return [tuple(next(parts) for _ in chosen) for chosen in self.cells]

    def forward(self, position: int, x: Tensor, parts: tuple[Tensor, ...]) -> Tensor:
        """Modulate what enters a position.

        Args:
            position: 0, 1, ...
            x: what enters, [R, w].
            parts: this position's share of `split`.

        Returns:
            What leaves, [R, w].
        """
        first = sum(map(len, self.cells[:position]))
        for k, (name, p) in enumerate(zip(self.cells[position], parts, strict=True)):
            changed = FUNCTIONS[name](x, p)
            x = changed if self.alpha is None else torch.lerp(x, changed, self.alpha[first + k].sigmoid())
        return x
