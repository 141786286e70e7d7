"""Runs of reasoners on knowledge graphs (Table 6, Figure 7). Computing them imports no torch.

RED-GNN has the settings of the authors' code throughout. What it is compared with has the settings of its own source
as far as they are known, and fewer epochs where one core would need days; `schedule` is the published number, so that
a page can label such runs as short. Where a source gives no rate for a graph, RED-GNN's stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parsimony.experiments.catalogue.expectation import ONE_CORE, SEEDS, Expectation
from parsimony.records import Specification

TREES = "Family-trees"
EPOCHS = {"redgnn": 50, "adaprop": 300, "nbfnet": 20, "drum": 10, "rnnlogic": 5}  # published; of RNNLogic the passes

# learning rate, decay, weight decay, width, layers, dropout, activation, batch size, queries ranked at once
REDGNN: Mapping[str, tuple[float, float, float, int, int, float, str, int, int]] = {
    "family": (0.0036, 0.999, 1.7e-5, 48, 3, 0.29, "relu", 20, 50),
    "umls": (0.0012, 0.9917, 1.15e-4, 48, 4, 0.0024, "relu", 20, 50),
    "WN18RR-facts": (0.0021, 0.9962, 3.7e-5, 48, 5, 0.0067, "tanh", 100, 50),
    "FB15k-237": (0.0009, 0.9938, 8.0e-5, 48, 4, 0.0391, "relu", 5, 1),
    "YAGO3-10-quarter": (0.0003, 0.997, 1.11e-4, 48, 3, 0.2131, "relu", 3, 1),
    "WN18RR_v1": (0.005, 0.991, 2e-4, 64, 5, 0.21, "identity", 100, 100),
    "fb237_v1": (0.0092, 0.994, 3e-4, 32, 3, 0.23, "relu", 20, 20),
    "nell_v1": (0.0021, 0.9937, 1.89e-4, 48, 5, 0.246, "relu", 10, 10),
}
UMLS_2022 = (0.0012, 0.998, 1.4e-4, 64, 5, 0.01, "tanh", 10, 50)  # of the printed value; the code has others since
INDUCTIVE = ("WN18RR_v1", "fb237_v1", "nell_v1")
LARGE = ("WN18RR-facts", "FB15k-237", "YAGO3-10-quarter")
SHORTER = {"WN18RR-facts": 6}  # epochs where one core would need hours; the decay makes them the first of the schedule

# DRUM: three hops, as its tables have them. A batch of 64 triples is 128 questions.
DRUM = {"options": {"hops": 3}, "training": {"epochs": 10, "batch_size": 128, "learning_rate": 1e-3, "clip": 5.0}}
ADAPROP = {
    "family": {
        "fact_ratio": 0.9, "options": {"num_layers": 8, "top_k": 100},
        "training": {"epochs": 30, "batch_size": 20, "learning_rate": 0.0036, "decay": 0.999},
    },
    "umls": {
        "fact_ratio": 0.9, "options": {"num_layers": 5, "top_k": 100, "width": 64, "activation": "tanh"},
        "training": {"epochs": 30, "batch_size": 10, "learning_rate": 0.0012, "decay": 0.998},
    },
}  # fmt: skip
NBFNET = {
    dataset: {"options": {}, "training": {"epochs": 4, "batches": batches, "batch_size": 32, "learning_rate": 5e-3}}
    for dataset, batches in (("family", 60), ("umls", 150), ("WN18RR_v1", 80), ("fb237_v1", 80), ("nell_v1", 80))
}
RNNLOGIC = {
    "options": {},
    "budget": {
        "mined": 200, "pretraining_steps": 1000, "iterations": 2, "sampled": 100, "maximisation_steps": 100,
        "final": [[100, 3]], "passes": 3,
    },
}  # fmt: skip

QUICK: Mapping[str, Mapping[str, Any]] = {
    "redgnn": {
        "options": {"width": 16, "layers": 3, "is_official_scale": True},
        "training": {
            "epochs": 10, "batch_size": 20, "learning_rate": 0.005, "decay": 0.98, "weight_decay": 1.7e-5,
        },
    },
    "adaprop": {
        "fact_ratio": 0.9, "options": {"width": 16, "num_layers": 4, "top_k": 50},
        "training": {"epochs": 20, "batch_size": 20, "learning_rate": 0.005, "decay": 0.98},
    },
    "nbfnet": {
        "options": {"width": 16, "num_layers": 3},
        "training": {"epochs": 5, "batches": 150, "batch_size": 16, "learning_rate": 0.01},
    },
    "drum": {
        "options": {"width": 32, "hops": 3},
        "training": {"epochs": 4, "batch_size": 128, "learning_rate": 0.005, "clip": 5.0},
    },
    "rnnlogic": {
        "options": {"width": 32, "hidden": 32, "is_pna": False},
        "budget": {
            "mined": 50, "pretraining_steps": 200, "iterations": 1, "sampled": 30, "maximisation_steps": 20,
            "final": [[30, 3]], "passes": 2,
        },
    },
}  # fmt: skip


def _one(
    method: str, dataset: str, seed: int, profile: str, settings: Mapping[str, Any], variant: str = ""
) -> Specification:
    return Specification(
        task="graph reasoning", method=method, dataset=dataset, seed=seed, profile=profile, variant=variant,
        settings={"schedule": EPOCHS[method], **settings},
    )  # fmt: skip


def _redgnn(dataset: str) -> dict[str, Any]:
    """Return the settings of the authors' code."""
    return _of_redgnn(REDGNN[dataset], SHORTER.get(dataset, EPOCHS["redgnn"]))


