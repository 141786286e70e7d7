"""The command `parsimony`: list, run, show, export, cite, data, claims, bench, metadata.

Importing it costs no torch, and neither does any command that trains nothing.
"""

from __future__ import annotations

from typing import Annotated

import typer

from parsimony import __version__
from parsimony.cli import artifacts, bench, claims, data, experiments, metadata
from parsimony.cli.screen import PlainErrors

app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Rerun, look up, export and cite what this book reproduces.",
    epilog="Begin with: parsimony list",
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"parsimony {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Rerun, look up, export and cite what this book reproduces."""


app.command("list")(experiments.list_experiments)
app.command("run")(experiments.run_experiments)
app.command("show")(artifacts.show)
app.command("export")(artifacts.export)
app.command("cite")(artifacts.cite)
app.add_typer(data.app, name="data")
app.command("claims")(claims.claims)
app.command("bench")(bench.bench)
app.command("metadata")(metadata.metadata)
