"""A figure, a table and a run, small enough to read, for the tests of the book."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas
from matplotlib.figure import Figure

from parsimony.artifacts.artifact import Behind
from parsimony.records import Filed, Record, Specification

ALTERNATIVE = "The curve rises from zero to one and levels off after the second of three rounds."


@dataclass(frozen=True)
class SampleArtifact:
    """The fields of an artifact that the book reads."""

    id: str
    title: str = "A sample"
    caption: str = "Three rounds of nothing in particular."
    alt: str = ALTERNATIVE
    data: pandas.DataFrame = field(default_factory=lambda: pandas.DataFrame({"round": [1, 2], "MRR": [0.5, 2 / 3]}))
    figure: Any = None
    records: tuple[Filed, ...] = ()
    published: str = ""
    behind: dict[tuple[int, str], Behind] = field(default_factory=dict)
    graphs: tuple[dict[str, Any], ...] = ()
    weight: str = ""
    explanation: dict[str, Any] = field(default_factory=dict)


def sample_figure(name: str = "fig-own-sample") -> SampleArtifact:
    """Return a figure with two points."""
    figure = Figure(figsize=(5, 3))
    axes = figure.subplots()
    axes.plot([1, 2], [0.5, 2 / 3], label="sample")
    axes.legend()
    return SampleArtifact(name, figure=figure)


def sample_run(folder: Path, seed: int = 0, profile: str = "quick", state: str = "fresh") -> Filed:
    """Return a run of DistMult on UMLS as it would be filed below `folder`."""
    asked = Specification(task="link prediction", method="distmult", dataset="UMLS", seed=seed, profile=profile)
    record = Record(
        specification=asked,
        fingerprint=f"{seed:012x}",
        metrics={"MRR": 0.5 + seed / 10, "H@1": 0.25},
        measurements={"ranks": {"tail": [1.0], "head": [2.0]}},
        parameters=1000,
        seconds=90.0,
        peak_memory_bytes=2**20,
        machine="a processor, 2 cores",
        packages={},
        commit="0" * 40,
        data_sha256={},
        source_sha256="0" * 64,
        finished="2026-01-01T00:00:00Z",
    )
    return Filed(record, folder / "UMLS" / f"{asked.stem}-{record.fingerprint[:8]}.json", state)
