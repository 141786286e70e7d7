"""Write a figure or table into one file that says by itself where it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from parsimony.book.embedded import ENDINGS, FIELDS, origin_of
from parsimony.cli.screen import UnknownName

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact


def check_ending(identifier: str, path: Path) -> None:
    """Refuse an ending that cannot hold the artifact.

    Raises:
        UnknownName: if no file of that ending can be written.
        ValueError: if a table is to become a picture.
    """
    ending = path.suffix[1:].lower()
    if ending not in ENDINGS:
        raise UnknownName("kind of file", ending or path.name, ENDINGS)
    if identifier.startswith("tab-") and ending in FIELDS:
        raise ValueError(f"{identifier} is a table and {path.name} a picture; give a file that ends in .csv or .json.")


def content_of(artifact: Artifact, ending: str) -> bytes:
    """Return the bytes of a file with one of the `ENDINGS`, its provenance inside."""
    from parsimony.book.publish import draw, write_csv

    origin = origin_of(artifact)
    if ending == "csv":
        return write_csv(artifact, origin)
    if ending in FIELDS:
        return draw(artifact, ending, origin)
    rows = json.loads(artifact.data.to_json(orient="records"))
    content = {"caption": artifact.caption, "alt": artifact.alt, "provenance": origin, "data": rows}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
