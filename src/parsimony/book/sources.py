"""Which files of the package a piece of source depends on, read from its imports without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import parsimony

PACKAGE = Path(parsimony.__file__).parent


def package_files(source: str) -> tuple[Path, ...]:
    """Return the package's files that `source` imports, directly or through one another, sorted.

    Imports inside functions count too, since this package imports costly libraries and siblings at use.
    """
    found: set[Path] = set()
    waiting = list(imported_files(source))
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(imported_files(path.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def imported_files(source: str) -> Iterator[Path]:
    """Yield the package's files that the import statements of `source` name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from module_files(name)


def module_files(name: str) -> Iterator[Path]:
    """Yield the file of a module of this package, if the name is one."""
    first, *rest = name.split(".")
    if first == PACKAGE.name:
        place = PACKAGE.joinpath(*rest)
        yield from (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file())
