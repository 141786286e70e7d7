"""Runs of the bilinear models and of AutoBLM (Table 2, Figure 3). Computing them imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parsimony.experiments.catalogue.expectation import SEEDS, TWO_CORES, Expectation
from parsimony.methods.bilinear_structure import KNOWN, PUBLISHED
from parsimony.records import Specification

# Candidates of a search on a small graph: width 64, batch 512, as in the authors' evolutionary search.
SMALL = {"dimension": 64, "epochs": 40, "batch_size": 512, "learning_rate": 0.5, "evaluate_every": 40}
SMALL_FINAL = {**SMALL, "epochs": 100, "evaluate_every": 10}
SMALL_BUDGETS = {"autoblm": {"rounds": 4}, "autoblm-plus": {"budget": 200}}
QUICK_BUDGETS = {"autoblm": {"rounds": 1, "last_stage": 8}, "autoblm-plus": {"budget": 29}}
EMBEDDED = ("UMLS", "Kinships")
QUICK_SEEDS = dict.fromkeys(EMBEDDED, (0,))  # the whole book in minutes; searches of three seeds are archived

# The authors' settings for a search on each large graph (AutoSF, run.sh), with fewer epochs.
LARGE = {
    "WN18RR": {"epochs": 60, "learning_rate": 0.7, "regulariser": 0.0, "decay": 0.9915589},
    "FB15k-237": {"epochs": 40, "learning_rate": 0.299, "regulariser": 0.059 / 512, "decay": 0.992813},
}
LARGE_TRAINING = {"dimension": 64, "batch_size": 512, "evaluate_every": 10, "precision": "bfloat16"}


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


TUNING = {"tuning_trials": 16, "tuning_epochs": 60}

SPECIFICATIONS: tuple[Specification, ...] = (
    *_baselines("quick", {}),
    *_searches("quick", QUICK_SEEDS, QUICK_BUDGETS, {}),
    *_baselines("paper", TUNING),
    *_searches("paper", dict.fromkeys(EMBEDDED, SEEDS), SMALL_BUDGETS, TUNING),
    *_large(),
)


def expectation(one: Specification) -> Expectation:
    """Give the minutes of a run by its task and graph; the result is a range of the validation MRR."""
    if one.dataset in LARGE:
        return Expectation(
            {"WN18RR": "valid MRR 0.40 to 0.48", "FB15k-237": "valid MRR 0.29 to 0.35"}[one.dataset], 12.0, TWO_CORES
        )
    result = "valid MRR 0.70 to 0.94" if one.dataset == "UMLS" else "valid MRR 0.50 to 0.85"
    minutes = {"link prediction": (0.1, 2.0), "structure search": (0.5, 8.0)}[one.task][one.profile == "paper"]
    return Expectation(result, minutes, TWO_CORES)
