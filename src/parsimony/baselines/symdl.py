"""SymDL: symbolic models from graph networks with an inductive bias (Cranmer et al., arXiv 2006.11287).

    message   m_ij = phi_e(x_i, x_j)          a perceptron; x holds position, velocity, mass, charge of a node
    output    y_i  = phi_v(x_i, sum over j of m_ij)

trained on the absolute error, in four variants that differ in the messages:

    standard     100 numbers
    bottleneck   as many numbers as the target has dimensions
    l1           100 numbers, plus 0.01 times their absolute sum in each edge
    kl           100 means and log-variances, plus KL(N(mean, variance) || N(0, 1)) in each edge

Positions are augmented: in each step all of a graph are shifted by one normal draw of deviation 3. Afterwards formulas
are fitted to the strongest messages (those of largest deviation) and to the output. It serves outputs of nodes only.

Departures from the authors' code: variables of edges other than geometry (a spring constant) are read too; the
asked deviation of the shift is used (there the branch of the absolute error drops it); the mean of a KL message stays
as it is when noise is added (there the sum is written over it); one cycle of the learning rate, fewer steps.

Shapes: M edges, P present nodes, S graphs, D numbers of a message, d dimensions of the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from parsimony.nn.dense_graph_block import GraphNetwork, rows_of, target_rows
from parsimony.nn.graph_law import Evidence, GraphLaw, double_rows, settle_constants
from parsimony.nn.one_cycle import OneCycle, train
from parsimony.nn.perceptron import perceptron
from parsimony.symbolic.engine import Engine, Fitted, fit
from parsimony.symbolic.message_flow import Connection, Flow, GraphVariables, Layer

VARIANTS = ("standard", "bottleneck", "l1", "kl")
GEOMETRY = ("dx", "dy", "r")
PLACE = ("place_x", "place_y")
METRE = (0, 1, 0, 0, 0)
L1_WEIGHT, KL_WEIGHT = 1e-2, 1.0


@dataclass(frozen=True, kw_only=True)
class SymDL:
    """Settings.

    Attributes:
        variant: standard, bottleneck, l1 or kl.
        messages: numbers of a message, unless it is a bottleneck.
        hidden: widths of the hidden layers of both perceptrons.
        cycle: of the training.
        shift: deviation of the shift of positions.
        engine: of the symbolic regression.
        pairs: input-output pairs for it.
        graphs: held-out graphs on which formulas are fitted.
    """

    variant: str = "standard"
    messages: int = 100
    hidden: tuple[int, ...] = (300, 300, 300)
    cycle: OneCycle = field(default_factory=lambda: OneCycle(steps=3000, batch_size=64, peak=1e-3))
    shift: float = 3.0
    engine: Engine = field(default_factory=Engine)
    pairs: int = 1200
    graphs: int = 500

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise ValueError(f"variant {self.variant!r} of SymDL given; known are {', '.join(VARIANTS)}.")
        for name, kind in (("cycle", OneCycle), ("engine", Engine)):
            if isinstance(value := getattr(self, name), dict):
                object.__setattr__(self, name, kind(**value))
        object.__setattr__(self, "hidden", tuple(self.hidden))


class NoisyMessage(nn.Module):
    """Messages of the variant kl: while training normal draws, else their means; keeps the last means and variances."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> Tensor:
        """Return messages, [M, D]."""
        self.mean, self.log_variance = self.layers(x).chunk(2, dim=1)
        if not self.training:
            return self.mean
        return self.mean + torch.randn_like(self.mean) * (self.log_variance / 2).exp()

    def divergence(self) -> Tensor:
        """Return the KL divergence of each edge from the unit normal, [M]."""
        return (self.log_variance.exp() + self.mean.square() - 1 - self.log_variance).sum(1) / 2


def train_symdl(samples, settings: SymDL, seed: int) -> GraphNetwork:
    """Train both perceptrons.

    Raises:
        ValueError: if the target does not belong to nodes.
    """
    if samples.level != "node":
        raise ValueError(f"{samples.name} asks for a number of the whole; SymDL serves outputs of nodes only.")
    samples = with_positions(samples)
    generator = torch.Generator().manual_seed(seed)
    network = symdl_network(samples, settings, generator)
    spread = target_rows(samples).std(0)

    def loss_of(chosen: Tensor) -> Tensor:
        return _loss(network, shifted(samples.take(chosen), settings.shift, generator), spread, settings.variant)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # of the noise in kl messages
        train(network, loss_of, samples.num_samples, settings.cycle, generator)
    return network.eval()


def symdl_network(samples, settings: SymDL, generator: torch.Generator) -> GraphNetwork:
    """Return both perceptrons with initial weights, for samples with positions among the variables."""
    data = GraphVariables.of(samples)
    size = data.size if settings.variant == "bottleneck" else settings.messages
    flow = symdl_flow(data, size)
    edge, node = flow.layers
    is_noisy = settings.variant == "kl"
    message = perceptron((len(flow.inputs(edge)), *settings.hidden, size * (1 + is_noisy)), nn.ReLU, generator)
    output = perceptron((len(flow.inputs(node)), *settings.hidden, data.size), nn.ReLU, generator)
    return GraphNetwork(flow, {edge.name: NoisyMessage(message) if is_noisy else message, node.name: output})


