"""The grid of a run on sine waves: which networks are trained, where their projections start, on which rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

import torch
from torch import Tensor

from parsimony.data.sine_waves import TEST_ROWS, WIDE, SineTask, draw_sine_task
from parsimony.experiments.modularity.parallel_training import FitSettings, generator_for
from parsimony.methods.modularity import RuleSettings

NETWORKS = ("monolithic", "modular", "linear")
PROJECTIONS = ("random", "rule", "true")
POOL = 30_000  # training rows that are drawn; smaller sets are their beginnings
TOGETHER = 15  # networks trained in step; more would not fit the processor's cache


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One network of the grid.

    Attributes:
        dimension: m.
        modules: k of the task.
        samples: n.
        width: of the hidden layers; of one module, if the network is modular.
    """

    dimension: int
    modules: int
    samples: int
    width: int

    def generator(self, seed: int, purpose: str) -> torch.Generator:
        """Return a generator that depends on the cell alone."""
        return generator_for(seed, purpose, *asdict(self).values())


@dataclass(frozen=True, kw_only=True)
class SineRegression:
    """What a run of this task needs.

    Attributes:
        network: one of `NETWORKS`; linear modules are fitted in closed form, with projections held fast.
        projections: where those of modules start: one of `PROJECTIONS`.
        dimensions: every m of the grid.
        modules: every k.
        samples: every n.
        widths: every width.
        reference: m, k and n of the cell that stands for the run.
        training: of the networks.
        rule: of the projections.
        penalty: of linear modules.
    """

    network: str
    projections: str = "random"
    dimensions: Sequence[int]
    modules: Sequence[int] = (5,)
    samples: Sequence[int]
    widths: Sequence[int] = (32,)
    reference: Sequence[int] = (9, 5, 1000)
    training: FitSettings = field(default_factory=FitSettings)
    rule: RuleSettings = field(default_factory=RuleSettings)
    penalty: float = 1.0

    def __post_init__(self) -> None:
        if self.network not in NETWORKS or self.projections not in PROJECTIONS:
            raise ValueError(
                f"network {self.network!r} with {self.projections!r} projections given; known are "
                f"{', '.join(NETWORKS)} and {', '.join(PROJECTIONS)}."
            )
        for name, kind in (("training", FitSettings), ("rule", RuleSettings)):
            if isinstance(getattr(self, name), dict):
                object.__setattr__(self, name, kind(**getattr(self, name)))
        if max(self.samples) > POOL:
            raise ValueError(f"{max(self.samples)} samples asked; at most {POOL} are drawn.")
        if tuple(self.reference) not in {(one.dimension, one.modules, one.samples) for one in self.cells()}:
            raise ValueError(f"reference m, k, n = {tuple(self.reference)} given, which is no cell of the grid.")

    def cells(self) -> Iterator[Cell]:
        """Yield the grid, networks of one shape beside one another."""
        for width in self.widths:
            for modules in self.modules:
                for dimension in self.dimensions:
                    for samples in self.samples:
                        yield Cell(dimension=dimension, modules=modules, samples=samples, width=width)

    def batches(self) -> list[list[Cell]]:
        """Return what is trained in step."""
        shapes = [list(part) for _, part in groupby(self.cells(), lambda one: (one.width, one.modules))]
        return [part[at : at + TOGETHER] for part in shapes for at in range(0, len(part), TOGETHER)]


@dataclass(frozen=True, eq=False)
class Problem:
    """Target and rows of one cell: training rows, test rows, and test rows out of distribution."""

    task: SineTask
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    wide: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, cell: Cell, seed: int) -> Problem:
        """Draw the problem; it depends on m, k and the seed, and more samples only add rows."""
        generator = generator_for(seed, "task", cell.dimension, cell.modules)
        task = draw_sine_task(cell.dimension, cell.modules, generator)
        x, y = task.draw(POOL, generator)
        test, wide = task.draw(TEST_ROWS, generator), task.draw(TEST_ROWS, generator, WIDE)
        return cls(task, (x[: cell.samples], y[: cell.samples]), test, wide)
