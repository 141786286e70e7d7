"""`parsimony data`: the files of the benchmarks, where they come from, and whether they are intact."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from parsimony.cli.screen import UnknownName, coloured, print_json, screen, table

app = typer.Typer(no_args_is_help=True, help="List, fetch and verify the data files.")

Name = Annotated[str | None, typer.Argument(help="Group, or part of a path; all files if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_files(name: Name = None, as_json: AsJson = False) -> None:
    """List the files with source, size and terms."""
    chosen = select(name)
    if as_json:
        print_json([_content(one) for one in chosen])
        return
    shown = table("Data files", "group", "path", "state", ">bytes", "terms")
    shown.columns[-1].no_wrap = True
    for one in chosen:
        state = coloured(_content(one)["state"])
        shown.add_row(one.group, escape(one.path), state, f"{one.bytes:,}", escape(one.licence))
    screen().print(shown)


@app.command("fetch")
def fetch_files(name: Name = None, as_json: AsJson = False) -> None:
    """Fetch files, from PARSIMONY_MIRROR first, and verify them."""
    _visit(select(name), as_json, "fetched")


@app.command("verify")
def verify_files(name: Name = None, as_json: AsJson = False) -> None:
    """Check size and digest of every file that is here; nothing is fetched."""
    _visit([one for one in select(name) if is_here(one)], as_json, "verified")


def select(name: str | None) -> list[Any]:
    """Return the entries of a group, or those whose path contains `name`.

    Raises:
        UnknownName: if there are none.
    """
    from parsimony.data.registry import entries

    known = list(entries().values())
    chosen = [one for one in known if name is None or one.group == name]
    chosen = chosen or [one for one in known if name and name.lower() in f"{one.group}/{one.path}".lower()]
    if not chosen and name:
        groups = dict.fromkeys(one.group for one in known)
        files = [f"{one.group}/{one.path}" for one in known]
        raise UnknownName("data file or group", name, [*groups, *files])
    return chosen


def _content(one: Any) -> dict[str, Any]:
    names = ("group", "path", "sha256", "bytes", "url", "licence", "citation")
    return {**{name: getattr(one, name) for name in names}, "state": "present" if is_here(one) else "absent"}


def is_here(one: Any) -> bool:
    """Tell whether a file can be read without a download: embedded, in the cache or in a mirror's folder."""
    from parsimony.data.registry import EMBEDDED, cache_folder

    mirror = os.environ.get("PARSIMONY_MIRROR", "")
    folders = [cache_folder(), *([Path(mirror)] if mirror and "://" not in mirror else [])]
    return one.group == EMBEDDED or any((folder / one.group / one.path).is_file() for folder in folders)


def _visit(chosen: list[Any], as_json: bool, word: str) -> None:
    """Fetch each file; go on after a failure, and leave with status 1 if there was one."""
    from rich.progress import track

    shown = track(chosen, "files", console=screen(), disable=as_json, transient=True)
    results = [_try(one, word) for one in shown]
    failed = [one for one in results if one["error"]]
    if as_json:
        print_json(results)
    for one in [] if as_json else failed:
        name = escape(f"{one['group']}/{one['path']}")
        screen().print(f"[red]{name}[/]  {escape(one['error'])}", soft_wrap=True)
    if not as_json:
        screen().print(f"{len(results) - len(failed)} of {len(results)} files {word}.", highlight=False)
    if failed:
        raise typer.Exit(1)


def _try(one: Any, word: str) -> dict[str, Any]:
    from parsimony.data.registry import DataError, fetch

    result = {"group": one.group, "path": one.path, "state": word, "file": "", "error": ""}
    try:
        return {**result, "file": str(fetch(one))}
    except (DataError, OSError) as error:
        return {**result, "state": "failed", "error": str(error)}
