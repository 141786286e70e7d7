"""Every run of the book, with its expected result, minutes and machine. Computing it imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parsimony.baselines.interstellar_architecture import PUBLISHED as CELLS
from parsimony.methods.bilinear_structure import KNOWN, PUBLISHED
from parsimony.records import Specification

SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Expectation:
    """What a reader should see when a run ends.

    Attributes:
        result: measure and range.
        minutes: wall clock of one run.
        machine: on which machine.
    """

    result: str
    minutes: float
    machine: str


TWO_CORES = "two cores of an AMD EPYC"

# Candidates of a search on a small graph: width 64, batch 512, as in the authors' evolutionary search.
SMALL = {"dimension": 64, "epochs": 40, "batch_size": 512, "learning_rate": 0.5, "evaluate_every": 40}
SMALL_FINAL = {**SMALL, "epochs": 100, "evaluate_every": 10}
SMALL_BUDGETS = {"autoblm": {"rounds": 4}, "autoblm-plus": {"budget": 200}}
QUICK_BUDGETS = {"autoblm": {"rounds": 1, "last_stage": 8}, "autoblm-plus": {"budget": 29}}
EMBEDDED = ("UMLS", "Kinships")
QUICK_SEEDS = {"UMLS": SEEDS, "Kinships": (0,)}  # the whole book in minutes

# The authors' settings for a search on each large graph (AutoSF, run.sh), with fewer epochs.
LARGE = {
    "WN18RR": {"epochs": 60, "learning_rate": 0.7, "regulariser": 0.0, "decay": 0.9915589},
    "FB15k-237": {"epochs": 40, "learning_rate": 0.299, "regulariser": 0.059 / 512, "decay": 0.992813},
}
LARGE_TRAINING = {"dimension": 64, "batch_size": 512, "evaluate_every": 10, "precision": "bfloat16"}

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


def _baselines(profile: str, tuning: Mapping[str, Any]) -> Iterator[Specification]:
    """DistMult, ComplEx, SimplE and Analogy on the embedded graphs."""
    for dataset in EMBEDDED:
        for method, structure in KNOWN.items():
            settings = {"structure": list(structure.entries), "training": SMALL_FINAL, **tuning}
            for seed in SEEDS:
                yield Specification(
                    task="link prediction", method=method, dataset=dataset, seed=seed, profile=profile,
                    settings=settings,
                )  # fmt: skip


def _searches(
    profile: str, seeds: Mapping[str, tuple[int, ...]], budgets: Mapping[str, Any], tuning: Mapping[str, Any]
) -> Iterator[Specification]:
    """AutoBLM and AutoBLM+ on the embedded graphs."""
    for dataset in EMBEDDED:
        for method, budget in budgets.items():
            settings = {"budget": budget, "candidate": SMALL, "training": SMALL_FINAL, **tuning}
            for seed in seeds[dataset]:
                yield Specification(
                    task="structure search", method=method, dataset=dataset, seed=seed, profile=profile,
                    settings=settings,
                )  # fmt: skip


def _large() -> Iterator[Specification]:
    """The published structure and the known models on the large graphs, width 64."""
    for dataset, training in LARGE.items():
        structures = {"autoblm": PUBLISHED[dataset], **KNOWN}
        for method, structure in structures.items():
            settings = {"structure": list(structure.entries), "training": {**LARGE_TRAINING, **training}}
            for seed in SEEDS:
                yield Specification(
                    task="link prediction", method=method, dataset=dataset, seed=seed, profile="paper",
                    variant="published-d64" if method == "autoblm" else "d64", settings=settings,
                )  # fmt: skip


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


TUNING = {"tuning_trials": 16, "tuning_epochs": 60}

SPECIFICATIONS: tuple[Specification, ...] = (
    *_baselines("quick", {}),
    *_searches("quick", QUICK_SEEDS, QUICK_BUDGETS, {}),
    *_baselines("paper", TUNING),
    *_searches("paper", dict.fromkeys(EMBEDDED, SEEDS), SMALL_BUDGETS, TUNING),
    *_large(),
    *_networks("quick", (0,), {"compgcn": QUICK_COMPGCN, "interstellar": QUICK_INTERSTELLAR}, "UMLS"),
    *(one for dataset in EMBEDDED for one in _networks("paper", SEEDS, SMALL_NETWORKS, dataset)),
    *_networks("paper", SEEDS, LARGE_NETWORKS, "WN18RR", variants=True),
)


NETWORK_EXPECTATIONS = {
    "UMLS/compgcn-quick": Expectation("valid MRR 0.75 to 0.87", 0.2, TWO_CORES),
    "UMLS/interstellar-quick": Expectation("valid MRR 0.83 to 0.91", 0.2, TWO_CORES),
    "UMLS/compgcn": Expectation("valid MRR 0.88 to 0.96", 5.0, TWO_CORES),
    "UMLS/interstellar": Expectation("valid MRR 0.90 to 0.96", 3.0, TWO_CORES),
    "Kinships/compgcn": Expectation("valid MRR 0.75 to 0.90", 15.0, TWO_CORES),
    "Kinships/interstellar": Expectation("valid MRR 0.70 to 0.90", 6.0, TWO_CORES),
    "WN18RR/compgcn-d100": Expectation("valid MRR 0.20 to 0.48", 25.0, TWO_CORES),
    "WN18RR/interstellar-d64": Expectation("valid MRR 0.30 to 0.48", 25.0, TWO_CORES),
}


def _expectation(one: Specification) -> Expectation:
    """Give the minutes of a run by its task and graph; the result is a range of the validation MRR."""
    if one.task == "relational network":
        return NETWORK_EXPECTATIONS[one.identity]
    if one.dataset in LARGE:
        return Expectation("valid MRR 0.15 to 0.45", 12.0, TWO_CORES)
    result = "valid MRR 0.70 to 0.92" if one.dataset == "UMLS" else "valid MRR 0.50 to 0.85"
    minutes = {"link prediction": (0.1, 2.0), "structure search": (0.5, 8.0)}[one.task][one.profile == "paper"]
    return Expectation(result, minutes, TWO_CORES)


EXPECTED: Mapping[str, Expectation] = {one.name: _expectation(one) for one in SPECIFICATIONS}
