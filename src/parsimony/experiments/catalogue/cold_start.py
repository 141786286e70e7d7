"""Runs on cold-start users: ColdNAS, its rivals and closed forms (Table 3). Computing them imports no torch.

Every choice is made on validation users, among the candidates listed here: learning rates for every method, the step of
the adaptation for MeLU, the forgetting of the preference memory for MAMO, the number of operations for ColdNAS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from parsimony.experiments.catalogue.expectation import SEEDS, TWO_CORES, Expectation
from parsimony.methods.modulation_space import FILM, NONE, RELEASED
from parsimony.records import Specification

PLANTED = "Planted-users"
PLANTED_SEEDS = tuple(range(10))
SIZES = (2, 4, 6, 8)
CLOSED_FORMS = ("constant", "support-mean", "item-mean", "item-user-mean")
LEAK_FORMS = ("half-ones", "half-ones-items")

# Epochs and rates of each data set; on Last.fm those of the authors' code, which gives none for the others.
COURSES: Mapping[str, Mapping[str, Any]] = {
    "Last.fm": {"epochs": 100, "learning_rate": 1e-4},
    "Last.fm-fresh": {"epochs": 100, "learning_rate": 1e-4},
    "MovieLens-1M": {"epochs": 20, "learning_rate": 1e-3, "query_items": 32},
    "Book-Crossing": {"epochs": 20, "learning_rate": 1e-3, "query_items": 32},
}
RATES: Mapping[str, Sequence[float]] = {
    "Last.fm": (1e-4, 3e-4), "Last.fm-fresh": (1e-4, 3e-4), "MovieLens-1M": (3e-4, 1e-3), "Book-Crossing": (3e-4, 1e-3),
}  # fmt: skip
SPREADS = {"Last.fm": 0.01, "Last.fm-fresh": 0.01, "MovieLens-1M": 0.05, "Book-Crossing": 0.05}

QUICK_COURSE = {"epochs": 30, "learning_rate": 5e-3}
QUICK_OPTIONS = {"width": 8, "hidden": [32, 32, 16], "spread": 0.3}


def _candidates(options: Sequence[Mapping[str, Any]], rates: Sequence[float]) -> list[dict[str, Any]]:
    return [{"options": dict(one), "training": {"learning_rate": rate}} for one, rate in product(options, rates)]


def _one(
    dataset: str, seed: int, profile: str, task: str, method: str, settings: Any, variant: str = ""
) -> Specification:
    return Specification(
        task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant, settings=settings
    )


def _fixed(dataset: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, variant and settings of every model that is trained without a search."""
    spread, rates = SPREADS[dataset], RATES[dataset]
    for method, variant, structure in (
        ("coldnas", "released", RELEASED), ("film", "", FILM), ("no-modulation", "", NONE),
    ):  # fmt: skip
        options = {"cells": structure.to_list(), "spread": spread}
        yield method, variant, {"model": "coldnas", "candidates": _candidates([options], rates)}
    higher = [3 * rate for rate in rates]  # the rivals learn little at the rates of ColdNAS
    yield "tanp", "", {"model": "tanp", "candidates": _candidates([{}], [*rates, 1e-3] if 1e-3 not in rates else rates)}
    steps = [{"inner_rate": rate} for rate in (1e-3, 1e-2)]
    yield "melu", "", {"model": "melu", "candidates": _candidates(steps, higher)}
    second = [{**one, "is_second_order": True} for one in steps]
    yield "melu", "second-order", {"model": "melu", "candidates": _candidates(second, higher)}
    memories = [{"width": 32, "gamma": gamma} for gamma in (0.1, 0.0)]
    yield "mamo", "", {"model": "mamo", "candidates": _candidates(memories, higher)}


def _paper() -> Iterator[Specification]:
    """Yield the runs on real users."""
    for dataset, course in COURSES.items():
        for seed in SEEDS:
            search = {
                "search": course, "training": course, "sizes": SIZES, "learning_rates": RATES[dataset],
                "options": {"spread": SPREADS[dataset]},
            }  # fmt: skip
            yield _one(dataset, seed, "paper", "modulation search", "coldnas", search)
            for method, variant, settings in _fixed(dataset):
                settings = {**settings, "training": course}
                yield _one(dataset, seed, "paper", "cold start", method, settings, variant)
        yield from _closed_forms(dataset)


def _closed_forms(dataset: str) -> Iterator[Specification]:
    """Yield the closed forms; on Last.fm the split is the authors', so one seed says all."""
    leaks = dataset.startswith("Last.fm")
    for seed in (0,) if dataset == "Last.fm" else SEEDS:
        for method in (*CLOSED_FORMS, *(LEAK_FORMS if leaks else ())):
            yield _one(dataset, seed, "paper", "rating means", method, {})
        if not leaks:
            for method in ("item-mean", "item-user-mean"):
                yield _one(dataset, seed, "paper", "rating means", method, {"counts_others": True}, "all-users")


def _quick() -> Iterator[Specification]:
    """Yield the runs on generated users: ten searches, and every rival once."""
    search = {
        "search": QUICK_COURSE, "training": QUICK_COURSE, "sizes": [4], "learning_rates": [5e-3],
        "options": QUICK_OPTIONS,
    }  # fmt: skip
    for seed in PLANTED_SEEDS:
        yield _one(PLANTED, seed, "quick", "modulation search", "coldnas", search)
    rivals: dict[str, dict[str, Any]] = {
        "film": {"model": "coldnas", "candidates": [{"options": {**QUICK_OPTIONS, "cells": FILM.to_list()}}]},
        "no-modulation": {"model": "coldnas", "candidates": [{"options": {**QUICK_OPTIONS, "cells": NONE.to_list()}}]},
        "tanp": {"model": "tanp"},
        "melu": {"model": "melu", "candidates": [{"options": {"inner_rate": 1e-2, "is_second_order": True}}]},
        "mamo": {"model": "mamo", "candidates": [{"options": {"width": 16, "gamma": 0.0}}]},
    }
    for method, settings in rivals.items():
        variant = "second-order" if method == "melu" else ""
        yield _one(PLANTED, 0, "quick", "cold start", method, {**settings, "training": QUICK_COURSE}, variant)
    for method in CLOSED_FORMS:
        yield _one(PLANTED, 0, "quick", "rating means", method, {})


RESULTS = {
    "Last.fm": "MSE 0.20 to 0.28", "Last.fm-fresh": "MSE 0.19 to 0.28", "MovieLens-1M": "MSE 0.85 to 1.30",
    "Book-Crossing": "MSE 7.0 to 15", PLANTED: "MSE 0.05 to 2.5",
}  # fmt: skip
MINUTES = {"rating means": 0.1, "cold start": 3.0, "modulation search": 8.0}


SPECIFICATIONS: tuple[Specification, ...] = (*_quick(), *_paper())


def expectation(one: Specification) -> Expectation:
    """Give the expectation of a run by its task and data."""
    minutes = 0.3 if one.profile == "quick" else MINUTES[one.task]
    return Expectation(RESULTS[one.dataset], minutes, TWO_CORES)