def _of_redgnn(row: tuple[float, float, float, int, int, float, str, int, int], epochs: int) -> dict[str, Any]:
    """Return the settings that a row of the authors' code stands for."""
    rate, decay, weight_decay, width, layers, dropout, activation, batch_size, at_once = row
    return {
        "options": {
            "width": width, "layers": layers, "dropout": dropout, "activation": activation, "is_official_scale": True,
        },
        "training": {
            "epochs": epochs, "batch_size": batch_size, "ranked_at_once": at_once, "learning_rate": rate,
            "decay": decay, "weight_decay": weight_decay,
        },
    }  # fmt: skip


def _inductive_adaprop(dataset: str) -> dict[str, Any]:
    """Return RED-GNN's settings with a hundred new entities a step; no source gives AdaProp's own."""
    rate, decay, weight_decay, width, layers, dropout, activation, batch_size, at_once = REDGNN[dataset]
    return {
        "options": {
            "width": width, "num_layers": layers, "top_k": 100, "dropout": dropout, "activation": activation,
        },
        "training": {
            "epochs": 30, "batch_size": batch_size, "ranked_at_once": at_once, "learning_rate": rate, "decay": decay,
            "weight_decay": weight_decay,
        },
    }  # fmt: skip


def _paper() -> Iterator[Specification]:
    """Yield the runs on the graphs of the papers."""
    for dataset in REDGNN:
        for seed in (0,) if dataset in LARGE else SEEDS:
            yield _one("redgnn", dataset, seed, "paper", _redgnn(dataset))
    for seed in SEEDS:
        yield _one("redgnn", "family", seed, "paper", {**_redgnn("family"), "fact_ratio": 0.9}, "facts90")
    yield _one("redgnn", "umls", 0, "paper", _of_redgnn(UMLS_2022, EPOCHS["redgnn"]), "www2022")
    for dataset in NBFNET:
        yield _one("drum", dataset, 0, "paper", DRUM)
        yield _one("nbfnet", dataset, 0, "paper", NBFNET[dataset])
    for dataset, settings in ADAPROP.items():
        yield _one("adaprop", dataset, 0, "paper", settings)
    for dataset in INDUCTIVE:
        yield _one("adaprop", dataset, 0, "paper", _inductive_adaprop(dataset))
    for dataset in ("family", "umls"):
        yield _one("rnnlogic", dataset, 0, "paper", RNNLOGIC)


def _quick() -> Iterator[Specification]:
    """Yield the runs on generated trees."""
    for method, settings in QUICK.items():
        for seed in SEEDS if method == "redgnn" else (0,):
            yield _one(method, TREES, seed, "quick", settings)


