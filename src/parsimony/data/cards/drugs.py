"""Cards of drug interactions and of the biomedical network that explains them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from parsimony.data import hetionet_samples, hetionet_sources, protein_interactions
from parsimony.data.cards.dataset_card import Card
from parsimony.data.hetionet_samples import RELATIONS, TWOSIDES_SEEDS


def _drugs(name: str, layout: str, files: tuple[str, ...], counts: Mapping[str, int], note: str) -> Card:
    kind = "biomedical network" if layout in ("assembled", "whole") else "drug interactions"
    paths = tuple(f"drug-interactions/{path}" for path in files)
    return Card(name, kind, layout, paths, MappingProxyType(dict(counts)), "paper" if files else "quick", note)


def _network_counts(sizes: tuple[int, ...]) -> dict[str, int]:
    each = dict(zip(RELATIONS, sizes, strict=True))
    return {"entities": 34124, "relations": 23, "triples": sum(sizes), **each}


def _interaction_counts(drugs: tuple[int, int, int], types: int) -> dict[str, int]:
    groups = dict(zip(("known drugs", "validation drugs", "test drugs"), drugs, strict=True))
    return {"drugs": sum(drugs), **groups, "types": types}


_ASSEMBLED_EDGES = (
    147164, 6468, 5000, 3357, 3602, 755, 11571, 7129, 543, 12623, 390, 102240, 97848, 17771, 18538, 1029, 18125, 30750,
    7633, 5000, 84372, 138944, 375313,
)  # fmt: skip
_HETIONET_EDGES = (
    147164, 6486, 7623, 3357, 3602, 755, 11571, 18756, 543, 12623, 390, 102240, 97848, 61690, 97222, 1029, 73566,
    265672, 21102, 7731, 84372, 138944, 526407,
)  # fmt: skip
_ENTITY_NUMBERS = ("hetionet/nodes.tsv", "drugbank/node2id.json", "drugbank/entity_drug.json")
_DESCRIPTIONS = "sources/drugbank-descriptions.tsv"
_SOURCES = (*hetionet_sources.FILES, *protein_interactions.FILES, *hetionet_samples.FILES)
_NETWORK = (*_ENTITY_NUMBERS, *(name.removeprefix("drug-interactions/") for name in _SOURCES))
_DRUGBANK = (
    "drugbank/random/train.txt",
    *(f"drugbank/random/{split}_{setting}.txt" for split in ("valid", "test") for setting in ("S0", "S1", "S2")),
    *(f"drugbank/random/{split}_set.txt" for split in ("train", "valid", "test")),
    "drugbank/id2smiles.json",
    "drugbank/relation2id.json",
)
_TWOSIDES = (
    "twosides/S0/valid_ddi.txt",
    *(f"twosides/S1_{seed}/valid_ddi.txt" for seed in TWOSIDES_SEEDS),
    *(f"twosides/S2_{seed}/{split}_ddi.txt" for seed in TWOSIDES_SEEDS for split in ("valid", "test")),
    "twosides/id2relation.json",
)

CARDS = (
    _drugs(
        "Biomedical-network",
        "assembled",
        (*_NETWORK, _DESCRIPTIONS),
        _network_counts(_ASSEMBLED_EDGES),
        "Hetionet v1.0 without biological processes, 65 % of its edges: put together from its sources and from "
        "samples of it. Every edge is one of Hetionet, and the whole stands under a digest.",
    ),
    _drugs(
        "Hetionet",
        "whole",
        (*_ENTITY_NUMBERS, _DESCRIPTIONS, "hetionet/hetionet-v1.0-edges.sif.gz"),
        _network_counts(_HETIONET_EDGES),
        "All of Hetionet v1.0 but biological processes, as EmerGNN uses it; no run of this book does.",
    ),
    _drugs(
        "DrugBank",
        "splits",
        (*_DRUGBANK, *_NETWORK, _DESCRIPTIONS),
        {
            **_interaction_counts((1367, 170, 173), 86),
            **{"train": 99283, "valid S0": 12410, "valid S1": 28823, "valid S2": 1606},
            **{"test S0": 12411, "test S1": 31984, "test S2": 1992},
        },
        "The random split of DDI-Bench with the assembled network, not the split of EmerGNN's paper: results compare "
        "with the published ones in trend only. In S1 one drug of a pair is new, in S2 both are.",
    ),
    _drugs(
        "Planted-drugs",
        "generated",
        (),
        {
            **_interaction_counts((80, 20, 20), 6),
            **{"train": 1048, "valid S0": 131, "valid S1": 721, "valid S2": 82},
            **{"test S0": 132, "test S1": 656, "test S2": 78},
            **{"entities": 276, "triples": 2045},
        },
        "Generated: interactions follow from mechanisms planted in a network, such as an enzyme that one drug inhibits "
        "and another needs, so explanations can be checked.",
    ),
    _drugs(
        "TWOSIDES",
        "partial",
        (*_TWOSIDES, *_NETWORK, _DESCRIPTIONS),
        {**_interaction_counts((514, 30, 60), 200), "pooled pairs": 18669},
        "Side effects of pairs, the five splits of EmerGNN's authors as far as they can be had: 45 % of all pairs. S2 "
        "test files are whole; training pairs and S1 test pairs are taken from the pool.",
    ),
)
