"""Is what RED-GNN attends to the reason of an answer? Measured on family trees, where the reasons are known.

The truth of a test fact (x, r, y) are the steps of all its proofs by known facts. A step counts by the two people it
joins, since (x, son, z) and the inverse of (z, father, x) say the same. Three explainers choose steps of the
relational digraph of x and y:

    attention        edges with a gate at or above a threshold that lie on a path from x to y
    random           as many steps as attention takes, drawn from the whole digraph
    shortest path    the steps of one shortest path

Precision is the share of the chosen steps that belong to the truth, recall the share of the truth that is chosen;
both are means over test facts.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parsimony.data.family_trees import RELATIONS, Kinship, KnownFacts
from parsimony.data.knowledge_graph import KnowledgeGraph
from parsimony.experiments.reasoning.names import relation_name
from parsimony.experiments.reasoning.questions import Examination
from parsimony.methods.redgnn import REDGNN, AttendedEdges
from parsimony.methods.relational_digraph import RelationalDigraph, extract

THRESHOLDS = tuple(number / 10 for number in range(1, 10))
EXPLAINERS = ("attention", "random", "shortest path")
MOST_FACTS = 150  # of the test triples, evenly spaced
BODIES_SHOWN = 5

Step = frozenset[int]


def measure_evidence(model: REDGNN, known: KnowledgeGraph, test: Examination) -> dict[str, Any]:
    """Return precision and recall of the explainers, and the rule bodies that carry most attention.

    Args:
        model: trained, in evaluation mode.
        known: the family trees.
        test: what is asked.

    Returns:
        "evidence": {"thresholds", "precision" and "recall" of each explainer, "queries"}, and
        "rules": {relation: [{"body", "share" of the relation's facts whose best path it is}, ...]}.
    """
    reasons = KnownFacts(kinships(torch.cat([known.facts, known.train])))
    generator = torch.Generator().manual_seed(0)
    scores: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in EXPLAINERS}
    used: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    asked = test.triples[:: max(1, len(test.triples) // MOST_FACTS)]
    for fact, (head, relation, tail) in zip(kinships(asked), asked.tolist(), strict=True):
        digraph = extract(model, test.graph, (head, relation), tail)
        truth = {frozenset((step.head, step.tail)) for walk in reasons.proofs(fact) for step in walk}
        for name, chosen in explain(digraph, 2 * len(RELATIONS), generator).items():
            scores[name].append([precision_and_recall(steps, truth) for steps in chosen])
        used[fact.relation][_body(digraph, known.relations)] += 1
    return {"evidence": {**_means(scores), "queries": len(asked)}, "rules": _shares(used)}


def kinships(triples: Tensor) -> list[Kinship]:
    """Return triples [N, 3] of family trees by the names of their relations."""
    return [Kinship(head, RELATIONS[relation], tail) for head, relation, tail in triples.tolist()]


def explain(digraph: RelationalDigraph, identity: int, generator: torch.Generator) -> dict[str, list[set[Step]]]:
    """Return the steps that each explainer chooses at each threshold.

    Args:
        digraph: of one answer.
        identity: relation of the steps that stay.
        generator: of the random steps.
    """
    everything = sorted(steps_of(digraph), key=sorted)
    attention = [steps_of(digraph.strongest(threshold)) for threshold in THRESHOLDS]
    order = torch.randperm(len(everything), generator=generator).tolist()
    shortest = steps_of(shortest_path(digraph, identity))
    return {
        "attention": attention,
        "random": [{everything[place] for place in order[: len(steps)]} for steps in attention],
        "shortest path": [shortest for _ in THRESHOLDS],
    }


def steps_of(digraph: RelationalDigraph) -> set[Step]:
    """Return the pairs of different entities that the edges join."""
    ends = (zip(one.head.tolist(), one.tail.tolist(), strict=True) for one in digraph.layers)
    return {frozenset(pair) for layer in ends for pair in layer if pair[0] != pair[1]}


def shortest_path(digraph: RelationalDigraph, identity: int) -> RelationalDigraph:
    """Return the digraph of one path with the fewest steps that do not stay, found as one of the largest weight."""
    layers = tuple(
        AttendedEdges(one.head, one.relation, one.tail, torch.where(one.relation == identity, 1.0, 0.5))
        for one in digraph.layers
    )
    return RelationalDigraph(digraph.head, digraph.answer, layers).strongest(threshold=2.0)


def precision_and_recall(chosen: set[Step], truth: set[Step]) -> tuple[float, float]:
    """Compare steps with those of the truth; neither is empty."""
    both = len(chosen & truth)
    return both / len(chosen), both / len(truth)


def _body(digraph: RelationalDigraph, relations: Sequence[str]) -> tuple[str, ...]:
    """Return the relations of the path with the largest product of gates, without the steps that stay."""
    best, identity = digraph.best_paths(1)[0], 2 * len(relations)
    return tuple(relation_name(one, relations) for one in best.relations if one != identity)


def _means(scores: Mapping[str, list[list[tuple[float, float]]]]) -> dict[str, Any]:
    found: dict[str, Any] = {"thresholds": list(THRESHOLDS), "precision": {}, "recall": {}}
    for name, facts in scores.items():
        for place, measure in enumerate(("precision", "recall")):
            found[measure][name] = [
                statistics.fmean(one[place] for one in column) for column in zip(*facts, strict=True)
            ]
    return found


def _shares(used: Mapping[str, Counter[tuple[str, ...]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        relation: [
            {"body": list(body), "share": count / counts.total()} for body, count in counts.most_common(BODIES_SHOWN)
        ]
        for relation, counts in used.items()
    }
