"""Message-passing flows: the skeletons among which GSR searches (Shi et al., ICLR 2023; first paper, section 5.2,
Figure 8).

One full block of a graph network computes, with aggregators rho out of sum, mean and max,

    e'_ij = phi_e(e_ij, v_i, v_j, u)
    v'_i  = phi_v(rho(e'_ij over j), v_i, u)
    u'    = phi_u(rho(e'_ij over i, j), rho(v'_i over i), u)

A flow is a list of such layers, block after block. Each layer reads some of the levels E, V, U, in each the latest
quantity: the output of the last layer of that level before it, or the raw variables of the data. So a deleted layer is
an identity. A raw quantity may be read in part (the mass of the sender alone), an embedding is read whole.

Rules after every change, until nothing changes any more: a level without variables is not read; a layer that reads
nothing vanishes; a layer from which the output cannot be reached vanishes; the last layer of the output's level is the
output, which cannot be deleted and whose size is the output's.

Complexity of a flow: sum over its layers of embedding size times number of levels that it reads (circuit of the
paper: 14, 8, 7, 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

LEVELS = ("E", "V", "U")
LAYER_OF_LEVEL = {"E": "e", "V": "v", "U": "u"}
AGGREGATORS = ("sum", "mean", "max")
MIXTURE = "mixture"  # the softmax-weighted mixture of all three
ODD = ("dx", "dy", "wx", "wy")  # edge variables that change their sign when the ends are swapped
GATHERED = {("E", "V"), ("E", "U"), ("V", "U")}  # (from, to) that pass through an aggregator


@dataclass(frozen=True)
class GraphVariables:
    """What the data offer at each level, and what is asked.

    Attributes:
        names: raw variables of the levels E, V and U.
        target: level of the output.
        size: number of output dimensions.
    """

    names: Mapping[str, tuple[str, ...]]
    target: str
    size: int

    @classmethod
    def of(cls, samples) -> GraphVariables:
        """Return the variables of graph samples (`parsimony.data.graph_samples.GraphSamples`)."""
        names = {"E": samples.edge_names, "V": samples.node_names, "U": samples.whole_names}
        target = {"edge": "E", "node": "V", "whole": "U"}[samples.level]
        return cls({level: tuple(one) for level, one in names.items()}, target, len(samples.target_names))

    def read_by(self, reader: str, level: str) -> tuple[str, ...]:
        """Return the variables that a layer finds at a raw level; an edge sees its receiver i and its sender j."""
        names = self.names[level]
        if (level, reader) == ("V", "E"):
            return tuple(f"{name}_{end}" for end in "ij" for name in names)
        return names


@dataclass(frozen=True)
class Connection:
    """One level that a layer reads.

    Attributes:
        level: E, V or U.
        variables: raw variables read; None where a layer's output is read, or all that there are.
        aggregator: how the elements are gathered; None where the reader stands beside what it reads.
        is_linear: whether a layer's output enters by a matrix alone, added to what the reader makes of the rest.
    """

    level: str
    variables: tuple[str, ...] | None = None
    aggregator: str | None = None
    is_linear: bool = False

    def __str__(self) -> str:
        name = " ".join([*["linear"] * self.is_linear, *filter(None, [self.aggregator]), self.level])
        return f"{name}: {' '.join(self.variables)}" if self.variables else name


@dataclass(frozen=True)
class Layer:
    """One function phi.

    Attributes:
        block: its block, from 1.
        level: what it computes.
        reads: the levels it reads, in the order E, V, U.
        size: numbers it gives for each edge, node or graph.
    """

    block: int
    level: str
    reads: tuple[Connection, ...]
    size: int

    @property
    def name(self) -> str:
        """Short name, such as e1."""
        return f"{LAYER_OF_LEVEL[self.level]}{self.block}"

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that it reads."""
        return tuple(one.level for one in self.reads)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.reads))}; {self.size})"


