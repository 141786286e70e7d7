"""Runs of the reasoning chapter that hold one measurement, and how each method looks."""

from __future__ import annotations

from collections.abc import Sequence

from parsimony.artifacts.theme import palette
from parsimony.records import Archive, Filed

TASK = "graph reasoning"
# Place in the palette and marker of each method; the strongest colour is that of RED-GNN.
LOOKS = {
    "redgnn": (3, "o"), "nbfnet": (0, "s"), "drum": (1, "^"), "rnnlogic": (2, "D"), "adaprop": (4, "v"),
}  # fmt: skip


def runs_with(archive: Archive, measured: str, method: str, dataset: str | None = None) -> tuple[Filed, ...]:
    """Return the runs of a method that hold a measurement, one a seed: archived ones, or else quick ones.

    Of several variants, and of several data sets where none is asked for, the first by name counts.
    """
    for profile in ("paper", "quick"):
        every = archive.find(task=TASK, method=method, profile=profile, dataset=dataset)
        holding = [one for one in every if measured in one.record.measurements]
        if holding:
            first = holding[0].record.specification.identity
            return tuple(one for one in holding if one.record.specification.identity == first)
    return ()


def look_of(method: str) -> dict[str, str]:
    """Return colour and marker of a method."""
    number, marker = LOOKS[method]
    return {"color": palette()[number], "marker": marker}


def profiles_of(runs: Sequence[Filed]) -> str:
    """Name the profiles of some runs."""
    return " and ".join(sorted({one.record.specification.profile for one in runs}))
