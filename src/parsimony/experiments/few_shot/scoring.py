"""Score the query molecules of test episodes, in evaluation mode: dropout is off, running statistics stay as they are.

Shapes: Q queries of an episode, n = 2 K support molecules, M molecules of the data set, D width of g.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from parsimony.data.episodes import Episode
from parsimony.data.molecules import MoleculeSet
from parsimony.methods.pacia import DEPTH

MOLECULES_AT_ONCE = 256  # of the encoder; bounds memory


class Scored(NamedTuple):
    """Scores of the queries, higher is more likely active, [Q]; how many of them chose each depth, if any is chosen."""

    score: Tensor
    depths: list[int] | None = None


class Scorer(Protocol):
    """Scores the queries of an episode."""

    def __call__(self, episode: Episode, generator: torch.Generator) -> Scored:
        """Adapt to the support set and score the queries; what is drawn comes from the generator."""


class EmbeddedScores:
    """Embeds every molecule once, for methods whose encoder is the same for all properties.

    Args:
        model: with an `encoder`, and `scores` of embedded molecules.
        data: the molecules.
        molecules: rows of all that will be asked for, in any order.
    """

    def __init__(self, model: Any, data: MoleculeSet, molecules: Tensor) -> None:
        self.model = model.eval()
        needed = molecules.unique()
        self._place = torch.empty(len(data), dtype=torch.long).scatter_(0, needed, torch.arange(len(needed)))
        self._g = _embed(model, data, needed)

    def __call__(self, episode: Episode, generator: torch.Generator) -> Scored:
        """Score the queries of an episode."""
        return Scored(self.model.scores(*self.embedded(episode), generator).cpu())

    def embedded(self, episode: Episode) -> tuple[Tensor, Tensor]:
        """Return g of the support [n, D] and of the query molecules [Q, D]."""
        support, query = (self._g[self._place[rows].to(self._g.device)] for rows in (episode.support, episode.query))
        return support, query


class AdaptedScores:
    """Adapts the encoder to each property and runs it on the queries, for MAML.

    Args:
        model: with `adapt` and `scores` of molecules.
        data: the molecules.
        molecules: unused, since nothing is shared between episodes.
    """

    def __init__(self, model: Any, data: MoleculeSet, molecules: Tensor) -> None:
        self.model, self.data = model.eval(), data

    def __call__(self, episode: Episode, generator: torch.Generator) -> Scored:
        """Score the queries of an episode; nothing is drawn."""
        return Scored(torch.cat(list(self.parts(episode))).cpu())

    def parts(self, episode: Episode) -> Iterator[Any]:
        """Yield what the model says of some queries after the others."""
        device = self.data.labels.device
        known = self.model.adapt(self.data.batch(episode.support.to(device)))
        for rows in episode.query.split(MOLECULES_AT_ONCE):
            yield self.model.scores(known, self.data.batch(rows.to(device)))


class DepthScores(AdaptedScores):
    """The same for PACIA, which chooses a depth for each query, too."""

    def __call__(self, episode: Episode, generator: torch.Generator) -> Scored:
        """Score the queries of an episode; nothing is drawn."""
        score, depth = (torch.cat(both).cpu() for both in zip(*self.parts(episode), strict=True))
        return Scored(score, torch.bincount(depth, minlength=DEPTH + 1)[1:].tolist())


@torch.no_grad()
def _embed(model: Any, data: MoleculeSet, molecules: Tensor) -> Tensor:
    """Return g of some molecules, [len(molecules), D]."""
    device = data.labels.device
    return torch.cat([model.encoder(data.batch(rows.to(device))) for rows in molecules.split(MOLECULES_AT_ONCE)])
