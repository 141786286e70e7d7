"""Samples of graphs with known variables and an unknown one: what symbolic regression on graphs learns from.

A graph holds variables of nodes, of edges and of the whole; the target is a variable of the nodes or of the whole
(Shi et al., "Learning Symbolic Models for Graph-structured Physical Mechanism", ICLR 2023, section 2). Graphs have 4
to some dozens of nodes, so they are stored dense, padded to one number of nodes.

Positions never stand among the variables: an edge holds the displacement dx, dy = x_j - x_i and the distance r.

Shapes: S graphs, N nodes, Fv variables of a node, Fe of an edge, Fu of the whole, d of the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

BASE_UNITS = ("kg", "m", "s", "A", "K")
LEVELS = ("node", "whole")

Unit = tuple[int, ...]  # exponents of the base units


def unit_text(unit: Unit) -> str:
    """Write exponents of the base units as text: (0, 1, -2, 0, 0) is "m s^-2", a pure number "1"."""
    powers = [(name, power) for name, power in zip(BASE_UNITS, unit, strict=True) if power]
    return " ".join(name if power == 1 else f"{name}^{power}" for name, power in powers) or "1"


@dataclass(frozen=True, eq=False)
class GraphSamples:
    """Graphs with their variables and the target.

    Attributes:
        name: of the data.
        adjacency: True at (s, i, j) where node i receives a message from node j, [S, N, N]; never on the diagonal.
        present: False where a graph has fewer nodes than N, [S, N]; such a node has no edges.
        node: variables of the nodes, [S, N, Fv] in float32.
        edge: variables of the edges, [S, N, N, Fe]; where there is no edge they are finite and mean nothing.
        whole: variables of the whole, [S, Fu].
        node_names: names of the Fv variables.
        edge_names: names of the Fe variables.
        whole_names: names of the Fu variables.
        target: [S, N, d] of level "node", [S, d] of level "whole".
        level: "node" or "whole".
        target_names: names of the d variables.
        units: exponents of the base units for every name.
        positions: for pictures, [S, N, 2]; None if nodes have no place.
        has_target: where the target of a node is known and counts, [S, N]; None if it does wherever a node is present.
    """

    name: str
    adjacency: Tensor
    present: Tensor
    node: Tensor
    edge: Tensor
    whole: Tensor
    node_names: tuple[str, ...]
    edge_names: tuple[str, ...]
    whole_names: tuple[str, ...]
    target: Tensor
    level: str
    target_names: tuple[str, ...]
    units: Mapping[str, Unit]
    positions: Tensor | None = None
    has_target: Tensor | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))
        _require_shapes(self)
        _require_units(self)
        _require_graphs(self)
        _require_values(self)

    @property
    def num_samples(self) -> int:
        """Number of graphs, S."""
        return len(self.adjacency)

    @property
    def num_nodes(self) -> int:
        """Number of places for nodes, N."""
        return self.adjacency.shape[1]

    @property
    def counted(self) -> Tensor:
        """Where a node's target counts, [S, N]."""
        return self.present if self.has_target is None else self.has_target

    def take(self, rows: Tensor | slice | Sequence[int]) -> GraphSamples:
        """Return some of the graphs."""
        return self._with(**{name: tensor[rows] for name, tensor in self._tensors().items()})

    def to(self, device: str | torch.device) -> GraphSamples:
        """Return the graphs on a device."""
        return self._with(**{name: tensor.to(device) for name, tensor in self._tensors().items()})

    def counting(self, has_target: Tensor) -> GraphSamples:
        """Return the graphs with the targets of only some nodes counting.

        Args:
            has_target: which, [S, N].

        Raises:
            ValueError: if a node counts that did not.
        """
        if has_target.shape != self.present.shape or (has_target & ~self.counted).any():
            raise ValueError(f"{self.name}: targets asked that are not known; ask for some of those that count now.")
        return self._with(has_target=has_target)

    def noisy(self, share: float, generator: torch.Generator) -> GraphSamples:
        """Return the graphs with Gaussian noise on the target.

        Args:
            share: standard deviation of the noise as a share of that of the target, each dimension by itself.
            generator: makes the draws, on the CPU, so that every device gets the same noise.

        Raises:
            ValueError: if the share is negative.
        """
        if share < 0:
            raise ValueError(f"noise of the share {share} asked; give 0 for none, 0.1 for a tenth of the deviation.")
        noise = torch.randn(self.target.shape, generator=generator).to(self.target) * share * self.target_deviation()
        if self.level == "node":
            noise = noise * self.counted.unsqueeze(-1)
        return self._with(target=self.target + noise)

    def target_deviation(self) -> Tensor:
        """Return the standard deviation of the target where it counts, [d]."""
        counted = self.target[self.counted] if self.level == "node" else self.target
        return counted.std(0)

    def keep(self, names: Sequence[str]) -> GraphSamples:
        """Return the graphs with only the named variables, in the order in which they stand.

        Raises:
            ValueError: if there is no variable of such a name.
        """
        known = (*self.node_names, *self.edge_names, *self.whole_names)
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"variables {unknown} asked of {self.name}; it has {', '.join(known)}.")
        kept: dict[str, Any] = {}
        for level in ("node", "edge", "whole"):
            own = getattr(self, f"{level}_names")
            columns = [column for column, name in enumerate(own) if name in names]
            kept[level] = getattr(self, level)[..., columns]
            kept[f"{level}_names"] = tuple(own[column] for column in columns)
        return self._with(**kept)

    def _tensors(self) -> dict[str, Tensor]:
        return {name: value for name, value in self.__dict__.items() if isinstance(value, Tensor)}

    def _with(self, **changed: Any) -> GraphSamples:
        """Return a copy; what comes from checked samples is not checked again, as a batch is taken in each step."""
        copy = object.__new__(GraphSamples)
        copy.__dict__.update(self.__dict__ | changed)
        return copy


