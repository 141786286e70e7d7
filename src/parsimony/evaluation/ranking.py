"""Filtered ranks: where the true answer of a query stands among the entities not already known to be true.

One definition for every table: known answers of all splits leave the candidates (Bordes et al., 2013), and ties
are shared, so a rank is the mean of the best and the worst place that the scores allow ("realistic" rank).

A question is a row (known entity, relation, answer); the relation may be an inverse one.
Shapes: B queries, E entities, N questions, K known answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


def filtered_rank(scores: Tensor, answer: Tensor, known: Tensor) -> Tensor:
    """Rank of each answer among the candidates not already known to be true.

    Args:
        scores: score of every entity, [B, E]; higher is better.
        answer: index of the true entity, [B].
        known: True where an entity completes a triple of any split, [B, E].

    Returns:
        Ranks from 1 to E in steps of one half, [B].

    Raises:
        ValueError: if a score is not finite; a diverged model must not receive a rank.
    """
    _require_finite(scores)
    row = torch.arange(len(answer), device=scores.device)
    truth = scores[row, answer].unsqueeze(1)
    rival = ~known
    rival[row, answer] = False
    return 1 + ((scores > truth) & rival).sum(1) + ((scores == truth) & rival).sum(1) / 2


def _require_finite(scores: Tensor) -> None:
    if not scores.sum().isfinite() and not scores.isfinite().all():
        bad = int((~scores.isfinite()).sum())
        raise ValueError(
            f"{bad} of {scores.numel()} scores are not finite; ranks need real numbers. "
            "The model has diverged: lower the learning rate or look at the last losses."
        )


@dataclass(frozen=True)
class FilterIndex:
    """Known answers of every (known entity, relation), filed so that none needs a dense mask.

    Attributes:
        codes: the distinct (entity, relation) pairs as sorted numbers, [P].
        starts: where the answers of each pair begin, [P + 1].
        answers: known answers, pair after pair, [K].
        num_relations: relations that a question may name, inverse ones included.
    """

    codes: Tensor
    starts: Tensor
    answers: Tensor
    num_relations: int

    @classmethod
    def of(cls, questions: Tensor, num_relations: int) -> FilterIndex:
        """File the answers of all true questions, [K, 3]; repeated ones count once."""
        questions = torch.unique(questions, dim=0)
        codes, counts = torch.unique(questions[:, 0] * num_relations + questions[:, 1], return_counts=True)
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return cls(codes, starts, questions[:, 2], num_relations)

    def known(self, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Return row and entity of every known answer of queries [B, 2], in two lists of equal length."""
        code = queries[:, 0] * self.num_relations + queries[:, 1]
        place = torch.searchsorted(self.codes, code).clamp_(max=len(self.codes) - 1)
        is_filed = self.codes[place] == code
        first = self.starts[place]
        count = torch.where(is_filed, self.starts[place + 1] - first, 0)
        row = torch.repeat_interleave(torch.arange(len(queries)), count)
        offset = torch.arange(len(row)) - (count.cumsum(0) - count)[row]
        return row, self.answers[first[row] + offset]


def filtered_ranks(
    score: Callable[[Tensor], Tensor], questions: Tensor, index: FilterIndex, batch_size: int = 64
) -> Tensor:
    """Rank the answers of many questions; every distinct query is scored once, and no mask is built.

    The known answers of a query lose their place by subtraction: those that score above an answer are taken from
    the number of entities that do, likewise for ties.

    Args:
        score: from queries (known entity, relation) [B, 2] to the scores of all entities [B, E].
        questions: known entity, relation, answer, [N, 3].
        index: known answers.
        batch_size: queries scored at a time; 64 rows of 40,000 scores still lie in the cache.

    Returns:
        Ranks in the order of the questions, [N], float64.

    Raises:
        ValueError: if a score is not finite.
    """
    code = questions[:, 0] * index.num_relations + questions[:, 1]
    distinct, place = torch.unique(code, return_inverse=True)
    order = torch.argsort(place, stable=True)
    ends = torch.bincount(place, minlength=len(distinct)).cumsum(0).tolist()
    ranks, begin = torch.empty(len(questions), dtype=torch.float64), 0
    for first in range(0, len(distinct), batch_size):
        part = distinct[first : first + batch_size]
        queries = torch.stack([part // index.num_relations, part % index.num_relations], 1)
        end = ends[first + len(part) - 1]
        asked = order[begin:end]
        ranks[asked] = _ranks_of(score(queries), queries, place[asked] - first, questions[asked, 2], index)
        begin = end
    return ranks


def _ranks_of(scores: Tensor, queries: Tensor, row: Tensor, answer: Tensor, index: FilterIndex) -> Tensor:
    """Rank answers [N] whose queries are rows of scores [B, E]."""
    _require_finite(scores)
    scores = scores.float().cpu()
    truth = scores[row, answer].unsqueeze(1)
    asked = scores[row]
    above, tied = ((asked > truth).sum(1, dtype=torch.int32), (asked == truth).sum(1, dtype=torch.int32))
    known_row, known = index.known(queries[row])
    is_rival = known != answer[known_row]
    known_row, known = known_row[is_rival], known[is_rival]
    value = asked[known_row, known]
    above.index_add_(0, known_row, (value > truth[known_row, 0]).int(), alpha=-1)
    tied.index_add_(0, known_row, (value == truth[known_row, 0]).int(), alpha=-1)
    return 1 + above.double() + (tied.double() - 1) / 2


def summarise_ranks(ranks: Tensor) -> dict[str, float]:
    """Return MRR and H@1, H@3, H@10 of ranks [N], as fractions; a shared place counts by its mean rank."""
    ranks = ranks.double()
    hits = {f"H@{k}": (ranks <= k).double().mean().item() for k in (1, 3, 10)}
    return {"MRR": (1 / ranks).mean().item(), **hits}
