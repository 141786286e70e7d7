"""The molecular data sets by name, with the split of their properties.

Tox21, SIDER and MUV: the first columns are meta-training properties, the others meta-testing ones. ToxCast, as in the
code of PAR and PACIA: the same, without properties of fewer than 15 active, 15 inactive or 150 measured molecules.
ToxCast-NAME, as in GS-Meta (IJCAI 2023) and Pin-Tuning (arXiv 2411.01158): only the properties that one provider of
assays measured; a method is trained for each provider, and the areas under the curve are averaged over providers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from parsimony.data.cards import card, require_counts
from parsimony.data.molecule_cache import parsed
from parsimony.data.molecule_tables import MoleculeTable, read_table
from parsimony.data.molecules import ACTIVE, INACTIVE, MoleculeSet
from parsimony.data.nci_fragments import load_nci_fragments
from parsimony.data.raw_text import registered
from parsimony.data.registry import DataError

FIRST_TEST = MappingProxyType({"Tox21": 9, "SIDER": 21, "MUV": 12, "ToxCast": 450})  # column of the labels
PROVIDERS = MappingProxyType(
    {"APR": 33, "ATG": 106, "BSK": 84, "CEETOX": 10, "CLD": 14, "NVS": 100, "OT": 11, "TOX21": 80, "Tanguay": 13}
)  # meta-training properties of each; those behind them are meta-testing ones
LEAST_OF_A_CLASS, LEAST_LABELLED = 15, 150


def load_molecules(name: str) -> MoleculeSet:
    """Load a data set and check its counts against its card.

    Args:
        name: one of `LOADERS`.

    Raises:
        DataError: if the name is not known, a file is missing or damaged, or a count is not the card's.
    """
    if name not in LOADERS:
        raise DataError(f"molecular data set {name!r} given; known are {', '.join(LOADERS)}.")
    data = LOADERS[name]()
    require_counts(name, data.counts())
    return data


def _load_columns(name: str) -> MoleculeSet:
    """Split the columns of a data set at the first meta-testing one."""
    data = _parsed(name, name)
    first, columns = FIRST_TEST[name], range(len(data.properties))
    return replace(data, train_properties=tuple(columns[:first]), test_properties=tuple(columns[first:]))


def _load_toxcast() -> MoleculeSet:
    data = _load_columns("ToxCast")
    kept = large_enough(data)
    train, test = (tuple(sorted(kept & set(split))) for split in (data.train_properties, data.test_properties))
    return replace(data, train_properties=train, test_properties=test)


def large_enough(data: MoleculeSet) -> set[int]:
    """Return the properties with at least 15 active, 15 inactive and 150 measured molecules."""
    active, inactive = (data.labels == ACTIVE).sum(0), (data.labels == INACTIVE).sum(0)
    is_kept = (active >= LEAST_OF_A_CLASS) & (inactive >= LEAST_OF_A_CLASS) & (active + inactive >= LEAST_LABELLED)
    return set(is_kept.nonzero().flatten().tolist())


def _load_provider(provider: str) -> MoleculeSet:
    """Keep the columns of one provider, in their order; all molecules stay, also those it did not measure."""
    data = _parsed(f"ToxCast-{provider}", "ToxCast")
    columns = [i for i, name in enumerate(data.properties) if name.partition("_")[0] == provider]
    first, own = PROVIDERS[provider], range(len(columns))
    return replace(
        data,
        properties=tuple(data.properties[column] for column in columns),
        labels=data.labels[:, columns],
        train_properties=tuple(own[:first]),
        test_properties=tuple(own[first:]),
    )


def _parsed(name: str, source: str) -> MoleculeSet:
    """Read the one file of a data set; sub-sets share the cache of the whole."""
    (file,) = card(name).files
    return replace(parsed(source, [file], partial(_read, source, file)), name=name)


def _read(name: str, file: str) -> MoleculeTable:
    table = read_table(registered(file))
    return table.without_repeats() if name == "MUV" else table  # as PAR counts them


LOADERS: Mapping[str, Callable[[], MoleculeSet]] = MappingProxyType(
    {
        **{name: partial(_load_columns, name) for name in ("Tox21", "SIDER", "MUV")},
        "ToxCast": _load_toxcast,
        **{f"ToxCast-{provider}": partial(_load_provider, provider) for provider in PROVIDERS},
        "NCI-fragments": load_nci_fragments,
    }
)
