"""`parsimony metadata`: write the files by which others find and cite the project."""

from __future__ import annotations

import typer


def metadata() -> None:
    """Write CITATION.cff, codemeta.json and .zenodo.json from pyproject.toml and data/metadata.toml."""
    from parsimony.book.citation_files import write_citation_files

    for path in write_citation_files():
        typer.echo(path.name)
