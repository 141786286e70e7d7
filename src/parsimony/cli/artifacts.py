"""`parsimony show`, `export` and `cite`: one figure or table, with where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from parsimony import citation, paths
from parsimony.cli.screen import UnknownName, print_json, screen, table

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact
    from parsimony.records import Specification

Identifier = Annotated[str, typer.Argument(metavar="ID", help="Identifier such as tab-2 or fig-3.")]


def show(identifier: Identifier, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show a table, or say what a figure shows and where it comes from."""
    artifact = build_artifact(identifier)
    origin = provenance(artifact)
    if as_json:
        print_json(_content(artifact, origin))
        return
    if artifact.figure is None:
        _print_data(artifact)
    else:
        screen().print(f"[bold]{escape(artifact.title)}[/]\n{escape(artifact.alt)}\n", soft_wrap=True)
        screen().print(f"picture   {_picture(identifier)}", soft_wrap=True, highlight=False)
    screen().print(f"caption   {escape(artifact.caption)}", soft_wrap=True, highlight=False)
    screen().print(f"runs      {_runs(origin)}", soft_wrap=True, highlight=False)


def build_artifact(identifier: str) -> Artifact:
    """Build a figure or table from the records.

    Raises:
        UnknownName: if the catalogue of artifacts has no such identifier.
    """
    from parsimony.artifacts.catalogue import ARTIFACTS, build
    from parsimony.experiments.archive import open_archive

    if identifier not in ARTIFACTS:
        raise UnknownName("figure or table", identifier, list(ARTIFACTS))
    return build(identifier, open_archive())


def provenance(artifact: Artifact) -> dict[str, Any]:
    """Return which runs, code and versions an artifact comes from."""
    from parsimony.book.sidecar import describe

    left_out = {"title", "caption", "alt", "files", "notebook", "command", "digest", "pictures", "explanation"}
    return {name: value for name, value in describe(artifact, {}).items() if name not in left_out}


def artifact_states() -> list[dict[str, Any]]:
    """Return identifier, title, state and records of every artifact, in the order of the catalogue.

    An artifact is missing while it waits for runs of which none is filed, and stale if one of its records is.
    """
    from parsimony.artifacts.catalogue import ARTIFACTS
    from parsimony.experiments.archive import open_archive

    archive = open_archive()
    return [_artifact_state(identifier, entry, archive) for identifier, entry in ARTIFACTS.items()]


def _artifact_state(identifier: str, entry: Any, archive: Any) -> dict[str, Any]:
    used = [one for one in archive.find() if _uses(entry, one.record.specification)]
    state = "missing" if entry.methods else "fresh"
    if used:
        state = "fresh" if all(one.state == "fresh" for one in used) else "stale"
    records = [str(one.path.relative_to(paths.ROOT)) for one in used]
    return {"id": identifier, "title": entry.title, "state": state, "records": records}


def _uses(entry: Any, specification: Specification) -> bool:
    """Tell whether an artifact shows such a run; an entry that names no data sets shows them all."""
    is_shown = not entry.datasets or specification.dataset in entry.datasets
    return is_shown and specification.method in entry.methods


def _content(artifact: Artifact, origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return an artifact as JSON; numbers that are not there are null."""
    return {
        "id": artifact.id,
        "kind": origin["kind"],
        "title": artifact.title,
        "caption": artifact.caption,
        "alt": artifact.alt,
        "data": json.loads(artifact.data.to_json(orient="records")),
        "provenance": dict(origin),
    }


def _print_data(artifact: Artifact) -> None:
    """Print a data frame, numbers flush right."""
    frame = artifact.data
    flush = [">" if _is_numeric(frame[name]) else "" for name in frame.columns]
    shown = table(artifact.title, *(f"{mark}{name}" for mark, name in zip(flush, frame.columns, strict=True)))
    for row in frame.itertuples(index=False):
        shown.add_row(*(escape(_cell(value)) for value in row))
    screen().print(shown)


def _is_numeric(column: Any) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column))


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN alone differs from itself
        return "not available"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _picture(identifier: str) -> str:
    path = paths.ARTIFACTS / identifier / f"{identifier}.svg"
    order = f"parsimony export {identifier} --to {identifier}.svg"
    return str(path) if path.is_file() else f"not drawn yet: {order}"


def _runs(origin: Mapping[str, Any]) -> str:
    """Say in one line how many runs, of which state, with which seeds and where."""
    if not origin["runs"]:
        return "none"
    stale = sum(one["state"] != "fresh" for one in origin["records"])
    seeds = ", ".join(map(str, origin["seeds"]))
    state = f"{stale} of them stale" if stale else "all fresh"
    machines = "; ".join(origin["machines"])
    return f"{origin['runs']} ({state}), seeds {seeds}, {origin['minutes']} min on {machines}"


def export(
    identifier: Identifier,
    to: Annotated[Path, typer.Option("--to", help="File to write: .svg, .png, .pdf, .csv or .json.")],
) -> None:
    """Write a figure or table to a file, with its provenance inside."""
    from parsimony.cli.export import check_ending, content_of

    check_ending(identifier, to)
    paths.write_bytes_atomically(to, content_of(build_artifact(identifier), to.suffix[1:].lower()))
    screen().print(str(to), highlight=False, soft_wrap=True)


def cite(
    identifier: Annotated[
        str | None,
        typer.Argument(metavar="[ID|FILE]", help="Figure, table, or downloaded file; the companion if left out."),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="bibtex, csl-json, apa or plain.")] = "bibtex",
) -> None:
    """Print how to cite the companion, or one figure or table, with the original paper."""
    if form not in citation.FORMATS:
        raise UnknownName("citation format", form, citation.FORMATS)
    works = citation.companion() if identifier is None else works_of(identifier)
    typer.echo(citation.FORMATS[form](works))


def works_of(name: str) -> list[citation.Work]:
    """Return what to cite for an identifier, or for a downloaded file, which knows its own."""
    from parsimony.book.embedded import origin_of, read_origin

    origin = read_origin(Path(name)) if Path(name).suffix else origin_of(build_artifact(name))
    return citation.of_artifact(origin["id"], origin["title"], origin)
