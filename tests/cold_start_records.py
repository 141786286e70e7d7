"""Records of cold-start runs for tests of artifacts: made up, written nowhere."""

from pathlib import Path
from typing import Any

from parsimony.records import Archive, Filed, Record, Specification

TRAINED = {"coldnas": "modulation search", "tanp": "cold start", "mamo": "cold start", "melu": "cold start"}
PLANTED = [["plus"], ["times"], ["max"], ["plus"]]
FOUND = [["plus"], ["times"], ["min"], ["plus"]]  # three of the four planted cells
COST = {"coldnas": (0.02, 288), "tanp": (0.05, 192), "mamo": (2.0, 9000), "melu": (1.0, 20000), "film": (0.021, 576)}
CLOSED = ("constant", "support-mean", "item-mean", "item-user-mean", "half-ones", "half-ones-items")


def run_of(
    task: str, method: str, mse: float, seed: int = 0, *, dataset: str = "Last.fm", profile: str = "paper",
    variant: str = "", state: str = "fresh", **measured: Any,
) -> Filed:  # fmt: skip
    """A filed record of any cold-start task; its test users have errors of 0.9 and 1.1 times the mean."""
    users = {"MSE": [0.9 * mse, 1.1 * mse], "MAE": [1.8 * mse, 2.2 * mse], "nDCG@3": [0.8, 0.8], "nDCG@5": [0.7, 0.7]}
    metrics = {name: sum(values) / 2 for name, values in users.items()} | {"valid MSE": mse}
    if task != "rating means":
        metrics |= {"best-test MSE": 0.95 * mse, "best-test MAE": 1.9 * mse}
    asked = Specification(task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant)
    record = Record(
        specification=asked, fingerprint="0123456789ab", metrics=metrics, measurements={"users": users, **measured},
        parameters=100, seconds=60.0, peak_memory_bytes=1, machine="a machine", packages={}, commit="abc",
        data_sha256={}, source_sha256="0" * 64, finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{asked.name}.json"), state)


def closed_form(method: str, mse: float, seed: int = 0, **asked: Any) -> Filed:
    """A filed closed form."""
    return run_of("rating means", method, mse, seed, **asked)


def trained(method: str, mse: float, seed: int = 0, **asked: Any) -> Filed:
    """A filed trained run with its cost."""
    milliseconds, numbers = COST.get(method, (0.01, 0))
    cost = {"milliseconds per user": milliseconds, "adaptive parameters": numbers}
    return run_of("cold start", method, mse, seed, **{**cost, **asked})


def gates_after(epoch: int, seed: int = 0) -> list[list[float]]:
    """Weights after an epoch: those of `FOUND` have grown by a hundredth an epoch, the others have not moved."""
    names = ("max", "min", "times", "plus")
    return [[0.5 + 0.01 * epoch * (name in chosen) + 0.001 * seed for name in names] for chosen in FOUND]


def searched(
    mse: float,
    seed: int = 0,
    *,
    cells: list | None = None,
    planted: list | None = None,
    planted_mse: float | None = None,
    **asked: Any,
) -> Filed:
    """A filed search of three epochs, the last of which is the best; `mse` is what the found structure is worth."""
    extra = {} if planted_mse is None else {"planted MSE": planted_mse}
    measured = {
        "gates": [gates_after(epoch, seed) for epoch in (1, 2, 3)], "search epoch": 3, "planted": planted,
        "chosen": {"options": {"cells": cells or FOUND}, "training": {}}, "milliseconds per user": COST["coldnas"][0],
        "adaptive parameters": COST["coldnas"][1], **extra,
    }  # fmt: skip
    return run_of("modulation search", "coldnas", mse, seed, **{**measured, **asked})


def whole_archive() -> Archive:
    """Three seeds of all methods on Last.fm with and without leak, and quick ones on the generated users."""
    mse = {"coldnas": 0.21, "tanp": 0.25, "mamo": 0.24, "melu": 0.23, "film": 0.239, "no-modulation": 0.22}
    closed = dict(zip(CLOSED, (0.25, 0.274, 0.2138, 0.212, 0.2372, 0.2013), strict=True))
    runs: list[Filed] = []
    places = (("Last.fm", "paper", 0.0), ("Last.fm-fresh", "paper", 0.01), ("Planted-users", "quick", 0.3))
    for seed in range(3):
        for dataset, profile, more in places:
            at: dict[str, Any] = {"dataset": dataset, "profile": profile}
            shift = more + 0.001 * seed
            planted_mse = 0.21 + shift + (-0.01, 0.0, 0.02)[seed] if profile == "quick" else None
            planted = PLANTED if profile == "quick" else None
            cells = PLANTED if (seed, profile) == (0, "quick") else FOUND
            runs += [trained(name, value + shift, seed, **at) for name, value in mse.items() if name != "coldnas"]
            runs += [trained("coldnas", 0.211 + shift, seed, variant="released", **at)]
            runs += [searched(0.21 + shift, seed, cells=cells, planted=planted, planted_mse=planted_mse, **at)]
            runs += [closed_form(name, value + shift, seed, **at) for name, value in closed.items()]
    return Archive(tuple(runs))
