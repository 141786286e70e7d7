"""Training of one message-passing flow (GSR, Shi et al., ICLR 2023; first paper, section 5.2).

    l(P; M) = root mean squared error of flow M with parameters P; every output dimension is divided by its deviation

Departure from the paper: one cycle of the learning rate over some hundred steps, where it trains up to 20,000 epochs
with early stopping; only differences of the loss above a tenth matter to the search. A child may start from the
weights of its parent: what it still reads keeps its weights, what it reads anew starts at random.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from parsimony.nn.dense_graph_block import GraphNetwork, graph_network, rows_of, target_rows
from parsimony.nn.one_cycle import OneCycle, train
from parsimony.symbolic.message_flow import Flow

EVALUATED_AT_ONCE = 1000  # graphs

NamedPart = tuple[list[str], list[nn.Linear]]  # inputs, and the linear layers that they pass


@dataclass(frozen=True, kw_only=True)
class FlowTraining:
    """How a flow is trained.

    Attributes:
        hidden: widths of the hidden layers of every perceptron.
        cycle: steps and learning rate.
    """

    hidden: tuple[int, ...] = (32, 32, 32)
    cycle: OneCycle = field(default_factory=OneCycle)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        if isinstance(self.cycle, dict):
            object.__setattr__(self, "cycle", OneCycle(**self.cycle))


def train_flow(
    flow: Flow,
    samples,
    settings: FlowTraining,
    seed: int,
    parent: GraphNetwork | None = None,
    hopeless: float = float("inf"),
) -> GraphNetwork:
    """Train a flow; nothing but `seed` is random.

    Args:
        flow: what is trained.
        samples: `GraphSamples` to learn from.
        settings: of the training.
        seed: draws initial weights and batches.
        parent: network to start from.
        hopeless: root mean squared error above which a training stops half-way.
    """
    generator = torch.Generator().manual_seed(seed)
    network = graph_network(flow, samples, settings.hidden, generator)
    if parent is not None:
        inherit(network, parent)

    def loss_of(chosen: Tensor) -> Tensor:
        return squared_error(network, samples.take(chosen)).mean()

    train(network, loss_of, samples.num_samples, settings.cycle, generator, _Patience(settings.cycle.steps, hopeless))
    return network


class _Patience:
    """Gives a training up half-way if its recent root mean squared error is hopeless."""

    def __init__(self, steps: int, hopeless: float) -> None:
        self.half, self.hopeless = steps // 2, hopeless
        self.recent: deque[float] = deque(maxlen=20)

    def __call__(self, step: int, loss: float) -> bool:
        """Whether to stop after this step."""
        self.recent.append(loss)
        return step == self.half and (sum(self.recent) / len(self.recent)) ** 0.5 > self.hopeless


def squared_error(network: GraphNetwork, samples) -> Tensor:
    """Return the squared error of each row, every dimension divided by its deviation, [R, d]."""
    rows = rows_of(samples)
    scale = network.functions[network.flow.output.name].out
    return ((network.predict(rows) - target_rows(samples)) / scale).square()


@torch.no_grad()
def normalised_error(network: GraphNetwork, samples) -> float:
    """Return l, the root mean squared error over all rows and dimensions; infinite where the network diverged."""
    parts = torch.arange(samples.num_samples).split(EVALUATED_AT_ONCE)
    errors = torch.cat([squared_error(network, samples.take(part)) for part in parts])
    found = float(errors.double().mean().sqrt())
    return found if found == found else float("inf")


@torch.no_grad()
def inherit(child: GraphNetwork, parent: GraphNetwork) -> None:
    """Copy the weights of every layer that both have; inputs are matched by name, outputs by place.

    A layer that has become linear in what it reads, or is so no longer, starts anew.
    """
    for layer in child.flow.layers:
        if layer.name not in parent.functions:
            continue
        new, old = child.functions[layer.name], parent.functions[layer.name]
        if type(new) is type(old):
            for here, there in zip(_named_parts(child, layer.name), _named_parts(parent, layer.name), strict=False):
                _copy(here, there)


def _named_parts(network: GraphNetwork, name: str) -> list[NamedPart]:
    inputs = network.flow.inputs(network.flow.layer(name))
    return [([inputs[column] for column in columns], linear) for columns, linear in network.functions[name].parts()]


def _copy(here: NamedPart, there: NamedPart) -> None:
    """Copy the columns of the first layer by name, the rows of the last one as far as both go, and all between."""
    (names, new), (old_names, old) = here, there
    shared = [name for name in names if name in old_names]
    for place, (one, other) in enumerate(zip(new, old, strict=True)):
        into, out_of = (slice(None), slice(None)) if place else (_places(shared, names), _places(shared, old_names))
        rows = min(one.out_features, other.out_features)
        one.weight[:rows, into] = other.weight[:rows, out_of]
        one.bias[:rows] = other.bias[:rows]


def _places(shared: list[str], names: list[str]) -> list[int]:
    return [names.index(name) for name in shared]


def weights_of(network: GraphNetwork) -> Mapping[str, Tensor]:
    """Return a copy of the weights, to be kept."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def network_with(flow: Flow, samples, settings: FlowTraining, weights: Mapping[str, Tensor]) -> GraphNetwork:
    """Return the network of a flow with kept weights."""
    network = graph_network(flow, samples, settings.hidden, torch.Generator())
    network.load_state_dict(weights)
    return network
