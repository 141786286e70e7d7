"""Runs that look for laws on graphs: which stand for a method, and how laws, methods and constants are called."""

from __future__ import annotations

from typing import Any

from parsimony.artifacts.theme import palette
from parsimony.records import Archive, Filed

TITLES = {
    "springs": "springs", "springs-complex": "springs, pushed", "coulomb": "charges", "gravity": "gravity",
    "circuit": "circuit", "heat": "heat", "heat-complex": "heat, heated", "sfm": "people: social force",
    "bi": "people: two directions", "uni": "people: one direction",
}  # fmt: skip
LAWS = tuple(TITLES)
METHOD_OF_ROW = {
    "GSR": "gsr", "FullGN": "fullgn", "SymDL": "symdl", "Aggregates": "aggregates", "Black box": "black-box",
}  # fmt: skip
METHODS = tuple(METHOD_OF_ROW.values())
CORRIDORS = {"corridor-uni": "one direction", "corridor-bi": "two directions"}
WALKERS = {
    "Social force model": ("social-force", ""), "GSR": ("gsr", ""), "Formula as printed": ("gsr", "printed"),
    "Formula, only if closing": ("gsr", "closing"), "Black box": ("black-box", ""),
    "Constant velocity": ("constant-velocity", ""),
}  # fmt: skip
# Place in the palette and marker of each method.
LOOKS = {"gsr": (3, "o"), "fullgn": (0, "s"), "symdl": (1, "^"), "aggregates": (2, "D"), "black-box": (7, "v")}


def runs_of(archive: Archive, method: str, dataset: str, profile: str, variant: str = "") -> tuple[Filed, ...]:
    """Return the runs of a method on a law, exactly of one variant."""
    return archive.find(method=method, dataset=dataset, profile=profile, variant=variant)


def archived_or_quick(archive: Archive, method: str, dataset: str, variant: str = "") -> tuple[Filed, ...]:
    """Return the archived runs, or else the quick ones."""
    return runs_of(archive, method, dataset, "paper", variant) or runs_of(archive, method, dataset, "quick", variant)


def look_of(method: str) -> dict[str, str]:
    """Return colour and marker of a method."""
    number, marker = LOOKS[method]
    return {"color": palette()[number], "marker": marker}


def measured(one: Filed, name: str) -> Any:
    """Return a measurement of a run, or None."""
    return one.record.measurements.get(name)


def seed_text(one: Filed) -> str:
    """Name data set, seed and profile of a run."""
    asked = one.record.specification
    return f"{asked.dataset}, seed {asked.seed}, {asked.profile} profile"
