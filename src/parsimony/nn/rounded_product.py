"""Linear layers whose factors may be rounded to bfloat16; weights and their gradients keep their own type.

    float32     y = x W^T + b          in the type of the weights, float32 unless a model was made double
    bfloat16    the same with x, W and b rounded to 8 significant bits; products are summed in float32, y is rounded

A core with AVX-512 and bfloat16 instructions multiplies matrices four to five times as fast so. What reads y decides
whether it goes on in bfloat16: normalisations, means and similarities do not.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PRECISIONS = ("float32", "bfloat16")


def require_precision(precision: str) -> str:
    """Return a precision.

    Raises:
        ValueError: if there is no such.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} given; choose 'float32' or 'bfloat16'.")
    return precision


def apply_linear(layer: nn.Linear, x: Tensor, precision: str) -> Tensor:
    """Apply a linear layer to x, [..., outputs] from [..., inputs]; bfloat16 if that is the precision."""
    if precision == "float32":
        return layer(x)
    weight, bias = (None if one is None else one.to(torch.bfloat16) for one in (layer.weight, layer.bias))
    return functional.linear(x.to(torch.bfloat16), weight, bias)
