"""Cards of physical laws, which are generated, and of recorded pedestrians."""

from __future__ import annotations

from types import MappingProxyType

from parsimony.data.cards.dataset_card import Card


def _law(name: str, nodes: int, variables: tuple[int, int, int], note: str) -> Card:
    named = zip(("node", "edge", "whole"), variables, strict=True)
    counts = {"nodes": nodes} | {f"{level} variables": many for level, many in named}
    return Card(name, "physical law", "generated", (), MappingProxyType(counts), "quick", note)


def _pedestrians(name: str, files: tuple[str, ...], counts: tuple[int, int], note: str) -> Card:
    paths = tuple(f"pedestrians/{file}.txt" for file in files)
    named = {"recordings": len(files), "people": counts[0], "positions": counts[1]}
    return Card(name, "pedestrians", "tracks", paths, MappingProxyType(named), "paper", note)


CARDS = (
    _law("springs", 5, (1, 4, 0), "Generated: accelerations of masses joined by springs."),
    _law("springs-complex", 5, (3, 4, 0), "Generated: springs and external forces, seen from the centre of mass."),
    _law("coulomb", 5, (2, 3, 0), "Generated: accelerations of charges that attract and repel each other."),
    _law("gravity", 5, (1, 3, 0), "Generated: accelerations of masses that attract each other."),
    _law("circuit", 5, (1, 1, 0), "Generated: power that a network of resistors takes up."),
    _law("heat", 9, (1, 0, 1), "Generated: entropy that heat produces on a grid."),
    _law("heat-complex", 9, (2, 0, 1), "Generated: the same with heat from outside."),
    _law("sfm", 10, (4, 8, 0), "Generated: snapshots of people who follow the social force model."),
    _law("bi", 10, (4, 8, 0), "Generated: people in two directions, who dodge only those who come closer."),
    _law("uni", 10, (4, 8, 0), "Generated: people in one direction, who follow the mean velocity too."),
    _pedestrians(
        "corridor-uni",
        ("julich/uo-050-180-180", "julich/uo-100-180-180", "julich/uo-145-180-180"),
        (357, 72521),
        "A corridor of 1.8 m walked in one direction, sparse to dense.",
    ),
    _pedestrians(
        "corridor-bi",
        ("julich/bo-360-090-090", "julich/bo-360-120-120"),
        (521, 113958),
        "A corridor of 3.6 m walked in both directions.",
    ),
    _pedestrians(
        "corridor-uni-others",
        (
            *(f"julich/uo-{width}-180-180" for width in ("060", "070", "180")),
            "julich/traj_UNI_CORR_500_01",
        ),
        (545, 105884),
        "More recordings in one direction, the last in a corridor of 5 m.",
    ),
    _pedestrians(
        "corridor-bi-others",
        (
            *(f"julich/bo-360-{width}-{width}" for width in ("050", "075", "160")),
            "julich/bi_corr_400_b_03",
        ),
        (1043, 253106),
        "More recordings in both directions, the last in a corridor of 4 m.",
    ),
    _pedestrians(
        "ETH-UCY",
        tuple(f"eth_ucy/{scene}_obsmat" for scene in ("eth", "hotel", "zara01", "zara02", "students03")),
        (1530, 51844),
        "Squares and streets, 2.5 annotations a second: too coarse for the acceleration of a moment.",
    ),
)
