"""Records of few-shot property prediction for tests of artifacts: made up, written nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from parsimony.records import Archive, Filed, Record, Specification

PROPERTIES = {
    "Tox21": ("SR-HSE", "SR-MMP", "SR-p53"),
    "SIDER": ("Renal and urinary disorders", "Pregnancy", "Ear", "Cardiac", "Nervous", "Injury"),
    "NCI-fragments": ("fr_ester", "fr_ether", "fr_halogen", "fr_ketone"),
}
COUNTS = {  # parameters, adaptive parameters
    "siamese": (1_858_201, 0), "protonet": (1_857_900, 0), "maml": (1_858_502, 1_858_502), "tpn": (1_930_000, 0),
    "egnn": (2_100_000, 0), "iterreflstm": (2_200_000, 0), "adkf-ift": (1_857_900, 3), "par": (2_434_976, 380_210),
    "pacia": (9_059_347, 3_000),
}  # fmt: skip
COMPACT = 3_277_447
LEVELS = {
    "siamese": 0.80, "protonet": 0.75, "maml": 0.78, "tpn": 0.74, "egnn": 0.79, "iterreflstm": 0.77, "adkf-ift": 0.81,
    "par": 0.82, "pacia": 0.83,
}  # fmt: skip
SCHEDULE = 5000
SMILES = (
    "CCO", "CCN(CC)CC", "CC(=O)OC1=CC=CC=C1C(=O)O", "C1=CC=CC=C1", "CC(C)CC1=CC=C(C=C1)C(C)C(=O)O", "C1CCCCC1", "CCCl",
    "O=C(O)c1ccccc1", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CC(=O)Nc1ccc(O)cc1", "CCCCCC", "c1ccncc1", "C1CCNCC1", "CC#N",
    "OCC(O)CO", "c1ccc2ccccc2c1", "CS(C)=O", "NC(=O)c1cccnc1", "ClC(Cl)Cl", "not a molecule", "CCOC(=O)c1ccccc1",
)  # fmt: skip


def example(shots: int = 10) -> dict[str, Any]:
    """A query that keeps every second support molecule, each active one with twice the similarity of an inactive."""
    n = 2 * shots
    labels = [0] * shots + [1] * shots
    to_query = [0.0 if j % 2 else 0.4 * (1 + label) for j, label in enumerate(labels)]
    support = [[0.5 if abs(i - j) == 1 else 0.0 for j in range(n)] + [to_query[i]] for i in range(n)]
    return {
        "property": "SR-HSE", "smiles": [*SMILES[:n], SMILES[-1]], "labels": [*labels, 1],
        "adjacency": [*support, [*to_query, 0.0]], "score": 0.71,
    }  # fmt: skip


def run_of(
    method: str, score: float, seed: int = 0, *, dataset: str = "Tox21", profile: str = "paper", shots: int = 10,
    variant: str = "", iterations: int = SCHEDULE, state: str = "fresh", **measured: Any,
) -> Filed:  # fmt: skip
    """A filed record: draws of each property lie 0.02 about the score, the best evaluation 0.01 above it."""
    draws = [score - 0.02, score - 0.01, score, score + 0.01, score + 0.02]
    parameters, adaptive = COUNTS[method]
    evaluations = [iterations // 4 * step for step in (1, 2, 3)] + [iterations]
    seen = zip(evaluations, (0.7, 0.5, 0.4, 0.3), (-0.1, -0.05, 0.01, 0.0), strict=True)
    measurements = {
        "properties": {name: draws for name in PROPERTIES[dataset]},
        "curve": [[step, loss, score + more, score + 0.02] for step, loss, more in seen],
        "iterations": iterations, "schedule": SCHEDULE, "shots": shots, "adaptive parameters": adaptive,
        "seconds per iteration": 0.5, "tuning": [],
        **({"depths": {name: [10, 20, 30, 0, 40] for name in PROPERTIES[dataset]}} if method == "pacia" else {}),
        **({"example": example(shots)} if method == "par" else {}), **measured,
    }  # fmt: skip
    prefix = "1-shot" if shots == 1 else ""
    asked = Specification(
        task="few-shot property", method=method, dataset=dataset, seed=seed, profile=profile,
        variant="-".join(filter(None, (prefix, variant))),
    )  # fmt: skip
    record = Record(
        specification=asked, fingerprint="0123456789ab",
        metrics={"ROC-AUC": score, "best-evaluation ROC-AUC": score + 0.01}, measurements=measurements,
        parameters=COMPACT if variant == "compact" else parameters, seconds=60.0, peak_memory_bytes=1,
        machine="a machine", packages={}, commit="abc", data_sha256={}, source_sha256="0" * 64,
        finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{asked.name}.json"), state)


def quick_archive() -> Archive:
    """One short quick run of each method on the embedded molecules, five shots, which no variant names."""
    at: dict[str, Any] = {"dataset": "NCI-fragments", "profile": "quick", "iterations": 100, "shots": 5}
    return Archive(tuple(run_of(method, level, **at) for method, level in LEVELS.items()))


def whole_archive() -> Archive:
    """Three seeds of all methods: Tox21 with 10 and 1 shots, SIDER in short runs; and the quick runs."""
    runs = list(quick_archive().filed)
    for seed in range(3):
        for method, level in LEVELS.items():
            score = level + 0.001 * seed
            runs += [run_of(method, score, seed), run_of(method, score - 0.05, seed, shots=1)]
            runs += [run_of(method, score - 0.1, seed, dataset="SIDER", iterations=500)]
        runs += [run_of("pacia", 0.8 + 0.001 * seed, seed, variant="compact")]
        runs += [run_of("par", 0.815 + 0.002 * seed, seed, variant="float32")]
        runs += [run_of("maml", 0.77 + 0.001 * seed, seed, variant="second-order", shots=1)]
    return Archive(tuple(runs))
