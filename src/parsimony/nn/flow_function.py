"""Functions of the layers of a flow, over their inputs row by row (GSR, Shi et al., ICLR 2023).

Shapes: R rows, F inputs, D numbers that the layer gives.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from parsimony.nn.dense import dense
from parsimony.nn.perceptron import perceptron

Part = tuple[list[int], list[nn.Linear]]  # columns of the inputs, and the linear layers that they pass


class ScaledPerceptron(nn.Module):
    """A perceptron whose inputs are divided by given scales and whose outputs are multiplied by others."""

    def __init__(self, into: Tensor, out: Tensor, hidden: tuple[int, ...], generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("into", into.reciprocal())
        self.register_buffer("out", out)
        self.layers = perceptron((len(into), *hidden, len(out)), nn.SiLU, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, [R, D]."""
        return self.layers(x * self.into) * self.out

    def parts(self) -> Iterator[Part]:
        """Yield all columns and the linear layers."""
        yield list(range(len(self.into))), [one for one in self.layers if isinstance(one, nn.Linear)]


class LinearReader(nn.Module):
    """A matrix times what other layers gave, plus a scaled perceptron of the raw variables where there are any.

    Args:
        is_embedded: which inputs other layers gave, [F].
        into, out, hidden, generator: as of `ScaledPerceptron`.
    """

    def __init__(
        self, is_embedded: Tensor, into: Tensor, out: Tensor, hidden: tuple[int, ...], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.embedded, self.others = (one.nonzero()[:, 0].tolist() for one in (is_embedded, ~is_embedded))
        self.register_buffer("out", out)
        self.matrix = dense(len(self.embedded), len(out), generator)
        self.rest = ScaledPerceptron(into[self.others], out, hidden, generator) if self.others else None

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, [R, D]."""
        linear = self.matrix(x[:, self.embedded]) * self.out
        return linear if self.rest is None else linear + self.rest(x[:, self.others])

    def parts(self) -> Iterator[Part]:
        """Yield the columns of the matrix, then those of the perceptron."""
        yield self.embedded, [self.matrix]
        if self.rest is not None:
            ((_, layers),) = self.rest.parts()
            yield self.others, layers
