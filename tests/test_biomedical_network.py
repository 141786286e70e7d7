"""The biomedical network: each source by hand, malformed rows, the cache, and the digest of the whole."""

import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from parsimony.data import biomedical_network
from parsimony.data.biomedical_network import (
    FILES,
    RELATIONS,
    BiomedicalNetwork,
    digest,
    load_assembled_network,
    load_hetionet,
    number_edges,
    read_triples,
    write_triples,
)
from parsimony.data.cards import card
from parsimony.data.drug_descriptions import FILE, Description, read_descriptions
from parsimony.data.drug_interactions import load_drugbank
from parsimony.data.hetionet_samples import UNCHANGED, interchange_edges, json_object, split_edges, split_names
from parsimony.data.hetionet_sources import (
    class_edges,
    expression_edges,
    pair_edges,
    pathway_edges,
    perturbation_edges,
    side_effect_edges,
    treatment_edges,
)
from parsimony.data.molecule_tables import unpacked
from parsimony.data.protein_interactions import database_pairs, gene_of_code, interactome_pairs, screen_pairs
from parsimony.data.raw_text import Raw
from parsimony.data.registry import DataError
from parsimony.data.twosides import load_twosides_network, renumbered
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)


def raw(*rows: str, label: str = "file.tsv") -> Raw:
    """Return a table whose fields are parted by bars here and by tabs there."""
    return Raw(label, "".join(f"{row}\n" for row in rows).replace("|", "\t").encode())


@cache
def assembled() -> BiomedicalNetwork:
    return load_assembled_network()


def test_pathways_of_one_gene_are_left_out() -> None:
    """Coding genes, parted by bars in the file."""
    table = Raw("p.tsv", b"identifier\tn_coding_genes\tcoding_genes\nA\t2\t7|8\nB\t1\t9\n")
    assert [("GpPW", "Gene::7", "Pathway::A"), ("GpPW", "Gene::8", "Pathway::A")] == list(pathway_edges(table))


def test_classes_of_three_kinds_count() -> None:
    """An application is no pharmacologic class of Hetionet."""
    classes = raw("class_id|class_type", "N1|Physiologic Effect", "C2|Application")
    members = raw("drugbank_id|class_id", "DB1|N1", "DB2|C2")
    assert [("PCiC", "Pharmacologic Class::N1", "Compound::DB1")] == list(class_edges(classes, members))


def test_expression_goes_up_and_down() -> None:
    """1 and -1 of a table of genes by anatomies; 0 is no edge; anything else is named with its line."""
    table = raw("GeneID|U:1|U:2", "7|1|-1", "8|0|0")
    expected = [("AuG", "Anatomy::U:1", "Gene::7"), ("AdG", "Anatomy::U:2", "Gene::7")]
    assert expected == list(expression_edges(table, {"1": "AuG", "-1": "AdG"}))
    with pytest.raises(DataError, match=r"file.tsv, line 2: '2' given as expression"):
        list(expression_edges(raw("GeneID|U:1", "7|2"), {"1": "AeG"}))


def test_treatments_are_parted_by_judgement() -> None:
    """DM treats, SYM palliates, NOT does neither."""
    table = raw("doid_id|drugbank_id|category", "D:1|DB1|DM", "D:1|DB2|SYM", "D:1|DB3|NOT")
    assert ["CtD", "CpD"] == [edge[0] for edge in treatment_edges(table)]


def test_side_effects_are_joined_by_the_stereoisomer() -> None:
    """Its number without zeros; a row without concept is dropped; a number of two drugs makes two edges."""
    effects = raw("CID1|CID000000917|C0|PT|C07|pain", "CID1|CID000000917|C0|LLT||none", "CID1|CID5|C0|PT|C08|no")
    mapping = raw("drugbank_id|pubchem_id", "DB1|917", "DB2|917")
    found = list(side_effect_edges(effects, mapping))
    assert {("CcSE", f"Compound::DB{number}", "Side Effect::C07") for number in (1, 2)} == set(found)


def test_perturbations_keep_the_fifty_strongest() -> None:
    """Of each direction and status; a gene does not regulate itself."""
    rows = [f"9|{gene}|measured|up|{gene}.5" for gene in range(1, 61)] + ["9|100|measured|down|0.1"]
    header = "perturbagen|entrez_gene_id|status|direction|nlog10_bonferroni_pval"
    found = {tail for _, _, tail in perturbation_edges(raw(header, *rows, "9|9|inferred|up|99"))}
    assert {f"Gene::{gene}" for gene in [*range(11, 61), 100]} == found


