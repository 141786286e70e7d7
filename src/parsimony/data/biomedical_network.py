"""The biomedical network: Hetionet v1.0 without biological processes, from files that can be had (section 6).

`load_assembled_network` puts it together from the sources of Hetionet and from samples of it: 1,096,165 of its
1,690,693 edges, each of them an edge of version 1.0, under a digest. `load_hetionet` reads the whole version from its
own file, 12 MB, for readers with a network. Both number entities as the splits of DrugBank do: the drugs first.

A triple (head, relation, tail) stands once; of undirected relations the end whose identifier comes first is the head.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parsimony.data import hetionet_samples, hetionet_sources, protein_interactions
from parsimony.data.cards import require_counts
from parsimony.data.drug_descriptions import load_descriptions
from parsimony.data.hetionet_samples import RELATIONS, Edge, interchange_edges, json_object, sampled_edges
from parsimony.data.hetionet_sources import source_edges, table_rows
from parsimony.data.molecule_tables import unpacked
from parsimony.data.raw_text import Raw, registered
from parsimony.data.registry import DataError, cache_folder, entry
from parsimony.paths import write_bytes_atomically

NAME, WHOLE = "Biomedical-network", "Hetionet"
FOLDER = "drug-interactions"
NODES, DRUGS, ENTITIES = (f"{FOLDER}/{path}" for path in ("hetionet/nodes.tsv", "drugbank/node2id.json",
                                                          "drugbank/entity_drug.json"))  # fmt: skip
VERSION_1 = f"{FOLDER}/hetionet/hetionet-v1.0-edges.sif.gz"
NUMBERS = (NODES, DRUGS, ENTITIES)
FILES = (*NUMBERS, *hetionet_sources.FILES, *protein_interactions.FILES, *hetionet_samples.FILES)

NUM_ENTITIES, NUM_DRUGS = 34124, 1710
FIRST_RELATION = 86  # number of the first relation in the lines under the digest, behind the types of DrugBank
SHA256 = "1f829fb6c0367e0461eae27c19cf9bd087317488c315de37a1c354bbae86fd0c"
UNDIRECTED = frozenset(("GiG", "GcG", "CrC", "DrD"))
VERBS = (
    "interacts with", "resembles", "downregulates", "presents", "localizes to", "treats", "binds", "upregulates",
    "resembles", "is associated with", "palliates", "downregulates", "upregulates", "covaries with",
    "participates in", "includes", "participates in", "regulates", "downregulates", "upregulates",
    "participates in", "causes", "expresses",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class BiomedicalNetwork:
    """Entities and how they relate.

    Attributes:
        name: of the data set.
        relations: abbreviations, such as "CbG", in the order of their numbers.
        triples: head, relation, tail, sorted by (relation, head, tail), [T, 3].
        verbs: what each relation says of head and tail, such as "binds".
        identifiers: "Gene::1565", one an entity.
        read_names: reads the names of identifiers that have one.
    """

    name: str
    relations: tuple[str, ...]
    triples: Tensor
    verbs: tuple[str, ...]
    identifiers: tuple[str, ...]
    read_names: Callable[[], Mapping[str, str]]

    @property
    def num_entities(self) -> int:
        """Number of entities, those without an edge included."""
        return len(self.identifiers)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for people of every entity; where none is known, its identifier without the kind."""
        known = self.read_names()
        return tuple(known.get(one) or one.partition("::")[2] for one in self.identifiers)

    def kind(self, entity: int) -> str:
        """Return "Compound", "Gene", "Disease" and so on."""
        return self.identifiers[entity].partition("::")[0]

    def counts(self) -> dict[str, int]:
        """Return the numbers of a data card: entities, relations, triples, and triples of each relation."""
        each = torch.bincount(self.triples[:, 1], minlength=len(self.relations)).tolist()
        whole = {"entities": self.num_entities, "relations": len(self.relations), "triples": len(self.triples)}
        return whole | dict(zip(self.relations, each, strict=True))


def load_assembled_network() -> BiomedicalNetwork:
    """Return the network put together from sources and samples; the first time takes about 10 seconds.

    Raises:
        DataError: if a file is missing, damaged or malformed, or if other triples come out.
    """
    identifiers = read_identifiers()
    triples = _cached(identifiers)
    network = BiomedicalNetwork(NAME, RELATIONS, torch.from_numpy(triples).long(), VERBS, identifiers, read_names)
    require_counts(NAME, network.counts())
    return network


