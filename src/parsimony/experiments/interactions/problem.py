"""What is asked, and what may be known when it is asked (EmerGNN, arXiv 2311.09261, Methods; section 6).

               facts                              biomedical facts
    training   training pairs, or part of them    without those of validation and test drugs
    validation training pairs                     without those of test drugs
    test       training and validation pairs      all

Validation pairs that are facts of a test are those of its own setting. The authors' later copy of their code, in
DDI-Bench, shows training the biomedical facts of all drugs; here it sees none of a drug that is to be new.

With a share s below 1 only that share of the training pairs is there, to learn from and as facts, and of validation
pairs only that share are facts. TWOSIDES comes in the authors' five splits; seed k of a run takes the k-th.

Shapes: P pairs, T triples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.data import planted_drugs, twosides
from parsimony.data.biomedical_network import BiomedicalNetwork, load_assembled_network
from parsimony.data.drug_interactions import DrugPairs, LabelledPairs, load_drugbank
from parsimony.data.emerging_split import draw_epoch, drugs_to_hold_out, without_drugs
from parsimony.data.hetionet_samples import TWOSIDES_SEEDS
from parsimony.data.planted_drugs import Reason, load_planted_drugs
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds


class View(NamedTuple):
    """What may be known: interactions, head, tail, type [F, 3], and biomedical facts, head, relation, tail [T, 3]."""

    facts: Tensor
    triples: Tensor


class Lesson(NamedTuple):
    """What one epoch of training knows, and the training pairs that it asks, by their rows, [Q]."""

    view: View
    asked: Tensor


@dataclass(frozen=True, eq=False)
class Problem:
    """Drugs, their interactions and the network around them.

    Attributes:
        pairs: with the training pairs that are there.
        network: with all biomedical facts.
        reasons: why pairs interact, where that is known.
        known_valid: of each setting the validation pairs that are facts of its test, [F, 3].
    """

    pairs: DrugPairs
    network: BiomedicalNetwork
    reasons: Mapping[tuple[int, int], tuple[Reason, ...]]
    known_valid: Mapping[str, Tensor]

    @classmethod
    def open(cls, dataset: str, seed: int, share: float = 1.0) -> Problem:
        """Load a data set and draw the share of its pairs that is there."""
        pairs, network, reasons = _load(dataset, seed)
        generator = torch.Generator().manual_seed(seed)
        splits = dict(pairs.splits)
        splits["train"] = _drawn(splits["train"], share, generator)
        valid = {
            name[-2:]: _types(_drawn(split, share, generator)) for name, split in splits.items() if "valid" in name
        }
        return cls(replace(pairs, splits=splits), network, reasons, valid)

    @property
    def train(self) -> Tensor | LabelledPairs:
        """The training pairs that are there: head, tail, type, [P, 3], or pairs with labels."""
        return self.pairs.splits["train"]

    @property
    def ids(self) -> RelationIds:
        """How the edges of the augmented network are numbered."""
        return RelationIds(self.pairs.num_types, len(self.network.relations), self.pairs.is_multilabel)

    def lesson(self, setting: str, generator: torch.Generator) -> Lesson:
        """Draw an epoch whose training pairs look like test pairs of a setting."""
        train, triples = self.train, self.training_triples
        ends = _ends(train)
        candidates = drugs_to_hold_out(ends, replace(self.network, triples=triples), self.pairs.num_drugs)
        epoch = draw_epoch(ends, candidates, setting, generator)
        return Lesson(View(_types(train[epoch.facts]), triples), epoch.training)

    @property
    def training_triples(self) -> Tensor:
        """Biomedical facts of no validation and no test drug, [T, 3]."""
        return without_drugs(self.network, torch.cat([self.pairs.valid_drugs, self.pairs.test_drugs]))

    @property
    def training_view(self) -> View:
        """All training pairs and the biomedical facts of training."""
        return View(_types(self.train), self.training_triples)

    @property
    def validation_view(self) -> View:
        """What may be known of the validation pairs of every setting."""
        return View(_types(self.train), without_drugs(self.network, self.pairs.test_drugs))

    def test_view(self, setting: str) -> View:
        """What may be known of the test pairs of a setting."""
        return View(torch.cat([_types(self.train), self.known_valid[setting]]), self.network.triples)

    def augmented(self, view: View) -> AugmentedNetwork:
        """Return the network that messages flow in."""
        return AugmentedNetwork(*view, self.network.num_entities, self.pairs.num_drugs, self.ids)


def _load(dataset: str, seed: int) -> tuple[DrugPairs, BiomedicalNetwork, Mapping[tuple[int, int], tuple[Reason, ...]]]:
    if dataset == planted_drugs.NAME:
        drugs = load_planted_drugs()
        return drugs.pairs, drugs.network, drugs.reasons
    if dataset == twosides.NAME:
        return twosides.load_twosides(TWOSIDES_SEEDS[seed]), twosides.load_twosides_network(), {}
    return load_drugbank(), load_assembled_network(), {}


def _drawn(pairs: Tensor | LabelledPairs, share: float, generator: torch.Generator) -> Tensor | LabelledPairs:
    """Return a share of pairs in their order; the first part of a permutation, so that shares contain one another."""
    chosen = torch.randperm(len(pairs), generator=generator)[: round(share * len(pairs))]
    return pairs[chosen.sort().values]


def _types(pairs: Tensor | LabelledPairs) -> Tensor:
    """Return head, tail, type of every interaction, [F, 3]."""
    return pairs.types() if isinstance(pairs, LabelledPairs) else pairs


def _ends(pairs: Tensor | LabelledPairs) -> Tensor:
    return pairs.pairs if isinstance(pairs, LabelledPairs) else pairs