SPECIFICATIONS: tuple[Specification, ...] = (*_quick(), *_paper())

# Minutes: processor time of some steps and of ranking, times their number; runs of one thread.
EXPECTATIONS = {
    "Family-trees/redgnn-quick": Expectation("MRR 0.80 to 0.98", 0.4, ONE_CORE),
    "Family-trees/adaprop-quick": Expectation("MRR 0.65 to 0.98", 0.4, ONE_CORE),
    "Family-trees/nbfnet-quick": Expectation("MRR 0.30 to 0.70", 1.3, ONE_CORE),
    "Family-trees/drum-quick": Expectation("MRR 0.65 to 0.90", 0.1, ONE_CORE),
    "Family-trees/rnnlogic-quick": Expectation("MRR 0.80 to 0.98", 0.1, ONE_CORE),
    "family/redgnn": Expectation("MRR 0.97 to 0.995", 15.0, ONE_CORE),
    "family/redgnn-facts90": Expectation("MRR 0.96 to 0.995", 7.0, ONE_CORE),
    "family/adaprop": Expectation("MRR 0.93 to 0.995", 50.0, ONE_CORE),
    "family/nbfnet": Expectation("MRR 0.60 to 0.99", 35.0, ONE_CORE),
    "family/drum": Expectation("MRR 0.80 to 0.98", 3.0, ONE_CORE),
    "family/rnnlogic": Expectation("MRR 0.70 to 0.98", 6.0, ONE_CORE),
    "umls/redgnn": Expectation("MRR 0.90 to 0.975", 10.0, ONE_CORE),
    "umls/redgnn-www2022": Expectation("MRR 0.92 to 0.975", 20.0, ONE_CORE),
    "umls/adaprop": Expectation("MRR 0.85 to 0.98", 8.0, ONE_CORE),
    "umls/nbfnet": Expectation("MRR 0.60 to 0.98", 9.0, ONE_CORE),
    "umls/drum": Expectation("MRR 0.50 to 0.95", 3.0, ONE_CORE),
    "umls/rnnlogic": Expectation("MRR 0.50 to 0.95", 30.0, ONE_CORE),
    "WN18RR_v1/redgnn": Expectation("MRR 0.68 to 0.72", 3.5, ONE_CORE),
    "WN18RR_v1/nbfnet": Expectation("MRR 0.50 to 0.76", 13.0, ONE_CORE),
    "WN18RR_v1/drum": Expectation("MRR 0.50 to 0.75", 0.3, ONE_CORE),
    "WN18RR_v1/adaprop": Expectation("MRR 0.60 to 0.75", 5.0, ONE_CORE),
    "fb237_v1/adaprop": Expectation("MRR 0.25 to 0.45", 5.0, ONE_CORE),
    "fb237_v1/nbfnet": Expectation("MRR 0.25 to 0.45", 10.0, ONE_CORE),
    "fb237_v1/drum": Expectation("MRR 0.15 to 0.40", 0.5, ONE_CORE),
    "nell_v1/adaprop": Expectation("MRR 0.40 to 0.75", 10.0, ONE_CORE),
    "nell_v1/nbfnet": Expectation("MRR 0.40 to 0.75", 10.0, ONE_CORE),
    "nell_v1/drum": Expectation("MRR 0.30 to 0.75", 0.5, ONE_CORE),
    "fb237_v1/redgnn": Expectation("MRR 0.33 to 0.41", 2.5, ONE_CORE),
    "nell_v1/redgnn": Expectation("MRR 0.55 to 0.70", 8.0, ONE_CORE),
    "WN18RR-facts/redgnn": Expectation("MRR 0.48 to 0.58", 40.0, ONE_CORE),
    "YAGO3-10-quarter/redgnn": Expectation("MRR of a quarter of the graph, compares with no table", 3600.0, ONE_CORE),
    "FB15k-237/redgnn": Expectation("MRR 0.35 to 0.43", 19000.0, ONE_CORE),
}


def expectation(one: Specification) -> Expectation:
    """Give the expectation of a run."""
    return EXPECTATIONS[one.identity]
