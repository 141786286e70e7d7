"""Architectures of the Interstellar cell as 11 integers (arXiv 1911.07132), without torch.

In this order: op_1 (0 to 3: sum, product, complex product, gate); op_2 and op_3 (0 to 12: four times the number of x
or y among s_t, h_{t-1}, o and 0, plus the operator); a_1 and a_2 (identity, tanh, sigmoid); six bits, W_1 to W_6
learned or identity.

The authors search it with natural gradients over categorical distributions. The search is not repeated here: these
are the cells that they published. The one of WN18RR has no recurrence: h = s + r, v = s (x) h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PUBLISHED: Mapping[str, tuple[int, ...]] = {
    "WN18RR": (0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    "FB15k-237": (2, 1, 11, 1, 1, 0, 0, 0, 0, 0, 0),
}
CHOICES = (4, 13, 13, 3, 3, 2, 2, 2, 2, 2, 2)  # of each integer
GATE = 3  # the operator with weights of its own


def checked(architecture: Sequence[int]) -> tuple[int, ...]:
    """Return the architecture as a tuple.

    Raises:
        ValueError: if it is not 11 integers within `CHOICES`.
    """
    code = tuple(architecture)
    if len(code) != len(CHOICES) or any(not 0 <= one < bound for one, bound in zip(code, CHOICES, strict=True)):
        raise ValueError(
            f"architecture {code} given; expected {len(CHOICES)} integers from 0 to "
            f"{', '.join(str(bound - 1) for bound in CHOICES)} in this order."
        )
    return code
