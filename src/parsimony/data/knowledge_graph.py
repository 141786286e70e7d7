"""Knowledge graphs: from raw files to frozen triples of indices, with counts checked against the data cards.

Entity and relation indices follow the first appearance in train, valid, test (facts before train where a graph has
them), so they come from the union of the splits and evaluation triples with unseen entities are kept, as in the
papers. Graphs with name lists take their order from the lists. Repeated triples of a split count once.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import torch
from torch import Tensor

from parsimony.data.cards import Card, card
from parsimony.data.registry import DataError, entry, fetch

SPLITS = ("train", "valid", "test")
Names = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class KnowledgeGraph:
    """Triples (head, relation, tail) of a graph, as indices.

    Attributes:
        name: of the data set.
        entities: names, in the order of their indices.
        relations: names, in the order of their indices; inverse relations follow as m, m + 1, ...
        train: training triples, [N, 3].
        valid: validation triples, [N, 3].
        test: test triples, [N, 3].
        facts: triples that only carry messages, [N, 3]; empty where a data set makes no such difference.
    """

    name: str
    entities: tuple[str, ...]
    relations: tuple[str, ...]
    train: Tensor
    valid: Tensor
    test: Tensor
    facts: Tensor

    def all_triples(self) -> Tensor:
        """Return the triples of every split, [N, 3]: what a filtered rank takes as known."""
        return torch.cat([self.facts, self.train, self.valid, self.test])


@dataclass(frozen=True, eq=False)
class InductivePair:
    """A graph to learn from and a graph of other entities, with the same relations, to answer on."""

    training: KnowledgeGraph
    inductive: KnowledgeGraph


def with_inverses(triples: Tensor, num_relations: int) -> Tensor:
    """Append to each triple (h, r, t) of [N, 3] its inverse (t, r + m, h); all originals first, [2 N, 3]."""
    inverse = torch.stack([triples[:, 2], triples[:, 1] + num_relations, triples[:, 0]], dim=1)
    return torch.cat([triples, inverse])


def load_knowledge_graph(name: str) -> KnowledgeGraph:
    """Load a graph and check its counts.

    Args:
        name: UMLS, Kinships, Nations, WN18RR, FB15k-237, family, umls or WN18RR-facts.

    Raises:
        DataError: if the name is not known, a file is missing or damaged, or a count is not the card's.
    """
    asked = card(name)
    if asked.kind != "knowledge graph":
        raise DataError(f"{name} is an {asked.kind}; load it with load_inductive_pair.")
    splits, lists = _read_card(asked)
    return _checked(_index(name, splits, *lists), asked.counts)


def load_inductive_pair(name: str) -> InductivePair:
    """Load a graph and its inductive twin; relation indices are the training graph's.

    Raises:
        DataError: as `load_knowledge_graph`, or if the twin names a relation that the graph lacks.
    """
    asked = card(name)
    if asked.kind != "inductive pair":
        raise DataError(f"{name} is a {asked.kind}; load it with load_knowledge_graph.")
    files = {one.removeprefix("knowledge-graphs/"): _registered(one) for one in asked.files}
    relations = _read_names(*files[f"{name}/relations.txt"])
    training, inductive = (
        _index(
            folder,
            {split: read_triples(*files[f"{folder}/{split}.txt"]) for split in SPLITS},
            _read_names(*files[f"{folder}/entities.txt"]),
            relations,
        )
        for folder in (name, f"{name}_ind")
    )
    twin = {k.removeprefix("inductive "): n for k, n in asked.counts.items() if k.startswith("inductive ")}
    return InductivePair(_checked(training, asked.counts), _checked(inductive, twin))


def _read_card(asked: Card) -> tuple[dict[str, list[Names]], tuple[Sequence[str], Sequence[str]]]:
    """Return the triples of each split as names, and the name lists (empty where there are none)."""
    if asked.layout == "archive":
        content, label = _registered(asked.files[0])
        members = read_archive(content, label)
        return {
            split: read_triples(_member(members, f"{split}.txt", label), f"{label}:{split}.txt") for split in SPLITS
        }, ((), ())
    files = {PurePosixPath(one).stem: _registered(one) for one in asked.files}
    splits = {split: read_triples(*files[split]) for split in ("facts", *SPLITS) if split in files}
    lists = tuple(_read_names(*files[key]) if key in files else () for key in ("entities", "relations"))
    return splits, lists


def _registered(name: str) -> tuple[bytes, str]:
    """Return content and label of a registered file."""
    return fetch(entry(name)).read_bytes(), name


def _member(members: Mapping[str, bytes], name: str, label: str) -> bytes:
    if name not in members:
        raise DataError(f"{label} holds {', '.join(sorted(members)) or 'nothing'}; expected {name}. Fetch it again.")
    return members[name]


def read_archive(content: bytes, label: str) -> dict[str, bytes]:
    """Read the regular files of a .tar.gz into memory; nothing is written to the disk.

    Args:
        content: the archive.
        label: name for messages.

    Raises:
        DataError: if it is truncated, or holds a link or a path that leaves its folder.
    """
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
                    raise DataError(f"{label} holds {member.name!r}, a path or link that leaves the archive; not read.")
                if member.isfile():
                    found[path.as_posix()] = archive.extractfile(member).read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(
            f"{label} is truncated or no .tar.gz archive ({error}); delete it and fetch it again."
        ) from error
    return found


def read_triples(content: bytes, label: str) -> list[Names]:
    """Read tab-separated heads, relations and tails.

    Raises:
        DataError: with file, line number and reason, at the first line that is no triple.
    """
    triples = []
    for number, line in enumerate(_lines(content, label), start=1):
        fields = tuple(line.split("\t"))
        if len(fields) != 3 or not all(field.strip() for field in fields):
            raise DataError(
                f"{label}, line {number}: {line[:80]!r} has {len(fields)} fields; "
                "expected head, relation and tail, separated by tabs, none of them empty."
            )
        triples.append(fields)
    return triples


def _read_names(content: bytes, label: str) -> list[str]:
    """Read one name a line; a number after it, as in the inductive sets, repeats the line's position."""
    return [line.split("\t")[0].split(" ")[0] for line in _lines(content, label)]


