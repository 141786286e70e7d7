"""Loaders: counts, indices, and files that are not what they should be."""

import io
import os
import tarfile

import pytest
import torch

from parsimony.data.cards import DATASETS
from parsimony.data.knowledge_graph import (
    load_inductive_pair,
    load_knowledge_graph,
    read_archive,
    read_triples,
    with_inverses,
)
from parsimony.data.registry import DataError

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
EMBEDDED = [name for name, card in DATASETS.items() if card.profile == "quick" and card.kind == "knowledge graph"]
FETCHED = [name for name, card in DATASETS.items() if card.profile == "paper" and card.kind == "knowledge graph"]
PAIRS = [name for name, card in DATASETS.items() if card.kind == "inductive pair"]


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_graphs_have_the_counts_of_the_papers(name: str) -> None:
    """Entities, relations and triples of each split are those of the data card."""
    graph = load_knowledge_graph(name)
    triples = graph.all_triples()
    found = {"entities": triples[:, [0, 2]].unique().numel(), "relations": triples[:, 1].unique().numel()}
    found |= {split: len(getattr(graph, split)) for split in ("train", "valid", "test")}
    assert DATASETS[name].counts == found


@needs_mirror
@pytest.mark.parametrize("name", FETCHED)
def test_fetched_graphs_have_the_counts_of_the_papers(name: str) -> None:
    """The loader itself compares every count with the card and stops at a difference."""
    assert DATASETS[name].counts["entities"] == len(load_knowledge_graph(name).entities)


@needs_mirror
@pytest.mark.parametrize("name", PAIRS)
def test_inductive_pairs_share_relations_only(name: str) -> None:
    """The twin has the relations of the training graph in its order, and other entities."""
    pair = load_inductive_pair(name)
    assert pair.training.relations == pair.inductive.relations
    assert set() == set(pair.training.entities) & set(pair.inductive.entities)


@needs_mirror
def test_unseen_entities_of_wn18rr_are_kept() -> None:
    """210 validation and 210 test triples name an entity that no training triple names."""
    graph = load_knowledge_graph("WN18RR")
    seen = torch.zeros(len(graph.entities), dtype=torch.bool)
    seen[graph.train[:, [0, 2]].flatten()] = True
    assert [210, 210] == [int((~seen[split[:, [0, 2]]]).any(1).sum()) for split in (graph.valid, graph.test)]


@needs_mirror
def test_facts_and_train_make_up_wn18rr() -> None:
    """The two parts of the split graph are together the training triples of the whole one, by name."""
    whole, parts = load_knowledge_graph("WN18RR"), load_knowledge_graph("WN18RR-facts")

    def named(graph, triples):
        return {(graph.entities[h], graph.relations[r], graph.entities[t]) for h, r, t in triples.tolist()}

    assert named(whole, whole.train) == named(parts, torch.cat([parts.facts, parts.train]))


@needs_mirror
def test_the_quarter_of_yago_is_all_training_triples() -> None:
    """No part of it only carries messages; its note says that nothing on it compares with the paper's table."""
    graph = load_knowledge_graph("YAGO3-10-quarter")
    assert (0, 269760) == (len(graph.facts), len(graph.train))
    assert "compares with Table 6" in DATASETS["YAGO3-10-quarter"].note


def test_inverses_by_hand() -> None:
    """(3, 1, 5) of 4 relations becomes (5, 5, 3) behind the originals."""
    assert [[3, 1, 5], [5, 5, 3]] == with_inverses(torch.tensor([[3, 1, 5]]), 4).tolist()


@pytest.mark.parametrize("line", ["a\tb", "a\tb\tc\td", "a\t\tc", ""])
def test_a_malformed_row_is_named(line: str) -> None:
    """File, line number and reason stand in the message."""
    with pytest.raises(DataError, match=r"train\.txt, line 2: .* expected head, relation and tail"):
        read_triples(f"h\tr\tt\n{line}\nh\tr\tt\n".encode(), "train.txt")


def test_bytes_that_are_no_text_are_named() -> None:
    """A file that is not UTF-8 is refused."""
    with pytest.raises(DataError, match="not UTF-8"):
        read_triples(b"\xff\xfe\tr\tt\n", "train.txt")


def archive_of(name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        member.size = 3 if kind == tarfile.REGTYPE else 0
        archive.addfile(member, io.BytesIO(b"abc"))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../train.txt", tarfile.REGTYPE), ("/train.txt", tarfile.REGTYPE), ("train.txt", tarfile.SYMTYPE)],
)
def test_an_archive_that_climbs_out_is_refused(name: str, kind: bytes) -> None:
    """Parent folders, absolute paths and links are not read."""
    with pytest.raises(DataError, match="leaves the archive"):
        read_archive(archive_of(name, kind), "graph.tar.gz")


def test_a_truncated_archive_is_refused() -> None:
    """Half an archive is named as such."""
    whole = archive_of("train.txt")
    assert {"train.txt": b"abc"} == read_archive(whole, "graph.tar.gz")
    with pytest.raises(DataError, match="truncated"):
        read_archive(whole[: len(whole) // 2], "graph.tar.gz")


@pytest.mark.parametrize("load", [load_knowledge_graph, load_inductive_pair])
def test_an_unknown_data_set_names_the_known_ones(load) -> None:
    """The message lists what can be loaded."""
    with pytest.raises(DataError, match="known are UMLS"):
        load("umls2")