def load_hetionet() -> BiomedicalNetwork:
    """Return all of Hetionet v1.0 but biological processes; its file is fetched over the network.

    Raises:
        DataError: if the file cannot be had, or a relation has another number of edges than published.
    """
    identifiers = read_identifiers()
    edges = interchange_edges(unpacked(registered(VERSION_1)), frozenset(RELATIONS))
    triples = torch.from_numpy(number_edges(edges, identifiers, _nodes(registered(NODES))))
    network = BiomedicalNetwork(WHOLE, RELATIONS, triples, VERBS, identifiers, read_names)
    require_counts(WHOLE, network.counts())
    return network


def read_identifiers() -> tuple[str, ...]:
    """Return the identifier of every entity, 1,710 drugs first.

    Raises:
        DataError: if the numbers are not 0 to 34,123, each once.
    """
    drugs = {f"Compound::{name}": number for name, number in json_object(registered(DRUGS)).items()}
    named = drugs | json_object(registered(ENTITIES))
    if sorted(named.values()) != list(range(NUM_ENTITIES)):
        raise DataError(f"{DRUGS} and {ENTITIES} number {len(named)} entities; expected 0 to {NUM_ENTITIES - 1}.")
    return tuple(sorted(named, key=named.__getitem__))


def read_names() -> dict[str, str]:
    """Return the names of identifiers: those of Hetionet, and of other drugs those of DrugBank."""
    names = {f"Compound::{drug}": known.name for drug, known in load_descriptions().items()}
    return names | {row["id"]: row["name"] for _, row in table_rows(registered(NODES), ("id", "name"))}


def number_edges(edges: Iterable[Edge], identifiers: Sequence[str], nodes: frozenset[str]) -> NDArray:
    """Return triples of numbers, each once, sorted by (relation, head, tail), [T, 3] in int64.

    Args:
        edges: as the files name them; those with an end that is no node are left out.
        identifiers: of the entities, in the order of their numbers.
        nodes: of Hetionet.

    Raises:
        DataError: if a node has no number.
    """
    number = {name: place for place, name in enumerate(identifiers)}
    relation = {name: place for place, name in enumerate(RELATIONS)}
    found = set()
    for metaedge, head, tail in edges:
        if head in nodes and tail in nodes:
            if metaedge in UNDIRECTED and head >= tail:
                if head == tail:
                    continue
                head, tail = tail, head
            found.add((relation[metaedge], head, tail))
    try:
        rows = [(kind, number[head], number[tail]) for kind, head, tail in found]
    except KeyError as error:
        raise DataError(f"{error.args[0]} has no number in {ENTITIES}; fetch both files again.") from None
    return np.array(sorted(rows), np.int64).reshape(-1, 3)[:, [1, 0, 2]]


def digest(triples: NDArray) -> str:
    """Return the SHA-256 of lines "head TAB tail TAB relation", relations numbered behind the types of DrugBank."""
    lines = (f"{head}\t{tail}\t{relation + FIRST_RELATION}\n" for head, relation, tail in triples.tolist())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cached(identifiers: Sequence[str]) -> NDArray:
    """Return the triples from the cache; assemble them if it lacks them."""
    digests = [entry(name).sha256 for name in FILES]
    key = hashlib.sha256("\n".join([SHA256, *digests]).encode()).hexdigest()[:16]
    path = cache_folder() / "parsed" / f"{NAME}-{key}.npz"
    triples = read_triples(path)
    if triples is None:
        triples = _assemble(identifiers)
        with suppress(OSError):  # a cache that cannot be written costs seconds at the next start, nothing else
            write_triples(path, triples)
    return triples


def _assemble(identifiers: Sequence[str]) -> NDArray:
    def edges() -> Iterable[Edge]:
        yield from source_edges()
        yield from sampled_edges()

    triples = number_edges(edges(), identifiers, _nodes(registered(NODES)))
    if (found := digest(triples)) != SHA256:
        raise DataError(f"{len(triples)} triples with SHA-256 {found} come out; expected {SHA256}. Fetch files again.")
    return triples.astype(np.int32)


def _nodes(raw: Raw) -> frozenset[str]:
    return frozenset(row["id"] for _, row in table_rows(raw, ("id", "name", "kind")))


def read_triples(path: Path) -> NDArray | None:
    """Return the triples of a file; None if it is missing, damaged or of another kind."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            triples = stored["triples"]
    except Exception:  # a damaged archive fails in a dozen ways, and whatever the way, the network is assembled anew
        return None
    return triples if triples.ndim == 2 and triples.shape[1] == 3 else None


def write_triples(path: Path, triples: NDArray) -> None:
    """Write triples so that no reader sees half of them."""
    stream = io.BytesIO()
    np.savez_compressed(stream, triples=triples)
    write_bytes_atomically(path, stream.getvalue())
