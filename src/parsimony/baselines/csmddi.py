"""CSMDDI: embeddings of emerging drugs mapped from their structure (Liu et al.; GitHub itsosy/csmddi; section 6).

    1. known drugs      X_k ~ A R_k A'       RESCAL on the interactions of each type k, by alternating least squares
    2. all drugs        x -> a               partial least squares on fingerprints x, fitted on the known drugs
    3. pairs            [a_u ; a_v]          of known drugs the rows of A, of emerging drugs what 2 says
    4. types            a random forest; a pair weighs 1 / number of training pairs of its type, or else rare ones are
                        outvoted, where a pair has one type

RESCAL (Nickel et al., ICML 2011) minimises  sum over k of |X_k - A R_k A'|^2 + lambda (|A|^2 + |R_k|^2)  by

    A    <-  (sum over k  X_k A R_k' + X_k' A R_k) (sum over k  R_k A'A R_k' + R_k' A'A R_k + lambda I)^-1
    R_k  <-  V (S * U' X_k U) V',  S_ij = s_i s_j / (s_i^2 s_j^2 + lambda),  A = U diag(s) V'

Departures from the authors' forest: these weights, and a depth that is asked for instead of 8. No biomedical network.
The library's ready-made regression is scikit-learn's. Components of 2 are at most as many as drugs and bits allow.

Shapes: N known drugs, r rank, C types.
"""

from __future__ import annotations

import torch
from torch import Tensor

from parsimony.baselines.pair_forest import PairForest

RANK, PENALTY, SWEEPS = 200, 0.01, 20


class CSMDDI:
    """Embed once, fit, then score pairs.

    Args:
        fingerprints: of every drug, [D, 1024].
        num_types: C.
        generator: draws the first A and the seed of the forest.
        rank: r.
        sweeps: of alternating least squares.
    """

    def __init__(
        self,
        fingerprints: Tensor,
        num_types: int,
        generator: torch.Generator,
        *,
        rank: int = RANK,
        sweeps: int = SWEEPS,
    ) -> None:
        self._fingerprints, self._num_types, self._generator = fingerprints, num_types, generator
        self._rank, self._sweeps = rank, sweeps

    def embed(self, triples: Tensor) -> None:
        """Learn an embedding of every drug from known interactions: head drug, tail drug, type, [T, 3]."""
        known, place = triples[:, :2].unique(return_inverse=True)
        rows = torch.cat([place, triples[:, 2:]], dim=1)
        first = torch.randn(len(known), min(self._rank, len(known)), generator=self._generator, dtype=torch.float64)
        embedding, _ = rescal(rows, len(known), self._num_types, first, self._sweeps)
        self.embedding = _regressed(self._fingerprints, known, embedding)
        self.embedding[known] = embedding
        self._seed = int(torch.randint(2**31 - 1, (), generator=self._generator))

    def fit(self, pairs: Tensor, kinds: Tensor, depth: int | None) -> None:
        """Learn the types of pairs from the embeddings of their drugs.

        Args:
            pairs: that the forest learns from, [P, 2].
            kinds: type of each, [P], or labels, [P, C].
            depth: of a tree at most; None lets them grow.
        """
        self.forest = PairForest(self._num_types, self._seed, depth, is_balanced=True)
        self.forest.fit(self._features(pairs), kinds)

    def scores(self, pairs: Tensor) -> Tensor:
        """Return votes for each type, [P, C]."""
        return self.forest.scores(self._features(pairs))

    def _features(self, pairs: Tensor) -> Tensor:
        return self.embedding[pairs].flatten(1)


def rescal(triples: Tensor, num_drugs: int, num_types: int, first: Tensor, sweeps: int) -> tuple[Tensor, Tensor]:
    """Return A [N, r] and R [C, r, r] after some sweeps.

    Args:
        triples: head, tail, type, [T, 3].
        num_drugs: N.
        num_types: C.
        first: A to begin with, [N, r].
        sweeps: how many times A and R are updated.
    """
    rank = first.shape[1]
    A, R = first, core(triples, first, num_types)
    for _ in range(sweeps):
        gram = A.T @ A
        normal = (R @ gram @ R.mT + R.mT @ gram @ R).sum(0) + PENALTY * torch.eye(rank, dtype=A.dtype)
        A = torch.linalg.solve(normal, arriving(triples, A, R, num_drugs).T).T
        R = core(triples, A, num_types)
    return A, R


def arriving(triples: Tensor, A: Tensor, R: Tensor, num_drugs: int) -> Tensor:
    """Return the sum over k of X_k A R_k' + X_k' A R_k, [N, r]."""
    summed = torch.zeros_like(A)
    for kind in triples[:, 2].unique().tolist():
        head, tail = triples[triples[:, 2] == kind, :2].unbind(1)
        summed.index_add_(0, head, (A @ R[kind].T)[tail])
        summed.index_add_(0, tail, (A @ R[kind])[head])
    return summed


def core(triples: Tensor, A: Tensor, num_types: int) -> Tensor:
    """Return R, [C, r, r]."""
    U, s, Vh = torch.linalg.svd(A, full_matrices=False)
    shrunk = torch.outer(s, s) / (torch.outer(s, s).square() + PENALTY)
    R = A.new_zeros(num_types, A.shape[1], A.shape[1])
    for kind in triples[:, 2].unique().tolist():
        head, tail = triples[triples[:, 2] == kind, :2].unbind(1)
        R[kind] = Vh.T @ (shrunk * (U[head].T @ U[tail])) @ Vh
    return R


def _regressed(fingerprints: Tensor, known: Tensor, embedding: Tensor) -> Tensor:
    """Return what partial least squares says of every drug, [D, r]."""
    from sklearn.cross_decomposition import PLSRegression

    x = fingerprints.double().numpy()
    components = min(embedding.shape[1], len(known) - 1, x.shape[1])
    regression = PLSRegression(n_components=components).fit(x[known.numpy()], embedding.numpy())
    return torch.from_numpy(regression.predict(x))
