"""A cell of a table that opens into the runs behind it: seed, value, minutes, machine, data, state, record."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from html import escape
from typing import Any

from parsimony.book.popover import popover
from parsimony.book.sidecar import is_archived

HEADS = ("Seed", "Value", "State", "Minutes", "Machine", "Data", "Record")


def cell_origin(text: str, cell: Mapping[str, Any], sidecar: Mapping[str, Any], repository: str) -> str:
    """Return the HTML of a cell: its text, which opens the list of runs by mouse and keyboard, without scripts.

    Args:
        text: of the cell.
        cell: measure, values, and records as places in the list of the sidecar.
        sidecar: of the table.
        repository: address of the source repository.
    """
    runs = [sidecar["records"][number] for number in cell["records"]]
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(run_row(run, value, repository) for run, value in zip(runs, cell["values"], strict=True))
    table = f'<table class="runs"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    name = f"{sidecar['id']}-row-{cell['row']}-{cell['column'].lower().replace(' ', '-')}"
    return popover(name, text, table, heading=summary(cell), hint=hint(cell, runs), kind="cell")


def hint(cell: Mapping[str, Any], runs: list[Mapping[str, Any]]) -> str:
    """Say in one line what a pointer over the cell should tell."""
    seeds = ", ".join(str(run["seed"]) for run in runs)
    stale = sum(run["state"] != "fresh" for run in runs)
    minutes = sum(run["minutes"] for run in runs)
    state = f"{stale} of {len(runs)} stale" if stale else "fresh"
    return f"{cell['measure']}: seeds {seeds}; {state}; {minutes:.1f} minutes in all. Open for the runs."


def summary(cell: Mapping[str, Any]) -> str:
    """Write mean and deviation with more digits than the cell has."""
    values = cell["values"]
    deviation = f", deviation {statistics.stdev(values):.5g}" if len(values) > 1 else ""
    return f"{cell['measure']}: mean {statistics.fmean(values):.5g}{deviation}, n = {len(values)}"


def run_row(run: Mapping[str, Any], value: float, repository: str) -> str:
    """Return one run as a row; an archived record is linked to its file."""
    path, name = run["path"], run["fingerprint"][:8]
    link = f'<a href="{repository}/blob/main/{path}" title="{escape(path)}">{name}</a>' if is_archived(run) else name
    facts = (str(run["seed"]), f"{value:.5g}", run["state"], f"{run['minutes']:.1f}", run["machine"], run["data"][:8])
    return "<tr>" + "".join(f"<td>{escape(fact)}</td>" for fact in facts) + f"<td>{link}</td></tr>"
