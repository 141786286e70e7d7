"""Small records for tests of artifacts: made up, written nowhere."""

from pathlib import Path

from parsimony.records import Archive, Filed, Record, Specification

GRID = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, -4, 0, 0, 4, 3]


def filed(
    method: str,
    mrr: float,
    seed: int = 0,
    *,
    search: bool = False,
    profile: str = "paper",
    state: str = "fresh",
    dataset: str = "UMLS",
) -> Filed:
    """A filed record with two ranks a direction and, for a search, a trajectory of three structures."""
    step = {"structure": GRID, "cells": 6, "symmetry": "symmetric", "round": 0}
    trajectory = [
        {**step, "trained": i + 1, "score": mrr - 0.1 / (i + 1), "best": mrr - 0.1 / (i + 1)} for i in range(3)
    ]
    known = [
        {"name": name, "structure": GRID, "score": mrr - 0.02, "cells": 6, "symmetry": "both"}
        for name in ("distmult", "simple")
    ]
    extra = {"trajectory": trajectory, "known": known} if search else {}
    specification = Specification(
        task="structure search" if search else "link prediction", method=method, dataset=dataset, seed=seed,
        profile=profile, settings={"training": {"dimension": 64}},
    )  # fmt: skip
    record = Record(
        specification=specification, fingerprint="0123456789ab",
        metrics={"MRR": mrr, "H@1": mrr / 2, "H@3": mrr, "H@10": 1.0, "valid MRR": mrr},
        measurements={"ranks": {"tail": [1, 2], "head": [1, 4]}, "structure": GRID, **extra},
        parameters=100, seconds=60.0, peak_memory_bytes=1, machine="a machine", packages={}, commit="abc",
        data_sha256={}, source_sha256="0" * 64, finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{specification.name}.json"), state)


def small_archive() -> Archive:
    """Two seeds of a search and of two baselines on UMLS."""
    runs = [filed("autoblm", 0.90 + 0.01 * seed, seed, search=True) for seed in (0, 1)]
    runs += [
        filed(name, mrr + 0.01 * seed, seed) for seed in (0, 1) for name, mrr in (("distmult", 0.7), ("simple", 0.89))
    ]
    return Archive(tuple(runs))
