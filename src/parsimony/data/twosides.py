"""TWOSIDES, as far as it can be had: side effects of pairs of 604 drugs, the five splits of EmerGNN's authors.

Validation files and S2 test files of the five seeds are here, training files and S1 test files are not. So all pairs
of all files are pooled, 18,669 of them, about 45 % of the data set, and each seed's own drugs part them:

    train      pairs of two known drugs           valid S1, valid S2, test S2    the authors' files
    test S1    pairs of one test drug and one that is not

Every pair has a negative, in which the authors drew anew one end (S1 keeps the emerging drug) or both (S2). In the pool
many belong to another seed's split: a negative of training that names a held-out drug, or one of S1 without a test
drug, would give it away, so there the pair keeps an end, of S1 the test drug, and a known drug without a known
interaction takes the place of the other. Results on S2 compare with the paper's up to the smaller training set, those
on S1 only in trend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from parsimony.data.biomedical_network import FOLDER, NODES, BiomedicalNetwork, load_assembled_network, read_names
from parsimony.data.cards import require_counts
from parsimony.data.drug_interactions import DrugPairs, LabelledPairs
from parsimony.data.fingerprints import fingerprints
from parsimony.data.hetionet_samples import (
    TWOSIDES_DRUGS,
    TWOSIDES_ENTITIES,
    TWOSIDES_GRAPHS,
    TWOSIDES_SEEDS,
    json_object,
    split_names,
)
from parsimony.data.raw_text import Place, Raw, field_lines, registered, whole_number
from parsimony.data.registry import DataError

NAME = "TWOSIDES"
NUM_DRUGS, NUM_TYPES = 604, 200
TYPES = f"{FOLDER}/twosides/id2relation.json"
ALL = f"{FOLDER}/twosides/S0/valid_ddi.txt"
OFFICIAL = ("valid S1", "valid S2", "test S2")
PAIR_FILES = {
    (seed, split): f"{FOLDER}/twosides/{split[-2:]}_{seed}/{split[:-3]}_ddi.txt"
    for seed in TWOSIDES_SEEDS
    for split in OFFICIAL
}
_SIZES = (
    (10567, 3570, 106, 4071, 355),
    (10964, 3770, 112, 3380, 443),
    (11085, 3108, 80, 3886, 510),
    (11605, 3962, 124, 2715, 263),
    (11057, 3674, 116, 3420, 402),
)
PAIRS_OF_SEED = {
    seed: dict(zip(("train", "valid S1", "valid S2", "test S1", "test S2"), sizes, strict=True))
    for seed, sizes in zip(TWOSIDES_SEEDS, _SIZES, strict=True)
}
FILES = (ALL, *PAIR_FILES.values(), *TWOSIDES_GRAPHS, TWOSIDES_ENTITIES, TWOSIDES_DRUGS, TYPES, NODES)


def load_twosides(seed: int) -> DrugPairs:
    """Load the partial protocol of one seed.

    Args:
        seed: of the authors' split: 1, 12, 123, 1234 or 12345.

    Raises:
        DataError: if there is no such split, a file is missing, damaged or malformed, or a count is not the card's.
    """
    if seed not in TWOSIDES_SEEDS:
        raise DataError(f"split {seed} of {NAME} asked; known are {', '.join(map(str, TWOSIDES_SEEDS))}.")
    read = {key: read_pairs(registered(name)) for key, name in PAIR_FILES.items()}
    valid, test = (_held_out(seed, split) for split in ("valid", "test"))
    pool = pooled([read_pairs(registered(ALL)), *read.values()])
    drugs, names = json_object(registered(TWOSIDES_DRUGS)), read_names()
    known = torch.tensor(sorted(set(range(NUM_DRUGS)) - {*valid.tolist(), *test.tolist()}))
    data = DrugPairs(
        name=NAME,
        num_types=NUM_TYPES,
        is_multilabel=True,
        fingerprints=fingerprints([drugs[str(drug)]["smiles"] for drug in range(NUM_DRUGS)], TWOSIDES_DRUGS),
        drug_names=tuple(_drug_name(drugs[str(drug)], names) for drug in range(NUM_DRUGS)),
        type_texts=tuple(_effect(code, names) for code in _codes(registered(TYPES))),
        splits=_parted(pool, known, test, torch.Generator().manual_seed(seed))
        | {split: read[seed, split] for split in OFFICIAL},
        known_drugs=known,
        valid_drugs=valid,
        test_drugs=test,
    )
    require_counts(NAME, {"pooled pairs": len(pool.pairs)} | data.counts())
    sizes = {split: data.counts()[split] for split in PAIRS_OF_SEED[seed]}
    if sizes != PAIRS_OF_SEED[seed]:
        raise DataError(f"{NAME}, seed {seed}, has {sizes}; expected {PAIRS_OF_SEED[seed]}. Fetch its files again.")
    return data


def load_twosides_network() -> BiomedicalNetwork:
    """Return the assembled network with the entities numbered as TWOSIDES does, its 604 drugs first."""
    network = load_assembled_network()
    numbered = split_names(registered(TWOSIDES_ENTITIES), registered(TWOSIDES_DRUGS))
    identifiers = [numbered.get(entity, f"Drug::{entity}") for entity in range(max(numbered) + 1)]
    return renumbered(network, tuple(identifiers))


def renumbered(network: BiomedicalNetwork, identifiers: tuple[str, ...]) -> BiomedicalNetwork:
    """Return a network with other numbers of the entities; triples of entities without one are left out."""
    number = {name: place for place, name in enumerate(identifiers)}
    place = torch.tensor([number.get(name, -1) for name in network.identifiers])
    head, relation, tail = network.triples.unbind(1)
    triples = torch.stack([place[head], relation, place[tail]], 1)
    triples = triples[(triples[:, [0, 2]] >= 0).all(1)]
    order = np.lexsort(triples[:, [2, 0, 1]].T.numpy())
    return replace(network, triples=triples[torch.from_numpy(order)], identifiers=identifiers)


def read_pairs(raw: Raw) -> LabelledPairs:
    """Read lines `head, tail, labels, weight`; each pair of weight 1 is followed by its negative of weight 0.

    Raises:
        DataError: at a malformed line, or where a pair lacks its negative.
    """
    ends: tuple[list, list] = ([], [])
    labels: list[str] = []
    for place, (head, tail, label, weight) in field_lines(raw, "\t", "head,tail,labels,weight"):
        is_negative = place.line % 2 == 0
        if weight != str(int(not is_negative)):
            raise place.wrong(f"weight {weight!r}; expected 1 in odd lines and 0 in even ones.")
        if is_negative and label != labels[-1]:
            raise place.wrong("the labels differ from those of the pair above.")
        if not is_negative:
            labels.append(_checked(label, place))
        ends[is_negative].append([whole_number(one, place, "drug") for one in (head, tail)])
    if len(ends[0]) != len(ends[1]) or max(map(max, ends[0] + ends[1])) >= NUM_DRUGS:
        raise DataError(f"{raw.label}: a pair without its negative, or a drug above {NUM_DRUGS - 1}; fetch it again.")
    bits = np.frombuffer(",".join(labels).encode(), np.uint8)[::2] - ord("0")
    return LabelledPairs(torch.tensor(ends[0]), torch.from_numpy(bits.reshape(-1, NUM_TYPES)), torch.tensor(ends[1]))


def pooled(parts: Sequence[LabelledPairs]) -> LabelledPairs:
    """Put pairs together; of two that name the same drugs, in whatever order, the first counts."""
    columns = zip(*((one.pairs, one.labels, one.negatives) for one in parts), strict=True)
    whole = LabelledPairs(*(torch.cat(column) for column in columns))
    _, first = np.unique(_numbers(whole.pairs).numpy(), return_index=True)
    return whole[torch.from_numpy(np.sort(first))]


def _parted(pool: LabelledPairs, known: Tensor, test: Tensor, generator: torch.Generator) -> dict[str, LabelledPairs]:
    interacting = _numbers(pool.pairs)
    train = pool[torch.isin(pool.pairs, known).sum(1) == 2]
    is_wrong, kept = train_negatives(train, known), torch.randint(2, (len(train),), generator=generator)
    emerging = pool[torch.isin(pool.pairs, test).sum(1) == 1]
    is_test = torch.isin(emerging.pairs, test).long()
    return {
        "train": redrawn(train, is_wrong, kept, known, interacting, generator),
        "test S1": redrawn(
            emerging, emerging_negatives(emerging, test), is_test.argmax(1), known, interacting, generator
        ),
    }


def train_negatives(part: LabelledPairs, known: Tensor) -> Tensor:
    """Return where a negative of training names a drug that is held out, [P]."""
    return ~torch.isin(part.negatives, known).all(1)


def emerging_negatives(part: LabelledPairs, test: Tensor) -> Tensor:
    """Return where a negative of S1 does not keep the test drug of its pair, or names another one, [P]."""
    is_test = torch.isin(part.pairs, test)
    return ~(torch.where(is_test, part.negatives == part.pairs, ~torch.isin(part.negatives, test)).all(1))


def redrawn(
    part: LabelledPairs, is_wrong: Tensor, kept: Tensor, known: Tensor, interacting: Tensor, generator: torch.Generator
) -> LabelledPairs:
    """Draw some negatives anew: one end of the pair stays, a known drug takes the place of the other.

    Args:
        part: the pairs.
        is_wrong: whose negatives are drawn, [P].
        kept: the end that stays, 0 or 1, [P].
        known: drugs to draw from.
        interacting: `_numbers` of the pairs that a negative must not be.
        generator: makes the draws.
    """
    negatives, is_wrong = part.negatives.clone(), is_wrong.clone()
    while is_wrong.any():
        row = is_wrong.nonzero().squeeze(1)
        negatives[row] = part.pairs[row]
        negatives[row, 1 - kept[row]] = known[torch.randint(len(known), (len(row),), generator=generator)]
        is_loop = negatives[row, 0] == negatives[row, 1]
        is_wrong[row] = torch.isin(_numbers(negatives[row]), interacting) | is_loop
    return LabelledPairs(part.pairs, part.labels, negatives)


def _numbers(pairs: Tensor) -> Tensor:
    """Return a number for each pair, the same in both orders, [P]."""
    ends = pairs.sort(1).values
    return ends[:, 0] * NUM_DRUGS + ends[:, 1]


def _held_out(seed: int, split: str) -> Tensor:
    """Return the drugs that a split holds out: those that share an edge of its graph with an entity that is no drug."""
    raw = registered(f"{FOLDER}/twosides/S1_{seed}/{split}_KG.txt")
    ends = [[whole_number(one, place, "entity") for one in fields[:2]]
            for place, fields in field_lines(raw, "\t", "head,tail,relation")]  # fmt: skip
    found = torch.tensor(ends)
    mixed = found[(found < NUM_DRUGS).sum(1) == 1]
    return mixed[mixed < NUM_DRUGS].unique()


def _checked(label: str, place: Place) -> str:
    if len(label) != 2 * NUM_TYPES - 1 or set(label[::2]) - {"0", "1"} or set(label[1::2]) != {","}:
        raise place.wrong(f"{label[:40]!r}... given as labels; expected {NUM_TYPES} of 0 and 1 with commas between.")
    return label


def _codes(raw: Raw) -> list[str]:
    read = json_object(raw)
    return [str(read[str(number)]) for number in range(NUM_TYPES)]


def _drug_name(drug: Mapping[str, str | None], names: Mapping[str, str]) -> str:
    return names.get(f"Compound::{drug['db']}") or str(drug["db"] or drug["cid"])


def _effect(code: str, names: Mapping[str, str]) -> str:
    return names.get(f"Side Effect::{code}", code)
