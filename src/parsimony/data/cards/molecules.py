"""Cards of molecules with properties, most of them measured."""

from __future__ import annotations

from types import MappingProxyType

from parsimony.data.cards.dataset_card import Card

_TOXCAST = "molecules/toxcast_data.csv.gz"
_MOLECULE_COUNTS = (
    "molecules", "properties", "labelled entries", "meta-training properties", "meta-testing properties", "unreadable",
)  # fmt: skip


def _molecules(name: str, layout: str, files: tuple[str, ...], counts: tuple[int, ...], note: str) -> Card:
    profile = "quick" if layout == "fragments" else "paper"
    named = dict(zip(_MOLECULE_COUNTS, counts, strict=True))
    return Card(name, "molecules", layout, files, MappingProxyType(named), profile, note)


def _provider(name: str, train: int, test: int, labelled: int) -> Card:
    note = f"The properties of ToxCast that {name} measured; every molecule of ToxCast is listed."
    counts = (8597, train + test, labelled, train, test, 18)
    return _molecules(f"ToxCast-{name}", "provider", (_TOXCAST,), counts, note)


CARDS = (
    _molecules(
        "Tox21",
        "labels",
        ("molecules/tox21.csv",),
        (7831, 12, 77946, 9, 3, 0),
        "Toxic effects; 8 molecules whose aluminium has a valence that RDKit rejects today are read all the same.",
    ),
    _molecules("SIDER", "labels", ("molecules/sider.csv.gz",), (1427, 27, 38529, 21, 6, 0), "Side effects of drugs."),
    _molecules(
        "MUV",
        "labels",
        ("molecules/muv.csv.gz",),
        (93087, 17, 249886, 12, 5, 0),
        "Virtual screening, 24 to 30 active molecules a property; of rows with the same SMILES the first is kept.",
    ),
    _molecules(
        "ToxCast",
        "labels",
        (_TOXCAST,),
        (8597, 617, 1534076, 362, 156, 18),
        "Properties with fewer than 15 active, 15 inactive or 150 measured molecules belong to neither split.",
    ),
    _provider("APR", 33, 10, 31945),
    _provider("ATG", 106, 40, 497511),
    _provider("BSK", 84, 31, 165485),
    _provider("CEETOX", 10, 4, 6933),
    _provider("CLD", 14, 5, 5681),
    _provider("NVS", 100, 39, 22807),
    _provider("OT", 11, 4, 25956),
    _provider("TOX21", 80, 20, 753697),
    _provider("Tanguay", 13, 5, 18404),
    _molecules(
        "NCI-fragments",
        "fragments",
        ("embedded/rdkit/Data/NCI/first_5K.smi", "embedded/rdkit/Data/FragmentDescriptors.csv"),
        (4894, 34, 166396, 26, 8, 6),
        "Which fragments a molecule contains, computed from its structure: nothing was measured. For quick runs.",
    ),
)
