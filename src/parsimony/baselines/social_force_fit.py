"""The social force model and the formulas that GSR found for corridors, fitted by least squares.

    social force   a_i = (c v0_i e_i - v_i) / tau + sum_j A exp(-r / B) n
    printed        a_i = (c v0_i e_i + h mean(v) - v_i) / tau + sum_j (A exp(-r / B) sign(vn) n + delta t)
    closing        the same with [vn > 0] (A exp(-r / B) n + delta t) as the sum
    planted        the same with [vn > 0] exp(-r / B) (A n + delta t), the law of generated people

The first is Helbing and Molnár (1995), as Shi et al. (ICLR 2023, appendix A.4) use it. "printed" is Figure 7 of that
paper (Figure 9 of arXiv 2407.00478), with the sign of the relaxation that physics asks for; "closing" reads its meaning
literally: nobody is repelled by, or dodges, someone who does not come closer. h = 0 in bidirectional flow.
v0_i is 1 where people do not differ in it: then c is the desired speed.

Everything but B is linear: for each of 60 values of B the other constants are solved exactly, and the best place
between its neighbours is found by golden section. Nothing is random, and no start can be unlucky. A is a repulsion: it
is not allowed below 0, where the social force model would become an attraction over the whole radius.
Shapes: S snapshots, N people, M moments of people, E edges that reach them, C linear constants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from parsimony.data.crowd import DESIRED, turned
from parsimony.data.graph_samples import GraphSamples

SHORTEST, LONGEST, NUM_RANGES = 0.05, 3.0, 60  # metres, of B
REFINEMENTS = 25  # of the golden section
GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Form:
    """Which of the terms a formula has; factors are functions of vn and exp(-r / B).

    Attributes:
        push: factor of the normal push.
        dodge: factor of the tangential push; None if there is none.
        has_herding: whether the mean velocity is a wish.
    """

    push: Callable[[Tensor, Tensor], Tensor]
    dodge: Callable[[Tensor, Tensor], Tensor] | None = None
    has_herding: bool = False


def _always(closing: Tensor, decay: Tensor) -> Tensor:
    return decay


def _signed(closing: Tensor, decay: Tensor) -> Tensor:
    return closing.sign() * decay


def _constant(closing: Tensor, decay: Tensor) -> Tensor:
    return torch.ones_like(decay)


def _if_closing(closing: Tensor, decay: Tensor) -> Tensor:
    return (closing > 0) * decay


def _constant_if_closing(closing: Tensor, decay: Tensor) -> Tensor:
    return (closing > 0).to(decay)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "social force": Form(_always),
        "printed": Form(_signed, _constant),
        "printed, herding": Form(_signed, _constant, has_herding=True),
        "closing": Form(_if_closing, _constant_if_closing),
        "closing, herding": Form(_if_closing, _constant_if_closing, has_herding=True),
        "planted": Form(_if_closing, _if_closing),
        "planted, herding": Form(_if_closing, _if_closing, has_herding=True),
    }
)


@dataclass(frozen=True)
class FittedForce:
    """A formula with its constants.

    Attributes:
        form: its terms.
        repulsion: A, in m/s^2.
        reach: B, in m.
        relaxation: tau, in s.
        speed_factor: c.
        dodging: delta, in m/s^2.
        herding: h.
    """

    form: Form
    repulsion: float
    reach: float
    relaxation: float
    speed_factor: float
    dodging: float = 0.0
    herding: float = 0.0

    def acceleration(self, samples: GraphSamples) -> Tensor:
        """Return the acceleration of everyone, [S, N, 2] in float64; 0 where nobody is."""
        moments = Moments(samples, samples.present)
        found = samples.node.new_zeros((*samples.present.shape, 2), dtype=torch.float64)
        found[samples.present] = design(moments, self.form, self.reach) @ self._linear(samples)
        return found

    def _linear(self, samples: GraphSamples) -> Tensor:
        """Return the C constants in the order of `design`."""
        found = [self.repulsion, self.speed_factor / self.relaxation, 1 / self.relaxation]
        found += [self.dodging] * (self.form.dodge is not None)
        found += [self.herding / self.relaxation] * self.form.has_herding
        return torch.tensor(found, dtype=torch.float64, device=samples.node.device)


class Moments:
    """The variables of some people of some snapshots, in float64."""

    def __init__(self, samples: GraphSamples, is_asked: Tensor) -> None:
        """Gather people.

        Args:
            samples: snapshots of people.
            is_asked: whom to gather, [S, N].
        """
        node = dict(zip(samples.node_names, samples.node.double().unbind(-1), strict=True))
        velocity = torch.stack([node["vx"], node["vy"]], dim=-1)
        direction = torch.stack([node["ex"], node["ey"]], dim=-1)
        many = samples.present.sum(1).view(-1, 1, 1)
        mean = (velocity * samples.present.unsqueeze(-1)).sum(1, keepdim=True) / many
        self.velocity = velocity[is_asked]  # [M, 2]
        self.wish = (direction * node[DESIRED].unsqueeze(-1) if DESIRED in node else direction)[is_asked]
        self.mean_velocity = mean.expand_as(velocity)[is_asked]
        s, i, j = (samples.adjacency & is_asked.unsqueeze(2)).nonzero(as_tuple=True)
        self.receiver = (is_asked.flatten().cumsum(0) - 1).view_as(is_asked)[s, i]  # place among the M, [E]
        seen = dict(zip(samples.edge_names, samples.edge[s, i, j].double().unbind(-1), strict=True))
        self.distance, self.closing = seen["r"], seen["vn"]
        self.normal = -torch.stack([seen["dx"], seen["dy"]], dim=-1) / seen["r"].unsqueeze(-1)

    def pushed(self, strength: Tensor, direction: Tensor) -> Tensor:
        """Sum pushes [E] along directions [E, 2] over neighbours, [M, 2]."""
        return torch.zeros_like(self.velocity).index_add_(0, self.receiver, strength.unsqueeze(-1) * direction)


def design(moments: Moments, form: Form, reach: float) -> Tensor:
    """Return what each linear constant multiplies, [M, 2, C]: A, c / tau, 1 / tau, delta and h / tau."""
    decay = torch.exp(-moments.distance / reach)
    push = moments.pushed(form.push(moments.closing, decay), moments.normal)
    columns = [push, moments.wish, -moments.velocity]
    if form.dodge is not None:
        columns.append(moments.pushed(form.dodge(moments.closing, decay), turned(moments.normal)))
    if form.has_herding:
        columns.append(moments.mean_velocity)
    return torch.stack(columns, dim=-1)


def fit_force(samples: GraphSamples, form: Form) -> FittedForce:
    """Fit the constants of a formula to the accelerations that count.

    Raises:
        ValueError: if fewer people count than there are constants, or their speeds do not show a relaxation.
    """
    moments, target = Moments(samples, samples.counted), samples.target[samples.counted].double()
    if len(target) < 6:
        raise ValueError(f"{len(target)} accelerations of {samples.name} count; give at least 6 for 6 constants.")
    reach = _least(lambda one: _solve(design(moments, form, one), target)[1])
    constants, _ = _solve(design(moments, form, reach), target)
    repulsion, wish, inverse, *rest = constants.tolist()
    if inverse <= 0:
        raise ValueError(
            f"1 / tau = {inverse:.3g} fits {samples.name} best; a relaxation needs people who change speed."
        )
    dodging, herding = ([] if form.dodge else [0.0]) + rest + ([] if form.has_herding else [0.0])
    return FittedForce(form, repulsion, reach, 1 / inverse, wish / inverse, dodging, herding / inverse)


def _solve(columns: Tensor, target: Tensor) -> tuple[Tensor, float]:
    """Return the constants with the least squared error, and that error; A, the first, is 0 rather than negative."""
    matrix, y = columns.flatten(0, 1), target.flatten()
    found = torch.linalg.lstsq(matrix, y.unsqueeze(1), driver="gelsd").solution[:, 0]
    if found[0] < 0:
        rest = torch.linalg.lstsq(matrix[:, 1:], y.unsqueeze(1), driver="gelsd").solution[:, 0]
        found = torch.cat([rest.new_zeros(1), rest])
    return found, float((matrix @ found - y).square().sum())


def _least(error: Callable[[float], float]) -> float:
    """Return the B with the least error: the best of a logarithmic grid, then golden section beside it."""
    grid = torch.logspace(*torch.tensor([SHORTEST, LONGEST]).log10().tolist(), NUM_RANGES).tolist()
    best = min(range(NUM_RANGES), key=lambda place: error(grid[place]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, NUM_RANGES - 1)]
    for _ in range(REFINEMENTS):
        inner, outer = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, outer) if error(inner) < error(outer) else (inner, high)
    return (low + high) / 2
