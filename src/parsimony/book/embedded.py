"""What a downloaded figure or table says of itself: title, authors, version, commit, paper and runs, inside the file.

The same JSON object stands in each kind of file, where its readers look for it: Dublin Core `source` of an SVG, text
chunk `Source` of a PNG, Exif description of a WebP, `Keywords` of a PDF, a comment line of a CSV, field `provenance` of
a JSON file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsimony import __version__
from parsimony.citation import AUTHORS, paper_of
from parsimony.experiments import machine

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact

MARK = "# provenance: "
# Field of each kind of picture for title, description, the JSON object, program and date; the last two stay the same.
FIELDS = {
    "svg": ("Title", "Description", "Source", "Creator", "Date"),
    "png": ("Title", "Description", "Source", "Software", "Creation Time"),
    "pdf": ("Title", "Subject", "Keywords", "Creator", "CreationDate"),
}
ENDINGS = (*FIELDS, "csv", "json")


def origin_of(artifact: Artifact) -> dict[str, Any]:
    """Return what a file says of the figure or table in it."""
    return {
        "id": artifact.id,
        "title": artifact.title,
        "authors": AUTHORS,
        "version": __version__,
        "commit": machine.commit(),
        "paper": f"arXiv {paper_of(artifact.id)['number']}",
        "runs": len(artifact.records),
        "records": [
            {
                "name": one.record.specification.name,
                "fingerprint": one.record.fingerprint,
                "state": one.state,
            }
            for one in artifact.records
        ],
    }


def picture_metadata(artifact: Artifact, ending: str, origin: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the metadata that matplotlib writes into a picture; without a date two drawings are the same bytes."""
    found = (artifact.title, artifact.alt, json.dumps(origin), "Parsimony", None)
    return dict(zip(FIELDS[ending], found, strict=True)) | ({"Producer": None} if ending == "pdf" else {})


def csv_head(origin: Mapping[str, Any]) -> str:
    """Return the comment lines above a table: one to read, one for programs."""
    cited = f"{origin['id']} of Parsimony {origin['version']}, commit {origin['commit'][:12] or 'unknown'}"
    return (
        f"# {' '.join(origin['title'].split())} ({cited}; companion of {origin['paper']})\n{MARK}{json.dumps(origin)}\n"
    )


def read_cells(path: Path) -> list[list[str]]:
    """Return the rows of a published CSV file, the header first, without its comment lines."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(line for line in stream if not line.startswith("# ")))


def read_origin(path: Path) -> dict[str, Any]:
    """Read what a downloaded file says of itself.

    Raises:
        ValueError: if the file is of another kind, damaged, or not from this book.
        FileNotFoundError: if there is no such file.
    """
    ending = path.suffix[1:].lower()
    if ending not in READERS:
        raise ValueError(f"{path} given; expected a figure or table of this book, a file .{', .'.join(READERS)}.")
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; give a downloaded file, or an identifier such as tab-2.")
    try:
        origin = json.loads(READERS[ending](path))
    except Exception as error:  # whatever a library finds wrong with a file from anywhere
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise ValueError(f"{path} holds no provenance of this book ({reason}); download it again.") from error
    if not isinstance(origin, dict) or not {"id", "title", "version", "commit", "runs", "records"} <= set(origin):
        raise ValueError(f"{path} holds no provenance of this book; download it again.")
    return origin


def _from_svg(path: Path) -> str:
    from xml.etree import ElementTree

    return next(ElementTree.parse(path).iter("{http://purl.org/dc/elements/1.1/}source")).text or ""


def _from_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path, formats=["PNG"]) as picture:
        picture.load()  # chunks behind the pixels
        return picture.text["Source"]


def _from_webp(path: Path) -> str:
    from PIL import ExifTags, Image

    with Image.open(path, formats=["WEBP"]) as picture:
        return picture.getexif()[ExifTags.Base.ImageDescription]


def _from_pdf(path: Path) -> str:
    from pypdf import PdfReader

    return PdfReader(path).metadata["/Keywords"]


def _from_csv(path: Path) -> str:
    with path.open(encoding="utf-8") as stream:
        return next(line.removeprefix(MARK) for line in stream if line.startswith(MARK))


def _from_json(path: Path) -> str:
    content = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps(content.get("provenance", content))


READERS = {
    "svg": _from_svg, "png": _from_png, "webp": _from_webp, "pdf": _from_pdf, "csv": _from_csv, "json": _from_json,
}  # fmt: skip
