"""What gives people their accelerations: formulas by least squares, a law that GSR finds, a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from parsimony.baselines.social_force_fit import FORMS, FittedForce, fit_force
from parsimony.data.pedestrians import ThreeParts
from parsimony.experiments.graph_laws.learners import STEPS, line
from parsimony.experiments.graph_laws.truth import described
from parsimony.experiments.journal import Journal
from parsimony.methods.flow_search import FlowSearch, search_flow
from parsimony.methods.flow_training import FlowTraining, train_flow
from parsimony.methods.formula_fronts import FormulaSearch
from parsimony.methods.gsr import find_formulas
from parsimony.nn.dense_graph_block import rows_of
from parsimony.nn.graph_law import Evidence, GraphLaw
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow

COMPONENTS, WISH = ("wx", "wy"), ("gx", "gy")
FASTEST = 10.0  # m/s^2; a formula may divide by what is nearly 0


@dataclass(frozen=True)
class Walker:
    """A law of people.

    Attributes:
        acceleration: of everyone whose target counts in `GraphSamples`, [S, N, 2].
        refitted: the same law with constants fitted to other `GraphSamples`, given a seed.
        parameters: numbers that were fitted.
        measurements: what a record holds.
    """

    acceleration: Callable[[Any], Tensor]
    refitted: Callable[[Any, int], Walker]
    parameters: int
    measurements: Mapping[str, Any] = field(default_factory=dict)


def cut(acceleration: Tensor) -> Tensor:
    """Return accelerations of at most 10 m/s^2 in each direction."""
    return acceleration.nan_to_num(0.0, FASTEST, -FASTEST).clamp(-FASTEST, FASTEST)


def seen_by_asked(samples):
    """Keep what the asked people see: edges that reach others change none of their messages.

    The relative velocity stays as vn and vt, along and across the edge; its components would say the same again.
    """
    names = (*samples.node_names, *samples.edge_names, *samples.whole_names)
    kept = samples.keep([name for name in names if name not in COMPONENTS])
    return kept._with(adjacency=kept.adjacency & kept.counted.unsqueeze(2))


def with_wish(samples):
    """Return what the asked people see, with the desired velocity g = v0 e of each in place of direction and speed."""
    seen = seen_by_asked(samples)
    node = dict(zip(seen.node_names, seen.node.unbind(-1), strict=True))
    columns = {"vx": node["vx"], "vy": node["vy"]} | {f"g{axis}": node["v0"] * node[f"e{axis}"] for axis in "xy"}
    units = {**seen.units, **dict.fromkeys(WISH, seen.units["vx"])}
    return replace(seen, node=torch.stack([*columns.values()], dim=-1), node_names=tuple(columns), units=units)


def both(parts: ThreeParts, prepare: Callable[[Any], Any] = seen_by_asked):
    """Return the snapshots with the targets of training and validation people, one after the other."""
    train, valid = prepare(parts.train), prepare(parts.valid)
    joined = {name: torch.cat([one, valid._tensors()[name]]) for name, one in train._tensors().items()}
    return train._with(**joined)


def constant_velocity(parts: ThreeParts, options: Mapping[str, Any], seed: int, journal: Journal) -> Walker:
    """Let everyone go on as before."""
    walker = Walker(lambda samples: torch.zeros_like(samples.target), lambda samples, seed: walker, 0)
    return walker


def by_form(parts: ThreeParts, options: Mapping[str, Any], seed: int, journal: Journal) -> Walker:
    """Fit one of the forms of `social_force_fit` by least squares."""
    return of_force(fit_force(both(parts), FORMS[options["form"]]), options["form"])


def of_force(force: FittedForce, name: str) -> Walker:
    """Return a fitted form as a walker."""
    constants = {
        "A": force.repulsion, "B": force.reach, "tau": force.relaxation, "c": force.speed_factor,
        "delta": force.dodging, "h": force.herding,
    }  # fmt: skip
    known = {"delta": force.form.dodge is not None, "h": force.form.has_herding}
    fitted = {key: value for key, value in constants.items() if known.get(key, True)}
    return Walker(
        force.acceleration, lambda samples, seed: of_force(fit_force(samples, force.form), name), len(fitted),
        {"form": name, "constants": fitted},
    )  # fmt: skip


def search(parts: ThreeParts, options: Mapping[str, Any], seed: int, journal: Journal) -> Walker:
    """Find flow and formulas by GSR; in the end all constants are fitted to training and validation people."""
    memo, start = journal.get("memo", {}), time.monotonic()

    def keep(trained: dict[str, Any]) -> None:
        journal.progress.update(len(trained), STEPS + 1, "search of the flow")
        journal.put("memo", trained, at_once=False)

    train, valid = with_wish(parts.train), with_wish(parts.valid)
    found = search_flow(train, valid, FlowSearch(**options.get("search", {})), seed, memo, keep)
    searched = time.monotonic() - start
    law = find_formulas(found.flow, train, valid, FormulaSearch(**options.get("formulas", {})), seed).law
    seconds = {"search": searched, "formulas": time.monotonic() - start - searched}
    return of_law(
        Evidence(both(parts, with_wish)).fit(law)[0], {"log": list(map(line, found.log)), "stage seconds": seconds}
    )


def of_law(law: GraphLaw, more: Mapping[str, Any]) -> Walker:
    """Return a law on graphs as a walker."""

    def acceleration(samples) -> Tensor:
        found = samples.target.double().new_zeros(samples.target.shape)
        found[samples.counted] = law.predict(with_wish(samples))
        return found

    def refitted(samples, seed: int) -> Walker:
        return of_law(Evidence(with_wish(samples)).fit(law)[0], {})

    return Walker(acceleration, refitted, len(law.constants), {**described(law), **more})


def network(parts: ThreeParts, options: Mapping[str, Any], seed: int, journal: Journal) -> Walker:
    """Train the network of one full block."""
    journal.progress.update(0, 1, "training")
    samples = both(parts)
    return of_network(full_flow(GraphVariables.of(samples)), samples, FlowTraining(**options["training"]), seed)


def of_network(flow: Flow, samples, training: FlowTraining, seed: int) -> Walker:
    """Train a flow and return it as a walker."""
    trained = train_flow(flow, samples, training, seed)

    def acceleration(samples) -> Tensor:
        found = torch.zeros_like(samples.target)
        found[samples.counted] = trained.predict(rows_of(seen_by_asked(samples)))
        return found

    def refitted(samples, seed: int) -> Walker:
        return of_network(flow, seen_by_asked(samples), training, seed)

    count = sum(one.numel() for one in trained.parameters())
    return Walker(acceleration, refitted, count, {"flow": str(flow)})


WALKERS: Mapping[str, Callable[..., Walker]] = {
    "constant-velocity": constant_velocity,
    "social-force": by_form,
    "gsr": lambda parts, options, *rest: (by_form if "form" in options else search)(parts, options, *rest),
    "black-box": network,
}
