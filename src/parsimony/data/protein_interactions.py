"""Which proteins interact: the sources of Hetionet's Gene - interacts - Gene, as pairs of Entrez gene numbers.

Five screens and reviews of the Center for Cancer Systems Biology, the incomplete interactome (Menche et al., Science
2015) and the database of Ma'ayan's laboratory, of which rows of indirect or genetic interactions only are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from parsimony.data.molecule_tables import unpacked
from parsimony.data.raw_text import Raw, field_lines, member, registered, text_lines, zip_members

SCREENS = ("HI-I-05", "HI-II-14", "Lit-BM-13", "Venkatesan-09", "Yu-11")
INTERACTOME = "data/DataS1_interactome.tsv"
DIRECT = frozenset(("binary", "literature"))
INDIRECT = frozenset(("MI:0190", "MI:0208", "MI:0403", "MI:0914", "MI:1110"))
FOLDER = "drug-interactions/sources"
ARCHIVE, DATABASE = f"{FOLDER}/ppi/Datasets_S1-S4.zip", f"{FOLDER}/ppi/protein-interactions.txt.gz"
CODES = f"{FOLDER}/entrez-xrefs-human.tsv"
FILES = (*(f"{FOLDER}/ppi/{name}.tsv" for name in SCREENS), ARCHIVE, DATABASE, CODES)
DATABASE_COLUMNS = "source_code,source_symbol,target_code,target_symbol,pubmed,interaction_type,method"

Genes = tuple[str, str]


def protein_interactions() -> Iterator[Genes]:
    """Yield pairs of genes, repeated ones and self-interactions too.

    Raises:
        DataError: if a file is missing, damaged or malformed.
    """
    for name in SCREENS:
        yield from screen_pairs(registered(f"{FOLDER}/ppi/{name}.tsv"))
    archive = registered(ARCHIVE)
    yield from interactome_pairs(member(zip_members(archive, re.escape(INTERACTOME)), INTERACTOME, archive.label))
    yield from database_pairs(unpacked(registered(DATABASE)), gene_of_code(registered(CODES)))


def screen_pairs(raw: Raw) -> Iterator[Genes]:
    """Yield the pairs of a screen: its two columns of Entrez numbers, wherever they stand.

    Raises:
        DataError: if the header has not two such columns.
    """
    header = text_lines(raw)[0].split("\t")
    first, second = (*(i for i, name in enumerate(header) if "entrez" in name.lower()), -1, -1)[:2]
    rows = field_lines(raw, "\t", ",".join(header))
    place, _ = next(rows)
    if second < 0:
        raise place.wrong(f"{header} found; expected two columns of Entrez gene numbers.")
    yield from ((fields[first], fields[second]) for _, fields in rows)


def interactome_pairs(raw: Raw) -> Iterator[Genes]:
    """Yield the pairs that a binary screen or the literature supports."""
    content = b"\n".join(line for line in raw.content.splitlines() if not line.startswith(b"#"))
    for _, (one, other, sources) in field_lines(Raw(raw.label, content), "\t", "gene,gene,sources"):
        if DIRECT & set(sources.split(";")):
            yield one, other


def gene_of_code(raw: Raw) -> dict[str, list[str]]:
    """Return the Entrez numbers of every code of the gene nomenclature committee."""
    found = defaultdict(list)
    for _, (gene, resource, code) in field_lines(raw, "\t", "GeneID,resource,identifier", header="GeneID"):
        if resource == "HGNC":
            found[code].append(gene)
    return found


def database_pairs(raw: Raw, genes: dict[str, list[str]]) -> Iterator[Genes]:
    """Yield the pairs of the database with at least one direct, physical interaction type."""
    for _, fields in field_lines(raw, "\t", DATABASE_COLUMNS, header="source_code"):
        kinds = set(re.findall(r"MI:\d+", fields[5]))
        if not kinds or not kinds <= INDIRECT:
            yield from ((one, other) for one in genes.get(fields[0], ()) for other in genes.get(fields[2], ()))
