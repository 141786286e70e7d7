"""Publish a figure or table: write its files and its sidecar, and show it in the notebook and in the book.

Two calls with one artifact write the same bytes: no file carries a date, a host or a random identifier.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parsimony import paths
from parsimony.book.embedded import csv_head, origin_of, picture_metadata
from parsimony.book.pictures import web_pictures
from parsimony.book.sidecar import describe
from parsimony.paths import write_bytes_atomically, write_text_atomically

if TYPE_CHECKING:
    from parsimony.artifacts.artifact import Artifact

IDENTIFIER = re.compile(r"(fig|tab)-[a-z0-9]+(-[a-z0-9]+)*")
SHORTEST_ALTERNATIVE = 40


@dataclass(frozen=True)
class Published:
    """A figure or table on disk; its rich output is the directive that the book renders.

    Attributes:
        id: permanent identifier, such as `tab-2`.
        digest: of the sidecar; the book compares it with the one on disk.
        text: what a plain terminal shows.
        preview: picture (PNG) or table (HTML) for JupyterLab.
    """

    id: str
    digest: str
    text: str
    preview: bytes | str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        kind = "image/png" if isinstance(self.preview, bytes) else "text/html"
        directive = f"```{{artifact}} {self.id}\n:digest: {self.digest}\n```"
        return {"text/markdown": directive, "text/plain": self.text, kind: self.preview}


def publish(artifact: Artifact) -> Published:
    """Write an artifact to `results/artifacts/<id>/` and return what the notebook shows.

    Raises:
        ValueError: if the identifier, the caption, the text alternative or the data are not fit for the book.
    """
    check_artifact(artifact)
    files = render(artifact)
    folder = paths.ARTIFACTS / artifact.id
    for ending, content in files.items():
        write_bytes_atomically(folder / f"{artifact.id}.{ending}", content)
    pictures = web_pictures(artifact.id, files["png"]) if "png" in files else []
    for one in pictures:
        write_bytes_atomically(folder / one.file, one.content)
    sizes = [{"file": one.file, "width": one.width, "height": one.height} for one in pictures]
    sidecar = describe(artifact, files, sizes)
    text = json.dumps(sidecar, indent=1, ensure_ascii=False) + "\n"
    write_text_atomically(folder / f"{artifact.id}.json", text)
    preview = files["png"] if "png" in files else artifact.data.to_html(index=False)
    return Published(artifact.id, sidecar["digest"], f"{artifact.id}: {artifact.title}", preview)


def check_artifact(artifact: Artifact) -> None:
    """Refuse what the book could not show or cite.

    Raises:
        ValueError: saying what was given, what is expected and what to do.
    """
    name = artifact.id
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"artifact id {name!r} given; expected fig-NAME or tab-NAME, in lower case with hyphens.")
    for field in ("title", "caption"):
        if not getattr(artifact, field).strip():
            raise ValueError(f"{name} has no {field}; say in one sentence what the reader sees.")
    if name.startswith("fig-") != (artifact.figure is not None):
        raise ValueError(f"{name}: an id fig-NAME goes with a figure, an id tab-NAME with a table; rename it.")
    if artifact.figure is not None and len(artifact.alt.strip()) < SHORTEST_ALTERNATIVE:
        raise ValueError(
            f"{name} has a text alternative of {len(artifact.alt.strip())} characters; expected at least "
            f"{SHORTEST_ALTERNATIVE} that state the finding for someone who cannot see the picture."
        )
    if artifact.data is None or artifact.data.empty:
        raise ValueError(f"{name} has no data; give the numbers behind the picture, or the cells of the table.")


def render(artifact: Artifact) -> dict[str, bytes]:
    """Return the content of every file by its ending: csv, and png, svg, pdf for a figure."""
    origin = origin_of(artifact)
    files = {"csv": write_csv(artifact, origin)}
    if artifact.figure is not None:
        files |= {ending: draw(artifact, ending, origin) for ending in ("png", "svg", "pdf")}
    return files


def write_csv(artifact: Artifact, origin: Mapping[str, Any]) -> bytes:
    """Write the data below their provenance, with `\\n` line ends and six significant digits.

    A named index becomes columns.
    """
    data = artifact.data
    flat = data if list(data.index) == list(range(len(data))) else data.reset_index()
    return (csv_head(origin) + flat.to_csv(index=False, lineterminator="\n", float_format="%.6g")).encode()


def draw(artifact: Artifact, ending: str, origin: Mapping[str, Any]) -> bytes:
    """Draw a figure as png, svg or pdf with its provenance, without dates and with stable identifiers inside."""
    import matplotlib
    from matplotlib import pyplot

    stream = io.BytesIO()
    metadata = picture_metadata(artifact, ending, origin)
    with matplotlib.rc_context({"svg.hashsalt": artifact.id, "svg.fonttype": "none"}):
        artifact.figure.savefig(stream, format=ending, dpi=150, metadata=metadata, bbox_inches="tight")
    pyplot.close(artifact.figure)  # or the notebook would draw it a second time
    return stream.getvalue()
