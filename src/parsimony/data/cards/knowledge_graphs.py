"""Cards of knowledge graphs: whole ones, inductive pairs, and one that is generated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from parsimony.data.cards.dataset_card import Card


def _counts(entities: int, relations: int, train: int, valid: int, test: int, facts: int = 0) -> Mapping[str, int]:
    counts = {"entities": entities, "relations": relations, "train": train, "valid": valid, "test": test}
    return MappingProxyType({**counts, "facts": facts} if facts else counts)


def _embedded(name: str, folder: str, counts: Mapping[str, int], note: str) -> Card:
    files = tuple(f"embedded/pykeen/datasets/{folder}/{split}.txt" for split in ("train", "valid", "test"))
    return Card(name, "knowledge graph", "splits", files, counts, "quick", note)


def _archive(name: str, counts: Mapping[str, int], note: str) -> Card:
    files = (f"knowledge-graphs/{name}.tar.gz",)
    return Card(name, "knowledge graph", "archive", files, counts, "paper", note)


def _facts(name: str, folder: str, counts: Mapping[str, int], note: str) -> Card:
    parts = ("entities", "relations", *(["facts"] if "facts" in counts else []), "train", "valid", "test")
    files = tuple(f"knowledge-graphs/{folder}/{part}.txt" for part in parts)
    return Card(name, "knowledge graph", "facts", files, counts, "paper", note)


def _inductive(name: str, counts: Mapping[str, int]) -> Card:
    parts = ("entities", "relations", "train", "valid", "test")
    files = tuple(f"knowledge-graphs/{folder}/{part}.txt" for folder in (name, f"{name}_ind") for part in parts)
    note = "Inductive pair of GraIL: the entities of the test graph are all new, the relations are not."
    return Card(name, "inductive pair", "inductive", files, counts, "paper", note)


def _pair_counts(training: Mapping[str, int], inductive: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({**training, **{f"inductive {key}": value for key, value in inductive.items()}})


CARDS = (
    _embedded("UMLS", "umls", _counts(135, 46, 5216, 652, 661), "Biomedical types and how they relate."),
    _embedded("Kinships", "kinships", _counts(104, 25, 8544, 1068, 1074), "Kin terms of the Alyawarra."),
    _embedded("Nations", "nations", _counts(14, 55, 1592, 199, 201), "Relations between 14 nations in 1950 to 1965."),
    _archive(
        "WN18RR",
        _counts(40943, 11, 86835, 3034, 3134),
        "Some evaluation triples name an entity that no training triple names; all papers keep them.",
    ),
    _archive(
        "FB15k-237",
        _counts(14541, 237, 272115, 17535, 20466),
        "Some evaluation triples name an entity that no training triple names; all papers keep them.",
    ),
    _facts(
        "family",
        "family",
        _counts(3007, 12, 5868, 2038, 2835, 17615),
        "Training triples in two parts, facts and train.",
    ),
    _facts("umls", "umls", _counts(135, 46, 1321, 569, 633, 4006), "RED-GNN's split; not the split of UMLS above."),
    _facts(
        "WN18RR-facts",
        "WN18RR",
        _counts(40943, 11, 21705, 3034, 3134, 65130),
        "WN18RR with its training triples split 3:1 into facts and train.",
    ),
    _facts(
        "YAGO3-10-quarter",
        "YAGO3-10-quarter",
        _counts(123188, 37, 269760, 5000, 5000),
        "A quarter of the training triples of YAGO3-10, all that could be had: no result on it compares with Table 6. "
        "Runs part them 3:1 by their seed.",
    ),
    _inductive("WN18RR_v1", _pair_counts(_counts(2746, 9, 5410, 630, 638), _counts(922, 9, 1618, 185, 188))),
    _inductive("fb237_v1", _pair_counts(_counts(1594, 180, 4245, 489, 492), _counts(1093, 180, 1993, 206, 205))),
    _inductive("nell_v1", _pair_counts(_counts(3103, 14, 4687, 414, 439), _counts(225, 14, 833, 101, 100))),
    Card(
        "Family-trees",
        "generated graph",
        "generated",
        (),
        _counts(259, 12, 512, 256, 514, 2388),
        "quick",
        "Generated: kin of five generations; parents and marriages are known, all else follows from them by rules.",
    ),
)
