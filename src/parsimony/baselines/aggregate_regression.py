"""Plain symbolic regression on hand-made aggregates: what a graph law looks like to one who cannot pass messages.

Every node is described by its own variables, its number of neighbours, and the sum and mean over its neighbours of
each variable of the edge, of the sender, and of the difference of sender and receiver; a whole graph by its own
variables, its numbers of nodes and edges, and sums and means over nodes and edges. One formula is fitted to that.

Shapes: R rows (nodes or graphs), F features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from parsimony.nn.dense_graph_block import GraphRows, gather, rows_of, target_rows
from parsimony.symbolic.engine import Engine, Fitted, evaluate, fit, simplest_good

WAYS = ("sum", "mean")


@dataclass(frozen=True)
class AggregateLaw:
    """One formula for each dimension of the target, and the front that each comes from."""

    chosen: tuple[Fitted, ...]
    fronts: tuple[tuple[Fitted, ...], ...]

    def predict(self, samples) -> Tensor:
        """Predict the target of `GraphSamples` row by row, [R, d]."""
        features = aggregates(samples)
        x, names = _matrix(features), tuple(features)
        return torch.from_numpy(np.stack([evaluate(one.expression, names, x) for one in self.chosen], axis=1))

    def determination(self, samples) -> float:
        """Return R^2, averaged over the dimensions of the target."""
        target = target_rows(samples).double()
        wrong = (self.predict(samples) - target).square().mean(0)
        return float((1 - wrong / target.var(0, correction=0)).mean())


def fit_aggregates(samples, engine: Engine, seed: int, rows: int = 1200, tolerance: float = 0.01) -> AggregateLaw:
    """Fit formulas to the aggregates of `GraphSamples`, on at most `rows` rows."""
    features, target = aggregates(samples), target_rows(samples).double()
    chosen = torch.randperm(len(target), generator=torch.Generator().manual_seed(seed))[:rows].numpy()
    x = _matrix(features)[chosen]
    fronts = tuple(fit(x, one.numpy()[chosen], tuple(features), engine, seed) for one in target.T)
    return AggregateLaw(tuple(front[simplest_good(front, tolerance)] for front in fronts), fronts)


def aggregates(samples) -> dict[str, Tensor]:
    """Return the features of every row of the target by name, [R] each."""
    rows = rows_of(samples)._replace(asked=None)
    rows = rows._replace(raw={level: values.double() for level, values in rows.raw.items()})
    level = "U" if samples.level == "whole" else "V"
    own = samples.whole_names if level == "U" else samples.node_names
    features = dict(zip(own, rows.raw[level].T, strict=True))
    features |= _gathered(_of_edges(samples, rows, level), rows, "E", level, "edges" if level == "U" else "neighbours")
    if level == "U":
        features |= _gathered(dict(zip(samples.node_names, rows.raw["V"].T, strict=True)), rows, "V", "U", "nodes")
        return features
    asked = rows_of(samples).asked
    return features if asked is None else {name: one[asked] for name, one in features.items()}


def _of_edges(samples, rows: GraphRows, level: str) -> dict[str, Tensor]:
    """Return what is aggregated over edges: their variables, and those of the sender and differences."""
    values = dict(zip(samples.edge_names, rows.raw["E"].T, strict=True))
    if level == "V":
        for name, one in zip(samples.node_names, rows.raw["V"].T, strict=True):
            values[f"{name}_j"] = one[rows.sender]
            values[f"{name}_difference"] = one[rows.sender] - one[rows.owner["E", "V"]]
    return values


def _gathered(values: Mapping[str, Tensor], rows: GraphRows, there: str, here: str, counted: str) -> dict[str, Tensor]:
    owner, count = rows.owner[there, here], rows.counts[here]
    features = {f"num_{counted}": torch.bincount(owner, minlength=count).double()}
    for name, one in values.items():
        for way in WAYS:
            features[f"{way}_{name}"] = gather(one.unsqueeze(1), owner, count, way).squeeze(1)
    return features


def _matrix(features: Mapping[str, Tensor]) -> np.ndarray:
    return torch.stack(list(features.values()), dim=1).double().numpy()
