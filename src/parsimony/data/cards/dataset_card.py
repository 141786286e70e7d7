"""What one data set consists of, and the counts that its loader must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One data set.

    Attributes:
        name: as in specifications and on pages.
        kind: "knowledge graph", "inductive pair", "generated graph", "cold start", "molecules", "physical law",
            "pedestrians", "biomedical network", "drug interactions" or "modular task".
        layout: how its files are laid out: "splits", "archive", "facts" or "inductive"; "generated" has no file; of
            cold-start data "episodes" (with their splits) or "ratings" (parted into tasks by the seed); of molecules
            "labels" (a column a property), "provider" (some of those columns) or "fragments" (computed); of
            pedestrians "tracks"; of modular tasks "images" (put side by side by the seed).
        files: names in the registry; none if the data are generated.
        counts: what the loader must find whatever the seed: entities, relations and triples of each split, or
            users, items and ratings, and tasks where no seed chooses them; of molecules what `MoleculeSet.counts`
            says; of physical laws the nodes of a graph for training and the variables; of pedestrians recordings,
            people and positions; of drugs what `DrugPairs.counts` and `BiomedicalNetwork.counts` say; of images how
            many there are, their pixels and their classes.
        profile: "quick" if the files come inside a dependency or there are none, else "paper".
        note: what a reader should know.
    """

    name: str
    kind: str
    layout: str
    files: tuple[str, ...]
    counts: Mapping[str, int]
    profile: str
    note: str
