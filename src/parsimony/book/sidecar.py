"""What is written beside a published figure or table: its files, its runs, its cost, its digest.

Example of the field `records`:

    {"name": "UMLS/distmult-quick-seed0", "fingerprint": "3f9a1c2b04de", "state": "fresh", "path": "results/UMLS/..."}

The digest is the first 12 hex digits of the SHA-256 of all other fields, so two sidecars with one digest are equal.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsimony import __version__, paths
from parsimony.artifacts.cells import values_of
from parsimony.experiments import machine

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact
    from parsimony.records import Filed

DRAWING_PACKAGES = ("matplotlib", "numpy", "pandas", "seaborn")
COMPUTING_PACKAGES = ("numpy", "torch")


def is_archived(run: Mapping[str, Any]) -> bool:
    """Tell whether a run of a sidecar has its record in the repository; a quick run is made with the book."""
    return "-quick-" not in run["name"]


def describe(
    artifact: Artifact, files: Mapping[str, bytes], pictures: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the sidecar of an artifact.

    Args:
        artifact: what is published.
        files: content of each file by its ending, such as "png".
        pictures: file, width and height of each picture that pages show.

    Returns:
        JSON object; its `digest` depends on every other field.
    """
    notebook = os.environ.get("PARSIMONY_NOTEBOOK", "")
    content = {
        "id": artifact.id,
        "kind": "table" if artifact.id.startswith("tab-") else "figure",
        "title": artifact.title,
        "caption": artifact.caption,
        "alt": artifact.alt,
        "published": artifact.published,
        "files": {f"{artifact.id}.{ending}": sha256(blob) for ending, blob in files.items()},
        "notebook": notebook,
        "command": command(artifact.id, notebook),
        "commit": machine.commit(),
        "version": __version__,
        "packages": {name: installed_version(name) for name in DRAWING_PACKAGES},
        **describe_runs(artifact.records),
        "cells": describe_cells(artifact),
        "graphs": list(artifact.graphs),
        "weight": artifact.weight,
        "pictures": [dict(one) for one in pictures],
        "explanation": dict(artifact.explanation),
    }
    return {**content, "digest": digest_of(content)}


def command(name: str, notebook: str) -> str:
    """Return the command that makes an artifact again: its notebook, or the export of what prose shows."""
    return f"python -m parsimony.book.run {notebook}" if notebook else f"parsimony export {name} --to {name}.csv"


def describe_runs(records: Iterable[Filed]) -> dict[str, Any]:
    """Summarise the runs behind an artifact: which, how many, how long, where."""
    filed = list(records)
    runs = [one.record for one in filed]
    return {
        "records": [
            {
                "name": one.record.specification.name,
                "fingerprint": one.record.fingerprint,
                "state": one.state,
                "path": relative(one.path),
                "packages": {name: one.record.packages.get(name, "") for name in COMPUTING_PACKAGES},
                "seed": one.record.specification.seed,
                "minutes": round(one.record.minutes, 2),
                "machine": one.record.machine,
                "data": digest_of(dict(one.record.data_sha256)) if one.record.data_sha256 else "",
            }
            for one in filed
        ],
        "runs": len(runs),
        "seeds": sorted({run.specification.seed for run in runs}),
        "profiles": sorted({run.specification.profile for run in runs}),
        "minutes": round(sum(run.minutes for run in runs), 2),
        "machines": sorted({run.machine for run in runs}),
        "commits": sorted({run.commit for run in runs}),
    }


def describe_cells(artifact: Artifact) -> list[dict[str, Any]]:
    """Return the runs behind each cell of a table, as places in the list of records, with what each contributes."""
    place = {one.path: number for number, one in enumerate(artifact.records)}
    return [
        {
            "row": row,
            "column": column,
            "measure": cell.measure,
            "records": [place[one.path] for one in cell.runs],
            "values": values_of(cell.runs, cell.measure),
        }
        for (row, column), cell in artifact.behind.items()
    ]


def freshness(sidecar: Mapping[str, Any]) -> str:
    """Return the word on the chip: current, code changed, environment changed, quick profile, or no runs."""
    records = sidecar["records"]
    if not records:
        return "no runs"
    if any(one["state"] != "fresh" for one in records):
        return "code changed"
    if any(_series(version) != _series(installed_version(name)) for one in records
           for name, version in one["packages"].items() if version):  # fmt: skip
        return "environment changed"
    return "quick profile" if sidecar["profiles"] == ["quick"] else "current"


def read_sidecar(name: str) -> dict[str, Any]:
    """Read the sidecar of a published artifact.

    Raises:
        FileNotFoundError: if it was never published.
        ValueError: if its digest does not belong to its content.
    """
    path = paths.ARTIFACTS / name / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"artifact {name!r} is not published: {relative(path)} is missing; run the notebook that shows it "
            "(python -m parsimony.book.run NAME)."
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    rest = {key: value for key, value in content.items() if key != "digest"}
    if content.get("digest") != digest_of(rest):
        raise ValueError(f"{relative(path)} was altered: its digest {content.get('digest')} does not fit its content;"
                         " delete the folder and run the notebook again.")  # fmt: skip
    return content


def published_sidecars() -> list[dict[str, Any]]:
    """Return the sidecars of all published artifacts, sorted by identifier."""
    found = sorted(paths.ARTIFACTS.glob("*/*.json"))
    return [read_sidecar(path.parent.name) for path in found if path.stem == path.parent.name]


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the first 12 hex digits of the SHA-256 of a JSON object."""
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())[:12]


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def installed_version(name: str) -> str:
    """Return the public version of an installed package, without a local tag such as `+cpu`; "" if absent."""
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""


def relative(path: Path) -> str:
    """Return a path as seen from the root of the checkout, with forward slashes."""
    return path.relative_to(paths.ROOT).as_posix() if path.is_relative_to(paths.ROOT) else path.name


def _series(version: str) -> tuple[str, ...]:
    """Return major and minor: a patch release is taken to compute the same."""
    return tuple(version.partition("+")[0].split(".")[:2])
