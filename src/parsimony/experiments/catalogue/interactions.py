"""Runs of predictors of drug interactions (Figures 10 and 11). Computing them imports no torch.

EmerGNN has the settings of the authors' code and is trained for each of S0, S1 and S2 by itself, under variants of
those names; the run without a variant is S1. HIN-DDI is fitted so, too; all others are trained once and tested on all
three. The MLP has the settings of DDI-Bench. `schedule` is the published number of epochs, of methods whose source is
not at hand their own; runs with fewer are short. On TWOSIDES seed k takes the authors' k-th split; S0 is not among the
files.

Variants data10 and data30 learn from that share of the training pairs, for Figure 10b.

The quick profile is on planted drugs. Their relations have names of their own, so only some meta-paths of HIN-DDI
occur; they have no molecules and no descriptions, so TIGER, DeepLGF and TextDDI-lite cannot serve them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from parsimony.experiments.catalogue.expectation import ONE_CORE, SEEDS, Expectation
from parsimony.records import Specification

PLANTED, DRUGBANK, TWOSIDES = "Planted-drugs", "DrugBank", "TWOSIDES"
ALL, EMERGING = ["S0", "S1", "S2"], ["S1", "S2"]
SHARES = {"data10": 0.1, "data30": 0.3}
EPOCHS = 40  # of EmerGNN
# Of two emerging drugs an epoch asks a few thousand pairs, a tenth of what it asks of one: four times as many epochs.
LONGER = {(DRUGBANK, "S2"): 160}

# On S2 the loss still falls when validation pairs have long stopped to gain. What holds that off? Fewer numbers, decay,
# or both at a larger rate, as DDI-Bench has it. Validation pairs judge. The decay weighs more here than there, since
# the authors' program adds the loss of a batch up 32 times, its size, and ours once.
HELD_OFF: Mapping[str, Mapping[str, Any]] = {
    "s2-narrow": {"options": {"width": 32}},
    "s2-decay": {"weight_decay": 1e-4},
    "s2-ddi-bench": {"options": {"width": 32}, "weight_decay": 1e-4, "learning_rate": 3e-3},
}

FREE = {"width": 64, "features": "E"}  # an embedding of every drug, where all are known
EMERGNN: Mapping[tuple[str, str], tuple[Mapping[str, Any], float, float, int]] = {
    # options, learning rate, weight decay, batch size
    (DRUGBANK, "S0"): (FREE, 1e-3, 1e-6, 128),
    (DRUGBANK, "S1"): ({"width": 64}, 1e-3, 1e-8, 32),
    (DRUGBANK, "S2"): ({"width": 64}, 1e-3, 1e-8, 32),
    (TWOSIDES, "S1"): ({"width": 32}, 1e-3, 1e-6, 32),
    (TWOSIDES, "S2"): ({"width": 64}, 3e-3, 1e-6, 64),
    (PLANTED, "S0"): ({"width": 16, "features": "E"}, 1e-2, 0.0, 32),
    (PLANTED, "S1"): ({"width": 16}, 1e-2, 0.0, 32),
    (PLANTED, "S2"): ({"width": 16}, 1e-2, 0.0, 32),
}
MLP = {"epochs": 40, "batch_size": 128, "learning_rate": 1e-3, "weight_decay": 1e-5, "is_decoupled": True}
KG_DDI = {
    "options": {"width": 50, "embedding_epochs": 5, "facts_at_once": 4096},
    "training": {"epochs": 25, "from_epoch": 6, "batch_size": 128, "learning_rate": 1e-3},
}
DECAGON = {"options": {}, "training": {"epochs": 10, "batch_size": 512, "learning_rate": 1e-3}}
# Those that read molecules and texts: fewer epochs than the 200 of DeepLGF and the 50 of TIGER, whose epoch on DrugBank
# takes a core four minutes. TextDDI-lite has no source; its steps move up to 15 million numbers whatever the batch, so
# it has large batches.
READERS: Mapping[str, Mapping[str, Any]] = {
    "text-ddi-lite": {
        "schedule": 20, "training": {"epochs": 20, "batch_size": 512, "learning_rate": 1e-3, "evaluate_every": 1},
    },
    "deeplgf": {
        "schedule": 200, "options": {"embedding_epochs": 5, "facts_at_once": 8192},
        "training": {"epochs": 30, "from_epoch": 6, "batch_size": 128, "learning_rate": 1e-3},
    },
    "tiger": {
        "schedule": 50,
        "training": {
            "epochs": 10, "batch_size": 128, "learning_rate": 1e-3, "weight_decay": 1e-4, "evaluate_every": 1,
        },
    },
}  # fmt: skip

WAYS = {  # how a method works, in the name of its task; what is not here is EmerGNN
    **dict.fromkeys(READERS, "by molecules and texts"), **dict.fromkeys(("csmddi", "hin-ddi"), "fitted once"),
    **dict.fromkeys(("fingerprint-mlp", "kg-ddi", "decagon"), "by pairs and facts"),
}  # fmt: skip
# Depths of trees, among which validation pairs choose. HIN-DDI learns, like EmerGNN, from pairs that look like test
# pairs of a setting, so it has a run for each.
DEPTHS = [8, 32, None]
HIN_DDI: Mapping[str, Any] = {"schedule": 1, "options": {"depths": DEPTHS}}
CSMDDI: Mapping[str, Any] = {"schedule": 1, "options": {"depths": DEPTHS}}

QUICK: Mapping[str, Mapping[str, Any]] = {
    "fingerprint-mlp": {"schedule": 40, "training": {**MLP, "batch_size": 64, "learning_rate": 3e-3}},
    "csmddi": {"schedule": 1, "options": {"depths": DEPTHS, "rank": 40}},
    "kg-ddi": {
        "schedule": 30, "options": {"width": 16, "embedding_epochs": 10, "facts_at_once": 256},
        "training": {"epochs": 30, "from_epoch": 11, "batch_size": 64, "learning_rate": 1e-2},
    },
    "decagon": {
        "schedule": 60, "options": {"width": 64},
        "training": {"epochs": 60, "batch_size": 64, "learning_rate": 3e-3, "evaluate_every": 4},
    },
}  # fmt: skip


def _one(
    method: str, dataset: str, seed: int, profile: str, settings: Mapping[str, Any], variant: str = ""
) -> Specification:
    task = f"drug interactions {WAYS[method]}" if method in WAYS else "drug interactions"
    return Specification(
        task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant,
        settings=settings,
    )  # fmt: skip


def _variant_of(setting: str) -> str:
    """Return the variant of a run that is trained for one setting by itself."""
    return "" if setting == "S1" else setting.lower()


def _emergnn(dataset: str, setting: str, epochs: int = EPOCHS, schedule: int = EPOCHS) -> dict[str, Any]:
    """Return the settings of the authors' code, with the epochs asked."""
    options, rate, weight_decay, batch_size = EMERGNN[dataset, setting]
    training = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": rate, "weight_decay": weight_decay,
        "evaluate_every": 2, "patience": 10,
    }  # fmt: skip
    return {"schedule": schedule, "served": [setting], "options": options, "training": training}


