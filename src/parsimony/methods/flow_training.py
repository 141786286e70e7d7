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
from torch import Tensor

from parsimony.nn.dense_graph_block import GraphNetwork, graph_network, rows_of, target_rows
from parsimony.nn.one_cycle import OneCycle, train
from parsimony.symbolic.message_flow import Flow

EVALUATED_AT_ONCE = 1000  # graphs


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
    """Copy the weights of every layer that both have; inputs are matched by name, outputs by place."""
    for layer in child.flow.layers:
        if layer.name in parent.functions:
            old = {name: column for column, name in enumerate(_inputs(parent, layer.name))}
            new = {name: column for column, name in enumerate(_inputs(child, layer.name))}
            shared = [(new[name], old[name]) for name in new if name in old]
            _copy(child.functions[layer.name], parent.functions[layer.name], shared)


def _inputs(network: GraphNetwork, name: str) -> tuple[str, ...]:
    return network.flow.inputs(network.flow.layer(name))


def _copy(child, parent, shared: list[tuple[int, int]]) -> None:
    """Copy columns of the first layer, rows of the last one, and all that lies between."""
    linear = [[part for part in one.layers if hasattr(part, "weight")] for one in (child, parent)]
    here, there = (list(columns) for columns in zip(*shared, strict=True)) if shared else ([], [])
    rows = min(linear[0][-1].out_features, linear[1][-1].out_features)
    for place, (new, old) in enumerate(zip(*linear, strict=True)):
        if place == 0:
            new.weight[:, here] = old.weight[:, there]
            new.bias.copy_(old.bias)
        elif place == len(linear[0]) - 1:
            new.weight[:rows], new.bias[:rows] = old.weight[:rows], old.bias[:rows]
        else:
            new.load_state_dict(old.state_dict())


def weights_of(network: GraphNetwork) -> Mapping[str, Tensor]:
    """Return a copy of the weights, to be kept."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def network_with(flow: Flow, samples, settings: FlowTraining, weights: Mapping[str, Tensor]) -> GraphNetwork:
    """Return the network of a flow with kept weights."""
    network = graph_network(flow, samples, settings.hidden, torch.Generator())
    network.load_state_dict(weights)
    return network
