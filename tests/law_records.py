"""Records of laws on graphs for tests of artifacts: made up, written nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from parsimony.records import Archive, Filed, Record, Specification

CIRCUIT = "e1(E: R, V: V_i V_j; 1) -> u1(linear sum E; 1)"
FULL = "e1(E: R, V: V_i V_j; 8) -> v1(sum E, V: V; 8) -> u1(sum E, sum V; 1)"
LOG = [
    ("blocks", FULL, 0.048, 34, True), ("layers", "v1(sum E: R, V: V; 8) -> u1(sum E: R, sum V; 1)", 0.652, 18, False),
    ("layers", "e1(E: R, V: V_i V_j; 8) -> u1(sum E, sum V: V; 1)", 0.037, 18, True),
    ("inputs", "e1(V: V_i V_j; 8) -> u1(sum E, sum V: V; 1)", None, 10, False),
    ("inputs", "e1(E: R, V: V_i V_j; 8) -> u1(sum E; 1)", 0.021, 17, True),
    ("sizes", "e1(E: R, V: V_i V_j; 2) -> u1(sum E; 1)", 0.017, 5, True), ("sizes", CIRCUIT, 0.02, 3, True),
]  # fmt: skip
PUSH = r"\frac{1.34 e_x - v_x}{0.5} - 4 \sum_{j} \left(\frac{\Delta_x H e^{- 2 r}}{r}\right)"
CONSTANTS = {"A": 2.1, "B": 0.4, "tau": 1.6, "c": 0.9, "delta": 0.05, "h": 0.2}


def law_run(
    method: str, law: str, explained: float, seed: int = 0, *, recovered: bool = True, profile: str = "paper",
    variant: str = "", state: str = "fresh",
) -> Filed:  # fmt: skip
    """A filed run on a generated law."""
    judged = {"flow": recovered, "recovered": recovered, "reason": "exact" if recovered else "differs"}
    metrics = {"R2": explained, "R2 x2": explained - 0.01, "R2 x4": explained - 0.02}
    measured: dict[str, Any] = {"explained": {"5": explained}, "judged": {}}
    if method not in ("aggregates", "black-box"):
        error = {"constant error": 2e-9} if recovered else {}
        metrics |= {"flow": float(recovered), "recovered": float(recovered), **error}
        measured |= {
            "judged": judged | error, "flow": CIRCUIT, "equations": [PUSH], "truth": {"flows": [], "equations": [PUSH]},
            "formulas": {"e1": ["(V_i - V_j)**2/R"], "u1": ["0.5*e1_0"]},
        }  # fmt: skip
    if method == "gsr":
        keys = ("step", "flow", "loss", "complexity", "is_kept")
        measured["log"] = [dict(zip(keys, one, strict=True)) | {"score": 0.3} for one in LOG]
    return _filed("law recovery", method, law, seed, profile, variant, metrics, measured, state)


def walk_run(method: str, data: str, explained: float, fold: int = 0, variant: str = "") -> Filed:
    """A filed run on recorded people; by its formula the walkers go straight on, as recorded they step aside."""
    metrics = {"R2": explained, "R2 1 s": explained / 2, "ADE": 0.3, "FDE": 0.7 - explained / 2}
    tracks = [
        {
            "recording": "bo-090", "truth": [[0.1 * step + x, 0.5 * step] for step in range(6)],
            "walked": [[x, 0.5 * step] for step in range(6)],
        }
        for x in (0.0, 1.0)
    ]  # fmt: skip
    measured: dict[str, Any] = {"tracks": tracks, "walks": {"ADE": [0.3], "FDE": [0.7]}, "duration": 4.8}
    if method == "gsr" and not variant:
        measured["equations"] = ["0.4 g_x - 0.5 v_x", r"\frac{g_y}{2}"]
    if method == "social-force" or variant:
        few = ("A", "B", "tau", "c") if method == "social-force" else tuple(CONSTANTS)
        measured["constants"] = {name: CONSTANTS[name] + 0.01 * fold for name in few}
    return _filed("pedestrian law", method, data, fold, "paper", variant, metrics, measured, "fresh")


def _filed(
    task: str, method: str, dataset: str, seed: int, profile: str, variant: str, metrics: dict[str, float],
    measured: dict[str, Any], state: str,
) -> Filed:  # fmt: skip
    asked = Specification(task=task, method=method, dataset=dataset, seed=seed, profile=profile, variant=variant)
    record = Record(
        specification=asked, fingerprint="0123456789ab", metrics=metrics, measurements=measured, parameters=3,
        seconds=60.0, peak_memory_bytes=1, machine="a machine", packages={}, commit="0" * 40, data_sha256={},
        source_sha256="0" * 64, finished="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return Filed(record, Path(f"results/{dataset}/{asked.stem}-01234567.json"), state)


LAWS = ("springs", "gravity", "circuit", "heat", "sfm", "bi", "uni")
NOISY = [
    law_run("gsr", law, 0.99, seed, recovered=seed == 0, variant=variant)
    for law in ("springs", "circuit")
    for variant in ("noise1", "noise10", "graphs100", "graphs1000")
    for seed in (0, 1)
]
PAPER = [
    law_run(method, law, level - 0.01 * seed, seed, recovered=method == "gsr")
    for law in LAWS
    for method, level in (("gsr", 1.0), ("fullgn", 0.5), ("aggregates", 0.3), ("black-box", 0.97))
    for seed in (0, 1)
]
WALKS = [
    walk_run(method, data, level + 0.02 * fold, fold, variant)
    for data in ("corridor-uni", "corridor-bi")
    for method, variant, level in (
        ("social-force", "", 0.45), ("gsr", "printed", 0.48), ("gsr", "closing", 0.49), ("gsr", "", 0.5),
        ("black-box", "", 0.6), ("constant-velocity", "", -0.05),
    )
    for fold in (0, 1, 2)
]  # fmt: skip
EMPTY = Archive(())
QUICK = Archive(tuple(law_run("gsr", law, 1.0, profile="quick") for law in ("springs", "circuit", "heat")))
WHOLE = Archive((*QUICK.filed, *PAPER, *NOISY, *WALKS))