def test_missing_columns_and_short_rows_are_named() -> None:
    """File, line and reason."""
    with pytest.raises(DataError, match=r"file.tsv, line 1: the header lacks entrez_gene_id"):
        list(pair_edges(raw("drugbank_id", "DB1"), "CbG", ("drugbank_id", "Compound"), ("entrez_gene_id", "Gene")))
    with pytest.raises(DataError, match=r"file.tsv, line 2: 'DB1' has 1 fields"):
        list(pair_edges(raw("a|b", "DB1"), "CbG", ("a", "Compound"), ("b", "Gene")))


def test_protein_interactions_by_hand() -> None:
    """Columns of Entrez numbers wherever they stand; supported sources; not indirect interactions only."""
    assert [("1", "3")] == list(screen_pairs(raw("DB Entrez Gene IDA|code|AD Entrez Gene ID", "1|2|3")))
    with pytest.raises(DataError, match="expected two columns of Entrez gene numbers"):
        list(screen_pairs(raw("Entrez A|b", "1|2")))
    assert [("1", "2")] == list(interactome_pairs(raw("# words", "1|2|complexes;binary", "3|4|complexes")))
    genes = gene_of_code(raw("GeneID|resource|identifier", "1|HGNC|HGNC:5", "1|MIM|7", "2|HGNC|HGNC:6"))
    header = "source_code|source_symbol|target_code|target_symbol|pubmed|interaction_type|method"
    pair = "HGNC:5|a|HGNC:6|b|1|{}|m"
    table = raw(header, pair.format("MI:0914(association)"), pair.format("MI:0914(x);MI:0407(y)"), "X|a|HGNC:6|b|1|z|m")
    assert [("1", "2")] == list(database_pairs(table, genes))


def test_samples_by_hand() -> None:
    """Lower-case kinds are written as version 1.0 has them; of earlier states only unchanged metaedges count."""
    table = raw(
        "source|metaedge|target", "gene::1|GcG|gene::2", "compound::A|CcSE|side effect::B", "gene::1|Gr>G|gene::2"
    )
    expected = [("GcG", "Gene::1", "Gene::2"), ("CcSE", "Compound::A", "Side Effect::B")]
    assert expected == list(interchange_edges(table, UNCHANGED))
    names = split_names(Raw("e", b'{"Gene::7": 2}'), Raw("d", b'{"0": {"db": "DB1"}, "1": {"db": null}}'))
    assert [("CbG", "Compound::DB1", "Gene::7")] == list(split_edges(raw("0|2|206", "1|2|206"), names))
    with pytest.raises(DataError, match=r"file.tsv, line 1: '5' is not in the relations of TWOSIDES"):
        list(split_edges(raw("0|2|5"), names))
    with pytest.raises(DataError, match="expected a JSON object, list found"):
        json_object(Raw("e", b"[]"))


def test_edges_are_numbered_once_and_ordered() -> None:
    """Undirected ones by the identifier that comes first, without loops; ends that are no node are left out."""
    edges = [("GiG", "Gene::2", "Gene::10"), ("GiG", "Gene::10", "Gene::2"), ("GiG", "Gene::2", "Gene::2"),
             ("CbG", "Compound::A", "Gene::2"), ("CbG", "Compound::B", "Gene::2")]  # fmt: skip
    nodes = frozenset(("Gene::2", "Gene::10", "Compound::A"))
    found = number_edges(edges, ("Compound::A", "Gene::2", "Gene::10"), nodes)
    assert [[2, 0, 1], [0, 6, 1]] == found.tolist()  # "Gene::10" comes before "Gene::2"
    with pytest.raises(DataError, match="Gene::10 has no number"):
        number_edges(edges, ("Compound::A", "Gene::2"), nodes)


def test_digest_by_hand() -> None:
    """Lines of head, tail and relation, the relation numbered from 86."""
    import hashlib

    assert hashlib.sha256(b"2\t1\t86\n0\t1\t92\n").hexdigest() == digest(np.array([[2, 0, 1], [0, 6, 1]]))


def test_damaged_caches_and_archives_are_noticed(tmp_path: Path) -> None:
    """Whole triples come back; a damaged file of the cache is none; a truncated archive is named."""
    path, triples = tmp_path / "sub" / "network.npz", np.array([[1, 2, 3]], np.int32)
    write_triples(path, triples)
    assert triples.tolist() == read_triples(path).tolist()
    path.write_bytes(path.read_bytes()[:40])
    assert read_triples(path) is None and read_triples(tmp_path / "missing") is None
    with pytest.raises(DataError, match=r"x.gz is truncated"):
        unpacked(Raw("x.gz", gzip.compress(b"1234567890" * 9)[:20]))


