"""Hold the closed forms of the scaling law against simulation (second paper).

Nothing is trained here. For each point many targets and feature matrices are drawn; the least-squares fit of smallest
norm gives a training loss by its residual and a test loss exactly, since features are independent: the squared distance
of its weights from the target's. The spectrum has a long tail, so the features behind the first `NAMED` ones outside
the model are drawn as many features of equal variance, which leaves every trace as it is; once their weights are drawn,
what they add to a sample is a normal number of variance |W2|^2, drawn as such.

Sample complexity is found by simulation too: the losses at numbers of samples around the predicted one are drawn, and
where their logarithms cross the asked error is interpolated.
Shapes: D draws, N samples, p parameters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parsimony.evaluation.scaling_law import (
    Law,
    least_parameters,
    modular_losses,
    modular_samples,
    network_losses,
    network_samples,
)
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.journal import Journal
from parsimony.experiments.progress import Progress
from parsimony.records import Outcome, Specification

NAMED = 300  # features outside the model with a variance of their own, and as many for the tail
AROUND = (0.7, 0.85, 1.0, 1.2, 1.5)  # numbers of samples drawn, as shares of the predicted one
RESAMPLES = 1000
CURVE = np.unique(np.round(np.geomspace(5, 2000, 60)).astype(int)).tolist()  # p of the drawn curves


@dataclass(frozen=True, kw_only=True)
class ScalingLaw:
    """What is checked.

    Attributes:
        points: (dimension, samples, parameters) of losses of one network.
        modular_points: (samples, modules, parameters of one) of losses of modules that see one dimension.
        dimensions: for which the sample complexity is found.
        parameters: of the network whose sample complexity is found, and of one module.
        modules: of the modular network whose sample complexity is found.
        error: asked, as a share of the target's variance; one can ask for more than that variance near the spike.
        draws: targets a point.
    """

    points: Sequence[Sequence[int]]
    modular_points: Sequence[Sequence[int]]
    dimensions: Sequence[int]
    parameters: int = 20
    modules: int = 5
    error: float = 1.05
    draws: int = 400

    def __post_init__(self) -> None:
        if self.draws < 2:
            raise ValueError(f"{self.draws} draws given; an interval needs at least 2.")


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Simulate every point, going on where an earlier start stopped."""
    settings, law = ScalingLaw(**specification.settings), Law()
    journal = Journal(checkpoint, progress)
    todo = jobs(settings, law)
    done: list[dict[str, Any]] = journal.get("done", [])
    for number in range(len(done), len(todo)):
        generator = np.random.default_rng([specification.seed, number])
        done = [*done, carry_out(todo[number], settings.draws, generator)]
        journal.put("done", done, at_once=False)
        progress.update(number + 1, len(todo), "points of the scaling law")
    return Outcome(
        metrics=summary(done),
        measurements={"points": done, "curves": curves(law, settings), "omega": law.omega},
        parameters=0,
    )


def jobs(settings: ScalingLaw, law: Law) -> list[dict[str, Any]]:
    """List what is to be simulated, with the predicted values."""
    found = []
    for dimension, samples, parameters in settings.points:
        predicted = network_losses(law, dimension, samples, parameters)
        found.append({"kind": "network", "dimension": dimension, "samples": samples, "modules": 1,
                      "parameters": parameters, "predicted": dict(predicted)})  # fmt: skip
    for samples, modules, parameters in settings.modular_points:
        predicted = modular_losses(law, 1, samples, modules, parameters)
        found.append({"kind": "modular", "dimension": 1, "samples": samples, "modules": modules,
                      "parameters": parameters, "predicted": dict(predicted)})  # fmt: skip
    for kind, modules in (("network", 1), ("modular", settings.modules)):
        for dimension in settings.dimensions if kind == "network" else (1,):
            predicted = modular_samples(law, dimension, modules, settings.parameters, settings.error)
            found.append({"kind": f"{kind} samples", "dimension": dimension, "modules": modules,
                          "parameters": settings.parameters, "error": settings.error,
                          "predicted": predicted})  # fmt: skip
    return found


def carry_out(job: Mapping[str, Any], draws: int, generator: np.random.Generator) -> dict[str, Any]:
    """Simulate one point; return it with what was found."""
    law = Law()
    if job["kind"].endswith("samples"):
        return {**job, **find_samples(job, law, draws, generator)}
    drawn = simulate(law, job["dimension"], job["samples"], job["modules"], job["parameters"], draws, generator)
    measured = {
        name: {"mean": float(values.mean()), "error": float(values.std(ddof=1) / math.sqrt(draws))}
        for name, values in drawn.items()
    }
    return {**job, "measured": measured}


