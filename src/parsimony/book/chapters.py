"""Which figures and tables the pages show: those that executed chapters published, and those that prose names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from parsimony import paths
from parsimony.book.publish import publish
from parsimony.book.runner import chapter_path
from parsimony.book.sidecar import read_sidecar
from parsimony.book.toc import chapter_names, page_names

_DIRECTIVE = re.compile(r"^[`:]{3,}\{artifact\} +(?P<id>\S+)", re.MULTILINE)


def seals() -> dict[str, dict[str, Any]]:
    """Return what every executed chapter of the book says about itself, by notebook."""
    chapters = {name: chapter_path(name) for name in chapter_names()}
    return {
        name: json.loads(path.read_text(encoding="utf-8"))["metadata"].get("parsimony", {})
        for name, path in chapters.items()
        if path.is_file()
    }


def owners() -> dict[str, str]:
    """Return the notebook that publishes each artifact of the chapters, in the order of the book.

    Raises:
        ValueError: if two chapters publish one artifact.
    """
    owner: dict[str, str] = {}
    for notebook, seal in seals().items():
        for artifact, _ in seal.get("artifacts", []):
            if owner.setdefault(artifact, notebook) != notebook:
                raise ValueError(
                    f"artifact {artifact} is published by {owner[artifact]} and by {notebook}; "
                    "an identifier belongs to one place: give the second one a name of its own."
                )
    return owner


def artifacts_in_prose() -> Iterator[str]:
    """Yield the artifacts that prose pages name and no chapter publishes, in the order of the book.

    A name that the catalogue does not have is left to the directive, which warns at its place.
    """
    from parsimony.artifacts.catalogue import ARTIFACTS

    waiting = set(ARTIFACTS) - set(owners())
    for page in page_names():
        path = paths.ROOT / f"{page}.md"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for one in _DIRECTIVE.finditer(text):
            if one["id"] in waiting:
                waiting.remove(one["id"])
                yield one["id"]


def publish_artifacts_in_prose() -> None:
    """Publish from the records what prose pages show, since no notebook does."""
    names = list(artifacts_in_prose())
    if not names:
        return
    from parsimony.artifacts.catalogue import build
    from parsimony.experiments.archive import open_archive

    archive = open_archive()
    for name in names:
        publish(build(name, archive))


def shown_artifacts() -> list[dict[str, Any]]:
    """Return the sidecars of all artifacts that the book shows: those of prose pages, then those of chapters."""
    return [read_sidecar(name) for name in (*artifacts_in_prose(), *owners())]