def test_other_triples_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes out must have the digest."""
    monkeypatch.setattr(biomedical_network, "source_edges", lambda: iter([("CbG", "Compound::A", "Gene::2")]))
    monkeypatch.setattr(biomedical_network, "sampled_edges", lambda: iter([]))
    monkeypatch.setattr(biomedical_network, "registered", lambda name: raw("id|name|kind", "Gene::2|x|Gene"))
    with pytest.raises(DataError, match="0 triples with SHA-256"):
        biomedical_network._assemble(("Compound::A", "Gene::2"))


def test_the_whole_network_is_read_from_its_own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Biological processes go; the counts are compared with the card, so a small file is refused."""
    rows = ("source|metaedge|target", "Gene::2|GpBP|Biological Process::x", "Compound::A|CbG|Gene::2")
    files = {
        biomedical_network.VERSION_1: Raw("edges.sif.gz", gzip.compress(raw(*rows).content)),
        biomedical_network.NODES: raw("id|name|kind", "Gene::2|x|Gene", "Compound::A|a|Compound"),
    }
    monkeypatch.setattr(biomedical_network, "registered", files.__getitem__)
    monkeypatch.setattr(biomedical_network, "read_identifiers", lambda: ("Compound::A", "Gene::2"))
    with pytest.raises(DataError, match="Hetionet has 2 entities, expected 34124"):
        load_hetionet()
    monkeypatch.setattr(biomedical_network, "require_counts", lambda name, counts: None)
    assert [[0, 6, 1]] == load_hetionet().triples.tolist()


def test_renumbered_networks_keep_their_facts() -> None:
    """Under other numbers; facts of entities without one are left out."""
    triples = torch.tensor([[0, 0, 1], [0, 1, 2]])
    network = BiomedicalNetwork("n", ("a", "b"), triples, ("does", "has"), ("X::0", "X::1", "X::2"), dict)
    assert [[2, 0, 0]] == renumbered(network, ("X::1", "Y::9", "X::0")).triples.tolist()
    assert ("0", "1", "2") == network.names and "X" == network.kind(2)


def test_descriptions_may_hold_line_breaks() -> None:
    """Between quotation marks, as DrugBank has them; a row with too few fields is named."""
    table = raw("drugbank_id|name|description", 'DB1|A|"two', '""quoted"" lines"', "DB2|B|")
    assert {"DB1": Description("A", 'two "quoted" lines'), "DB2": Description("B", "")} == read_descriptions(table)
    with pytest.raises(DataError, match=r"line 2: 2 fields; expected 3"):
        read_descriptions(raw("drugbank_id|name|description", "DB1|A"))


def test_cards_list_what_is_read() -> None:
    """So that a changed file makes other records; descriptions give names only."""
    for name in ("Biomedical-network", "DrugBank", "TWOSIDES"):
        assert {*FILES, FILE} <= set(card(name).files)
    assert 1_690_693 == card("Hetionet").counts["triples"]


@needs_mirror
def test_assembled_network_has_the_published_facts() -> None:
    """Under its digest; counts of each relation are compared with the card by the loader."""
    network = assembled()
    assert biomedical_network.SHA256 == digest(network.triples.numpy())
    assert ("CYP2D6", "Gene") == (network.names[18777], network.kind(18777))
    drugs = network.triples[:, [0, 2]].unique()
    drugs = drugs[drugs < 1710]
    data = load_drugbank()
    groups = (data.known_drugs, data.valid_drugs, data.test_drugs)
    assert [298, 35, 27] == [int((~torch.isin(group, drugs)).sum()) for group in groups]
    assert network.triples.shape == load_twosides_network().triples.shape


@needs_mirror
def test_drugs_within_three_steps() -> None:
    """5,322, 572,971 and 861,577 of the 1,461,195 pairs of drugs, by the biomedical facts alone."""
    network = assembled()
    ids = RelationIds(86, len(RELATIONS))
    augmented = AugmentedNetwork(torch.zeros(0, 3).long(), network.triples, network.num_entities, 1710, ids)
    middle = augmented.middle(1)
    source = np.repeat(np.arange(network.num_entities), np.diff(middle.first))
    near, number = np.unique(np.concatenate([np.arange(1710), source, middle.other]), return_inverse=True)
    row, column = torch.from_numpy(number[1710:].reshape(2, -1))
    ends, shape = torch.stack([column, row]), (len(near), len(near))
    steps = torch.sparse_coo_tensor(ends, torch.ones(len(row)), shape, check_invariants=False).coalesce()
    reached, counts = torch.eye(len(near), 1710), []
    for _ in range(3):  # identity edges keep what was reached before
        reached = (steps @ reached > 0).float()
        counts.append((int((reached[:1710] > 0).sum()) - 1710) // 2)
    assert [5_322, 572_971, 861_577] == counts
