"""Cards of modular tasks: generated ones, and images put side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from parsimony.data.cards.dataset_card import Card


def _modular(name: str, files: tuple[str, ...], counts: Mapping[str, int], note: str, profile: str = "quick") -> Card:
    layout = "images" if files else "generated"
    return Card(name, "modular task", layout, files, MappingProxyType(counts), profile, note)


CARDS = (
    _modular(
        "Random-features",
        (),
        {"features outside the model": 600},
        "Generated: a linear target of many random features, for the scaling law.",
    ),
    _modular(
        "Sine-waves",
        (),
        {"test rows": 4000},
        "Generated: a sum of modules, each a sum of three sine waves of one projection of the input.",
    ),
    _modular(
        "Compositional-digits",
        ("embedded/sklearn/datasets/data/digits.csv.gz",),
        {"images": 1797, "pixels": 64, "classes": 10, "training images": 1200},
        "Digits side by side; 60 % of the combinations of classes train, the others test.",
    ),
    _modular(
        "Compositional-CIFAR-10",
        ("images/cifar-10-binary.tar.gz",),
        {"images": 60000, "pixels": 3072, "classes": 10, "training images": 50000},
        "Photographs side by side, as in the paper; the binary form, since the other one holds pickles.",
        "paper",
    ),
)