def _held_off() -> Iterator[Specification]:
    """Yield EmerGNN on two emerging drugs with settings that hold overfitting off."""
    for variant, departures in HELD_OFF.items():
        settings = _emergnn(DRUGBANK, "S2", LONGER[DRUGBANK, "S2"])
        changed = {name: value for name, value in departures.items() if name != "options"}
        settings["options"] = departures.get("options", settings["options"])
        settings["training"] |= changed
        yield _one("emergnn", DRUGBANK, 0, "paper", settings, variant)


def _hin_ddi(dataset: str, served: Sequence[str], profile: str) -> Iterator[Specification]:
    """Yield a run for each setting."""
    for setting in served:
        yield _one("hin-ddi", dataset, 0, profile, {**HIN_DDI, "served": [setting]}, _variant_of(setting))


def _quick() -> Iterator[Specification]:
    """Yield the runs on planted drugs."""
    epochs = {"S1": 20, "S2": 30, "S0": 20}
    for setting, count in epochs.items():
        for seed in SEEDS:
            settings = _emergnn(PLANTED, setting, count, count)
            yield _one("emergnn", PLANTED, seed, "quick", settings, _variant_of(setting))
    yield from _hin_ddi(PLANTED, ALL, "quick")
    for method, settings in QUICK.items():
        for seed in SEEDS if method == "fingerprint-mlp" else (0,):
            yield _one(method, PLANTED, seed, "quick", {"served": ALL, **settings})
    for variant, share in SHARES.items():
        settings = {**_emergnn(PLANTED, "S1", 20, 20), "share": share}
        yield _one("emergnn", PLANTED, 0, "quick", settings, variant)
        yield _one(
            "fingerprint-mlp", PLANTED, 0, "quick", {"served": ALL, **QUICK["fingerprint-mlp"], "share": share}, variant
        )