def simulate(
    law: Law, dimension: int, samples: int, modules: int, parameters: int, draws: int, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Draw targets and fits; return training and test loss of each, [D].

    Args:
        law: constants of the spectrum.
        dimension: of the input that a module sees.
        samples: N.
        modules: K; one is a network of theorem 1.
        parameters: of each module.
        draws: D.
        generator: makes the draws.
    """
    inside, outside = variances(law, dimension, parameters)
    inside, outside = np.tile(inside, modules) / modules, np.tile(outside, modules) / modules
    train, test = np.empty(draws), np.empty(draws)
    for one in range(draws):
        known, missed = (generator.standard_normal(len(part)) * np.sqrt(part) for part in (inside, outside))
        seen = generator.standard_normal((samples, len(known)))
        noise = generator.standard_normal(samples) * np.linalg.norm(missed)
        weights = np.linalg.lstsq(seen, seen @ known + noise, rcond=None)[0]
        train[one] = np.square(seen @ (known - weights) + noise).mean()
        test[one] = np.square(known - weights).sum() + np.square(missed).sum()
    return {"train": train, "test": test}


def variances(law: Law, dimension: int, parameters: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances inside the model, and those outside with the tail spread evenly over `NAMED` features."""
    every = law.spectrum(dimension, parameters + NAMED)
    tail = law.missed(dimension, parameters + NAMED)
    return every[:parameters], np.concatenate([every[parameters:], np.full(NAMED, tail / NAMED)])


def find_samples(job: Mapping[str, Any], law: Law, draws: int, generator: np.random.Generator) -> dict[str, Any]:
    """Find by simulation at which number of samples the test loss reaches the asked error, with an interval."""
    counts = sorted({max(job["modules"] * job["parameters"] + 3, round(share * job["predicted"])) for share in AROUND})
    losses = np.stack([
        simulate(law, job["dimension"], count, job["modules"], job["parameters"], draws, generator)["test"]
        for count in counts
    ])  # fmt: skip
    chosen = generator.integers(draws, size=(RESAMPLES, draws))
    found = [crossing(counts, losses[:, one].mean(1), job["error"]) for one in chosen]
    low, high = np.quantile(found, [0.025, 0.975])
    return {"counts": counts, "losses": losses.mean(1).tolist(),
            "measured": {"samples": crossing(counts, losses.mean(1), job["error"]),
                         "interval": [float(low), float(high)]}}  # fmt: skip


def crossing(counts: Sequence[int], losses: np.ndarray, error: float) -> float:
    """Interpolate on logarithms where the loss reaches `error`; beyond the ends along the line of least squares."""
    slope, start = np.polyfit(np.log(losses), np.log(counts), 1)
    order = np.argsort(losses)
    if not losses.min() < error < losses.max():
        return float(np.exp(start + slope * math.log(error)))
    return float(np.exp(np.interp(math.log(error), np.log(losses[order]), np.log(np.asarray(counts)[order]))))


def summary(done: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the largest distance of a measured from a predicted value, relative, for each kind of quantity."""
    losses = [abs(one["measured"][name]["mean"] / one["predicted"][name] - 1)
              for one in done if not one["kind"].endswith("samples")
              for name in ("train", "test") if one["predicted"][name] > 0]  # fmt: skip
    samples = [
        abs(one["measured"]["samples"] / one["predicted"] - 1) for one in done if one["kind"].endswith("samples")
    ]
    return {"relative error": max([*losses, *samples]), "loss relative error": max(losses),
            "samples relative error": max(samples)}  # fmt: skip


def curves(law: Law, settings: ScalingLaw) -> dict[str, Any]:
    """Return what a figure draws of the closed forms: losses against p, samples against m, least parameters."""
    dimensions = list(range(1, max(settings.dimensions) + 1))
    against = {
        str(m): {name: [network_losses(law, m, settings.points[0][1], p)[name] for p in CURVE]
                 for name in ("train", "test")}
        for m in sorted({point[0] for point in settings.points})
    }  # fmt: skip
    against = {m: {name: [v if math.isfinite(v) else None for v in values] for name, values in one.items()}
               for m, one in against.items()}  # fmt: skip
    return {
        "parameters": CURVE, "samples": settings.points[0][1], "losses": against, "dimensions": dimensions,
        "network samples": {str(p): [network_samples(law, m, p, settings.error) for m in dimensions]
                            for p in (settings.parameters, 100, 1000, 10000, 70000)},
        "modular samples": modular_samples(law, 1, settings.modules, settings.parameters, settings.error),
        "least parameters": [least_parameters(law, m, 0.5) for m in dimensions],
        "participation": [law.participation(m) for m in dimensions],
    }  # fmt: skip
