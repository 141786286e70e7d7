"""Do the paths that EmerGNN relies on explain interactions? Measured on planted drugs, where the reasons are known.

The truth of a test pair are the edges of all mechanisms that make it interact. An edge counts by the two entities that
it joins. Each explainer chooses edges on paths of at most L steps between the two drugs:

    emergnn          edges of the paths whose contribution to the logit is at least a share of the largest
    gates            the same with the paper's score, the mean gate of a path
    shortest path    edges of one path with the fewest steps
    random           as many edges as emergnn chooses, drawn from those of all paths

Paths of equal score stand in random order, as many have equal gates and as many steps.
Precision is the share of the chosen edges that belong to the truth, recall the share of the truth that is chosen; both
are means over test pairs. `best_path` says of how many pairs the first path alone is one of the mechanisms.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from parsimony.experiments.interactions.explanations import Explainer
from parsimony.methods.interaction_paths import InteractionPath, best_paths
from parsimony.methods.path_contributions import Contribution, path_contributions

THRESHOLDS = (0.05, *(number / 10 for number in range(1, 11)))
MOST_PAIRS = 150  # of the test pairs, evenly spaced
EVERY_PATH = 10**6

Edge = frozenset[int]
Path = Contribution | InteractionPath


def measure_evidence(explainer: Explainer) -> dict[str, Any]:
    """Return precision and recall of the explainers at each threshold, and how often the best path is a mechanism."""
    generator = torch.Generator().manual_seed(0)
    reasons, pairs = explainer.problem.reasons, explainer.answers.pairs
    rows = range(0, len(pairs), max(1, len(pairs) // MOST_PAIRS))
    measured: dict[str, list[list[tuple[float, float]]]] = {}
    first: dict[str, list[bool]] = {}
    for row in rows:
        mechanisms = [{frozenset((a, b)) for a, _, b in one} for one in reasons[tuple(pairs[row].tolist())]]
        truth = set().union(*mechanisms)
        ranked = ranked_paths(explainer, row, generator)
        for name, chosen in choices(ranked, generator).items():
            measured.setdefault(name, []).append([precision_and_recall(edges, truth) for edges in chosen])
        for name, (paths, _) in ranked.items():
            first.setdefault(name, []).append(edges_of(paths[:1]) in mechanisms)
    return {
        "evidence": {name: _means(found) for name, found in measured.items()},
        "best_path": {name: statistics.fmean(found) for name, found in first.items()},
    }


def ranked_paths(
    explainer: Explainer, row: int, generator: torch.Generator
) -> dict[str, tuple[Sequence[Path], Sequence[float]]]:
    """Return the paths of a test pair in the order of each explainer, and their scores.

    Args:
        explainer: of a model.
        row: of the test pair.
        generator: of the random orders.
    """
    model, network = explainer.model, explainer.network
    pair, kind = tuple(explainer.answers.pairs[row].tolist()), int(explainer.answers.truth[row])
    added = path_contributions(model, network, pair, kind)
    gates = model.gates(torch.tensor([pair]))[:, 0].numpy()
    gated = [one for end in (pair, pair[::-1]) for one in best_paths(network, gates, *end, EVERY_PATH)]
    added, mixed = (shuffled(paths, generator) for paths in (added, gated))
    added.sort(key=lambda one: -one.value)
    gated = sorted(mixed, key=lambda one: -one.score)
    return {
        "emergnn": (added, [one.value for one in added]),
        "gates": (gated, [one.score for one in gated]),
        "shortest path": (sorted(mixed, key=lambda one: len(one.relations)), []),
        "random": (mixed, []),
    }


def shuffled(paths: Sequence[Path], generator: torch.Generator) -> list[Path]:
    """Return the paths in random order."""
    return [paths[place] for place in torch.randperm(len(paths), generator=generator).tolist()]


def choices(
    ranked: Mapping[str, tuple[Sequence[Path], Sequence[float]]], generator: torch.Generator
) -> dict[str, list[set[Edge]]]:
    """Return the edges that each explainer chooses at each threshold.

    Args:
        ranked: paths and scores of each explainer.
        generator: of the random edges.
    """
    added, gated = (above(*ranked[name]) for name in ("emergnn", "gates"))
    shortest = edges_of(ranked["shortest path"][0][:1])
    everything = sorted(edges_of(ranked["random"][0]), key=sorted)
    order = torch.randperm(len(everything), generator=generator).tolist()
    return {
        "emergnn": added,
        "gates": gated,
        "shortest path": [shortest for _ in THRESHOLDS],
        "random": [{everything[place] for place in order[: len(edges)]} for edges in added],
    }


def above(paths: Sequence[Path], scores: Sequence[float]) -> list[set[Edge]]:
    """Return for each threshold the edges of the paths, best first, that reach its share of the largest score."""
    return [
        edges_of(
            [path for path, score in zip(paths, scores, strict=True) if score >= threshold * scores[0]] or paths[:1]
        )
        for threshold in THRESHOLDS
    ]


def edges_of(paths: Sequence[Path]) -> set[Edge]:
    """Return the pairs of entities that the edges of some paths join."""
    return {frozenset(edge) for path in paths for edge in zip(path.entities, path.entities[1:], strict=False)}


def precision_and_recall(chosen: set[Edge], truth: set[Edge]) -> tuple[float, float]:
    """Compare edges with those of the truth; neither is empty."""
    both = len(chosen & truth)
    return both / len(chosen), both / len(truth)


def _means(pairs: list[list[tuple[float, float]]]) -> list[dict[str, float]]:
    rows = []
    for threshold, column in zip(THRESHOLDS, zip(*pairs, strict=True), strict=True):
        precision, recall = (statistics.fmean(values) for values in zip(*column, strict=True))
        row = {"threshold": threshold, "precision": round(precision, 6), "recall": round(recall, 6)}
        rows.append({**row, "pairs": len(column)})
    return rows
