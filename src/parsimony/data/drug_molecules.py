"""The SMILES and descriptions of the drugs of a data set, for the methods that read molecules or texts (section 6)."""

from __future__ import annotations

from parsimony.data.drug_descriptions import load_descriptions
from parsimony.data.drug_interactions import DRUGBANK, NUM_DRUGS, SMILES, DrugPairs
from parsimony.data.hetionet_samples import TWOSIDES_DRUGS, json_object
from parsimony.data.raw_text import registered
from parsimony.data.twosides import NAME as TWOSIDES


def load_smiles(pairs: DrugPairs) -> tuple[str, ...]:
    """Return the SMILES of every drug.

    Raises:
        DataError: if a file is missing, damaged or malformed.
        ValueError: if the data set has none, as planted drugs.
    """
    if pairs.name == DRUGBANK:
        read = json_object(registered(SMILES))
        return tuple(read[str(drug)] for drug in range(NUM_DRUGS))
    if pairs.name == TWOSIDES:
        read = json_object(registered(TWOSIDES_DRUGS))
        return tuple(read[str(drug)]["smiles"] for drug in range(pairs.num_drugs))
    raise ValueError(f"{pairs.name} has no molecules; choose DrugBank or TWOSIDES, or a method that reads none.")


def load_texts(identifiers: tuple[str, ...], pairs: DrugPairs) -> tuple[str, ...]:
    """Return name and description of every drug, the name alone where no description is known.

    Args:
        identifiers: of the entities, "Compound::DB00316" for a drug that DrugBank knows.
        pairs: names the drugs.

    Raises:
        DataError: if the file is missing, damaged or malformed.
    """
    known = load_descriptions()
    texts = []
    for drug, name in enumerate(pairs.drug_names):
        found = known.get(identifiers[drug].partition("::")[2])
        texts.append(f"{name}. {found.text if found else ''}".strip())
    return tuple(texts)
