"""Read a notebook's source, and bring an executed one into the form that is written: the same bytes every time."""

from __future__ import annotations

import ast
import hashlib
import re
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from parsimony import paths

_PUBLISHED = re.compile(r"```\{artifact\} (?P<id>\S+)\n:digest: (?P<digest>[0-9a-f]{12})")
_TEXTUAL = ("text/plain", "text/html", "text/markdown")


class NotebookError(Exception):
    """A notebook that cannot be run or shown, with what to do about it."""


def read_source(path: Path) -> NotebookNode:
    """Read a notebook that is kept as a jupytext script.

    Raises:
        NotebookError: if there is no such file, or not exactly one cell tagged `parameters`.
    """
    import jupytext

    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in path.parent.glob("*.py"))) or "none"
        raise NotebookError(f"there is no notebook {path.name}; there are: {names}.")
    notebook = jupytext.read(path)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise NotebookError(
            f"{path.name} has {len(tagged)} cells tagged `parameters`; expected one, with at least "
            'profile = "quick" (marker line: # %% tags=["parameters"]).'
        )
    return notebook


def default_parameters(notebook: NotebookNode) -> dict[str, Any]:
    """Return the names and literal values that the `parameters` cell sets."""
    (cell,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    found = {}
    for node in ast.parse(cell.source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = ast.literal_eval(node.value)
    return found


def normalise(notebook: NotebookNode, seal: Mapping[str, Any]) -> NotebookNode:
    """Remove what differs between two runs and add the seal of this one.

    Args:
        notebook: executed; altered in place, since it is a large tree that nobody else holds.
        seal: fingerprint and parameters, kept in the metadata under `parsimony`.

    Raises:
        NotebookError: if an output holds a widget, which would load scripts from other hosts.
    """
    if "widgets" in notebook.metadata:
        raise NotebookError(
            "an output is a widget, which makes the page load scripts from other hosts; "
            "import parsimony.book first, and turn off the progress bar that made it."
        )
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for index, cell in enumerate(notebook.cells):
        normalise_cell(cell, index)
    notebook.metadata["parsimony"] = {**seal, "artifacts": published_in(notebook)}
    return notebook


def normalise_cell(cell: NotebookNode, index: int) -> None:
    """Drop times and absolute paths from a cell, hide injected parameters, and name it by its content."""
    for name in ("papermill", "execution"):
        cell.metadata.pop(name, None)
    tags = cell.metadata.get("tags", [])
    if "injected-parameters" in tags and "remove-cell" not in tags:
        tags.append("remove-cell")
    cell["id"] = hashlib.sha256(f"{index}\n{cell.source}".encode()).hexdigest()[:12]
    for output in cell.get("outputs", []):
        if "text" in output:
            output["text"] = hide_places(output["text"])
        for kind in _TEXTUAL:
            if kind in output.get("data", {}):
                output["data"][kind] = hide_places(output["data"][kind])


def hide_places(text: str) -> str:
    """Replace the folders of this machine by `<env>` and `<root>`."""
    for kind in ("purelib", "platlib"):
        text = text.replace(sysconfig.get_path(kind), "<env>")
    return text.replace(str(paths.ROOT), "<root>")


def published_in(notebook: NotebookNode) -> list[list[str]]:
    """Return identifier and digest of each artifact that the outputs show, in their order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    texts = (output.get("data", {}).get("text/markdown", "") for output in outputs)
    return [[one["id"], one["digest"]] for text in texts for one in _PUBLISHED.finditer(text)]


def with_parameters_shown(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Return the notebook with a line under its title that says how it was run."""
    from nbformat.v4 import new_markdown_cell

    said = ", ".join(f"`{name} = {value!r}`" for name, value in parameters.items())
    cell = new_markdown_cell(f"*Run by the book's own runner with {said}; no cell was edited by hand.*")
    cell["id"] = "how-it-was-run"
    cells = list(notebook.cells)
    cells.insert(1 if cells and cells[0].cell_type == "markdown" else 0, cell)
    return NotebookNode({**notebook, "cells": cells})
