"""Edges of Hetionet v1.0 read anew from the sources that its authors name (Himmelstein et al., eLife 2017).

Each reader yields edges (metaedge, head, tail) as Hetionet writes them, "Gene::1565" or "Compound::DB00757"; ends that
are no nodes of Hetionet are left out later. Directions follow the abbreviations: AdG is Anatomy - downregulates - Gene.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from parsimony.data.molecule_tables import unpacked
from parsimony.data.protein_interactions import protein_interactions
from parsimony.data.raw_text import Place, Raw, field_lines, registered, whole_number

GROUP = "drug-interactions"
CLASSES = frozenset(("Physiologic Effect", "Mechanism of Action", "Chemical/Ingredient"))
TREATMENTS = {"DM": "CtD", "SYM": "CpD"}  # disease-modifying, symptomatic
STRONGEST = 50  # genes that a perturbed gene moves most, of each direction and status

Edge = tuple[str, str, str]
Row = dict[str, str]

FILES = tuple(
    f"{GROUP}/{path}"
    for path in (
        "sources/pathways.tsv",
        "sources/drugcentral-classes.tsv",
        "sources/drugcentral-drug-to-class.tsv",
        "sources/bgee-diffex.tsv.gz",
        "sources/bgee-present-in-adult.tsv.gz",
        "sources/indications.tsv",
        "sources/sider-meddra_all_se.tsv.gz",
        "sources/drugbank-pubchem.tsv",
        "sources/lincs-dysreg-overexpression.tsv",
        "hetionet/CbG-binding.tsv",
        "hetionet/DaG-association.tsv",
    )
)


def source_edges() -> Iterator[Edge]:
    """Yield the edges that the source files give, repeated ones too.

    Raises:
        DataError: if a file is missing, damaged or malformed.
    """
    raw = {name.rpartition("/")[2].partition(".")[0]: unpacked(registered(name)) for name in FILES}
    return chain(
        pathway_edges(raw["pathways"]),
        class_edges(raw["drugcentral-classes"], raw["drugcentral-drug-to-class"]),
        expression_edges(raw["bgee-diffex"], {"1": "AuG", "-1": "AdG"}),
        expression_edges(raw["bgee-present-in-adult"], {"1": "AeG"}),
        treatment_edges(raw["indications"]),
        side_effect_edges(raw["sider-meddra_all_se"], raw["drugbank-pubchem"]),
        perturbation_edges(raw["lincs-dysreg-overexpression"]),
        pair_edges(raw["CbG-binding"], "CbG", ("drugbank_id", "Compound"), ("entrez_gene_id", "Gene")),
        pair_edges(raw["DaG-association"], "DaG", ("doid_id", "Disease"), ("entrez_gene_id", "Gene")),
        (("GiG", f"Gene::{one}", f"Gene::{other}") for one, other in protein_interactions()),
    )


def table_rows(raw: Raw, columns: Sequence[str]) -> Iterator[tuple[Place, Row]]:
    """Yield place and the named columns of each row of a tab-separated table with a header.

    Raises:
        DataError: if the header lacks a column, or at a row with another number of fields than the header.
    """
    header = raw.content.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r").split("\t")
    missing = [name for name in columns if name not in header]
    if missing:
        raise Place(raw.label, 1).wrong(f"the header lacks {', '.join(missing)}; fetch the file again.")
    for place, fields in field_lines(raw, "\t", ",".join(header), header=header[0]):
        yield place, dict(zip(header, fields, strict=True))


def pair_edges(raw: Raw, metaedge: str, head: tuple[str, str], tail: tuple[str, str]) -> Iterator[Edge]:
    """Yield an edge a row; head and tail are column and kind of its ends."""
    for _, row in table_rows(raw, (head[0], tail[0])):
        yield metaedge, f"{head[1]}::{row[head[0]]}", f"{tail[1]}::{row[tail[0]]}"


def pathway_edges(raw: Raw) -> Iterator[Edge]:
    """Yield GpPW: the coding genes of every pathway that has more than one."""
    for place, row in table_rows(raw, ("identifier", "n_coding_genes", "coding_genes")):
        if whole_number(row["n_coding_genes"], place, "n_coding_genes") > 1:
            for gene in row["coding_genes"].split("|"):
                yield "GpPW", f"Gene::{gene}", f"Pathway::{row['identifier']}"


def class_edges(classes: Raw, members: Raw) -> Iterator[Edge]:
    """Yield PCiC: the compounds of every pharmacologic class."""
    rows = (row for _, row in table_rows(classes, ("class_id", "class_type")))
    wanted = {row["class_id"] for row in rows if row["class_type"] in CLASSES}
    for _, row in table_rows(members, ("drugbank_id", "class_id")):
        if row["class_id"] in wanted:
            yield "PCiC", f"Pharmacologic Class::{row['class_id']}", f"Compound::{row['drugbank_id']}"


def expression_edges(raw: Raw, metaedge_of: dict[str, str]) -> Iterator[Edge]:
    """Yield edges of a table of genes by anatomies; a value says which metaedge holds, or none."""
    rows = field_lines(raw, "\t", ",".join(raw.content.partition(b"\n")[0].decode("utf-8", "replace").split("\t")))
    _, header = next(rows)
    anatomies = [f"Anatomy::{name}" for name in header]
    for place, (gene, *values) in rows:
        for anatomy, value in zip(anatomies[1:], values, strict=True):
            if value in metaedge_of:
                yield metaedge_of[value], anatomy, f"Gene::{gene}"
            elif value not in ("0", "1", "-1"):
                raise place.wrong(f"{value[:40]!r} given as expression; expected -1, 0 or 1.")


def treatment_edges(raw: Raw) -> Iterator[Edge]:
    """Yield CtD and CpD: treatments of the cause and of the symptoms; those judged neither are left out."""
    for _, row in table_rows(raw, ("doid_id", "drugbank_id", "category")):
        if row["category"] in TREATMENTS:
            yield TREATMENTS[row["category"]], f"Compound::{row['drugbank_id']}", f"Disease::{row['doid_id']}"


def side_effect_edges(effects: Raw, mapping: Raw) -> Iterator[Edge]:
    """Yield CcSE: side effects on the label of a drug, joined by the PubChem number of its stereoisomer."""
    drugs = defaultdict(set)
    for _, row in table_rows(mapping, ("drugbank_id", "pubchem_id")):
        drugs[row["pubchem_id"]].add(row["drugbank_id"])
    for place, (_, stereo, _, _, concept, _) in field_lines(effects, "\t", "flat,stereo,label,type,concept,name"):
        number = str(whole_number(stereo.removeprefix("CID"), place, "stereo id"))
        if concept:
            for drug in drugs.get(number, ()):
                yield "CcSE", f"Compound::{drug}", f"Side Effect::{concept}"


def perturbation_edges(raw: Raw) -> Iterator[Edge]:
    """Yield Gr>G: the 50 genes moved most by a gene's overexpression, of each direction and status."""
    columns = ("perturbagen", "entrez_gene_id", "status", "direction", "nlog10_bonferroni_pval")
    groups = defaultdict(list)
    for place, row in table_rows(raw, columns):
        key = (row["perturbagen"], row["direction"], row["status"])
        groups[key].append((_decimal(row[columns[-1]], place), row["entrez_gene_id"]))
    for (perturbagen, _, _), genes in groups.items():
        for _, gene in sorted(genes, key=_significance)[:STRONGEST]:
            if gene != perturbagen:
                yield "Gr>G", f"Gene::{perturbagen}", f"Gene::{gene}"


def _significance(moved: tuple[float, str]) -> float:
    return -moved[0]


def _decimal(text: str, place: Place) -> float:
    try:
        return float(text)
    except ValueError:
        raise place.wrong(f"{text[:40]!r} given as p-value; expected a decimal number.") from None