def _lines(content: bytes, label: str) -> list[str]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{label} is not UTF-8 text ({error}); fetch it again.") from error
    return text.removesuffix("\n").splitlines()


def _index(
    name: str, splits: Mapping[str, list[Names]], entities: Sequence[str], relations: Sequence[str]
) -> KnowledgeGraph:
    """Turn names into indices."""
    triples = [triple for part in splits.values() for triple in part]
    entity_of = _numbered(entities, (end for triple in triples for end in (triple[0], triple[2])))
    relation_of = _numbered(relations, (triple[1] for triple in triples))
    tensors = {
        split: torch.tensor(
            [[entity_of[h], relation_of[r], entity_of[t]] for h, r, t in dict.fromkeys(part)], dtype=torch.long
        ).view(-1, 3)
        for split, part in splits.items()
    }
    tensors.setdefault("facts", torch.empty(0, 3, dtype=torch.long))
    return KnowledgeGraph(name, tuple(entity_of), tuple(relation_of), **tensors)


def _numbered(listed: Sequence[str], named: Iterable[str]) -> dict[str, int]:
    """Number names: those listed first, in their order, then the others as they appear."""
    order = dict.fromkeys(listed)
    order.update(dict.fromkeys(named))
    return {name: number for number, name in enumerate(order)}


def _checked(graph: KnowledgeGraph, expected: Mapping[str, int]) -> KnowledgeGraph:
    found = {key: len(getattr(graph, key)) for key in ("entities", "relations", "facts", *SPLITS)}
    wrong = [
        f"{found[key]} {key}, expected {expected[key]}"
        for key in found
        if key in expected and found[key] != expected[key]
    ]
    if wrong:
        raise DataError(f"{graph.name} has {'; '.join(wrong)}: the files are not those that the papers used.")
    return graph
