"""Hand-made aggregates: equal to loops; a law of aggregates is found, one of messages is not."""

import pytest
import torch

from graph_samples_small import random_samples, renumbered
from parsimony.baselines.aggregate_regression import aggregates, fit_aggregates
from parsimony.data.graph_samples import GraphSamples
from parsimony.symbolic.engine import Engine


def test_aggregates_of_nodes_by_a_loop() -> None:
    """Sum and mean over neighbours of an edge variable, a sender's variable and a difference."""
    samples = random_samples("node")
    features = aggregates(samples)
    for row, (s, i) in enumerate(samples.present.nonzero().tolist()):
        others = samples.adjacency[s, i].nonzero()[:, 0].tolist()
        c, a, own = samples.edge[s, i, others, 0], samples.node[s, others, 0], samples.node[s, i, 0]
        count = max(len(others), 1)
        expected = [len(others), c.sum(), c.sum() / count, a.sum(), (a - own).sum() / count]
        names = ("num_neighbours", "sum_c", "mean_c", "sum_a_j", "mean_a_difference")
        assert [float(one) for one in expected] == pytest.approx(
            [float(features[name][row]) for name in names], abs=1e-5
        )


@pytest.mark.parametrize("level", ["node", "whole"])
def test_the_order_of_nodes_does_not_matter(level: str) -> None:
    """Renumbered graphs have the same aggregates, node by node or as a whole."""
    samples, order = random_samples(level), torch.tensor([3, 0, 4, 1, 2])
    place = torch.full(samples.present.shape, -1)
    place[samples.present] = torch.arange(int(samples.present.sum()))
    rows = place[:, order][samples.present[:, order]] if level == "node" else slice(None)
    before, after = aggregates(samples), aggregates(renumbered(samples, order))
    assert list(before) == list(after)
    assert all(torch.allclose(before[name][rows], after[name]) for name in before)


def test_a_law_of_aggregates_is_found() -> None:
    """y = 2 mean(c) - a is found; R^2 is that of the formula."""
    pytest.importorskip("pyoperon")
    samples = random_samples("node", count=60)
    features = aggregates(samples)
    target = torch.zeros(60, 5, 1)
    target[samples.present] = (2 * features["mean_c"] - features["a"]).float().unsqueeze(1)
    planted = GraphSamples(**{**vars(samples), "target": target})
    law = fit_aggregates(planted, Engine(functions=("",), runs=1, evaluations=15_000), 0)
    assert law.determination(planted) > 0.99
    assert law.predict(planted).shape == (int(samples.present.sum()), 1)
