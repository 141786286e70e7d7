"""HIN-DDI: interactions from counts of meta-paths between two drugs, by a random forest (section 6, Figure 11).

A meta-path is a chain of relations; its count is how many paths of that kind join the two drugs. The paper's list of 48
is not printed; these 48 are used (C compound, D known interaction of any type, in both directions; b, u, d binds, up-
and downregulates; t, p treats, palliates; r resembles; c causes; i, c, r>, r< relations of genes; a is associated):

    C-{b,u,d}-G-{b,u,d}-C  9    C-{t,p}-Dis-{t,p}-C  4    C-c-SE-c-C  1    C-PC-C  1    C-{r,D}-C-{r,D}-C  4
    C-x-G-{i,c,r>,r<}-G-x-C, x one of b,u,d  12    C-{t,p}-Dis-a-G-b-C and back  4    C-t-Dis-r-Dis-t-C  1
    bGb, cSEc, PC, tDt behind or before D  8    DDD, rDr, DrD, rrr  4

Counts over interactions of any type hardly say which of 86 types a pair has. So ten more are counted for each type k,
with D_k its known interactions, from head to tail:

    S D_k and D_k S, S one of r, bGb, cSEc, PC, tDt

    features    log(1 + count), shifted and scaled to mean 0 and deviation 1 over the training pairs
    weights     of a pair with one type: 1 / number of training pairs of its type, or else the rare ones are outvoted

Counts are products of sparse matrices with their rows and columns restricted to drugs.

Shapes: D drugs, N entities, P pairs, C types, V = 48 + 10 C counts.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.baselines.pair_forest import PairForest
from parsimony.data.biomedical_network import BiomedicalNetwork

GENE_EDGES, DISEASE_EDGES = ("CbG", "CuG", "CdG"), ("CtD", "CpD")
BETWEEN_GENES = ("GiG", "GcG", "Gr>G", "Gr<G")
UNDIRECTED = frozenset(("GiG", "GcG", "DrD"))


class HINDDI:
    """Fit once, then score pairs.

    Args:
        num_types: C.
        seed: of the forest.
        depth: of its trees at most; None lets them grow.
    """

    def __init__(self, num_types: int, seed: int, depth: int | None) -> None:
        self.forest = PairForest(num_types, seed, depth, is_balanced=True)

    def fit(self, counts: Tensor, kinds: Tensor) -> None:
        """Learn from counts [P, V], which know no interaction that is asked, and types [P] or labels [P, C]."""
        raw = counts.log1p()
        self._mean, self._deviation = raw.mean(0), raw.std(0).clamp(min=1e-12)
        self.forest.fit(self._features(counts), kinds)

    def scores(self, counts: Tensor) -> Tensor:
        """Return votes for each type, [P, C], from counts of pairs [P, V]."""
        return self.forest.scores(self._features(counts))

    def _features(self, counts: Tensor) -> Tensor:
        return (counts.log1p() - self._mean) / self._deviation


class MetaPaths:
    """The paths of one view of the network.

    Args:
        network: biomedical facts that may be seen.
        facts: head drug, tail drug and type of the known interactions, [F, 3].
        num_drugs: D.
        num_types: C.
    """

    def __init__(self, network: BiomedicalNetwork, facts: Tensor, num_drugs: int, num_types: int) -> None:
        known = torch.zeros(num_drugs, num_drugs)
        known[facts[:, 0], facts[:, 1]] = 1.0
        paths = _Paths(network, num_drugs)
        self.any_type = torch.stack(
            [*paths.through_genes(), *paths.through_others(), *paths.over_drugs(_both_ways(known))]
        )
        self._alike = torch.cat([paths.resembling(), *paths.same()], dim=1)
        self._facts, self._drugs, self._types = facts, num_drugs, num_types

    def counts(self, pairs: Tensor) -> Tensor:
        """Return the counts of pairs [P, 2], [P, V]: of interactions of any type, then type by type."""
        head, tail = pairs.unbind(1)
        typed = (count for kind in range(self._types) for count in self._of_type(kind, head, tail))
        return torch.cat([self.any_type[:, head, tail].T, *typed], dim=1)

    def _of_type(self, kind: int, head: Tensor, tail: Tensor) -> Iterator[Tensor]:
        """Yield the counts D_k S and S D_k, [P, 5] each; S is symmetric."""
        ends = self._facts[self._facts[:, 2] == kind][:, :2].unique(dim=0)
        for own, first, last in ((ends, head, tail), (ends.flip(1), tail, head)):
            found = _matrix(own, (self._drugs, self._drugs)) @ self._alike
            yield found.view(self._drugs, -1, self._drugs)[first, :, last]


class DrugEdges(NamedTuple):
    """Edges between drugs and entities near them: to which each drug leads [D x N], and the same turned round."""

    leading: Tensor
    led: Tensor

    def to(self, other: DrugEdges) -> Tensor:
        """Count paths over one entity, [D, D]."""
        return self.leading @ other.led

    def over(self, between: Tensor, other: DrugEdges) -> Tensor:
        """Count paths over an edge between two entities, [D, D]."""
        return self.leading @ (between @ other.led)


class _Paths:
    """Matrices of one network, restricted to drugs and the entities next to them."""

    def __init__(self, network: BiomedicalNetwork, num_drugs: int) -> None:
        self._drugs, self._triples = num_drugs, network.triples
        self._number = {name: place for place, name in enumerate(network.relations)}
        ends = self._triples[:, [0, 2]]
        self._near = ends[(ends < num_drugs).any(1)].unique()
        self.genes = [self._drug_edges(name) for name in GENE_EDGES]
        self.ills = [self._drug_edges(name) for name in DISEASE_EDGES]
        self.effects, self.classes = self._drug_edges("CcSE"), self._drug_edges("PCiC")

    def through_genes(self) -> Iterator[Tensor]:
        """Yield 9 counts over one gene and 12 over two."""
        yield from (one.to(other) for one, other in product(self.genes, self.genes))
        between = [self._between(name) for name in BETWEEN_GENES]
        yield from (one.over(middle, one) for one, middle in product(self.genes, between))

    def through_others(self) -> Iterator[Tensor]:
        """Yield 11 counts over diseases, side effects and classes."""
        yield from (one.to(other) for one, other in product(self.ills, self.ills))
        yield from (self.effects.to(self.effects), self.classes.to(self.classes))
        for one in self.ills:
            chain = one.over(self._between("DaG"), self.genes[0])
            yield from (chain, chain.T)
        yield self.ills[0].over(self._between("DrD"), self.ills[0])

    def over_drugs(self, D: Tensor) -> Iterator[Tensor]:
        """Yield 16 counts over other drugs, with known interactions D [D, D]."""
        r = self.resembling()
        yield from (one @ other for one, other in product((r, D), (r, D)))
        for count in self.same():
            yield from (count @ D, D @ count)
        yield from (D @ D @ D, r @ D @ r, D @ r @ D, r @ r @ r)

    def resembling(self) -> Tensor:
        """Return which drugs resemble each other, [D, D]."""
        return _both_ways(self._drug_edges("CrC").led[self._places(torch.arange(self._drugs))])

    def same(self) -> Iterator[Tensor]:
        """Yield how many genes that they bind, side effects, classes and treated diseases two drugs share."""
        yield from (one.to(one) for one in (self.genes[0], self.effects, self.classes, self.ills[0]))

    def _drug_edges(self, name: str) -> DrugEdges:
        ends = self._ends(name)
        ends = ends.flip(1) if name == "PCiC" else ends  # the one relation that leads to drugs
        ends = ends[ends[:, 0] < self._drugs]
        entity = self._places(ends[:, 1])
        led = torch.zeros(len(self._near), self._drugs)
        led[entity, ends[:, 0]] = 1.0
        return DrugEdges(_matrix(torch.stack([ends[:, 0], entity], 1), (self._drugs, len(self._near))), led)

    def _between(self, name: str) -> Tensor:
        """Return the matrix of a relation between entities near drugs; "<" turns it round."""
        ends = self._ends(name.replace("<", ">"))
        ends = self._places(ends[torch.isin(ends, self._near).all(1)])
        if name in UNDIRECTED:
            ends = torch.cat([ends, ends.flip(1)])
        return _matrix(ends.flip(1) if "<" in name else ends, 2 * (len(self._near),))

    def _ends(self, name: str) -> Tensor:
        return self._triples[self._triples[:, 1] == self._number.get(name, -1)][:, [0, 2]]

    def _places(self, entities: Tensor) -> Tensor:
        return torch.searchsorted(self._near, entities.contiguous())


def _both_ways(adjacency: Tensor) -> Tensor:
    return ((adjacency + adjacency.T) > 0).float()


def _matrix(ends: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return the sparse matrix with a one at each (row, column) of [E, 2]."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse")  # CSR is in beta; invariants are not checked
        ones = torch.ones(len(ends))
        return torch.sparse_coo_tensor(ends.T, ones, shape, check_invariants=False).to_sparse_csr()
