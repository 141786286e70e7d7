"""An epoch of ColdNAS on Last.fm: ours against the plain reference, on the same users in the same order."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_coldnas import PlainColdNAS

from parsimony.data.cold_start_sets import load_cold_start
from parsimony.experiments.cold_start.training import CourseSettings, Training
from parsimony.methods.coldnas import ColdNAS
from parsimony.methods.modulation_space import RELEASED

NAME = "coldnas-epoch-last-fm"
TARGET = 10.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Time one epoch, 7 steps of 32 users, of the authors' released structure."""
    data = load_cold_start("Last.fm", seed=0)
    model = ColdNAS(data, torch.Generator().manual_seed(0), cells=RELEASED.cells)
    plain = PlainColdNAS(model, data, learning_rate=1e-4)
    ours = Training(model, data, CourseSettings(), seed=0, device="cpu")
    batches = [part for part in torch.randperm(len(data.train)).split(32) if len(part) == 32]

    def epoch_plainly() -> list[float]:
        return [plain.step(part.tolist()) for part in batches]

    def epoch() -> list[float]:
        return [float(ours.step(ours.tasks[part])) for part in batches]

    return compare(NAME, TARGET, epoch_plainly, epoch, pairs)
