"""The table of contents of the book: which pages there are, and which of them are executed notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsimony import paths

CHAPTER_FOLDER = "book/chapters/"


def page_names() -> list[str]:
    """Return the name of every page of `_toc.yml` in order, without ending, the front page first."""
    import yaml

    return list(walk(yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))))


def walk(entry: dict[str, Any]) -> Iterator[str]:
    """Yield the pages below one entry of the table of contents."""
    for key in ("root", "file"):
        if key in entry:
            yield entry[key]
    for key in ("parts", "chapters", "sections"):
        for inner in entry.get(key, []):
            yield from walk(inner)


def chapter_names() -> list[str]:
    """Return the names of the notebooks that the book shows."""
    return [page.removeprefix(CHAPTER_FOLDER) for page in page_names() if page.startswith(CHAPTER_FOLDER)]
