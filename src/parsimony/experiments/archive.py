"""Records on disk, and whether they still belong to today's catalogue, data and code."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from parsimony import paths
from parsimony.experiments import catalogue
from parsimony.experiments.fingerprint import data_digests, fingerprint, source_digest
from parsimony.records import Archive, Filed, Record, Specification, is_record_name, read_record


@dataclass(frozen=True)
class ExperimentState:
    """A specification and what became of it.

    Attributes:
        specification: entry of the catalogue.
        state: "fresh", "stale" or "missing".
        reason: why it is stale, else empty.
        path: its record, if there is one.
    """

    specification: Specification
    state: str
    reason: str = ""
    path: Path | None = None


def open_archive() -> Archive:
    """Read every record below results/; a file that is no record is left out with a warning."""
    read = [(_read(path), path) for path in _record_paths()]
    return Archive(tuple(_file(record, path) for record, path in read if record is not None))


def states() -> list[ExperimentState]:
    """Return the state of every specification of the catalogue, in its order."""
    by_name = {one.record.specification.name: one for one in open_archive().find()}
    return [_state(one, by_name.get(one.name)) for one in catalogue.SPECIFICATIONS]


def current_specification(specification: Specification) -> Specification | None:
    """Return what the catalogue asks today under the identity of `specification`, with its seed."""
    for one in catalogue.SPECIFICATIONS:
        if one.name == specification.name:
            return one
    for one in catalogue.SPECIFICATIONS:
        if one.identity == specification.identity:
            return replace(one, seed=specification.seed)
    return None


def reason_for_stale(record: Record) -> str:
    """Say what has changed since a record was made; empty if nothing has."""
    asked, today = record.specification, current_specification(record.specification)
    if today is None:
        return "no longer in the catalogue"
    if fingerprint(today) == record.fingerprint:
        return ""
    if today != asked:
        return _changed_settings(asked, today)
    if data_digests(today.dataset) != dict(record.data_sha256):
        return "data changed"
    if source_digest(today) != record.source_sha256:
        return "code changed"
    return "made under another fingerprint"


def _changed_settings(asked: Specification, today: Specification) -> str:
    """Name the settings that differ."""
    if asked.task != today.task:
        return f"task changed from {asked.task!r} to {today.task!r}"
    names = sorted({*asked.settings, *today.settings})
    changed = [name for name in names if asked.settings.get(name) != today.settings.get(name)]
    return f"settings changed: {', '.join(changed)}"


def _file(record: Record, path: Path) -> Filed:
    return Filed(record, path, "stale" if reason_for_stale(record) else "fresh")


def _state(specification: Specification, filed: Filed | None) -> ExperimentState:
    if filed is None:
        return ExperimentState(specification, "missing")
    reason = reason_for_stale(filed.record) if filed.state == "stale" else ""
    return ExperimentState(specification, filed.state, reason, filed.path)


def _record_paths() -> list[Path]:
    """Return the files that have a record's name, artifacts left out."""
    files = paths.RESULTS.glob("*/*.json")
    return sorted(path for path in files if path.parent != paths.ARTIFACTS and is_record_name(path.name))


def _read(path: Path) -> Record | None:
    try:
        return read_record(path)
    except ValueError as error:
        warnings.warn(str(error), stacklevel=2)
        return None
