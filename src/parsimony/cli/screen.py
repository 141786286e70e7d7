"""What the commands share on the terminal: errors in one line, near names, tables, progress bars."""

from __future__ import annotations

import difflib
import json
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

COLOURS = {"fresh": "green", "stale": "yellow", "missing": "dim", "present": "green", "absent": "dim"}
WIDTH_IN_A_FILE = 160


class UnknownName(ValueError):
    """A name that nothing has; the message lists the near ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        near = near_names(name, names)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {_abridged(names) or 'none yet'}"
        super().__init__(f"no {kind} is called {name!r}; {hint}")


class PlainErrors(typer.core.TyperGroup):
    """Commands whose known errors end in one red line: status 2 for a wrong name, 1 for the rest."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command and translate its errors."""
        warnings.showwarning = _show_warning
        try:
            return super().invoke(ctx)
        except UnknownName as error:
            _fail(error, 2)
        except ModuleNotFoundError as error:
            _fail(f"{error}; install what the book needs with `make book`, or: pip install {error.name}", 1)
        except KeyError as error:
            _fail(error.args[0] if error.args else error, 2)
        except (ValueError, OSError) as error:
            _fail(error, 1)
        except Exception as error:
            if type(error).__name__ != "DataError":
                raise
            _fail(error, 1)


def _fail(error: object, code: int) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False)
    raise typer.Exit(code)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    line = f"[yellow]warning:[/yellow] {escape(str(message))}"
    Console(stderr=True, soft_wrap=True).print(line, highlight=False)


def screen() -> Console:
    """Return the terminal; into a file or a pipe, lines are wide enough to stay whole."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_IN_A_FILE)


def near_names(name: str, known: Sequence[str]) -> list[str]:
    """Return at most five known names near `name`, the nearest first."""
    lower = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), lower, n=5, cutoff=0.5)
    inside = [one for one in lower if name.lower() in one or one in name.lower()]
    return [lower[one] for one in dict.fromkeys([*close, *inside])][:5]


def _abridged(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (f", and {len(names) - 12} more" if len(names) > 12 else "")


def print_json(value: Any) -> None:
    """Print JSON for machines, with nothing around it."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str))


def coloured(state: str) -> str:
    """Return a state in its colour."""
    return f"[{COLOURS.get(state, 'default')}]{state}[/]"


def table(title: str, *columns: str) -> Table:
    """Return an empty table; a column that starts with ">" is set flush right."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column.removeprefix(">"), justify="right" if column[0] == ">" else "left")
    return made


class Bars:
    """A bar for all runs, and one for each run in progress.

    Args:
        console: where they appear.
        total: number of runs.
    """

    def __init__(self, console: Console, total: int) -> None:
        name, note = TextColumn("{task.description}"), TextColumn("[dim]{task.fields[note]}")
        columns = (name, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), note)
        self.bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._all = self.bars.add_task("all runs", total=total, note="")
        self._bar: dict[str, Any] = {}

    def update(self, name: str, done: int, total: int, note: str) -> None:
        """Move the bar of a run."""
        if name not in self._bar:
            self._bar[name] = self.bars.add_task(escape(name), note="")
        self.bars.update(self._bar[name], completed=done, total=total, note=escape(note))

    def finish(self, name: str, seconds: float, error: str) -> None:
        """Replace the bar of a run by a line that stays."""
        word = "[red]failed[/]" if error else "[green]done[/]  "
        line = f"{word} {escape(name)}  {seconds:.1f} s  {escape(error)}"
        self.bars.console.print(line, highlight=False, soft_wrap=True)
        self.bars.advance(self._all)
        if name in self._bar:
            self.bars.remove_task(self._bar.pop(name))
