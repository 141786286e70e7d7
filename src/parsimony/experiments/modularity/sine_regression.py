"""Fit sine waves with one network, or with modules whose projections are random, learnt by the rule, or true.

A run trains a whole grid of networks, those of one shape in step; each keeps its own data and draws, so a cell of the
grid comes out alike whatever stands beside it, but for rounding, which thousands of steps make visible. Errors are
mean squares divided by the variance of the target on the same rows. Similarity is the mean over true directions of the
largest |cos| with a module's projection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from parsimony.data.sine_waves import NAME
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.journal import Journal
from parsimony.experiments.modularity.parallel_training import ParallelTraining, train_in_step
from parsimony.experiments.modularity.sine_grid import Cell, Problem, SineRegression
from parsimony.experiments.progress import Progress
from parsimony.methods.modularity import (
    cosines,
    descend,
    distinct,
    filled_up,
    linear_columns,
    linear_modules,
)
from parsimony.nn.parallel_regressors import ModularRegressors, MonolithicRegressors, Regressors
from parsimony.records import Outcome, Specification

SHARED = 4000  # training rows on which the training loss is taken at most
SPARE = 2  # modules of the network for each of the task: K = 2k
STARTS = 8  # of the rule for each module of the task


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Train every network of the grid, going on where an earlier start stopped."""
    settings, journal = SineRegression(**specification.settings), Journal(checkpoint, progress)
    if specification.dataset != NAME:
        raise ValueError(f"data set {specification.dataset!r} given; this task generates {NAME}.")
    batches = settings.batches()
    rows: list[dict[str, Any]] = journal.get("rows", [])
    for number, cells in enumerate(batches):
        if sum(map(len, batches[:number])) < len(rows):
            continue
        rows = [*rows, *fit(cells, settings, specification.seed, journal)]
        for key in ("training", "projections"):
            journal.forget(key)
        journal.put("rows", rows)
        progress.update(number + 1, len(batches), "batches of networks")
    reference = next(one for one in rows if (one["dimension"], one["modules"], one["samples"])
                     == tuple(settings.reference))  # fmt: skip
    return Outcome(
        metrics={"relative MSE": reference["test"], "wide relative MSE": reference["wide"]},
        measurements={"cells": rows, "reference": list(settings.reference)},
        parameters=reference["parameters"],
    )


def fit(cells: Sequence[Cell], settings: SineRegression, seed: int, journal: Journal) -> list[dict[str, Any]]:
    """Fit networks of one shape; return what is recorded of each."""
    problems = [Problem.of(cell, seed) for cell in cells]
    if settings.network == "monolithic":
        return trained(cells, problems, None, settings, seed, journal)
    found = projections_of(cells, problems, settings, seed, journal)
    if settings.network == "linear":
        return [linear_row(*one, settings.penalty) for one in zip(cells, problems, found, strict=True)]
    return trained(cells, problems, found, settings, seed, journal)


def projections_of(
    cells: Sequence[Cell], problems: Sequence[Problem], settings: SineRegression, seed: int, journal: Journal
) -> list[Tensor]:
    """Return the projections that modules start from, [K, m] of each cell."""
    found: list[Tensor] = journal.get("projections", [])
    for number in range(len(found), len(cells)):
        cell, problem = cells[number], problems[number]
        generator, count = cell.generator(seed, "projections"), SPARE * cell.modules
        known = known_directions(problem, settings, cell, count, generator)
        found = [*found, filled_up(known, count, generator)]
        journal.put("projections", found, at_once=False)
        journal.progress.update(number + 1, len(cells), "projections")
    return found


def known_directions(
    problem: Problem, settings: SineRegression, cell: Cell, count: int, generator: torch.Generator
) -> Tensor:
    """Return the directions that are known before training, [<= K, m]."""
    if settings.projections == "true":
        return problem.task.directions.T
    if settings.projections == "random":
        return torch.empty(0, cell.dimension)
    rule = replace(settings.rule, starts=STARTS * cell.modules)
    return distinct(descend(*problem.train, rule, generator).projections, count)


