"""Edges of Hetionet that stand in samples of it: of its repository, and of the splits of EmerGNN.

The repository kept at most 5,000 edges of each metaedge at four states on the way to version 1.0. All samples of that
version count; of the earlier ones those metaedges whose number of edges changed no more. The splits of TWOSIDES hold
every edge of the drugs that a seed holds out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from parsimony.data.molecule_tables import unpacked
from parsimony.data.raw_text import Raw, field_lines, number_of, registered, whole_number
from parsimony.data.registry import DataError

GROUP = "drug-interactions"
RELATIONS = (
    "GiG", "CrC", "DdG", "DpS", "DlA", "CtD", "CbG", "CuG", "DrD", "DaG", "CpD", "AdG", "AuG", "GcG", "GpMF", "PCiC",
    "GpCC", "Gr>G", "CdG", "DuG", "GpPW", "CcSE", "AeG",
)  # fmt: skip
FINAL = f"{GROUP}/hetionet/edges-5k-470bd40.sif.gz"
EARLIER = tuple(f"{GROUP}/hetionet/edges-5k-{commit}.sif.gz" for commit in ("0f2ef74", "d3c5ab4", "f076854"))
UNCHANGED = frozenset(RELATIONS) - {"DdG", "CbG", "CuG", "PCiC", "Gr>G", "CdG", "DuG", "GpPW"}  # of the earlier states
TWOSIDES_SEEDS = (1, 12, 123, 1234, 12345)
TWOSIDES_RELATIONS = 200  # types of interaction, before the relations of the network
TWOSIDES_GRAPHS = tuple(
    f"{GROUP}/twosides/S1_{seed}/{split}_KG.txt" for seed in TWOSIDES_SEEDS for split in ("valid", "test")
)
TWOSIDES_ENTITIES, TWOSIDES_DRUGS = f"{GROUP}/twosides/entity2id.json", f"{GROUP}/twosides/id2drug.json"
FILES = (FINAL, *EARLIER, *TWOSIDES_GRAPHS, TWOSIDES_ENTITIES, TWOSIDES_DRUGS)

Edge = tuple[str, str, str]


def sampled_edges() -> Iterator[Edge]:
    """Yield the edges of the samples, repeated ones too.

    Raises:
        DataError: if a file is missing, damaged or malformed.
    """
    yield from interchange_edges(unpacked(registered(FINAL)), frozenset(RELATIONS))
    for name in EARLIER:
        yield from interchange_edges(unpacked(registered(name)), UNCHANGED)
    names = split_names(registered(TWOSIDES_ENTITIES), registered(TWOSIDES_DRUGS))
    for name in TWOSIDES_GRAPHS:
        yield from split_edges(registered(name), names)


def interchange_edges(raw: Raw, metaedges: frozenset[str]) -> Iterator[Edge]:
    """Yield the edges of a simple interchange file (source, metaedge, target) of some metaedges."""
    for _, (head, metaedge, tail) in field_lines(raw, "\t", "source,metaedge,target", header="source"):
        if metaedge in metaedges:
            yield metaedge, _titled(head), _titled(tail)


def split_names(entities: Raw, drugs: Raw) -> dict[int, str]:
    """Return the name of every entity of TWOSIDES by its number; drugs without a DrugBank number have none."""
    names = {number: name for name, number in json_object(entities).items()}
    found = {int(number): one.get("db") for number, one in json_object(drugs).items()}
    return names | {number: f"Compound::{name}" for number, name in found.items() if name}


def split_edges(raw: Raw, names: Mapping[int, str]) -> Iterator[Edge]:
    """Yield the edges of a file (head, tail, relation) whose ends have names."""
    relation_of = {str(TWOSIDES_RELATIONS + place): name for place, name in enumerate(RELATIONS)}
    numbers = {key: place for place, key in enumerate(relation_of)}
    for place, (head, tail, relation) in field_lines(raw, "\t", "head,tail,relation"):
        metaedge = RELATIONS[number_of(relation, numbers, place, "the relations of TWOSIDES")]
        ends = [names.get(whole_number(one, place, "entity")) for one in (head, tail)]
        if all(ends):
            yield metaedge, *ends


def json_object(raw: Raw) -> dict:
    """Return a JSON object.

    Raises:
        DataError: if it is something else.
    """
    try:
        read = json.loads(raw.content)
    except ValueError as error:
        raise DataError(f"{raw.label} is no JSON text ({error}); fetch it again.") from error
    if not isinstance(read, dict):
        raise DataError(f"{raw.label}, line 1: expected a JSON object, {type(read).__name__} found; fetch it again.")
    return read


def _titled(node: str) -> str:
    """Write the kind of a node with capitals, as version 1.0 does."""
    kind, _, identifier = node.partition("::")
    return f"{kind.title()}::{identifier}"
