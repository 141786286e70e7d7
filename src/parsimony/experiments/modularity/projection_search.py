"""Which parts of the learning rule find the modules of sine waves: the rule with and without its additions.

No network is trained. For each task the starts descend; what counts is how many true directions are among the
projections kept (|cos| above 0.9), and how near to a true direction the starts end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from parsimony.data.sine_waves import SineTask, draw_sine_task
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.journal import Journal
from parsimony.experiments.modularity.parallel_training import generator_for
from parsimony.experiments.progress import Progress
from parsimony.methods.modularity import Descent, RuleSettings, cosines, descend, distinct
from parsimony.records import Outcome, Specification

FOUND = 0.9
RULE = "rule"
PICTURE, POINTS = 3.0, 60  # reach of the picture of a module, and training rows in it
SPARE = 2  # projections kept for each module of the task


@dataclass(frozen=True, kw_only=True)
class ProjectionSearch:
    """What a run of this task needs.

    Attributes:
        tasks: dimension m and three frequencies of each target.
        rules: keyword arguments of `RuleSettings` by the name that a table gives them; one of them is the rule itself.
        modules: k.
        samples: n.
    """

    tasks: Sequence[Sequence[float]]
    rules: Mapping[str, Mapping[str, Any]]
    modules: int = 5
    samples: int = 2000

    def __post_init__(self) -> None:
        if RULE not in self.rules or not self.tasks:
            raise ValueError(
                f"{len(self.tasks)} tasks for {', '.join(self.rules)} given; expected a task and {RULE!r}."
            )
        for options in self.rules.values():
            RuleSettings(**options)


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Let every rule search on every task, going on where an earlier start stopped."""
    settings, journal = ProjectionSearch(**specification.settings), Journal(checkpoint, progress)
    todo = [(task, name) for task in settings.tasks for name in settings.rules]
    rows: list[dict[str, Any]] = journal.get("rows", [])
    for number in range(len(rows), len(todo)):
        rows = [*rows, search(*todo[number], settings, specification.seed)]
        journal.put("rows", rows, at_once=False)
        progress.update(number + 1, len(todo), "searches for projections")
    of_rule = [row["found"] for row in rows if row["rule"] == RULE]
    found = sum(of_rule) / (settings.modules * len(of_rule))
    measurements = {"searches": rows, "module": picture(settings, specification.seed)}
    return Outcome(metrics={"found": found}, measurements=measurements, parameters=0)


def picture(settings: ProjectionSearch, seed: int) -> dict[str, Any]:
    """Return what shows one module: its waves over its projection, and what it adds to the first training rows."""
    task, x, _, _ = problem(settings.tasks[-1], settings, seed)
    place = torch.linspace(-PICTURE, PICTURE, 161)
    alone = SineTask(torch.ones(1, 1), task.phases[:1], task.frequencies)
    z = (x[:POINTS] @ task.directions[:, :1]).flatten()
    points = zip(z.tolist(), alone.target(z.unsqueeze(1)).tolist(), strict=True)
    return {
        "z": rounded(place), "waves": [rounded(one) for one in alone.waves(place.unsqueeze(1))[:, 0].T],
        "points": [[round(one, 4) for one in point] for point in points],
    }  # fmt: skip


def rounded(values: Tensor) -> list[float]:
    """Return numbers with the digits that a picture needs."""
    return [round(one, 4) for one in values.tolist()]


def problem(
    asked: Sequence[float], settings: ProjectionSearch, seed: int
) -> tuple[SineTask, Tensor, Tensor, torch.Generator]:
    """Draw target and rows, and return them with the generator, which is alike for every rule."""
    dimension, *frequencies = asked
    generator = generator_for(seed, "search", *asked)
    task = draw_sine_task(int(dimension), settings.modules, generator, frequencies)
    return task, *task.draw(settings.samples, generator), generator


def search(asked: Sequence[float], name: str, settings: ProjectionSearch, seed: int) -> dict[str, Any]:
    """Let one rule search on one task; every rule meets the same target, rows and starts."""
    dimension, *frequencies = asked
    task, x, y, generator = problem(asked, settings, seed)
    descent = descend(x, y, RuleSettings(**settings.rules[name]), generator)
    kept = distinct(descent.projections, SPARE * settings.modules)
    near = cosines(kept, task.directions.T)
    return {
        "dimension": int(dimension), "frequencies": frequencies, "rule": name, "modules": settings.modules,
        "samples": settings.samples, "kept": len(kept), "found": int((near.max(0).values > FOUND).sum()),
        "cosine": float(cosines(descent.projections, task.directions.T).max(1).values.mean()),
        "trace": trace_of(descent, task),
    }  # fmt: skip


def trace_of(descent: Descent, task: SineTask) -> list[float]:
    """Return after every step the mean over starts of the largest |cos| with a true direction."""
    return [round(mean_cosine(step, task.directions.T), 4) for step in descent.trace]


def mean_cosine(projections: Tensor, truth: Tensor) -> float:
    """Return the mean over projections of the largest |cos| with a true direction."""
    return float(cosines(projections, truth).max(1).values.mean())
