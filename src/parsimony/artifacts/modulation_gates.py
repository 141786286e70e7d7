"""What a modulation search found: gates after each epoch, the cells kept, the cells planted."""

from __future__ import annotations

from collections.abc import Sequence

from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.cold_start_methods import GENERATED
from parsimony.artifacts.theme import palette
from parsimony.records import Archive, Filed

OPERATIONS = ("max", "min", "times", "plus")  # in the order in which a position applies them
SIGNS = {"max": "max", "min": "min", "times": "×", "plus": "+"}
POSITIONS = 4
Cell = tuple[int, str]


def colour_of(operation: str) -> str:
    """Return the colour that an operation has in every figure."""
    return palette()[(0, 1, 2, 4)[OPERATIONS.index(operation)]]


def searches(archive: Archive, dataset: str, profile: str) -> tuple[Filed, ...]:
    """Return the searches on a data set, all of one variant."""
    found = runs_of_method(archive, "coldnas", dataset, profile)
    return tuple(one for one in found if one.record.specification.task == "modulation search")


def best_searches(archive: Archive) -> tuple[Filed, ...]:
    """Return the searches on Last.fm as archived, or else one on generated users.

    Each seed generates other users with another structure, so that no mean over those seeds would say anything; the
    one with the least validation MSE stands for them.
    """
    if found := searches(archive, "Last.fm", "paper"):
        return found
    best = best_of(planted_searches(archive))
    return () if best is None else (best,)


def planted_searches(archive: Archive) -> tuple[Filed, ...]:
    """Return the searches on generated users: archived ones, or the quick ones where none is archived."""
    found = searches(archive, GENERATED, "paper") or searches(archive, GENERATED, "quick")
    return tuple(one for one in found if planted_cells(one))


def best_of(runs: Sequence[Filed]) -> Filed | None:
    """Return the run with the least MSE on validation users: the one choice that needs no test user."""
    return min(runs, key=lambda one: one.record.metrics["valid MSE"], default=None)


def chosen_gates(one: Filed) -> list[list[float]]:
    """Return the gates that decided: those of the epoch of the supernet that validation users chose.

    Raises:
        ValueError: if they are no grid of positions and operations.
    """
    measured = one.record.measurements
    gates = measured["gates"][measured["search epoch"] - 1]
    if [len(row) for row in gates] != [len(OPERATIONS)] * POSITIONS:
        raise ValueError(
            f"{one.path} holds gates of {[len(row) for row in gates]} operations by position; expected "
            f"{POSITIONS} positions of {len(OPERATIONS)} each. Run the search again."
        )
    return gates


def found_cells(one: Filed) -> set[Cell]:
    """Return the cells that were kept, as (position, operation)."""
    return cells_of(one.record.measurements["chosen"]["options"].get("cells", []))


def planted_cells(one: Filed) -> set[Cell]:
    """Return the cells that made the data, or none for real data."""
    return cells_of(one.record.measurements.get("planted") or [])


def cells_of(structure: Sequence[Sequence[str]]) -> set[Cell]:
    """Return the cells of a structure that lists the operations of each position."""
    return {(position, name) for position, chosen in enumerate(structure) for name in chosen}
