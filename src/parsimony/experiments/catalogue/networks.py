"""Runs of CompGCN and Interstellar on knowledge graphs (Table 2). Computing them imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parsimony.baselines.interstellar_architecture import PUBLISHED as CELLS
from parsimony.experiments.catalogue.expectation import SEEDS, TWO_CORES, Expectation
from parsimony.records import Specification

EMBEDDED = ("UMLS", "Kinships")

# CompGCN and Interstellar: what is not known of a small graph is chosen among a few candidates on validation triples.
CONVE = {"hidden": [100], "composition": "corr", "decoder": "conve", "decoder_options": {"filters": 32}}
DISTMULT = {"hidden": [100], "composition": "mult", "decoder": "distmult"}
SMALL_COMPGCN = {
    "network": CONVE,
    "training": {"dimension": 200, "epochs": 200, "batch_size": 128, "evaluate_every": 10, "patience": 5},
    "candidates": [
        {"network": {"composition": composition}, "training": {"learning_rate": rate}}
        for composition in ("corr", "mult") for rate in (0.001, 0.003)
    ],
    "candidate_epochs": 40,
}  # fmt: skip
SMALL_PATHS = {"dimension": 64, "batch_size": 256, "decay": 0.97, "evaluate_every": 10, "patience": 5}
SMALL_INTERSTELLAR = {
    "network": {},
    "training": {**SMALL_PATHS, "epochs": 100},
    "candidates": [
        {"network": {"architecture": list(cell), "dropout": dropout}, "training": {"learning_rate": rate}}
        for cell in CELLS.values() for dropout in (0.1, 0.3) for rate in (0.003, 0.01)
    ],
    "candidate_epochs": 20,
}  # fmt: skip
QUICK_COMPGCN = {
    "network": {**DISTMULT, "composition": "corr"},
    "training": {"dimension": 100, "epochs": 60, "batch_size": 128, "learning_rate": 0.002, "evaluate_every": 20},
}
QUICK_INTERSTELLAR = {
    "network": {"architecture": list(CELLS["WN18RR"]), "dropout": 0.1},
    "training": {**SMALL_PATHS, "batch_size": 512, "learning_rate": 0.01, "epochs": 12, "evaluate_every": 4},
}
LARGE_COMPGCN = {
    "network": DISTMULT,
    "training": {
        "dimension": 100, "epochs": 24, "batch_size": 1024, "learning_rate": 0.005, "decay": 0.95,
        "evaluate_every": 4, "precision": "bfloat16",
    },
}  # fmt: skip
LARGE_INTERSTELLAR = {
    "network": {"architecture": list(CELLS["WN18RR"]), "dropout": 0.2},
    "training": {
        "dimension": 64, "epochs": 8, "batch_size": 512, "learning_rate": 0.003, "decay": 0.8,
        "evaluate_every": 2, "precision": "bfloat16",
    },
}  # fmt: skip
SMALL_NETWORKS = {"compgcn": SMALL_COMPGCN, "interstellar": SMALL_INTERSTELLAR}
LARGE_NETWORKS = {"compgcn": LARGE_COMPGCN, "interstellar": LARGE_INTERSTELLAR}


def _networks(
    profile: str, seeds: tuple[int, ...], runs: Mapping[str, Mapping[str, Any]], dataset: str, variants: bool = False
) -> Iterator[Specification]:
    """CompGCN and Interstellar on one graph; `variants` names runs by their width."""
    for method, settings in runs.items():
        variant = f"d{settings['training']['dimension']}" if variants else ""
        for seed in seeds:
            yield Specification(
                task="relational network", method=method, dataset=dataset, seed=seed, profile=profile,
                variant=variant, settings=settings,
            )  # fmt: skip


SPECIFICATIONS: tuple[Specification, ...] = (
    *_networks("quick", (0,), {"compgcn": QUICK_COMPGCN, "interstellar": QUICK_INTERSTELLAR}, "UMLS"),
    *(one for dataset in EMBEDDED for one in _networks("paper", SEEDS, SMALL_NETWORKS, dataset)),
    *_networks("paper", SEEDS, LARGE_NETWORKS, "WN18RR", variants=True),
)

EXPECTATIONS = {
    "UMLS/compgcn-quick": Expectation("valid MRR 0.75 to 0.87", 0.2, TWO_CORES),
    "UMLS/interstellar-quick": Expectation("valid MRR 0.83 to 0.91", 0.2, TWO_CORES),
    "UMLS/compgcn": Expectation("valid MRR 0.88 to 0.96", 5.0, TWO_CORES),
    "UMLS/interstellar": Expectation("valid MRR 0.90 to 0.96", 3.0, TWO_CORES),
    "Kinships/compgcn": Expectation("valid MRR 0.75 to 0.90", 15.0, TWO_CORES),
    "Kinships/interstellar": Expectation("valid MRR 0.70 to 0.90", 6.0, TWO_CORES),
    "WN18RR/compgcn-d100": Expectation("valid MRR 0.20 to 0.48", 25.0, TWO_CORES),
    "WN18RR/interstellar-d64": Expectation("valid MRR 0.30 to 0.48", 25.0, TWO_CORES),
}


def expectation(one: Specification) -> Expectation:
    """Give the expectation of a run."""
    return EXPECTATIONS[one.identity]