def _paper() -> Iterator[Specification]:
    """Yield the runs on DrugBank and TWOSIDES."""
    for seed in SEEDS:
        for setting in ("S1", "S2", "S0"):
            epochs = LONGER.get((DRUGBANK, setting), EPOCHS)
            yield _one("emergnn", DRUGBANK, seed, "paper", _emergnn(DRUGBANK, setting, epochs), _variant_of(setting))
        for setting in EMERGING:
            yield _one("emergnn", TWOSIDES, seed, "paper", _emergnn(TWOSIDES, setting), _variant_of(setting))
        for dataset, served in ((DRUGBANK, ALL), (TWOSIDES, EMERGING)):
            settings = {"schedule": MLP["epochs"], "served": served, "training": MLP}
            yield _one("fingerprint-mlp", dataset, seed, "paper", settings)
    for dataset, served in ((DRUGBANK, ALL), (TWOSIDES, EMERGING)):
        yield _one("csmddi", dataset, 0, "paper", {**CSMDDI, "served": served})
        yield from _hin_ddi(dataset, served, "paper")
        yield _one("kg-ddi", dataset, 0, "paper", {"schedule": 25, "served": served, **KG_DDI})
        yield _one("decagon", dataset, 0, "paper", {"schedule": 10, "served": served, **DECAGON})
        for method, settings in READERS.items():
            yield _one(method, dataset, 0, "paper", {"served": served, **settings})
    for variant, share in SHARES.items():
        yield _one("emergnn", DRUGBANK, 0, "paper", {**_emergnn(DRUGBANK, "S1"), "share": share}, variant)
        settings = {"schedule": MLP["epochs"], "served": ALL, "training": MLP, "share": share}
        yield _one("fingerprint-mlp", DRUGBANK, 0, "paper", settings, variant)


SPECIFICATIONS: tuple[Specification, ...] = (*_quick(), *_paper(), *_held_off())

