"""Write a figure or table into one file that says by itself where it comes from."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsimony.cli.screen import UnknownName

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact

PICTURES = ("svg", "png", "pdf")
ENDINGS = (*PICTURES, "csv", "json")


def check_ending(identifier: str, path: Path) -> None:
    """Refuse an ending that cannot hold the artifact.

    Raises:
        UnknownName: if no file of that ending can be written.
        ValueError: if a table is to become a picture.
    """
    ending = path.suffix[1:].lower()
    if ending not in ENDINGS:
        raise UnknownName("kind of file", ending or path.name, ENDINGS)
    if identifier.startswith("tab-") and ending in PICTURES:
        raise ValueError(f"{identifier} is a table and {path.name} a picture; give a file that ends in .csv or .json.")


def content_of(artifact: Artifact, ending: str, origin: Mapping[str, Any]) -> bytes:
    """Return the bytes of the file.

    Args:
        artifact: figure or table.
        ending: one of `ENDINGS`.
        origin: provenance, a JSON object.
    """
    if ending == "csv":
        return csv_content(artifact, origin)
    if ending == "json":
        rows = json.loads(artifact.data.to_json(orient="records"))
        content = {"caption": artifact.caption, "alt": artifact.alt, "provenance": dict(origin), "data": rows}
        return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    return picture_content(artifact, ending, origin)


def csv_content(artifact: Artifact, origin: Mapping[str, Any]) -> bytes:
    """Return the data behind the artifact after comment lines, one a field of the provenance."""
    from parsimony.book.publish import write_csv

    lines = [f"# {name}: {_one_line(value)}\n" for name, value in origin.items() if name != "records"]
    lines += [f"# record: {_one_line(one)}\n" for one in origin["records"]]
    return "".join(lines).encode() + write_csv(artifact.data)


def picture_content(artifact: Artifact, ending: str, origin: Mapping[str, Any]) -> bytes:
    """Return the picture with the provenance in the metadata that its kind of file offers."""
    import matplotlib
    from matplotlib import pyplot

    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": artifact.id, "svg.fonttype": "none"}):
        metadata = picture_metadata(artifact, ending, _one_line(dict(origin)))
        artifact.figure.savefig(stream, format=ending, dpi=150, metadata=metadata, bbox_inches="tight")
    pyplot.close(artifact.figure)
    return stream.getvalue()


def picture_metadata(artifact: Artifact, ending: str, origin: str) -> dict[str, str | None]:
    """Return the metadata that matplotlib writes: Dublin Core in svg, text chunks in png, Info in pdf."""
    if ending == "svg":
        names = ("Title", "Description", "Source", "Creator", "Date")
    elif ending == "png":
        names = ("Title", "Description", "Source", "Software", "Creation Time")
    else:
        names = ("Title", "Subject", "Keywords", "Creator", "CreationDate")
    return dict(zip(names, (artifact.title, artifact.alt, origin, "Parsimony", None), strict=True))


def _one_line(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return json.dumps(value, ensure_ascii=False)