def _require_shapes(samples: GraphSamples) -> None:
    s, n = samples.present.shape
    if samples.level not in LEVELS:
        raise ValueError(f"{samples.name}: target of level {samples.level!r} given; known are {', '.join(LEVELS)}.")
    places = (s, n) if samples.level == "node" else (s,)
    expected = {
        "adjacency": (s, n, n),
        "node": (s, n, len(samples.node_names)),
        "edge": (s, n, n, len(samples.edge_names)),
        "whole": (s, len(samples.whole_names)),
        "target": (*places, len(samples.target_names)),
        "positions": (s, n, 2),
        "has_target": (s, n),
    }
    found = {name: tuple(tensor.shape) for name, tensor in samples._tensors().items()}
    for name, shape in expected.items():
        if name in found and found[name] != shape:
            raise ValueError(
                f"{samples.name}: {name} of shape {list(found[name])} given; expected {list(shape)} for {s} graphs, "
                f"{n} nodes and the names given. Pad the graphs, or name every variable."
            )


def _require_units(samples: GraphSamples) -> None:
    for name in (*samples.node_names, *samples.edge_names, *samples.whole_names, *samples.target_names):
        unit = samples.units.get(name)
        if unit is None or len(unit) != len(BASE_UNITS):
            raise ValueError(
                f"{samples.name}: unit {unit} given for {name!r}; expected {len(BASE_UNITS)} exponents, one each of "
                f"{', '.join(BASE_UNITS)}. A pure number has zeros."
            )


def _require_graphs(samples: GraphSamples) -> None:
    masks = {"adjacency": samples.adjacency, "present": samples.present, "has_target": samples.counted}
    if wrong := [name for name, mask in masks.items() if mask.dtype != torch.bool]:
        raise ValueError(f"{samples.name}: {wrong} given as numbers; expected True and False.")
    if samples.adjacency.diagonal(dim1=1, dim2=2).any():
        raise ValueError(f"{samples.name}: a node with an edge to itself given; leave the diagonal False.")
    ends = samples.present.unsqueeze(1) & samples.present.unsqueeze(2)
    if (samples.adjacency & ~ends).any() or (samples.counted & ~samples.present).any():
        raise ValueError(f"{samples.name}: an absent node with an edge or a target given; clear both where it is not.")


def _require_values(samples: GraphSamples) -> None:
    for name in ("node", "edge", "whole", "target"):
        values = getattr(samples, name)
        if values.dtype != torch.float32 or not values.isfinite().all():
            bad = int((~values.isfinite()).sum())
            raise ValueError(
                f"{samples.name}: {name} of {values.dtype} with {bad} values that are not finite given; expected "
                "finite float32. Fill places without node or edge with numbers that no formula divides by."
            )
