"""Classify compositional images with one network, or with modules that start at random, by the rule, or at the truth.

Accuracy is per image. Tests: other images in combinations of classes that trained; the same with noise; other images in
combinations that did not train. The paper uses CIFAR-10 and up to a million tuples; digits are our substitute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.data.compositional_images import NOISE, CompositionalImages, ImagePool, Tuples, load_pool
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.journal import Journal
from parsimony.experiments.modularity.parallel_training import FitSettings, generator_for
from parsimony.experiments.progress import Progress
from parsimony.methods.modularity_images import (
    ImageRuleSettings,
    focus_projections,
    on_one_image,
    orthogonal_start,
    shares,
    standardised,
)
from parsimony.nn.modular_classifier import CLASSES, ModularClassifier, MonolithicClassifier
from parsimony.records import Outcome, Specification

NETWORKS = ("monolithic", "modular")
PROJECTIONS = ("random", "rule", "true")
SPARE = 2  # modules for each image: K = 2k
AT_ONCE = 500  # rows of a test


@dataclass(frozen=True, kw_only=True)
class ImageClassification:
    """What a run of this task needs.

    Attributes:
        network: one of `NETWORKS`.
        projections: where those of modules start: one of `PROJECTIONS`.
        grid: k and n of each network.
        reference: k and n of the one that stands for the run.
        width: of both hidden layers of a monolithic network.
        module: numbers that a module sees, and its width.
        tests: tuples of each test.
        training: of the networks.
        rule: of the projections.
    """

    network: str
    projections: str = "random"
    grid: Sequence[Sequence[int]]
    reference: Sequence[int]
    width: int = 128
    module: Sequence[int] = (8, 32)
    tests: int = 2000
    training: FitSettings = field(default_factory=lambda: FitSettings(steps=500, batch_size=256, learning_rate=2e-3))
    rule: ImageRuleSettings = field(default_factory=ImageRuleSettings)

    def __post_init__(self) -> None:
        if self.network not in NETWORKS or self.projections not in PROJECTIONS:
            raise ValueError(
                f"network {self.network!r} with {self.projections!r} projections given; known are "
                f"{', '.join(NETWORKS)} and {', '.join(PROJECTIONS)}."
            )
        for name, kind in (("training", FitSettings), ("rule", ImageRuleSettings)):
            if isinstance(getattr(self, name), dict):
                object.__setattr__(self, name, kind(**getattr(self, name)))
        if list(self.reference) not in [list(one) for one in self.grid]:
            raise ValueError(f"reference k, n = {list(self.reference)} given, which is not in the grid.")


def run(specification: Specification, checkpoint: Checkpoint, progress: Progress, device: str) -> Outcome:
    """Train every network of the grid, going on behind the last one that an earlier start finished."""
    settings, journal = ImageClassification(**specification.settings), Journal(checkpoint, progress)
    pool = load_pool(specification.dataset)
    rows: list[dict[str, Any]] = journal.get("rows", [])
    for number in range(len(rows), len(settings.grid)):
        rows = [*rows, fit(pool, *settings.grid[number], settings, specification.seed, device)]
        journal.put("rows", rows)
        progress.update(number + 1, len(settings.grid), "networks")
    reference = next(one for one in rows if [one["slots"], one["samples"]] == list(settings.reference))
    names = {"test": "accuracy", "unseen": "unseen accuracy", "noisy": "noisy accuracy"}
    return Outcome(
        metrics={said: reference[name] for name, said in names.items() if reference[name] is not None},
        measurements={"cells": rows, "reference": list(settings.reference)},
        parameters=reference["parameters"],
    )


def fit(
    pool: ImagePool, slots: int, samples: int, settings: ImageClassification, seed: int, device: str
) -> dict[str, Any]:
    """Train one network; return what is recorded of it."""
    data = pool.compose(slots, samples, settings.tests, generator_for(seed, "tuples", slots, samples))
    start, learnt = projections_for(data, slots, settings, seed)
    generator = generator_for(seed, "weights", slots, samples)
    inputs = slots * pool.train[0].shape[1]
    if learnt is None:
        network: nn.Module = MonolithicClassifier(inputs, slots, settings.width, generator)
    else:
        network = ModularClassifier(learnt, slots, settings.module[1], generator)
    train(network.to(device), data.train, settings.training, generator_for(seed, "rows", slots, samples))
    noise = generator_for(seed, "noise", slots, samples)
    return {
        "slots": slots, "samples": samples, "parameters": sum(one.numel() for one in network.parameters()),
        "train": accuracy(network, data.train), "test": accuracy(network, data.test),
        "noisy": accuracy(network, data.test, noise),
        "unseen": None if data.unseen is None else accuracy(network, data.unseen),
        **({} if learnt is None else shares_of(start, learnt, network, slots)),
    }  # fmt: skip


def projections_for(
    data: CompositionalImages, slots: int, settings: ImageClassification, seed: int
) -> tuple[Tensor | None, Tensor | None]:
    """Return random projections and those that training starts from; None without modules."""
    if settings.network == "monolithic":
        return None, None
    modules, seen, pixels = SPARE * slots, settings.module[0], data.train.images.shape[1]
    generator = generator_for(seed, "projections", slots, len(data.train))
    start = orthogonal_start(modules, slots * pixels, seen, generator)
    if settings.projections == "true":
        return start, on_one_image(modules, slots, pixels, seen, generator)
    if settings.projections == "random":
        return start, start
    columns = torch.randint(CLASSES * slots, (modules,), generator=generator)  # the output of each module
    draw = lambda rows: sample(data.train, columns, rows, generator)
    return start, focus_projections(start, draw, settings.rule)


def sample(tuples: Tuples, columns: Tensor, rows: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw inputs [B, D] and the standardised output column of each module [K, B]."""
    chosen = torch.randint(len(tuples), (rows,), generator=generator)
    outputs = functional.one_hot(tuples.classes(chosen), CLASSES).flatten(1).float()
    return tuples.inputs(chosen), standardised(outputs[:, columns].T)


def train(network: nn.Module, tuples: Tuples, settings: FitSettings, generator: torch.Generator) -> None:
    """Train on the cross entropy of every image."""
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, fused=True)
    device = next(network.parameters()).device
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = settings.rate(step)
        rows = torch.randint(len(tuples), (settings.batch_size,), generator=generator)
        logits = network(tuples.inputs(rows).to(device))
        loss = functional.cross_entropy(logits.flatten(0, 1), tuples.classes(rows).flatten().to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


@torch.no_grad()
def accuracy(network: nn.Module, tuples: Tuples, noise: torch.Generator | None = None) -> float:
    """Return the share of images whose class is told, with noise on every pixel if a generator is given."""
    device, right = next(network.parameters()).device, 0
    for rows in torch.arange(len(tuples)).split(AT_ONCE):
        x = tuples.inputs(rows)
        if noise is not None:
            x = x + NOISE * torch.randn(x.shape, generator=noise)
        right += int((network(x.to(device)).argmax(2).cpu() == tuples.classes(rows)).sum())
    return right / tuples.chosen.numel()


def shares_of(start: Tensor, learnt: Tensor, network: nn.Module, slots: int) -> dict[str, Any]:
    """Return the share of each module's weight on each image: at random, before training and after it, [K][k]."""
    named = {"shares at random": start, "shares before": learnt, "shares after": network.projections.detach().cpu()}
    return {
        name: [[round(value, 4) for value in row] for row in shares(one, slots).tolist()] for name, one in named.items()
    }