@dataclass(frozen=True)
class Flow:
    """Layers in the order in which they are computed, with what the data offer; always in pruned form.

    Raises:
        ValueError: if no layer of the output's level is left.
    """

    data: GraphVariables
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        layers = self.layers
        while (pruned := _prune(layers, self.data)) != layers:
            layers = pruned
        object.__setattr__(self, "layers", layers)

    def __str__(self) -> str:
        return " -> ".join(map(str, self.layers))

    @property
    def skeleton(self) -> str:
        """The flow without raw variables and aggregators, as figures of the paper write it."""
        return " -> ".join(f"{one.name}({', '.join(one.levels)}; {one.size})" for one in self.layers)

    @property
    def complexity(self) -> int:
        """Sum over layers of size times number of levels read."""
        return sum(layer.size * len(layer.reads) for layer in self.layers)

    @property
    def output(self) -> Layer:
        """The layer that gives the output."""
        return self.layers[_output_place(self.layers, self.data)]

    @property
    def blocks(self) -> int:
        """Number of blocks that still have a layer."""
        return len({layer.block for layer in self.layers})

    @property
    def connections(self) -> int:
        """Number of levels read, over all layers."""
        return sum(len(layer.reads) for layer in self.layers)

    @property
    def variables(self) -> int:
        """Number of raw variables read, over all layers."""
        return sum(len(one.variables or ()) for layer in self.layers for one in layer.reads)

    def source(self, layer: Layer, level: str) -> Layer | None:
        """Return the layer whose output `layer` finds at a level, or None where that is raw."""
        return _source(self.layers, self.layers.index(layer), level)

    def inputs(self, layer: Layer) -> tuple[str, ...]:
        """Name the numbers that a layer reads, in order; gathered raw variables are named like `sum_m`."""
        return tuple(name for one in layer.reads for name in self.names_in(layer, one))

    def names_in(self, layer: Layer, one: Connection) -> tuple[str, ...]:
        """Name the numbers that come through one connection; an embedding of layer e1 gives e1_0, e1_1 and so on."""
        source = self.source(layer, one.level)
        if source is None:
            return tuple(f"{one.aggregator}_{name}" if one.aggregator else name for name in one.variables)
        names = tuple(f"{source.name}_{k}" for k in range(source.size))
        ends = [f"_{end}" for end in "ij"] if (one.level, layer.level) == ("V", "E") else [""]
        return tuple(f"{name}{end}" for end in ends for name in names)

    def readers(self, layer: Layer) -> Iterator[tuple[Layer, Connection]]:
        """Yield the layers that read the output of `layer`, and how."""
        for other in self.layers:
            for one in other.reads:
                if self.source(other, one.level) == layer:
                    yield other, one

    def layer(self, name: str) -> Layer:
        """Return the layer of that name."""
        return next(one for one in self.layers if one.name == name)

    def without_layer(self, name: str) -> Flow:
        """Delete a layer: what it computed stays as it was before.

        Raises:
            ValueError: if it is the output layer.
        """
        if name == self.output.name:
            raise ValueError(f"layer {name} gives the output of {self}; delete another one.")
        return Flow(self.data, tuple(one for one in self.layers if one.name != name))

    def without_connection(self, name: str, level: str) -> Flow:
        """Let a layer no longer read a level."""
        layer = self.layer(name)
        return self._with(replace(layer, reads=tuple(one for one in layer.reads if one.level != level)))

    def without_variables(self, name: str, level: str, dropped: tuple[str, ...]) -> Flow:
        """Let a layer no longer read some raw variables of a level."""
        layer = self.layer(name)
        old = next(one for one in layer.reads if one.level == level)
        kept = tuple(one for one in old.variables if one not in dropped)
        return self._with_connection(layer, replace(old, variables=kept))

    def with_size(self, name: str, size: int) -> Flow:
        """Give a layer another embedding size."""
        return self._with(replace(self.layer(name), size=size))

    def with_aggregator(self, name: str, level: str, aggregator: str) -> Flow:
        """Let a layer gather a level in another way."""
        layer = self.layer(name)
        old = next(one for one in layer.reads if one.level == level)
        return self._with_connection(layer, replace(old, aggregator=aggregator))

    def with_linear_reading(self, name: str) -> Flow:
        """Let what a layer reads of other layers enter it linearly."""
        layer = self.layer(name)
        reads = tuple(replace(one, is_linear=self.source(layer, one.level) is not None) for one in layer.reads)
        return self._with(replace(layer, reads=reads))

    def _with_connection(self, layer: Layer, new: Connection) -> Flow:
        reads = tuple(new if one.level == new.level else one for one in layer.reads)
        return self._with(replace(layer, reads=reads))

    def _with(self, new: Layer) -> Flow:
        return Flow(self.data, tuple(new if one.name == new.name else one for one in self.layers))


def full_flow(data: GraphVariables, blocks: int = 1, size: int = 8, aggregator: str = "sum") -> Flow:
    """Return `blocks` full blocks, pruned by the rules, with wide embeddings."""
    layers = [
        Layer(block, level, _full_reads(level, aggregator), size) for block in range(1, blocks + 1) for level in LEVELS
    ]
    return Flow(data, tuple(layers))


def _full_reads(reader: str, aggregator: str) -> tuple[Connection, ...]:
    return tuple(Connection(level, None, aggregator if (level, reader) in GATHERED else None) for level in LEVELS)


def _prune(layers: tuple[Layer, ...], data: GraphVariables) -> tuple[Layer, ...]:
    """Apply every rule once."""
    layers = tuple(_connect(layers, place, data) for place in range(len(layers)))
    layers = tuple(layer for layer in layers if layer.reads)
    end = _output_place(layers, data)
    layers = (*layers[:end], replace(layers[end], size=data.size))
    reached = {end}
    for place in range(end, -1, -1):
        if place in reached:
            reached |= {_place(layers, place, one.level) for one in layers[place].reads}
    return tuple(layer for place, layer in enumerate(layers) if place in reached)


def _connect(layers: tuple[Layer, ...], place: int, data: GraphVariables) -> Layer:
    """Name the raw variables that a layer reads, and drop levels that do not exist."""
    layer = layers[place]
    reads = []
    for one in layer.reads:
        is_raw = _place(layers, place, one.level) is None
        offered = data.read_by(layer.level, one.level) if is_raw else None
        variables = offered if one.variables is None or not is_raw else one.variables
        if variables != ():
            reads.append(replace(one, variables=variables, is_linear=one.is_linear and not is_raw))
    return replace(layer, reads=tuple(reads))


def _place(layers: tuple[Layer, ...], place: int, level: str) -> int | None:
    """Return where the layer stands whose output is read at `level` by the layer at `place`."""
    return next((k for k in range(place - 1, -1, -1) if layers[k].level == level), None)


def _source(layers: tuple[Layer, ...], place: int, level: str) -> Layer | None:
    found = _place(layers, place, level)
    return None if found is None else layers[found]


def _output_place(layers: tuple[Layer, ...], data: GraphVariables) -> int:
    places = [k for k, layer in enumerate(layers) if layer.level == data.target]
    if not places:
        raise ValueError(f"no layer of level {data.target} is left in {len(layers)} layers; the output needs one.")
    return places[-1]
