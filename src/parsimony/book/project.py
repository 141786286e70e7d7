"""What the project says of itself, read from its one source: pyproject.toml, data/metadata.toml, the bibliography."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from parsimony import __version__, paths

LICENCES = "https://spdx.org/licenses/"


@dataclass(frozen=True)
class Project:
    """Title, authors and addresses of the companion.

    Attributes:
        title: in full.
        description: one sentence.
        version: of the package.
        license: of the code, an SPDX identifier.
        text_license: of text and figures.
        authors: names.
        keywords: of the field.
        requires: packages that the code needs, with their ranges.
        python: range of Python versions.
        home: address of the published book, with a slash at its end.
        repository: address of the source.
        message: what to cite for what.
        companion_of: keys of the papers that it accompanies, in the bibliography.
        methods: keys of the papers whose methods it holds.
    """

    title: str
    description: str
    version: str
    license: str
    text_license: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    requires: tuple[str, ...]
    python: str
    home: str
    repository: str
    message: str
    companion_of: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def by(self) -> str:
        """All authors in one line."""
        return ", ".join(self.authors)

    @property
    def license_address(self) -> str:
        """Permanent address of the licence of the code."""
        return f"{LICENCES}{self.license}.html"


@cache
def read_project() -> Project:
    """Read the project's own description."""
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = tomllib.loads((paths.DATA / "metadata.toml").read_text(encoding="utf-8"))
    return Project(
        title=more["title"],
        description=project["description"],
        version=__version__,
        license=project["license"],
        text_license=more["text_license"],
        authors=tuple(one["name"] for one in project["authors"]),
        keywords=tuple(project["keywords"]),
        requires=tuple(project["dependencies"]),
        python=project["requires-python"],
        home=project["urls"]["Homepage"],
        repository=project["urls"]["Repository"],
        message=more["message"],
        companion_of=tuple(more["companion_of"]),
        methods=tuple(more["methods"]),
    )


def read_works(keys: Iterable[str]) -> list[dict[str, Any]]:
    """Return works of the bibliography: key, kind, title, year, authors (given, family), venue, arXiv number.

    Raises:
        KeyError: if the bibliography lacks a key.
    """
    from pybtex.database import parse_file

    entries = parse_file(str(paths.ROOT / "book" / "references.bib")).entries
    return [_work(key, entries[key]) for key in keys]


def _work(key: str, entry: Any) -> dict[str, Any]:
    from pybtex.richtext import Text

    def plain(*parts: str) -> str:
        return str(Text.from_latex(" ".join(parts)))

    fields = entry.fields
    return {
        "key": key,
        "title": plain(fields["title"]),
        "year": int(fields["year"]),
        "authors": [
            (plain(*one.first_names, *one.middle_names), plain(*one.prelast_names, *one.last_names))
            for one in entry.persons["author"]
        ],
        "journal": plain(fields.get("journal", "")),
        "conference": plain(fields.get("booktitle", "")),
        "arxiv": fields.get("eprint", ""),
    }
