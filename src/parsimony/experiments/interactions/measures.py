"""What is measured of a predictor on the pairs of a split, and how it depends on what is known of the drugs.

DrugBank and planted drugs: macro F1, which chooses epochs, accuracy, kappa. TWOSIDES: PR-AUC, which chooses epochs,
ROC-AUC, accuracy.

A hit is a pair whose type is found; with several types a pair, a type of a pair that scores above its negative.
Degrees count biomedical facts of the less connected emerging drug of a pair (S0: of the less connected drug). Hops are
those of a shortest path of biomedical facts, whatever their direction.

Calibration: pairs by their largest probability, in ten bins of equal width; the error is the mean over pairs of
|accuracy - confidence| of their bin. With several types, every (pair, type) and its negative, by their probabilities.

Shapes: P pairs, C types, D drugs, N entities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from parsimony.data.drug_interactions import LabelledPairs
from parsimony.evaluation.interactions import effect_measures, type_measures
from parsimony.experiments.interactions.problem import Problem
from parsimony.nn.sparse_sum import SparseSum

TYPE_NAMES, EFFECT_NAMES = ("macro F1", "accuracy", "kappa"), ("PR-AUC", "ROC-AUC", "accuracy")
DEGREES = (0, 1, 4, 16, 64, 256)
MOST_HOPS = 3
BINS = 10
DRUGS_AT_ONCE = 256


class Predictor(Protocol):
    """Scores pairs of drugs with what it may know at the moment."""

    def scores(self, pairs: Tensor) -> Tensor:
        """Return a score of each type for pairs (head, tail) [P, 2], [P, C]."""


class Answers(NamedTuple):
    """What a predictor says of the pairs of a split.

    Attributes:
        pairs: head and tail, [P, 2].
        scores: of each type, [P, C].
        truth: the type [P], or labels [P, C].
        negatives: scores of the negatives, [P, C], or None where a pair has one type.
    """

    pairs: Tensor
    scores: Tensor
    truth: Tensor
    negatives: Tensor | None = None


def ask(predictor: Predictor, problem: Problem, split: str) -> Answers:
    """Score the pairs of a split."""
    asked = problem.pairs.splits[split]
    if isinstance(asked, LabelledPairs):
        scores, negatives = predictor.scores(asked.pairs), predictor.scores(asked.negatives)
        return Answers(asked.pairs, scores, asked.labels, negatives)
    return Answers(asked[:, :2], predictor.scores(asked[:, :2]), asked[:, 2])


def metrics_of(answers: Answers) -> dict[str, float]:
    """Return the three measures by their names; one that is undefined is left out."""
    if answers.negatives is None:
        found = dict(zip(TYPE_NAMES, type_measures(answers.scores.argmax(1), answers.truth), strict=True))
    else:
        means = effect_measures(answers.scores, answers.negatives, answers.truth).means()
        found = dict(zip(EFFECT_NAMES, means, strict=True))
    return {name: value for name, value in found.items() if value == value}


def deciding_value(predictor: Predictor, problem: Problem, split: str) -> float:
    """Return the measure that chooses epochs."""
    return next(iter(metrics_of(ask(predictor, problem, split)).values()))


def tally(answers: Answers) -> dict[str, Any]:
    """Return what suffices to compute the metrics anew.

    Returns:
        "confusion": rows of true type, predicted type, number of pairs; or "types": of each type its pairs, PR-AUC,
        ROC-AUC and accuracy, null where no pair has it.
    """
    if answers.negatives is None:
        cells = torch.stack([answers.truth, answers.scores.argmax(1)], 1)
        found, count = cells.unique(dim=0, return_counts=True)
        return {"confusion": torch.cat([found, count.unsqueeze(1)], 1).tolist()}
    values = torch.stack(effect_measures(answers.scores, answers.negatives, answers.truth), 1)
    rows = zip(answers.truth.long().sum(0).tolist(), values.tolist(), strict=True)
    return {"types": [[count, *(round(one, 6) if one == one else None for one in row)] for count, row in rows]}


def hits_of(answers: Answers) -> tuple[Tensor, Tensor]:
    """Return what was asked of each pair and how much of it was hit, [P] each."""
    if answers.negatives is None:
        return torch.ones(len(answers.truth)), (answers.scores.argmax(1) == answers.truth).float()
    return answers.truth.sum(1).float(), ((answers.scores > answers.negatives) & answers.truth.bool()).sum(1).float()


def by_degree(answers: Answers, problem: Problem) -> list[dict[str, Any]]:
    """Return pairs and hits by the degree of the less connected emerging drug."""
    degree, known = degrees(problem), torch.isin(answers.pairs, problem.pairs.known_drugs)
    each = torch.where(known & ~known.all(1, keepdim=True), degree.max() + 1, degree[answers.pairs])
    place = torch.bucketize(each.amin(1), torch.tensor(DEGREES), right=True) - 1
    asked, hits = _grouped(answers, place, len(DEGREES))
    bounds = zip(DEGREES, [one - 1 for one in DEGREES[1:]] + [None], strict=True)
    return [
        {"from": low, "to": high, "pairs": pairs, "hits": hit}
        for (low, high), pairs, hit in zip(bounds, asked, hits, strict=True)
    ]


def degrees(problem: Problem) -> Tensor:
    """Return the number of biomedical facts of each entity, [N]."""
    return torch.bincount(problem.network.triples[:, [0, 2]].flatten(), minlength=problem.network.num_entities)


def by_hops(answers: Answers, problem: Problem) -> list[dict[str, Any]]:
    """Return pairs and hits by the length of a shortest path."""
    place = hops(problem, answers.pairs) - 1
    asked, hits = _grouped(answers, place, MOST_HOPS + 1)
    names = [*range(1, MOST_HOPS + 1), None]
    return [{"hops": name, "pairs": a, "hits": h} for name, a, h in zip(names, asked, hits, strict=True)]


def hops(problem: Problem, pairs: Tensor) -> Tensor:
    """Return the length of a shortest path between the drugs of pairs [P, 2]; 4 stands for anything longer, [P]."""
    network, drugs = problem.network, problem.pairs.num_drugs
    head, _, tail = network.triples.unbind(1)
    ones = torch.ones(2 * len(head))
    spread = SparseSum(torch.cat([head, tail]), torch.cat([tail, head]), ones, 2 * (network.num_entities,))
    length = torch.full((len(pairs),), MOST_HOPS + 1)
    for group in torch.arange(drugs).split(DRUGS_AT_ONCE):
        rows = torch.isin(pairs[:, 0], group).nonzero().squeeze(1)
        reached = torch.zeros(network.num_entities, len(group))
        reached[group, torch.arange(len(group))] = 1.0
        for step in range(1, MOST_HOPS + 1):
            reached = (spread(reached) > 0).float()
            is_met = reached[pairs[rows, 1], pairs[rows, 0] - group[0]] > 0
            length[rows] = torch.where(is_met, length[rows].clamp(max=step), length[rows])
    return length


def _grouped(answers: Answers, place: Tensor, size: int) -> tuple[list[int], list[int]]:
    """Add up what was asked and what was hit by place [P]."""
    asked, hits = hits_of(answers)
    sums = (torch.bincount(place, weights=one, minlength=size).long().tolist() for one in (asked, hits))
    return tuple(sums)


def calibration(probabilities: Tensor, is_right: Tensor) -> tuple[list[dict[str, float]], float]:
    """Return bins and the calibration error.

    Args:
        probabilities: of what was said, [Q].
        is_right: whether it was so, [Q].
    """
    place = (probabilities * BINS).long().clamp(max=BINS - 1)
    bins, error = [], 0.0
    for number in range(BINS):
        inside = place == number
        count = int(inside.sum())
        row = {"from": number / BINS, "to": (number + 1) / BINS, "pairs": count}
        if count:
            confidence, accuracy = float(probabilities[inside].mean()), float(is_right[inside].double().mean())
            row |= {"confidence": round(confidence, 6), "accuracy": round(accuracy, 6)}
            error += count / len(place) * abs(accuracy - confidence)
        bins.append(row)
    return bins, error


def said(answers: Answers, is_logit: bool) -> tuple[Tensor, Tensor]:
    """Return the probabilities of what was said, and whether it was so.

    Args:
        answers: of one split.
        is_logit: whether scores are logits; else they are probabilities already.
    """
    if answers.negatives is None:
        scores = answers.scores.double().softmax(1) if is_logit else answers.scores
        confidence, found = scores.max(1)
        return confidence, found == answers.truth
    has = answers.truth.bool()
    scores = torch.cat([answers.scores[has], answers.negatives[has]]).double()
    is_right = torch.arange(2).repeat_interleave(int(has.sum())) == 0
    return scores.sigmoid() if is_logit else scores, is_right


def split_report(answers: Mapping[str, Answers], problem: Problem, is_logit: bool) -> dict[str, Any]:
    """Return the measurements of all settings together.

    Args:
        answers: on the test pairs of each setting.
        problem: what was asked.
        is_logit: whether scores are logits.
    """
    bins = {name: calibration(*said(one, is_logit)) for name, one in answers.items()}
    return {
        "tally": {name: tally(one) for name, one in answers.items()},
        "by_degree": {name: by_degree(one, problem) for name, one in answers.items()},
        "by_hops": {name: by_hops(one, problem) for name, one in answers.items()},
        "calibration": {name: found for name, (found, _) in bins.items()},
        "calibration_error": {name: error for name, (_, error) in bins.items()},
    }
