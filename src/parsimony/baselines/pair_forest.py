"""Random forests on features of drug pairs, which CSMDDI and HIN-DDI end with.

A forest that must tell one type of many votes with the shares of types in its leaves; with several types a pair, each
type is an output of its own, and the negatives have none.

Shapes: P pairs, C types, V features.
"""

from __future__ import annotations

import torch
from torch import Tensor

TREES = 100


class PairForest:
    """A forest of 100 trees.

    Args:
        num_types: C.
        seed: of the forest's own draws.
        depth: of a tree at most; None lets them grow.
        is_balanced: whether a pair weighs the less, the more pairs have its type; only where a pair has one type.
    """

    def __init__(self, num_types: int, seed: int, depth: int | None, is_balanced: bool = False) -> None:
        from sklearn.ensemble import RandomForestClassifier

        self._num_types, self._is_balanced = num_types, is_balanced
        self._forest = RandomForestClassifier(n_estimators=TREES, max_depth=depth, random_state=seed)

    def fit(self, features: Tensor, kinds: Tensor) -> None:
        """Learn from features [P, V] and the type of each pair [P], or its labels [P, C]."""
        is_weighed = self._is_balanced and kinds.dim() == 1
        self._forest.set_params(class_weight="balanced" if is_weighed else None)
        self._forest.fit(features.numpy(), kinds.numpy())

    def scores(self, features: Tensor) -> Tensor:
        """Return the votes for each type, [P, C]; a type that was never seen has none."""
        votes = self._forest.predict_proba(features.numpy())
        if isinstance(votes, list):  # one output a type: shares of 0 and 1
            present = zip(votes, self._forest.classes_, strict=True)
            return torch.stack([_share_of_one(torch.from_numpy(vote), seen.tolist()) for vote, seen in present], dim=1)
        scores = torch.zeros(len(features), self._num_types, dtype=torch.float64)
        scores[:, torch.from_numpy(self._forest.classes_).long()] = torch.from_numpy(votes)
        return scores

    @property
    def num_parameters(self) -> int:
        """Thresholds of all inner nodes and votes of all leaves."""
        trees = [tree.tree_ for tree in self._forest.estimators_]
        return sum(int((one.children_left >= 0).sum()) + int((one.children_left < 0).sum()) * one.value[0].size
                   for one in trees)  # fmt: skip


def _share_of_one(votes: Tensor, seen: list[int]) -> Tensor:
    return votes[:, seen.index(1)] if 1 in seen else votes.new_zeros(len(votes))
