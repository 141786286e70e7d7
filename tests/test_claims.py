"""Claims held against records."""

import pytest
from tests.run_samples import filed

from parsimony.artifacts.claims import evaluate, evaluate_claims, welch_interval
from parsimony.records import Archive

CLAIM = {
    "id": "a-beats-b", "text": "A beats B.", "source": "arXiv 0000.00000", "kind": "beats", "dataset": "UMLS",
    "measure": "MRR", "better": "autoblm", "worse": "distmult",
}  # fmt: skip


def archive(better: list[float], worse: list[float]) -> Archive:
    pairs = [("autoblm", better), ("distmult", worse)]
    return Archive(tuple(filed(name, value, seed) for name, values in pairs for seed, value in enumerate(values)))


@pytest.mark.parametrize(
    ("better", "worse", "expected"),
    [
        ([0.90, 0.91, 0.92], [0.70, 0.71, 0.72], "reproduced"),
        ([0.70, 0.71, 0.72], [0.90, 0.91, 0.92], "not reproduced"),
        ([0.80, 0.90, 0.70], [0.79, 0.91, 0.69], "inconclusive"),
        ([0.90], [0.70, 0.71], "single run"),
        ([], [0.70, 0.71], "not run"),
    ],
)
def test_verdicts_by_hand(better: list[float], worse: list[float], expected: str) -> None:
    """Clear wins, clear losses, overlap, one seed and no run."""
    assert expected == evaluate(CLAIM, archive(better, worse)).verdict


def test_interval_by_hand() -> None:
    """Means 2 and 0, variances 1 and 1, three values each: 2 +- 2.776 * sqrt(2/3) at four degrees of freedom."""
    half = 2.7764451 * (2 / 3) ** 0.5
    assert (2 - half, 2 + half) == pytest.approx(welch_interval([1, 2, 3], [-1, 0, 1]))


def test_without_records_nothing_is_claimed() -> None:
    """Every claim says "not run", and none invents a number."""
    results = evaluate_claims(Archive())
    assert {("not run", None, None)} == {(one.verdict, one.ours, one.interval) for one in results}


def test_an_unknown_kind_is_refused() -> None:
    """A claim that no evaluator knows is named."""
    with pytest.raises(ValueError, match="kind 'grows'"):
        evaluate({**CLAIM, "kind": "grows"}, Archive())
