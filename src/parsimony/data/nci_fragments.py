"""NCI-fragments: the quick set of molecules, made from two files that come inside RDKit.

The molecules are the first 5,000 of a list of the National Cancer Institute. A property is the presence of one fragment
of RDKit's catalogue of fragments, found by matching its SMARTS pattern: nothing was measured in a laboratory, every
label is known, and the structure of a molecule tells it without error. Results on it say whether a method learns, not
whether it would find a drug.

Kept are fragments that 2 % to 60 % of the molecules have; of two whose labels correlate above 0.8, as a phenol and an
aromatic hydroxyl group, the first of the catalogue. Every fourth fragment kept is a meta-testing property, so no
meta-testing property repeats a meta-training one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from parsimony.data.cards import card
from parsimony.data.molecule_cache import parsed
from parsimony.data.molecule_features import Unreadable, read_molecule
from parsimony.data.molecule_tables import MoleculeTable
from parsimony.data.molecules import ACTIVE, UNMEASURED, MoleculeSet
from parsimony.data.raw_text import Place, Raw, field_lines, registered, text_lines

if TYPE_CHECKING:
    from rdkit.Chem import Mol

NAME = "NCI-fragments"
LEAST_SHARE, MOST_SHARE, MOST_CORRELATION = 0.02, 0.60, 0.80
ONE_TEST_PROPERTY_IN = 4
COMMENTS = ("#", "//")


def load_nci_fragments() -> MoleculeSet:
    """Read the molecules, look for the fragments, and split those that are neither rare nor repeated."""
    files = card(NAME).files
    return choose_fragments(parsed(NAME, files, lambda: read_fragments(*map(registered, files))))


def read_fragments(molecules: Raw, catalogue: Raw) -> MoleculeTable:
    """Look for every fragment of the catalogue in every molecule; of molecules with the same SMILES the first stays.

    Args:
        molecules: SMILES and number, one molecule a line.
        catalogue: name, description and SMARTS of each fragment.

    Raises:
        DataError: at the first malformed line.
    """
    fragments = read_catalogue(catalogue)
    lines = [(place.line, smiles) for place, (smiles, _) in field_lines(molecules, "\t", "SMILES, number")]
    line, smiles = zip(*lines, strict=True)
    nothing = np.full((len(smiles), len(fragments)), UNMEASURED, np.int8)
    table = MoleculeTable(tuple(fragments), smiles, nothing, line).without_repeats()
    return table._replace(labels=presence(table.smiles, list(fragments.values())))


def read_catalogue(raw: Raw) -> dict[str, Mol]:
    """Return the pattern of each fragment by its name.

    Raises:
        DataError: at the first line without three fields, or whose third is no SMARTS.
    """
    from rdkit import Chem, rdBase

    patterns = {}
    for number, line in enumerate(text_lines(raw), start=1):
        if not line.strip() or line.startswith(COMMENTS):
            continue
        place, fields = Place(raw.label, number), line.split("\t")
        with rdBase.BlockLogs():
            pattern = Chem.MolFromSmarts(fields[2].strip()) if len(fields) > 2 else None
        if pattern is None:
            raise place.wrong(f"{line[:80]!r} found; expected name, description and SMARTS, parted by tabs.")
        patterns[fields[0]] = pattern
    return patterns


def presence(smiles: Sequence[str], fragments: Sequence[Mol]) -> NDArray:
    """Tell which fragments each molecule has; -1 where RDKit cannot read it, [R, fragments] in int8."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        return np.array([_presence(one, fragments) for one in smiles], np.int8)


def _presence(smiles: str, fragments: Sequence[Mol]) -> list[int]:
    try:
        molecule, _ = read_molecule(smiles)
    except Unreadable:
        return [UNMEASURED] * len(fragments)
    return [int(molecule.HasSubstructMatch(fragment)) for fragment in fragments]


def choose_fragments(data: MoleculeSet) -> MoleculeSet:
    """Keep the fragments that are neither rare, nor everywhere, nor repeat an earlier one; split them 3:1."""
    has = (data.labels == ACTIVE).double()
    share = has.mean(0)
    correlation = torch.corrcoef(has.T).abs()
    kept: list[int] = []
    for one in ((share >= LEAST_SHARE) & (share <= MOST_SHARE)).nonzero().flatten().tolist():
        if not kept or correlation[one, kept].max() <= MOST_CORRELATION:
            kept.append(one)
    test = range(ONE_TEST_PROPERTY_IN - 1, len(kept), ONE_TEST_PROPERTY_IN)
    return replace(
        data,
        properties=tuple(data.properties[one] for one in kept),
        labels=data.labels[:, kept],
        train_properties=tuple(one for one in range(len(kept)) if one not in test),
        test_properties=tuple(test),
    )
