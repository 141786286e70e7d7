"""Records of interactions of drugs for tests of artifacts: made up, written nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from parsimony.records import Archive, Filed, Record, Specification

SETTINGS = ("S0", "S1", "S2")
LEVELS = {
    "emergnn": 0.62, "csmddi": 0.45, "hin-ddi": 0.38, "kg-ddi": 0.26, "decagon": 0.24, "deeplgf": 0.40,
    "tiger": 0.42, "text-ddi-lite": 0.33, "fingerprint-mlp": 0.55,
}  # fmt: skip
PARAMETERS = {"emergnn": 137_164, "deeplgf": 11_000_000, "csmddi": 0, "hin-ddi": 0}
FALL = {"S0": 0.25, "S1": 0.0, "S2": -0.15}  # of the score from one setting to another
SCHEDULE = 40
DEGREES = ((0, 0), (1, 3), (4, 15), (16, 63), (64, 255), (256, None))
NAMES = {
    0: ("Compound::DB06204", "Tapentadol", "Compound"), 1: ("Compound::DB00757", "Dolasetron", "Compound"),
    2: ("Gene::1565", "CYP2D6", "Gene"), 3: ("Compound::DB00424", "Hyoscyamine", "Compound"),
    4: ("Compound::DB09272", "Eluxadoline", "Compound"), 5: ("Side Effect::C0009806", "Constipation", "Side Effect"),
}  # fmt: skip
FORTH = [
    [[0, "CbG", 2, 0.9], [0, "identity", 0, 0.4], [0, "inverse #39", 4, 0.8]],
    [[2, "inverse CbG", 1, 0.7], [2, "identity", 2, 0.5], [0, "CbG", 2, 0.6], [4, "inverse #39", 3, 0.9]],
    [[1, "identity", 1, 0.6], [2, "inverse CbG", 1, 0.8], [3, "CrC", 1, 0.95]],
]
CONFUSION = [[0, 0, 60], [0, 1, 20], [1, 1, 15], [1, 0, 5]]
SIDE_EFFECTS = [[100, 0.9, 0.91, 0.8], [50, 0.8, 0.85, 0.7], [0, None, None, None]]
PATHS = [
    {
        "entities": [1, 3, 4, 0],
        "relations": ["inverse CrC", "#39", "inverse #39"],
        "score": 0.9,
        "contribution": 1.2,
        "chain": {"paths": 3, "contribution": 2.5},
    },
    {
        "entities": [0, 4, 3, 1],
        "relations": ["#39", "inverse #39", "CrC"],
        "score": 0.8833,
        "contribution": 0.9,
        "chain": {"paths": 1, "contribution": 0.9},
    },
    {
        "entities": [0, 2, 1],
        "relations": ["CbG", "inverse CbG"],
        "score": 0.8,
        "contribution": 0.5,
        "chain": {"paths": 2, "contribution": 0.6},
    },
    {
        "entities": [1, 5, 0],
        "relations": ["CcSE", "inverse CcSE"],
        "score": 0.7,
        "contribution": -0.1,
        "chain": {"paths": 40, "contribution": 0.7},
    },
]


def explanation(**other: Any) -> dict[str, Any]:
    """A prediction of EmerGNN with what speaks for it."""
    said = "#Drug1 may decrease the analgesic activities of #Drug2."
    return {
        "rule": "the pair of the paper's figure", "head": 0, "tail": 1, "type": 51, "type_text": said,
        "probability": 0.83, "rank_of_type": 1, "entities": {str(key): list(name) for key, name in NAMES.items()},
        "layers": FORTH, "paths": PATHS, **other,
    }  # fmt: skip


def measured(level: float, settings: tuple[str, ...], pairs: int) -> dict[str, Any]:
    """Return the measurements of every run; accuracy rises with degree, and falls with hops."""
    curve = [
        {"epoch": epoch, "minutes": 0.5 * epoch, "loss": 3.0 / epoch,
         **{f"valid {name}": level + FALL[name] - 0.4 / epoch for name in settings}}
        for epoch in (2, 4, 10, 20)
    ]  # fmt: skip
    curve.append(
        {**curve[-1], "epoch": 40, "minutes": 20.0, **{f"valid {s}": level + FALL[s] - 0.05 for s in settings}}
    )
    bins = [
        {"from": number / 10, "to": (number + 1) / 10, "pairs": 20 * number,
         **({"confidence": number / 10 + 0.05, "accuracy": 0.9 * number / 10} if number else {})}
        for number in range(10)
    ]  # fmt: skip
    degree = [
        {"from": low, "to": high, "pairs": 200, "hits": round(200 * (level + 0.05 * place - 0.15))}
        for place, (low, high) in enumerate(DEGREES)
    ]
    hops = [
        {"hops": number, "pairs": 100, "hits": round(100 * (level - 0.08 * place))}
        for place, number in enumerate((1, 2, 3, None))
    ]
    return {
        "curve": curve, "chosen_epochs": dict.fromkeys(settings, 20), "epochs": SCHEDULE, "schedule": SCHEDULE,
        "training_pairs": pairs, "by_degree": dict.fromkeys(settings, degree), "by_hops": dict.fromkeys(settings, hops),
        "calibration": dict.fromkeys(settings, bins), "calibration_error": dict.fromkeys(settings, 0.1),
        "tally": {name: {"confusion": CONFUSION} for name in settings},
        "network": {"name": "Biomedical-network", "entities": 34124, "relations": 23, "triples": 1096165},
    }  # fmt: skip


def run_of(
    method: str, level: float, seed: int = 0, *, dataset: str = "DrugBank", profile: str = "paper", variant: str = "",
    settings: tuple[str, ...] = SETTINGS, state: str = "fresh", pairs: int = 99283, **other: Any,
) -> Filed:  # fmt: skip
    """A filed record whose main measure in S1 is the level."""
    names = ("PR-AUC", "ROC-AUC", "accuracy") if dataset == "TWOSIDES" else ("macro F1", "accuracy", "kappa")
    metrics = {
        f"{setting} {name}": round(level + FALL[setting] + more, 6)
        for setting in settings
        for name, more in zip(names, (0.0, 0.05, 0.02), strict=True)
    }
    asked = Specification(
        task="drug interactions", method=method, dataset=dataset, seed=seed, profile=profile, variant=variant
    )
    record = Record(
        specification=asked, fingerprint="0123456789ab", metrics=metrics,
        measurements={**measured(level, settings, pairs), **other}, parameters=PARAMETERS.get(method, 400_000),
        seconds=600.0, peak_memory_bytes=1, machine="a machine", packages={}, commit="abc", data_sha256={},
        source_sha256="0" * 64, finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{asked.name}.json"), state)


EVIDENCE = {
    name: [{"threshold": one / 10, "precision": round(first + rise * one, 4), "recall": round(0.95 - fall * one, 4),
            "pairs": 78} for one in range(10)]
    for name, (first, rise, fall) in {"emergnn": (0.3, 0.06, 0.08), "gates": (0.2, 0.03, 0.08),
                                      "shortest path": (0.45, 0, 0), "random": (0.1, 0, 0.09)}.items()
}  # fmt: skip
BEST_PATH = {"emergnn": 0.8, "gates": 0.3, "shortest path": 0.5, "random": 0.05}


def quick_archive() -> Archive:
    """Quick runs of all methods on generated drugs, two seeds of EmerGNN with explanations and evidence."""
    at: dict[str, Any] = {"dataset": "Planted-drugs", "profile": "quick", "epochs": 10, "schedule": 10, "pairs": 1048}
    more: dict[str, Any] = {"emergnn": {"explanations": [explanation()], "evidence": EVIDENCE, "best_path": BEST_PATH}}
    return Archive(tuple(
        run_of(method, level + 0.01 * seed, seed, **at, **more.get(method, {}))
        for method, level in LEVELS.items() for seed in range(2 if method == "emergnn" else 1)
    ))  # fmt: skip


def whole_archive() -> Archive:
    """The quick runs, three archived seeds of all methods on DrugBank, shares of its pairs, and a run on TWOSIDES."""
    runs = list(quick_archive().filed)
    second = explanation(type=3, type_text="#Drug1 may increase the activities of #Drug2.", probability=0.41)
    more: dict[str, Any] = {"emergnn": {"explanations": [explanation(), second]}}
    for method, level in LEVELS.items():
        runs += [run_of(method, level + 0.01 * seed, seed, **more.get(method, {})) for seed in range(3)]
        for variant, less, pairs in (("data10", 0.2, 9928), ("data30", 0.1, 29785)):
            runs.append(run_of(method, level - less, variant=variant, pairs=pairs))
    tally = {"tally": {name: {"types": SIDE_EFFECTS} for name in ("S1", "S2")}}
    return Archive((*runs, run_of("emergnn", 0.9, dataset="TWOSIDES", settings=("S1", "S2"), epochs=4, **tally)))
