"""One relation graph of PAR, to be drawn: what a query and its support molecules have to do with each other."""

from __future__ import annotations

from typing import Any

import torch

from parsimony.data.episodes import Episode
from parsimony.data.molecules import MoleculeSet
from parsimony.experiments.few_shot.scoring import EmbeddedScores

DIGITS = 4


def relation_example(
    scorer: EmbeddedScores, data: MoleculeSet, episode: Episode, generator: torch.Generator
) -> dict[str, Any]:
    """Show the first active query of a test episode.

    Args:
        scorer: of PAR.
        data: the molecules.
        episode: of a test property.
        generator: as for the scores, so that the inner step is the same.

    Returns:
        Property, SMILES and labels of the support molecules and then of the query, A of the last relation layer
        between them, and the score of the query.
    """
    support, query = scorer.embedded(episode)
    place = int(episode.query_label.nonzero()[0])
    weights = scorer.model.adapt(support, query, generator)
    rows = [*episode.support.tolist(), int(episode.query[place])]
    A, score = scorer.model.relate(weights, support, query[place : place + 1])
    return {
        "property": data.properties[episode.column],
        "smiles": [data.smiles[row] for row in rows],
        "labels": [*episode.support_label.tolist(), 1],
        "adjacency": [[round(value, DIGITS) for value in row] for row in A[0].tolist()],
        "score": float(score[0]),
    }
