"""Records of the second paper for tests of artifacts: made up, written nowhere."""

from pathlib import Path
from typing import Any

from parsimony.records import Archive, Filed, Record, Specification

DIMENSIONS, SAMPLES = (2, 9), (100, 1000, 10000)
# Error at n samples of m dimensions: one network needs 100 * 2^m samples for 0.1, the truth always 100.
RATES = {"monolithic": 2.0, "modular": 1.5, "modular-rule": 1.2, "modular-true": 1.0}
NEEDED = 100


def filed(
    task: str, method: str, dataset: str, metrics: dict[str, float], measured: dict[str, Any], seed: int = 0,
    profile: str = "paper", variant: str = "", parameters: int = 11_000,
) -> Filed:  # fmt: skip
    """A filed record."""
    asked = Specification(task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant)
    record = Record(
        specification=asked, fingerprint="0123456789ab", metrics=metrics, measurements=measured, parameters=parameters,
        seconds=60.0, peak_memory_bytes=1, machine="a machine", packages={}, commit="abc", data_sha256={},
        source_sha256="0" * 64, finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{asked.name}.json"), "fresh")


def error_of(method: str, dimension: int, samples: int, seed: int) -> float:
    """0.1 at the samples needed, falling as 1/sqrt(n); a little more for each seed, and faster."""
    needed = NEEDED * RATES.get(method, 1.3) ** (dimension - 2) * 1.01 ** (seed * dimension)
    return 0.1 * (needed / samples) ** 0.5


def sine_cell(method: str, dimension: int, samples: int, seed: int, modules: int = 5, width: int = 32) -> dict:
    """One cell of a grid."""
    error = error_of(method, dimension, samples, seed)
    grid = [[0.9 if j % modules == i else 0.1 for i in range(modules)] for j in range(2 * modules)]
    modular = {"cosines before": grid, "cosines after": grid}
    return {
        "dimension": dimension, "modules": modules, "samples": samples, "width": width,
        "parameters": 11_000 + 10 * dimension + width, "train": error / 2, "test": error, "wide": 3 * error,
        "similarity": [] if method == "monolithic" else [0.5, 0.7, 0.9],
        **({} if method == "monolithic" else modular),
    }  # fmt: skip


def sines(method: str, seed: int = 0, variant: str = "", profile: str = "paper", **grid: tuple) -> Filed:
    """A filed sweep on sine waves."""
    axes = {"dimensions": DIMENSIONS, "samples": SAMPLES, "modules": (5,), "widths": (32,), **grid}
    cells = [sine_cell(method, m, n, seed, k, w) for w in axes["widths"] for k in axes["modules"]
             for m in axes["dimensions"] for n in axes["samples"]]  # fmt: skip
    reference = [9, 5, 1000]
    at = next(one for one in cells if [one["dimension"], one["modules"], one["samples"]] == reference)
    metrics = {"relative MSE": at["test"], "wide relative MSE": at["wide"]}
    measured = {"cells": cells, "reference": reference}
    return filed("sine regression", method, "Sine-waves", metrics, measured, seed, profile, variant)


def searched(seed: int = 0, profile: str = "paper") -> Filed:
    """A filed search for projections."""
    rows = [
        {"dimension": m, "frequencies": [1, 3, 5], "rule": rule, "modules": 5, "samples": 2000, "kept": 8,
         "found": found, "cosine": 0.8, "trace": [0.5, 0.6, 0.5 + found / 10]}
        for m in (5, 9) for rule, found in (("rule", 5), ("raw", 0), ("degree 1 removed", 4))
    ]  # fmt: skip
    module = {"z": [-1.0, 0.0, 1.0], "waves": [[0.5, 1.0, 0.5], [0.1, 0.2, 0.3], [0.0, 0.1, 0.0]],
              "points": [[0.1, 0.5], [0.3, 0.2]]}  # fmt: skip
    return filed("projection search", "modular-rule", "Sine-waves", {"found": 1.0},
                 {"searches": rows, "module": module}, seed, profile, "search", 0)  # fmt: skip


def law(seed: int = 0, profile: str = "paper") -> Filed:
    """A filed check of the scaling law; every second loss is 2 % above its closed form."""
    losses = [
        {"kind": kind, "dimension": m, "samples": 60, "modules": modules, "parameters": p,
         "predicted": {"train": train, "test": 0.4},
         "measured": {"train": {"mean": train, "error": 1e-9}, "test": {"mean": 0.408, "error": 0.01}}}
        for kind, m, modules, p, train in (("network", 2, 1, 20, 0.2), ("network", 2, 1, 100, 0.0),
                                           ("modular", 1, 5, 4, 0.2))
    ]  # fmt: skip
    samples = [
        {"kind": kind, "dimension": m, "modules": modules, "parameters": 20, "error": 1.05, "predicted": needed,
         "counts": [20, 40], "losses": [2.0, 1.0], "measured": {"samples": 1.01 * needed, "interval": [20.0, 300.0]}}
        for kind, m, modules, needed in (("network samples", 2, 1, 28.0), ("network samples", 9, 1, 208.0),
                                         ("modular samples", 1, 5, 117.0))
    ]  # fmt: skip
    curves = {
        "parameters": [10, 60, 100], "samples": 60, "dimensions": [1, 2, 3], "modular samples": 117.0,
        "losses": {"2": {"train": [0.1, 0.0, 0.0], "test": [0.5, None, 0.6]}},
        "network samples": {"20": [20.0, 28.0, 40.0], "100": [90.0, 100.0, 120.0]},
        "least parameters": [1.0, 2.0, 4.0], "participation": [2.0, 5.0, 12.0],
    }  # fmt: skip
    metrics = {"relative error": 0.02, "loss relative error": 0.02, "samples relative error": 0.01}
    measured = {"points": [*losses, *samples], "curves": curves, "omega": 1.57}
    return filed("scaling law", "closed-form", "Random-features", metrics, measured, seed, profile, "", 0)


def images(method: str, accuracy: float, seed: int = 0, profile: str = "paper") -> Filed:
    """A filed sweep on compositional digits; accuracy falls by a hundredth with every image."""
    cells = []
    for slots, samples in ((1, 2000), (4, 2000), (8, 2000), (4, 300)):
        one = accuracy - 0.01 * slots - 0.02 * (samples < 2000) - 0.001 * seed
        shares = [[0.7 if j % slots == i else 0.3 / max(1, slots - 1) for i in range(slots)] for j in range(2 * slots)]
        maps = {name: shares for name in ("shares at random", "shares before", "shares after")}
        cells.append({"slots": slots, "samples": samples, "parameters": 30_000, "train": 1.0, "test": one,
                      "noisy": one - 0.1, "unseen": None if slots == 1 else one - 0.01,
                      **({} if method == "monolithic" else maps)})  # fmt: skip
    at = cells[2]
    metrics = {"accuracy": at["test"], "noisy accuracy": at["noisy"], "unseen accuracy": at["unseen"]}
    measured = {"cells": cells, "reference": [8, 2000]}
    return filed("image classification", method, "Compositional-digits", metrics, measured, seed, profile)


def whole_archive() -> Archive:
    """Three seeds of everything."""
    runs: list[Filed] = []
    for seed in range(3):
        runs += [sines(method, seed) for method in RATES]
        runs += [sines("linear-modules", seed, samples=(300, 1000))]
        runs += [sines(method, seed, "modules", dimensions=(9,), modules=(2, 5), samples=(1000,))
                 for method in ("monolithic", "modular")]  # fmt: skip
        runs += [sines(method, seed, variant, dimensions=(9,), samples=(1000,))
                 for method in RATES for variant in ("choice-1200", "choice-4800")]  # fmt: skip
        runs += [sines("monolithic", seed, "widths", samples=(1000,), widths=(5, 100)), searched(seed), law(seed)]
        levels = {"monolithic": 0.90, "modular": 0.92, "modular-rule": 0.95, "modular-true": 0.94}
        runs += [images(method, level, seed) for method, level in levels.items()]
    return Archive(tuple(runs))
