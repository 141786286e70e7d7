"""The full test of PAR on Tox21: 3 properties, 5 support sets of 10 + 10 each, all other molecules asked about.

Plain, in the official order: after the inner step the support set is embedded once for each draw, then the queries in
batches of 16, every graph with all pairs of its 21 nodes, so a molecule is embedded once for each property and draw.
Its 6,000 batches would take minutes, so of one draw of each property one batch in `SKIP`, evenly spread, is timed; the
seconds are scaled to all whole batches and to 5 draws. Inner steps and support sets are timed for one draw of each
property and counted 5 times. Batches are laid out beforehand.

Ours: every molecule of the data set is embedded once, then the heads of each property and draw run; all is timed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from benchmarks.pairs import Spent, spent, summary
from benchmarks.plain_par import PlainPAR
from benchmarks.synthetic_molecules import BondedMolecules
from benchmarks.tox21_molecules import bonded
from torch import Tensor

from parsimony.data.episodes import Episode, draw_test_episodes, property_tasks
from parsimony.data.molecule_sets import load_molecules
from parsimony.data.molecules import MoleculeSet
from parsimony.methods.par import PAR

SHOTS, DRAWS, BATCH = 10, 5, 16
SKIP = 50
MOLECULES_AT_ONCE = 512


class PlainTest(NamedTuple):
    """One property and draw: support, context of the inner step, batches of queries that are timed, and of how many."""

    support: BondedMolecules
    context: BondedMolecules
    batches: list[BondedMolecules]
    num_batches: int


def plain_test(data: MoleculeSet, episode: Episode, skip: int) -> PlainTest:
    """Lay out one in `skip` batches of the queries of an episode; the first is the context, too."""
    whole = [one for one in episode.query.split(BATCH) if len(one) == BATCH]
    timed = [bonded(data, one) for one in whole[::skip]]
    return PlainTest(bonded(data, episode.support), bonded(data, whole[0]), timed, len(whole))


def known_plainly(plain: PlainPAR, test: PlainTest) -> tuple[dict[str, Tensor], Tensor]:
    """Take the inner step; return Phi' and the embedded support set."""
    phi = {name: w.detach() for name, w in plain.adapted(test.support, test.context).items()}
    with torch.no_grad():
        return phi, plain.encode(test.support)


@torch.no_grad()
def scores_plainly(plain: PlainPAR, phi: dict[str, Tensor], g_s: Tensor, batches: list[BondedMolecules]) -> Tensor:
    """Score queries batch by batch."""
    logits = [plain.head(phi, g_s, plain.encode(batch))[0][:, -1] for batch in batches]
    return torch.cat(logits).softmax(-1)[:, 1]


def spent_plainly(plain: PlainPAR, tests: list[PlainTest]) -> Spent:
    """Return what the full test takes, from a share of its batches."""
    known: list[tuple[dict[str, Tensor], Tensor]] = []
    steps = spent(lambda: known.extend(known_plainly(plain, test) for test in tests))
    scored = spent(lambda: [scores_plainly(plain, *one, test.batches) for one, test in zip(known, tests, strict=True)])
    scale = sum(test.num_batches for test in tests) / sum(len(test.batches) for test in tests)
    return Spent(*(DRAWS * (a + scale * b) for a, b in zip(steps, scored, strict=True)))


@torch.no_grad()
def embed_all(model: PAR, data: MoleculeSet) -> Tensor:
    """Embed every molecule of a data set once, [M, D]."""
    parts = torch.arange(len(data)).split(MOLECULES_AT_ONCE)
    return torch.cat([model.encoder(data.batch(part)) for part in parts])


def scores(model: PAR, data: MoleculeSet, episodes: list[Episode]) -> list[Tensor]:
    """Score all queries of all episodes."""
    g, generator = embed_all(model, data), torch.Generator().manual_seed(0)
    return [model.scores(g[one.support], g[one.query], generator) for one in episodes]


def compare_tests(name: str, target: float, precision: str, pairs: int) -> dict[str, Any]:
    """Time the full test."""
    data, model = load_molecules("Tox21"), PAR(torch.Generator().manual_seed(0), precision=precision).eval()
    drawn = [draw_test_episodes(task, SHOTS, DRAWS, 0) for task in property_tasks(data, data.test_properties)]
    plain, tests = PlainPAR(model), [plain_test(data, draws[0], SKIP) for draws in drawn]
    episodes = [one for draws in drawn for one in draws]
    scores(model, data, episodes[:1]), spent_plainly(plain, tests[:1])
    timed = [(spent_plainly(plain, tests), spent(lambda: scores(model, data, episodes))) for _ in range(pairs)]
    return summary(name, target, timed) | {"share of plain batches timed": 1 / SKIP}
