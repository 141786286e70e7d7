"""Macro F1, accuracy and Cohen's kappa of a confusion table of a record, with bootstrap intervals. No torch here.

The measures are those of `evaluation.interactions`. Pairs are resampled: of a table with n pairs every draw has n
again, spread over its cells as a multinomial says (Efron and Tibshirani, An Introduction to the Bootstrap, 1993).

Shapes: M cells that are not empty, C types, D draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MEASURES = ("macro F1", "accuracy", "kappa")


def confusion_measures(cells: Sequence[Sequence[int]], counts: NDArray) -> dict[str, NDArray]:
    """Return the measures of tables that share their cells, [D] each.

    Args:
        cells: true type, predicted type and number of pairs, M rows; the number is not read.
        counts: pairs in each cell, [D, M].
    """
    true, said, _ = np.asarray(cells).T
    types = np.arange(max(true.max(), said.max()) + 1)
    of_true, of_said, of_hit = (
        counts @ (one[:, None] == types).astype(float) for one in (true, said, np.where(true == said, true, -1))
    )
    total, either = counts.sum(1), of_true + of_said
    f1 = np.divide(2 * of_hit, either, out=np.zeros_like(either), where=either > 0)
    accuracy, chance = of_hit.sum(1) / total, (of_true * of_said).sum(1) / total**2
    kappa = np.divide(accuracy - chance, 1 - chance, out=np.zeros_like(chance), where=chance < 1)
    return dict(zip(MEASURES, (f1.sum(1) / (either > 0).sum(1), accuracy, kappa), strict=True))


def confusion_interval(
    cells: Sequence[Sequence[int]], measure: str, level: float = 0.95, draws: int = 500, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile interval of a measure over resampled pairs.

    Args:
        cells: true type, predicted type and number of pairs, M rows.
        measure: "macro F1", "accuracy" or "kappa".
        level: coverage, as a fraction.
        draws: resamples.
        seed: of the resampling.

    Raises:
        ValueError: if there is no pair, or the measure is another one.
    """
    pairs = np.asarray(cells).reshape(-1, 3)[:, 2]
    if measure not in MEASURES or not pairs.sum():
        known = ", ".join(MEASURES)
        raise ValueError(f"measure {measure!r} of {int(pairs.sum())} pairs given; expected {known} of some pairs.")
    drawn = np.random.default_rng(seed).multinomial(pairs.sum(), pairs / pairs.sum(), size=draws)
    values = confusion_measures(cells, drawn.astype(float))[measure]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
