"""Set hypernetwork: numbers made from a support set of two classes (Wu et al., arXiv 2310.00614; PACIA).

    molecule   z_i = f([t_i ; one-hot of y_i])
    classes    m = [mean of z_i over class 0 ; mean of z_i over class 1]
    joint      numbers = f'(m)

f and f' are linear layers, each but the last of f' with a LeakyReLU; a layer that keeps the width, other than the
first, adds its input after it. Nothing in it depends on the order of the molecules of a class.

Shapes: ... tasks, n support molecules (first those of class 0, then as many of class 1), D width of t.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.nn.dense import dense

SLOPE = 0.01  # of LeakyReLU
CLASSES = 2


def class_means(x: Tensor) -> Tensor:
    """Return the mean of each class, [..., 2, D] from [..., n, D].

    Raises:
        ValueError: if the two classes cannot be equally large.
    """
    if x.shape[-2] % CLASSES:
        raise ValueError(f"a support set of {x.shape[-2]} molecules given; expected K of class 0, then K of class 1.")
    return x.unflatten(-2, (CLASSES, -1)).mean(-2)


class ResidualLayers(nn.Module):
    """Linear layers, each with a LeakyReLU; a layer adds its input if it keeps the width and is not the first.

    Args:
        widths: from the input to the output.
        generator: draws the initial weights.
    """

    def __init__(self, widths: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        self.layers = nn.ModuleList(dense(a, b, generator) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """Return [..., last width] from [..., first width]."""
        for number, layer in enumerate(self.layers):
            y = functional.leaky_relu(layer(x), SLOPE)
            x = y + x if number and y.shape == x.shape else y
        return x


class SetHypernetwork(nn.Module):
    """All three steps.

    Args:
        width: D.
        molecule_widths: of the layers of f.
        joint_widths: of the layers of f'; the last is how many numbers are made.
        generator: draws the initial weights.
    """

    def __init__(
        self, width: int, molecule_widths: Sequence[int], joint_widths: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__()
        self.f = ResidualLayers((width + CLASSES, *molecule_widths), generator)
        *hidden, size = (CLASSES * molecule_widths[-1], *joint_widths)
        self.joint = ResidualLayers(hidden, generator)
        self.last = dense(hidden[-1], size, generator)

    def forward(self, t: Tensor) -> Tensor:
        """Return the numbers, [..., last of joint_widths], made from a support set t, [..., n, D]."""
        label = torch.eye(CLASSES, dtype=t.dtype, device=t.device).repeat_interleave(t.shape[-2] // CLASSES, dim=0)
        z = self.f(torch.cat([t, label.expand(*t.shape[:-1], CLASSES)], dim=-1))
        return self.last(self.joint(class_means(z).flatten(-2)))
