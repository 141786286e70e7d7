"""What a notebook publishes: a figure or a table with its data, words and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from parsimony.records import Filed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


@dataclass(frozen=True)
class Behind:
    """What a cell of a table summarises: a measure of some runs."""

    measure: str
    runs: tuple[Filed, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Artifact:
    """One table or figure of the book.

    Attributes:
        id: permanent identifier, such as tab-2 or fig-own-structures.
        title: a short name.
        caption: what it shows; can be read alone.
        alt: what a figure shows, for those who cannot see it; empty for a table.
        data: the table itself, or the numbers behind the figure.
        figure: the picture; None for a table.
        records: runs it was made from.
        published: table of published values that it shows, such as tab-2.
        behind: what the cells of a table summarise, by number of the row and name of the column.
        graphs: layered graphs that a reader may explore below the figure, as `explorable_digraph` makes them.
        weight: what the weight of their edges is called.
        explanation: what else a reader may explore below the figure; its `kind` says with which explorer.
    """

    id: str
    title: str
    caption: str
    alt: str = ""
    data: DataFrame
    figure: Figure | None = None
    records: tuple[Filed, ...] = ()
    published: str = ""
    behind: Mapping[tuple[int, str], Behind] = field(default_factory=dict)
    graphs: tuple[Mapping[str, Any], ...] = ()
    weight: str = ""
    explanation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return "figure" or "table"."""
        return "figure" if self.figure is not None else "table"


def best_search(records: Sequence[Filed]) -> Filed | None:
    """Return the run with the highest validation MRR: the one choice that needs no test triple."""
    return max(records, key=lambda one: one.record.metrics["valid MRR"], default=None)
