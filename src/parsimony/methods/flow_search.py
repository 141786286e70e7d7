"""GSR, stage 1: search a message-passing flow by pruning (Shi et al., ICLR 2023; first paper, section 5.2, Figure 8).

    M* = argmin over flows M of  s(P*; M),    P* = argmin over parameters P of  l(P; M),    s = l + lambda c

A flow that contains the true one changes the loss little, one that lacks a part makes it jump; so parts are deleted
one after the other and a deletion is kept if the score falls. c counts what the step prunes:

    blocks        train 1, 2, ... full blocks, stop when the score rises            c = blocks
    layers        delete each layer in turn                                         c = layers
    inputs        delete each connection from a level to a layer                    c = connections
    aggregators   try mean and max in place of each sum                             loss alone
    layers        once more, for a layer that only passes on what it reads          c = layers
    variables     delete each raw variable inside a connection                      c = variables
    readers       let each layer read the outputs of others linearly                loss alone
    sizes         try embedding sizes 3, 2, 1 of each layer, the others wide        c = size
    receivers     move what messages read of their receiver to the node layer       loss alone

What vanishes along with a deletion is not counted: a layer that is needed would be lost for the price of the one
connection that reads it.

Departures from the paper: the second step of layers; those of variables, without which 1/m may be divided anywhere
between two layers, of readers, since messages that are only added up are forces and not a code that their reader knows,
and of receivers (`symbolic.receiver_move`); aggregators are chosen one training each, since a softmax mixture of all
three settles on the wrong one in short trainings, and before variables, which a wrong one makes look useless; a child
starts from its parent's weights, and is trained as long as a first flow where its embeddings change; a full flow is
trained on, in rounds, as long as that pays, since products are learnt late and all at once; two blocks are trained
twice as long as one; no block is added that could not pay for itself with a loss of 0; components of a vector are kept
or deleted together, and some variables may be hidden from some layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

from parsimony.methods.flow_training import FlowTraining, network_with, normalised_error, train_flow, weights_of
from parsimony.nn.dense_graph_block import GraphNetwork
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow
from parsimony.symbolic.receiver_move import with_receiver_in_reader

# r is a function of the displacement, but formulas have no root; and a law prefers no axis of the plane.
GEOMETRY = ("dx", "dy", "r")
VECTORS = (("fx", "fy"), ("vx", "vy"), ("ex", "ey"), ("gx", "gy"), ("wx", "wy"))


@dataclass(frozen=True, kw_only=True)
class FlowSearch:
    """Settings of a search.

    Attributes:
        price: lambda, what one unit of complexity costs.
        most_blocks: blocks tried.
        width: embedding size until sizes are searched.
        sizes: embedding sizes tried, falling.
        groups: raw variables that are kept or deleted together.
        private: variables of a node that only node layers read: nobody sees where another wants to go.
        unseen: variables of a node that no message reads, since edges tell what matters of them.
        gain: share by which another aggregator must lower the loss, and within which a loss counts as unchanged; it
            must also lower it by half the price, since where all graphs have as many edges a mean is a sum, and by as
            much a linear reader may raise it.
        first: training of one full block, from random weights.
        rounds: of this training at most; another one starts only if the loss may still fall by the price, and did so.
        child: training of a candidate that starts from its parent's weights and only lost something.
        hopeless: a candidate stops half-way if its loss is above this many times its parent's (and its price).
    """

    price: float = 0.1
    most_blocks: int = 3
    width: int = 8
    sizes: tuple[int, ...] = (3, 2, 1)
    groups: tuple[tuple[str, ...], ...] = (GEOMETRY, *VECTORS)
    private: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    gain: float = 0.1
    first: FlowTraining = field(default_factory=lambda: FlowTraining(cycle=OneCycle(steps=1200)))
    rounds: int = 3
    child: FlowTraining = field(default_factory=lambda: FlowTraining(cycle=OneCycle(steps=350)))
    hopeless: float = 3.0

    def __post_init__(self) -> None:
        for name in ("first", "child"):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, FlowTraining(**value))
        object.__setattr__(self, "sizes", tuple(self.sizes))
        object.__setattr__(self, "private", tuple(self.private))
        object.__setattr__(self, "unseen", tuple(self.unseen))
        object.__setattr__(self, "groups", tuple(map(tuple, self.groups)))

    def first_of(self, blocks: int) -> FlowTraining:
        """Return the training of so many full blocks: as many times the steps, or else depth would look useless."""
        cycle = self.first.cycle
        return replace(self.first, cycle=replace(cycle, steps=cycle.steps * blocks))


@dataclass(frozen=True)
class Candidate:
    """One line of the log.

    Attributes:
        step: what was pruned.
        flow: text of the flow.
        loss: l on the validation graphs.
        complexity: of the whole flow.
        score: l + lambda c, with the c of the step.
        is_kept: whether the search went on from it.
    """

    step: str
    flow: str
    loss: float
    complexity: int
    score: float
    is_kept: bool


@dataclass(frozen=True)
class FoundFlow:
    """What a search ends with: the flow, and one line for every candidate in order."""

    flow: Flow
    log: tuple[Candidate, ...]


def search_flow(
    train,
    valid,
    settings: FlowSearch,
    seed: int,
    memo: MutableMapping[str, Any] | None = None,
    after: Callable[[MutableMapping[str, Any]], None] = lambda memo: None,
) -> FoundFlow:
    """Search a flow.

    Args:
        train, valid: `GraphSamples` to learn from and to compare on.
        settings: of the search.
        seed: of every training.
        memo: losses and weights by flow text; a search that is given the memo of an earlier one goes on from there.
        after: called with the memo after each training, so that it can be kept.
    """
    search = _Search(train, valid, settings, seed, {} if memo is None else memo, after)
    flow = search.choose_blocks()
    for proposals in (_layers, _connections):
        flow = search.prune(flow, proposals)
    flow = search.choose_aggregators(flow)
    for proposals in (_layers, lambda flow: _variables(flow, settings.groups)):
        flow = search.prune(flow, proposals)
    flow = search.choose_sizes(search.choose_linear_readers(flow))
    return FoundFlow(search.move_receivers(flow), tuple(search.log))


def without_hidden(flow: Flow, settings: FlowSearch) -> Flow:
    """Return the flow in which no layer reads variables that are hidden from it."""
    for layer in flow.layers:
        hidden = {"E": (*settings.private, *settings.unseen), "V": (), "U": settings.private}[layer.level]
        reads = {one.level: one.variables or () for one in layer.reads}
        dropped = tuple(one for one in reads.get("V", ()) if one.removesuffix("_i").removesuffix("_j") in hidden)
        if dropped:
            flow = flow.without_variables(layer.name, "V", dropped)
    return flow


Proposal = tuple[str, Callable[[Flow], int], Callable[[Flow], Flow | None]]  # step, c, change (None: cannot be)


def _layers(flow: Flow) -> Iterator[Proposal]:
    """Propose to delete each layer."""
    for name in (layer.name for layer in flow.layers):
        yield "layers", lambda now: len(now.layers), lambda now, name=name: _without_layer(now, name)


def _connections(flow: Flow) -> Iterator[Proposal]:
    """Propose to delete each level that a layer reads."""
    for name, level in ((layer.name, level) for layer in flow.layers for level in layer.levels):
        change = lambda now, name=name, level=level: _without_connection(now, name, level)
        yield "inputs", lambda now: now.connections, change


def _variables(flow: Flow, groups: tuple[tuple[str, ...], ...]) -> Iterator[Proposal]:
    """Propose to delete each raw variable, or each group of them."""
    for layer in flow.layers:
        for one in layer.reads:
            for group in _grouped(one.variables or (), groups):
                change = lambda now, where=(layer.name, one.level), group=group: _without_variables(now, *where, group)
                yield "variables", lambda now: now.variables, change


def _grouped(names: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """Put together what is kept or deleted together, at each end of an edge by itself."""
    asked = [{f"{part}{end}" for part in group} for group in groups for end in ("", "_i", "_j")]
    together = [tuple(one for one in names if one in group) for group in asked]
    single = [(one,) for one in names if not any(one in group for group in together)]
    return [group for group in together if group] + single


def _without_layer(flow: Flow, name: str) -> Flow | None:
    is_there = any(layer.name == name for layer in flow.layers)
    return flow.without_layer(name) if is_there and name != flow.output.name else None


def _without_connection(flow: Flow, name: str, level: str) -> Flow | None:
    layer = next((one for one in flow.layers if one.name == name), None)
    if layer is None or level not in layer.levels or len(layer.levels) == 1:
        return None
    return flow.without_connection(name, level)


def _without_variables(flow: Flow, name: str, level: str, group: tuple[str, ...]) -> Flow | None:
    layer = next((one for one in flow.layers if one.name == name), None)
    reads = {one.level: one.variables for one in layer.reads} if layer else {}
    if not set(group) <= set(reads.get(level) or ()) or set(group) == set(reads[level]):
        return None
    return flow.without_variables(name, level, group)


class _Search:
    """The candidates of one search."""

    def __init__(self, train, valid, settings: FlowSearch, seed: int, memo, after) -> None:
        self.train, self.valid, self.settings, self.seed = train, valid, settings, seed
        self.memo, self.after = memo, after
        self.log: list[Candidate] = []

    def choose_blocks(self) -> Flow:
        """Add full blocks until the score rises."""
        data, best, least = GraphVariables.of(self.train), None, float("inf")
        for count in range(1, self.settings.most_blocks + 1):
            flow = without_hidden(full_flow(data, count, self.settings.width), self.settings)
            score = self._score(flow, None, count)
            self._note("blocks", flow, score, score < least)
            if score >= least:
                break
            best, least = flow, score
            if self._loss(flow) < self.settings.price:
                break  # not even a loss of 0 would pay for another block
        return best

    def prune(self, flow: Flow, proposals: Callable[[Flow], Iterator[Proposal]]) -> Flow:
        """Try each deletion once, in order; keep those that lower the score."""
        for step, count, change in proposals(flow):
            child = change(flow)
            if child is None or child == flow:
                continue
            child = without_hidden(child, self.settings)  # without a layer, raw variables come into view
            score = self._score(child, flow, count(flow) - 1)
            is_kept = score < self._loss(flow) + self.settings.price * count(flow)
            self._note(step, child, score, is_kept)
            flow = child if is_kept else flow
        return flow

    def choose_aggregators(self, flow: Flow) -> Flow:
        """Try mean and max in place of each sum; keep one that lowers the loss by more than chance."""
        gathered = [(layer.name, one.level) for layer in flow.layers for one in layer.reads if one.aggregator]
        for name, level in gathered:
            for aggregator in ("mean", "max"):
                child = flow.with_aggregator(name, level, aggregator)
                loss = self._loss(child, flow)
                before = self._loss(flow)
                is_kept = before - loss > max(self.settings.gain * before, self.settings.price / 2)
                self._note("aggregators", child, loss, is_kept)
                flow = child if is_kept else flow
        return flow

    def choose_linear_readers(self, flow: Flow) -> Flow:
        """Let layers read one another linearly, from the output on; keep that unless the loss rises clearly."""
        for name in [layer.name for layer in reversed(flow.layers)]:
            child = flow.with_linear_reading(name)
            flow = self._unless_worse("readers", flow, child, self.settings.price / 2) if child != flow else flow
        return flow

    def choose_sizes(self, flow: Flow) -> Flow:
        """Choose the size of each layer while the others stay wide."""
        sizes = {layer.name: self._choose_size(flow, layer.name) for layer in flow.layers if layer != flow.output}
        for name, size in sizes.items():
            flow = flow.with_size(name, size)
        return flow

    def move_receivers(self, flow: Flow) -> Flow:
        """Let node layers read what messages read of their receiver; keep that unless the loss rises beyond chance."""
        for name in [layer.name for layer in flow.layers if layer.level == "E"]:
            child = with_receiver_in_reader(flow, name)
            flow = flow if child is None else self._unless_worse("receivers", flow, child)
        return flow

    def _unless_worse(self, step: str, flow: Flow, child: Flow, allowed: float = 0.0) -> Flow:
        loss, before = self._patient_loss(child, flow), self._loss(flow)
        is_kept = loss - before < max(self.settings.gain * before, allowed)
        self._note(step, child, loss, is_kept)
        return child if is_kept else flow

    def _choose_size(self, flow: Flow, name: str) -> int:
        best, least, parent = self.settings.width, float("inf"), flow
        for size in self.settings.sizes:
            child = flow.with_size(name, size)
            score = self._patient_loss(child, parent) + self.settings.price * size
            self._note("sizes", child, score, score < least)
            if score >= least:
                break
            best, least, parent = size, score, child
        return best

    def _score(self, flow: Flow, parent: Flow | None, complexity: int) -> float:
        return self._loss(flow, parent) + self.settings.price * complexity

    def _patient_loss(self, flow: Flow, parent: Flow) -> float:
        """Train a child as long as a first flow: what its parent said in many numbers it must say in other ones."""
        return self._loss(flow, parent, self.settings.first_of(flow.blocks))

    def _loss(self, flow: Flow, parent: Flow | None = None, training: FlowTraining | None = None) -> float:
        """Train a flow unless that was done."""
        if str(flow) not in self.memo:
            if parent is None:
                network, loss = self._train_first(flow)
            else:
                network = self._train_child(flow, parent, training or self.settings.child)
                loss = normalised_error(network, self.valid)
            self.memo[str(flow)] = {"loss": loss, "weights": weights_of(network)}
            self.after(self.memo)
        return self.memo[str(flow)]["loss"]

    def _train_first(self, flow: Flow) -> tuple[GraphNetwork, float]:
        """Train a flow from random weights, and on as long as that pays; return its best state and its loss."""
        best, least = None, float("inf")
        for _ in range(self.settings.rounds):
            network = train_flow(flow, self.train, self.settings.first_of(flow.blocks), self.seed, best)
            loss = normalised_error(network, self.valid)
            gained = least - loss
            if best is None or gained > 0:
                best, least = network, loss
            if least < self.settings.price or gained < self.settings.price:
                break
        return best, least

    def _train_child(self, flow: Flow, parent: Flow, training: FlowTraining) -> GraphNetwork:
        hopeless = max(self.settings.hopeless * self._loss(parent), self._loss(parent) + 3 * self.settings.price)
        return train_flow(flow, self.train, training, self.seed, self._network(parent), hopeless)

    def _network(self, flow: Flow) -> GraphNetwork:
        """Return the network of a flow that was trained."""
        return network_with(flow, self.train, self.settings.first, self.memo[str(flow)]["weights"])

    def _note(self, step: str, flow: Flow, score: float, is_kept: bool) -> None:
        self.log.append(Candidate(step, str(flow), self._loss(flow), flow.complexity, score, is_kept))
