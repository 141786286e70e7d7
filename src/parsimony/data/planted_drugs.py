"""Planted-drugs: generated drugs of which it is known why they interact.

Each interaction follows from one mechanism, a path of the biomedical network between head u and tail v:

    type 0  u slows the breakdown of v     u inhibits an enzyme that breaks v down
    type 1  u speeds the breakdown of v    u induces an enzyme that breaks v down
    type 2  u keeps v in the body          u blocks a transporter that carries v
    type 3  u strengthens v                u and v act on the same target
    type 4  u and v harm together          u and v cause the same side effect
    type 5  u adds to a relative of v      u acts on the target of a drug that v resembles

Decoys carry nothing: genes that drugs regulate, diseases that they treat, pathways of genes. A pair with mechanisms of
two types is left out, but type 5 counts only where no other holds; where a mechanism has no direction (types 3 and 4)
chance says which drug is the head. Drugs come in chemical families: their fingerprints are alike, and half of what they
act on is chosen by the family, so structure alone tells something, paths tell all. The emerging drugs have all their
edges but no known interaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import torch
from torch import Tensor

from parsimony.data.biomedical_network import BiomedicalNetwork
from parsimony.data.cards import require_counts
from parsimony.data.drug_interactions import SPLITS, DrugPairs

NAME = "Planted-drugs"
SEED = 0
GROUPS = {"known": 80, "valid": 20, "test": 20}  # drugs
FAMILIES, BITS = 12, 128
KINDS = {"Enzyme": 12, "Transporter": 8, "Target": 20, "Side Effect": 24, "Gene": 60, "Disease": 20, "Pathway": 12}
RELATIONS = ("CiG", "CeG", "CmG", "CkG", "CcG", "CaG", "CcSE", "CrC", "CuG", "CdG", "CtD", "GpPW")
VERBS = (
    "inhibits", "induces", "is broken down by", "blocks", "is carried by", "acts on", "causes", "resembles",
    "upregulates", "downregulates", "treats", "participates in",
)  # fmt: skip
OF_DRUG: Mapping[str, tuple[str, int, int]] = {  # kind of the other end, least and most edges of a drug
    "CiG": ("Enzyme", 0, 1),
    "CeG": ("Enzyme", 0, 1),
    "CmG": ("Enzyme", 1, 2),
    "CkG": ("Transporter", 0, 1),
    "CcG": ("Transporter", 0, 1),
    "CaG": ("Target", 1, 1),
    "CcSE": ("Side Effect", 1, 2),
    "CuG": ("Gene", 2, 6),
    "CdG": ("Gene", 2, 6),
    "CtD": ("Disease", 1, 3),
}
SHAPED_BY_FAMILY = 0.5  # chance that a drug takes an edge from the list of its family
TYPES = (
    "The metabolism of #Drug2 can be decreased when combined with #Drug1.",
    "The metabolism of #Drug2 can be increased when combined with #Drug1.",
    "#Drug1 may decrease the excretion rate of #Drug2.",
    "#Drug1 may increase the activities of #Drug2.",
    "The risk of adverse effects can be increased when #Drug1 is combined with #Drug2.",
    "#Drug1 may add to the activities of relatives of #Drug2.",
)
MECHANISMS: Sequence[tuple[tuple[str, bool], ...]] = (  # relations from u to v, and whether each leads backwards
    (("CiG", False), ("CmG", True)),
    (("CeG", False), ("CmG", True)),
    (("CkG", False), ("CcG", True)),
    (("CaG", False), ("CaG", True)),
    (("CcSE", False), ("CcSE", True)),
    (("CaG", False), ("CaG", True), ("CrC", False)),
)
UNDIRECTED, INDIRECT = {3, 4}, 5  # types
SHARES = {"train": 0.8, "valid S0": 0.1, "test S0": 0.1}  # of the pairs of known drugs

Triple = tuple[int, int, int]
Reason = tuple[Triple, ...]


@dataclass(frozen=True, eq=False)
class PlantedDrugs:
    """Generated drugs with their network and the reasons of their interactions.

    Attributes:
        pairs: drugs and interactions.
        network: the drugs first.
        reasons: of each pair (head, tail) the mechanisms that make it interact, each a tuple of triples.
    """

    pairs: DrugPairs
    network: BiomedicalNetwork
    reasons: Mapping[tuple[int, int], tuple[Reason, ...]]


def load_planted_drugs() -> PlantedDrugs:
    """Return the drugs of the card."""
    drugs = generate(SEED)
    require_counts(NAME, {**drugs.pairs.counts(), "entities": drugs.network.num_entities,
                          "triples": len(drugs.network.triples)})  # fmt: skip
    return drugs


def generate(seed: int) -> PlantedDrugs:
    """Generate drugs, their network, and their interactions."""
    generator = torch.Generator().manual_seed(seed)
    num_drugs = sum(GROUPS.values())
    family = torch.randint(FAMILIES, (num_drugs,), generator=generator)
    identifiers = _identifiers(num_drugs)
    triples = sorted(_draw_triples(family.tolist(), identifiers, generator), key=_order)
    reasons = find_reasons(triples, num_drugs)
    typed = _one_type(reasons, generator)
    rank = torch.randperm(num_drugs, generator=generator)
    known, valid, test = (group.sort().values for group in rank.split(list(GROUPS.values())))
    pairs = DrugPairs(
        name=NAME,
        num_types=len(TYPES),
        is_multilabel=False,
        fingerprints=_fingerprints(family, generator),
        drug_names=tuple(f"drug {drug}" for drug in range(num_drugs)),
        type_texts=TYPES,
        splits=_split(typed, known, valid, test, generator),
        known_drugs=known,
        valid_drugs=valid,
        test_drugs=test,
    )
    network = BiomedicalNetwork(NAME, RELATIONS, torch.tensor(triples), VERBS, identifiers, dict)
    listed = torch.cat(list(pairs.splits.values()))
    kept = {(u, v): tuple(reasons[u, v][kind]) for u, v, kind in listed.tolist()}
    return PlantedDrugs(pairs, network, kept)


def find_reasons(triples: Sequence[Triple], num_drugs: int) -> dict[tuple[int, int], dict[int, list[Reason]]]:
    """Return by ordered pair and type every mechanism that holds: its triples, from head to tail."""
    found: dict[tuple[int, int], dict[int, list[Reason]]] = defaultdict(lambda: defaultdict(list))
    leaving = _steps(triples)
    for kind, steps in enumerate(MECHANISMS):
        walks: list[tuple[tuple[int, ...], Reason]] = [((drug,), ()) for drug in range(num_drugs)]
        for step in steps:
            walks = [
                ((*seen, after), (*reason, triple))
                for seen, reason in walks
                for after, triple in leaving[(seen[-1], *step)]
                if after not in seen
            ]
        for seen, reason in walks:
            found[seen[0], seen[-1]][kind].append(reason)
    return found


def _steps(triples: Sequence[Triple]) -> dict[tuple[int, str, bool], list[tuple[int, Triple]]]:
    """Return where each step (entity, relation, is backwards) may lead; resembling has no direction."""
    leaving = defaultdict(list)
    for head, relation, tail in triples:
        name, triple = RELATIONS[relation], (head, relation, tail)
        leaving[head, name, False].append((tail, triple))
        leaving[tail, name, name != "CrC"].append((head, triple))
    return leaving


def _one_type(reasons: Mapping[tuple[int, int], Mapping[int, list[Reason]]], generator: torch.Generator) -> Tensor:
    """Return head, tail, type of the pairs with mechanisms of one type only, [P, 3]."""
    typed = []
    for u, v in sorted(reasons):
        forth, back = (set(reasons.get(pair, ())) for pair in ((u, v), (v, u)))
        if (forth | back) - {INDIRECT}:
            forth, back = forth - {INDIRECT}, back - {INDIRECT}
        if len(forth) == 1 and not (forth | back) & UNDIRECTED:
            typed.append((u, v, *forth))
        elif len(forth) == 1 and forth == back and u < v:
            is_swapped = bool(torch.randint(2, (), generator=generator))
            typed.append((v, u, *forth) if is_swapped else (u, v, *forth))
    return torch.tensor(typed)


def _draw_triples(families: Sequence[int], identifiers: Sequence[str], generator: torch.Generator) -> set[Triple]:
    """Draw the edges of the network; those of a drug partly from the list of its family."""

    def drawn(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=generator))

    members = {kind: [e for e, name in enumerate(identifiers) if name.startswith(f"{kind}::")] for kind in KINDS}
    habits: dict[tuple[int, str], int] = defaultdict(lambda: drawn(0, 1000))
    triples: set[Triple] = set()
    for drug, family in enumerate(families):
        for relation, (kind, least, most) in OF_DRUG.items():
            for place in range(drawn(least, most + 1)):
                is_habit = bool(torch.rand((), generator=generator) < SHAPED_BY_FAMILY)
                chosen = habits[family, f"{relation}{place}"] if is_habit else drawn(0, 1000)
                triples.add((drug, RELATIONS.index(relation), members[kind][chosen % len(members[kind])]))
    triples |= _resembling(families, drawn)
    for gene in members["Gene"] + members["Target"]:
        triples.add((gene, RELATIONS.index("GpPW"), members["Pathway"][drawn(0, KINDS["Pathway"])]))
    return triples


def _resembling(families: Sequence[int], drawn: Callable[[int, int], int]) -> set[Triple]:
    """Draw a few pairs of a family that are known to resemble one another."""
    alike = [(u, v) for u, v in permutations(range(len(families)), 2) if u < v and families[u] == families[v]]
    return {(u, RELATIONS.index("CrC"), v) for u, v in alike if drawn(0, 5) == 0}


def _identifiers(num_drugs: int) -> tuple[str, ...]:
    others = (f"{kind}::{kind.lower()} {number}" for kind, count in KINDS.items() for number in range(count))
    return (*(f"Compound::drug {drug}" for drug in range(num_drugs)), *others)


def _fingerprints(family: Tensor, generator: torch.Generator) -> Tensor:
    """Return the bits of each drug: those of its family, a fifth of them drawn anew."""
    common = torch.randint(2, (FAMILIES, BITS), generator=generator)[family]
    own = torch.randint(2, common.shape, generator=generator)
    return torch.where(torch.rand(common.shape, generator=generator) < 0.2, own, common).to(torch.uint8)


def _split(typed: Tensor, known: Tensor, valid: Tensor, test: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Part pairs by who is known, as the split of DrugBank does."""
    typed = typed[torch.randperm(len(typed), generator=generator)]
    num_known, num_valid, num_test = (torch.isin(typed[:, :2], group).sum(1) for group in (known, valid, test))
    both = typed[num_known == 2]
    first, second = (int(len(both) * share) for share in (SHARES["train"], SHARES["train"] + SHARES["valid S0"]))
    parts = {"train": both[:first], "valid S0": both[first:second], "test S0": both[second:]}
    for name, emerging in (("valid", num_valid), ("test", num_test)):
        parts |= {f"{name} S1": typed[(emerging == 1) & (num_known == 1)], f"{name} S2": typed[emerging == 2]}
    return {split: parts[split] for split in SPLITS}


def _order(triple: Triple) -> Triple:
    head, relation, tail = triple
    return relation, head, tail