def trained(
    cells: Sequence[Cell], problems: Sequence[Problem], projections: Sequence[Tensor] | None,
    settings: SineRegression, seed: int, journal: Journal,
) -> list[dict[str, Any]]:  # fmt: skip
    """Train networks in step and measure them."""
    generators = [cell.generator(seed, "weights") for cell in cells]
    largest = max(cell.dimension for cell in cells)
    if projections is None:
        networks: Regressors = MonolithicRegressors([cell.dimension for cell in cells], cells[0].width, generators)
    else:
        padded = torch.stack([widened(one, largest).T for one in projections])
        networks = ModularRegressors(padded, cells[0].width, generators)
    training = ParallelTraining(
        networks, *padded_rows([one.train for one in problems], largest), [cell.samples for cell in cells],
        settings.training, [cell.generator(seed, "rows") for cell in cells],
    )  # fmt: skip
    notes = train_in_step(training, journal, "training", lambda: similarities(networks, problems))
    errors = {name: relative_errors(networks, [getattr(one, name) for one in problems], largest)
              for name in ("train", "test", "wide")}  # fmt: skip
    return [
        {
            **asdict(cell), "parameters": count_parameters(networks, cell, len(cells), largest),
            **{name: values[number] for name, values in errors.items()},
            **alignment(networks, problems[number], None if projections is None else projections[number], number),
            "similarity": [note[number] for note in notes if note],
        }
        for number, cell in enumerate(cells)
    ]  # fmt: skip


def widened(x: Tensor, largest: int) -> Tensor:
    """Fill the last axis up with zeros."""
    return functional.pad(x, (0, largest - x.shape[-1]))


def padded_rows(rows: Sequence[tuple[Tensor, Tensor]], largest: int) -> tuple[Tensor, Tensor]:
    """Stack rows of several problems, filled up with zeros, as [E, N, M] and [E, N]."""
    most = max(len(y) for _, y in rows)
    x, y = torch.zeros(len(rows), most, largest), torch.zeros(len(rows), most)
    for number, (one, target) in enumerate(rows):
        x[number, : len(one), : one.shape[1]] = one
        y[number, : len(one)] = target
    return x, y


def relative_errors(networks: Regressors, rows: Sequence[tuple[Tensor, Tensor]], largest: int) -> list[float]:
    """Return mean squared error by variance of each network on its own rows."""
    short = [(x[:SHARED], y[:SHARED]) for x, y in rows]
    x, y = padded_rows(short, largest)
    wrong = (networks.predict(x) - y).square()
    return [float(wrong[number, : len(target)].mean() / target.var()) for number, (_, target) in enumerate(short)]


def count_parameters(networks: Regressors, cell: Cell, together: int, largest: int) -> int:
    """Return the trainable scalars of one network; those behind zeros that fill its input up do not count."""
    per_dimension = SPARE * cell.modules if isinstance(networks, ModularRegressors) else cell.width
    return sum(one.numel() for one in networks.weights) // together - (largest - cell.dimension) * per_dimension


def similarities(networks: Regressors, problems: Sequence[Problem]) -> list[float]:
    """Return the similarity of each network's projections with the truth; nothing if it has none."""
    if not isinstance(networks, ModularRegressors):
        return []
    return [
        float(best_cosines(networks.projections[number, : len(one.task.directions)].T, one).mean())
        for number, one in enumerate(problems)
    ]


def best_cosines(projections: Tensor, problem: Problem) -> Tensor:
    """Return the largest |cos| of each true direction with a projection, [k]."""
    return cosines(projections, problem.task.directions.T).max(0).values


def alignment(
    networks: Regressors, problem: Problem, start: Tensor | None, number: int
) -> dict[str, list[list[float]]]:
    """Return |cos| between projections and true directions before and after training, [K][k]; nothing without any."""
    if start is None:
        return {}
    ended = networks.projections[number, : len(problem.task.directions)].T
    return {
        name: [[round(value, 4) for value in row] for row in cosines(one, problem.task.directions.T).tolist()]
        for name, one in (("cosines before", start), ("cosines after", ended))
    }


def linear_row(cell: Cell, problem: Problem, projections: Tensor, penalty: float) -> dict[str, Any]:
    """Fit linear modules and return what is recorded of them; their projections count as parameters too."""
    weights = linear_modules(*problem.train, projections, penalty)
    errors = {name: linear_error(*getattr(problem, name), projections, weights) for name in ("train", "test", "wide")}
    found = [[round(value, 4) for value in row] for row in cosines(projections, problem.task.directions.T).tolist()]
    return {
        **asdict(cell), "parameters": len(weights) + projections.numel(), **errors,
        "cosines before": found, "cosines after": found, "similarity": [],
    }  # fmt: skip


def linear_error(x: Tensor, y: Tensor, projections: Tensor, weights: Tensor) -> float:
    """Return mean squared error by variance of linear modules."""
    x, y = x[:SHARED], y[:SHARED]
    return float((linear_columns(x, projections) @ weights - y).square().mean() / y.var())
