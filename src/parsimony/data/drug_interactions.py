"""Interactions of pairs of drugs, split so that drugs of validation and test are new (section 6, Figures 10 and 11).

    S0  both drugs are known      S1  one is known, one emerging      S2  both are emerging

DrugBank: the random split of DDI-Bench (arXiv 2410.18583). An ordered pair (head, tail) has one of 86 types, said by a
sentence about #Drug1 and #Drug2. The emerging drug may be either; S1 test pairs never name a validation drug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from parsimony.data.biomedical_network import DRUGS, FOLDER, read_names
from parsimony.data.cards import require_counts
from parsimony.data.fingerprints import fingerprints
from parsimony.data.hetionet_samples import json_object
from parsimony.data.raw_text import Place, Raw, field_lines, registered, whole_number
from parsimony.data.registry import DataError

DRUGBANK = "DrugBank"
SETTINGS = ("S0", "S1", "S2")
SPLITS = ("train", *(f"{split} {setting}" for split in ("valid", "test") for setting in SETTINGS))
RANDOM = f"{FOLDER}/drugbank/random"
SMILES, TYPES = f"{FOLDER}/drugbank/id2smiles.json", f"{FOLDER}/drugbank/relation2id.json"
SPLIT_FILES = {split: f"{RANDOM}/{split.replace(' ', '_')}.txt" for split in SPLITS}
DRUG_FILES = {split: f"{RANDOM}/{split}_set.txt" for split in ("train", "valid", "test")}
FILES = (*SPLIT_FILES.values(), *DRUG_FILES.values(), SMILES, DRUGS, TYPES)
NUM_DRUGS, NUM_TYPES = 1710, 86


@dataclass(frozen=True, eq=False)
class LabelledPairs:
    """Pairs that may have several types, each with a pair that is thought to have none of them.

    Attributes:
        pairs: head drug, tail drug, [P, 2].
        labels: 1 where a pair has the type, [P, C] in uint8.
        negatives: the pair aligned with each, [P, 2].
    """

    pairs: Tensor
    labels: Tensor
    negatives: Tensor

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, rows: Tensor) -> LabelledPairs:
        """Return some of the pairs."""
        return LabelledPairs(self.pairs[rows], self.labels[rows], self.negatives[rows])

    def types(self) -> Tensor:
        """Return head drug, tail drug, type of every interaction, [T, 3]."""
        row, kind = self.labels.nonzero(as_tuple=True)
        return torch.cat([self.pairs[row], kind.unsqueeze(1)], dim=1)


@dataclass(frozen=True, eq=False)
class DrugPairs:
    """Drugs and their interactions.

    Attributes:
        name: of the data set.
        num_types: C.
        is_multilabel: whether a pair may have several types; then splits hold `LabelledPairs`.
        fingerprints: 1,024 bits a drug, [D, 1024] in uint8; drugs are the first entities of the network.
        drug_names: D names.
        type_texts: what each type says, C texts.
        splits: head drug, tail drug, type, [P, 3], of "train", "valid S0", ..., "test S2"; or `LabelledPairs`.
        known_drugs: those that training may name, [.].
        valid_drugs: emerging in validation, [.].
        test_drugs: emerging in test, [.].
    """

    name: str
    num_types: int
    is_multilabel: bool
    fingerprints: Tensor
    drug_names: tuple[str, ...]
    type_texts: tuple[str, ...]
    splits: Mapping[str, Tensor | LabelledPairs]
    known_drugs: Tensor
    valid_drugs: Tensor
    test_drugs: Tensor

    @property
    def num_drugs(self) -> int:
        """D."""
        return len(self.fingerprints)

    def triples(self, split: str) -> Tensor:
        """Return head drug, tail drug, type of every interaction of a split, [T, 3]."""
        found = self.splits[split]
        return found.types() if isinstance(found, LabelledPairs) else found

    def counts(self) -> dict[str, int]:
        """Return the numbers that a data card has."""
        groups = {"known": self.known_drugs, "validation": self.valid_drugs, "test": self.test_drugs}
        drugs = {f"{name} drugs": len(found) for name, found in groups.items()}
        sizes = {name: len(found) for name, found in self.splits.items()}
        return {"drugs": self.num_drugs, **drugs, "types": self.num_types, **sizes}


def load_drugbank() -> DrugPairs:
    """Load the random split of DDI-Bench.

    Raises:
        DataError: if a file is missing, damaged or malformed, or a count is not the card's.
    """
    splits = {split: read_interactions(registered(name)) for split, name in SPLIT_FILES.items()}
    drugs = {split: read_drugs(registered(name)) for split, name in DRUG_FILES.items()}
    require_settings(splits, drugs)
    smiles = _in_order(registered(SMILES), NUM_DRUGS)
    data = DrugPairs(
        name=DRUGBANK,
        num_types=NUM_TYPES,
        is_multilabel=False,
        fingerprints=fingerprints(smiles, SMILES),
        drug_names=_drug_names(),
        type_texts=_in_order(registered(TYPES), NUM_TYPES),
        splits=splits,
        known_drugs=drugs["train"],
        valid_drugs=drugs["valid"],
        test_drugs=drugs["test"],
    )
    require_counts(DRUGBANK, data.counts())
    return data


def read_interactions(raw: Raw) -> Tensor:
    """Return head, tail, type of each line, [P, 3].

    Raises:
        DataError: at a line that is not two drugs and a type.
    """
    bounds = {"head drug": NUM_DRUGS, "tail drug": NUM_DRUGS, "type": NUM_TYPES}
    rows = [
        [_number(text, place, what, bound) for text, (what, bound) in zip(fields, bounds.items(), strict=True)]
        for place, fields in field_lines(raw, " ", "head,tail,type")
    ]
    return torch.tensor(rows)


def read_drugs(raw: Raw) -> Tensor:
    """Return the drugs of a list, one a line, [.]."""
    return torch.tensor([_number(text, place, "drug", NUM_DRUGS) for place, (text,) in field_lines(raw, " ", "drug")])


def require_settings(splits: Mapping[str, Tensor], drugs: Mapping[str, Tensor]) -> None:
    """Check which drugs each split names.

    Raises:
        DataError: if drugs are shared, or a pair of S1 has not exactly one known drug, or one of S2 has any.
    """
    everybody = torch.cat(list(drugs.values()))
    if len(everybody.unique()) != len(everybody):
        raise DataError("a drug is listed for two of training, validation and test; fetch the lists again.")
    for split, pairs in splits.items():
        expected = {"S1": 1, "S2": 0}.get(split[-2:], 2)
        known = torch.isin(pairs[:, :2], drugs["train"]).sum(1)
        if not (known == expected).all():
            row = int((known != expected).nonzero()[0])
            raise DataError(f"{split}, line {row + 1}: {int(known[row])} known drugs; expected {expected}.")


def _number(text: str, place: Place, what: str, bound: int) -> int:
    number = whole_number(text, place, what)
    if number >= bound:
        raise place.wrong(f"{number} given as {what}; expected a number below {bound}.")
    return number


def _in_order(raw: Raw, count: int) -> tuple[str, ...]:
    """Return the first texts of a JSON object whose keys are numbers."""
    read = json_object(raw)
    missing = [number for number in range(count) if not isinstance(read.get(str(number)), str)]
    if missing:
        raise DataError(f"{raw.label} has no text for {missing[0]}; expected one for 0 to {count - 1}.")
    return tuple(read[str(number)] for number in range(count))


def _drug_names() -> tuple[str, ...]:
    numbers: Mapping[str, int] = json_object(registered(DRUGS))
    names, drugs = read_names(), sorted(numbers, key=numbers.__getitem__)
    return tuple(names.get(f"Compound::{drug}", drug) for drug in drugs)
