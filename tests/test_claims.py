"""Claims held against records."""

import pytest
from tests.run_samples import filed

from parsimony.artifacts.claims import evaluate, evaluate_claims
from parsimony.artifacts.seed_intervals import compare_seeds, paired_interval, welch_interval
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
        ([0.80, 0.90, 0.70, 0.60], [0.79, 0.91, 0.69], "inconclusive"),
        ([0.80, 0.90, 0.70], [0.79, 0.88, 0.68], "reproduced"),
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


def test_paired_interval_by_hand() -> None:
    """Differences 0.2, 0.3, 0.4: mean 0.3, deviation 0.1, three pairs: 0.3 +- 4.303 * 0.1 / sqrt(3)."""
    half = 4.3026527 * 0.1 / 3**0.5
    assert (0.3 - half, 0.3 + half) == pytest.approx(paired_interval([0.5, 0.9, 0.7], [0.3, 0.6, 0.3]))


def test_the_same_seeds_are_compared_in_pairs_and_others_are_not() -> None:
    """Whatever order the runs stand in; a seed that one side lacks, or has twice, makes it Welch's interval."""
    better, worse = ([filed("autoblm", value, seed) for seed, value in runs] for runs in (
        [(2, 0.7), (0, 0.5), (1, 0.9)], [(0, 0.3), (1, 0.6), (2, 0.3)]))  # fmt: skip
    paired = pytest.approx(paired_interval([0.5, 0.9, 0.7], [0.3, 0.6, 0.3]))
    assert (paired, "paired, 3 seeds") == compare_seeds("MRR", better, worse)
    welch = pytest.approx(welch_interval([0.7, 0.5], [0.3, 0.6, 0.3]))
    assert (welch, "Welch") == compare_seeds("MRR", better[:2], worse)
    assert "Welch" == compare_seeds("MRR", [*better[:2], better[0]], worse)[1]


def test_for_an_error_less_is_an_advantage() -> None:
    """The interval turns around: an error that is smaller by 0.1 to 0.3 is an advantage of that much."""
    few, many = ([filed("autoblm", value, seed) for seed, value in enumerate(runs)] for runs in (
        (0.1, 0.2, 0.1), (0.3, 0.35, 0.35)))  # fmt: skip
    for one in (*few, *many):
        one.record.metrics["MSE"] = one.record.metrics["MRR"]
    (low, high), said = compare_seeds("MSE", few, many)
    assert 0 < low < high and "paired, 3 seeds" == said
    assert (-high, -low) == pytest.approx(compare_seeds("MRR", few, many)[0])


def test_a_claim_says_how_it_was_compared() -> None:
    """By seeds where there are any; by range for a count; not at all without runs."""
    assert "paired, 3 seeds" == evaluate(CLAIM, archive([0.9, 0.91, 0.92], [0.7, 0.71, 0.72])).comparison
    assert "Welch" == evaluate(CLAIM, archive([0.9, 0.91, 0.92], [0.7, 0.71])).comparison
    count = {**CLAIM, "kind": "fewer", "measure": "million parameters"}
    assert ("range", "") == (
        evaluate(count, archive([0.9], [0.7])).comparison,
        evaluate(CLAIM, archive([], [])).comparison,
    )


def test_without_records_nothing_is_claimed() -> None:
    """Every claim says "not run", and none invents a number."""
    results = evaluate_claims(Archive())
    assert {("not run", None, None)} == {(one.verdict, one.ours, one.interval) for one in results}


def test_an_unknown_kind_is_refused() -> None:
    """A claim that no evaluator knows is named."""
    with pytest.raises(ValueError, match="kind 'grows'"):
        evaluate({**CLAIM, "kind": "grows"}, Archive())