def symdl_flow(data: GraphVariables, size: int) -> Flow:
    """Return the flow of SymDL: messages of edges, summed, to nodes."""
    edge = Layer(1, "E", (Connection("E"), Connection("V")), size)
    return Flow(data, (edge, Layer(1, "V", (Connection("E", None, "sum"), Connection("V")), data.size)))


def with_positions(samples):
    """Let nodes hold their position, and edges no geometry; without positions nothing changes."""
    if samples.positions is None:
        return samples
    names = (*samples.node_names, *(one for one in samples.edge_names if one not in GEOMETRY), *samples.whole_names)
    kept = samples.keep(names)
    return replace(
        kept,
        node=torch.cat([kept.node, samples.positions], dim=-1),
        node_names=(*kept.node_names, *PLACE),
        units={**samples.units, **dict.fromkeys(PLACE, METRE)},
    )


def shifted(samples, deviation: float, generator: torch.Generator):
    """Shift all positions of a graph by one draw."""
    if samples.node_names[-2:] != PLACE or not deviation:
        return samples
    shift = deviation * torch.randn(samples.num_samples, 1, 2, generator=generator)
    node = torch.cat([samples.node[..., :-2], samples.node[..., -2:] + shift], dim=-1)
    return samples._with(node=node)


def _loss(network: GraphNetwork, samples, spread: Tensor, variant: str) -> Tensor:
    """Return the absolute error of a node, in deviations, plus what the variant adds for an edge."""
    rows = rows_of(samples)
    calls = network.trace(rows)
    outputs = calls["v1"].outputs if rows.asked is None else calls["v1"].outputs[rows.asked]
    error = ((outputs - target_rows(samples)) / spread).abs().sum(1).mean()
    if variant == "l1":
        return error + L1_WEIGHT * calls["e1"].outputs.abs().sum(1).mean()
    if variant == "kl":
        return error + KL_WEIGHT * network.functions["e1"].divergence().mean()
    return error


@torch.no_grad()
def strongest_messages(network: GraphNetwork, samples, count: int) -> Tensor:
    """Return the `count` numbers of a message with the largest deviation, row by row, [M, count]."""
    messages = network.trace(rows_of(with_positions(samples)))["e1"].outputs
    return messages[:, messages.std(0).argsort(descending=True, stable=True)[:count]]


def linearity(messages: Tensor, forces: Tensor) -> list[float]:
    """Return for each message number R^2 of the best linear map from the force components, [M, 2], to it."""
    design = torch.cat([forces, torch.ones(len(forces), 1)], dim=1).double()
    target = messages.double()
    rest = target - design @ torch.linalg.lstsq(design, target).solution
    return (1 - rest.var(0) / target.var(0)).tolist()


def formulas_of_symdl(network: GraphNetwork, valid, settings: SymDL, seed: int) -> tuple[GraphLaw, float]:
    """Fit formulas to the strongest messages and to the output; return the law and its error.

    Args:
        network: trained.
        valid: held-out `GraphSamples`.
        settings: as in training.
        seed: of draws and symbolic regression.
    """
    held_out = valid.take(torch.arange(min(settings.graphs, valid.num_samples)))
    data = GraphVariables.of(held_out)
    flow, generator = symdl_flow(data, data.size), torch.Generator().manual_seed(seed)
    rows, evidence = double_rows(held_out), Evidence(held_out)
    messages = strongest_messages(network, held_out, data.size)
    probe = GraphLaw.of(flow, {layer.name: _zeros(layer.size) for layer in flow.layers}).network()
    edge = _fit_layer(flow, flow.layers[0], probe.trace(rows)["e1"].inputs, messages, settings, seed, generator)
    law = GraphLaw.of(flow, {"e1": edge, "v1": _zeros(data.size)})
    with torch.no_grad():
        inputs = law.network().trace(rows)["v1"].inputs
    inputs = inputs if rows.asked is None else inputs[rows.asked]
    node = _fit_layer(flow, flow.layers[1], inputs, evidence.target, settings, seed, generator)
    return settle_constants(GraphLaw.of(flow, {"e1": edge, "v1": node}).without_free_factors(), evidence)


def _zeros(count: int) -> tuple:
    import sympy

    return (sympy.S.Zero,) * count


def _fit_layer(flow, layer, inputs: Tensor, outputs: Tensor, settings: SymDL, seed: int, generator) -> tuple:
    chosen = torch.randperm(len(inputs), generator=generator)[: settings.pairs]
    x, y = inputs[chosen].double().numpy(), outputs[chosen].double().numpy()
    fronts = [fit(x, column, flow.inputs(layer), settings.engine, seed) for column in y.T]
    return tuple(steepest(front).expression for front in fronts)


def steepest(front: Sequence[Fitted]) -> Fitted:
    """Return the formula before which the error falls most: the largest -d log(error) / d complexity."""
    if len(front) == 1:
        return front[0]
    errors = np.log([max(one.error, 1e-12) for one in front])
    slopes = -np.diff(errors) / np.diff([one.complexity for one in front])
    return front[int(slopes.argmax()) + 1]