# Minutes: processor time of some epochs and looks, times their number; runs of one thread.
EXPECTATIONS = {
    "Planted-drugs/emergnn-quick": Expectation("S1 macro F1 0.90 to 1.0", 0.13, ONE_CORE),
    "Planted-drugs/emergnn-s2-quick": Expectation("S2 macro F1 0.75 to 1.0", 0.03, ONE_CORE),
    "Planted-drugs/emergnn-s0-quick": Expectation("S0 macro F1 0.75 to 1.0", 0.15, ONE_CORE),
    "Planted-drugs/emergnn-data10-quick": Expectation("S1 macro F1 0.10 to 1.0", 0.06, ONE_CORE),
    "Planted-drugs/emergnn-data30-quick": Expectation("S1 macro F1 0.30 to 1.0", 0.07, ONE_CORE),
    "Planted-drugs/fingerprint-mlp-quick": Expectation("S1 macro F1 0.35 to 0.55", 0.03, ONE_CORE),
    "Planted-drugs/fingerprint-mlp-data10-quick": Expectation("S1 macro F1 0.10 to 0.40", 0.02, ONE_CORE),
    "Planted-drugs/fingerprint-mlp-data30-quick": Expectation("S1 macro F1 0.20 to 0.50", 0.02, ONE_CORE),
    "Planted-drugs/csmddi-quick": Expectation("S1 macro F1 0.20 to 0.45", 0.04, ONE_CORE),
    "Planted-drugs/hin-ddi-quick": Expectation("S1 macro F1 0.20 to 0.60", 0.05, ONE_CORE),
    "Planted-drugs/hin-ddi-s2-quick": Expectation("S2 macro F1 0.10 to 0.60", 0.05, ONE_CORE),
    "Planted-drugs/hin-ddi-s0-quick": Expectation("S0 macro F1 0.10 to 0.60", 0.05, ONE_CORE),
    "Planted-drugs/kg-ddi-quick": Expectation("S1 macro F1 0.20 to 0.45", 0.03, ONE_CORE),
    "Planted-drugs/decagon-quick": Expectation("S1 macro F1 0.15 to 0.45", 0.1, ONE_CORE),
    "DrugBank/emergnn": Expectation("S1 macro F1 0.45 to 0.80", 26.0, ONE_CORE),
    "DrugBank/emergnn-s2": Expectation("S2 macro F1 0.15 to 0.45", 10.0, ONE_CORE),
    **dict.fromkeys(
        (f"DrugBank/emergnn-{one}" for one in HELD_OFF), Expectation("S2 macro F1 0.10 to 0.45", 10.0, ONE_CORE)
    ),
    "DrugBank/emergnn-s0": Expectation("S0 macro F1 0.85 to 0.98", 30.0, ONE_CORE),
    "DrugBank/emergnn-data10": Expectation("S1 macro F1 0.25 to 0.70", 20.0, ONE_CORE),
    "DrugBank/emergnn-data30": Expectation("S1 macro F1 0.35 to 0.75", 25.0, ONE_CORE),
    "DrugBank/fingerprint-mlp": Expectation("S1 macro F1 0.55 to 0.65", 4.0, ONE_CORE),
    "DrugBank/fingerprint-mlp-data10": Expectation("S1 macro F1 0.25 to 0.50", 0.5, ONE_CORE),
    "DrugBank/fingerprint-mlp-data30": Expectation("S1 macro F1 0.35 to 0.60", 1.0, ONE_CORE),
    "DrugBank/csmddi": Expectation("S1 macro F1 0.20 to 0.60", 5.0, ONE_CORE),
    "DrugBank/hin-ddi": Expectation("S1 macro F1 0.25 to 0.55", 5.0, ONE_CORE),
    "DrugBank/hin-ddi-s2": Expectation("S2 macro F1 0.02 to 0.20", 5.0, ONE_CORE),
    "DrugBank/hin-ddi-s0": Expectation("S0 macro F1 0.35 to 0.80", 5.0, ONE_CORE),
    "DrugBank/kg-ddi": Expectation("S1 macro F1 0.10 to 0.60", 6.0, ONE_CORE),
    "DrugBank/decagon": Expectation("S1 macro F1 0.10 to 0.60", 28.0, ONE_CORE),
    "DrugBank/text-ddi-lite": Expectation("S1 macro F1 0.15 to 0.65", 18.0, ONE_CORE),
    "DrugBank/deeplgf": Expectation("S1 macro F1 0.10 to 0.65", 18.0, ONE_CORE),
    "DrugBank/tiger": Expectation("S1 macro F1 0.05 to 0.65", 40.0, ONE_CORE),
    "TWOSIDES/text-ddi-lite": Expectation("S1 PR-AUC 0.50 to 0.95", 5.0, ONE_CORE),
    "TWOSIDES/deeplgf": Expectation("S1 PR-AUC 0.50 to 0.95", 5.0, ONE_CORE),
    "TWOSIDES/tiger": Expectation("S1 PR-AUC 0.50 to 0.95", 15.0, ONE_CORE),
    "TWOSIDES/emergnn": Expectation("S1 PR-AUC 0.75 to 0.95", 40.0, ONE_CORE),
    "TWOSIDES/emergnn-s2": Expectation("S2 PR-AUC 0.60 to 0.92", 20.0, ONE_CORE),
    "TWOSIDES/fingerprint-mlp": Expectation("S1 PR-AUC 0.60 to 0.95", 1.5, ONE_CORE),
    "TWOSIDES/csmddi": Expectation("S1 PR-AUC 0.50 to 0.95", 5.0, ONE_CORE),
    "TWOSIDES/hin-ddi": Expectation("S1 PR-AUC 0.50 to 0.95", 5.0, ONE_CORE),
    "TWOSIDES/hin-ddi-s2": Expectation("S2 PR-AUC 0.45 to 0.95", 5.0, ONE_CORE),
    "TWOSIDES/kg-ddi": Expectation("S1 PR-AUC 0.50 to 0.95", 20.0, ONE_CORE),
    "TWOSIDES/decagon": Expectation("S1 PR-AUC 0.50 to 0.95", 20.0, ONE_CORE),
}


def expectation(one: Specification) -> Expectation:
    """Give the expectation of a run."""
    return EXPECTATIONS[one.identity]
