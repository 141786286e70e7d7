"""`parsimony claims`: each empirical claim of the papers, held against the records."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from parsimony.cli.screen import print_json, screen, table

VERDICT_COLOURS = {"reproduced": "green", "not reproduced": "red"}


def claims(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Evaluate the claims of the papers against the records."""
    from parsimony.artifacts.claims import evaluate_claims
    from parsimony.experiments.archive import open_archive

    results = evaluate_claims(open_archive())
    if as_json:
        names = ("id", "verdict", "ours", "published", "interval")
        print_json([{name: getattr(one, name) for name in names} for one in results])
        return
    shown = table("Claims", "id", "verdict", "ours", "published", "interval", "claim")
    for one in results:
        colour = VERDICT_COLOURS.get(one.verdict, "dim")
        cells = [_text(one.ours), _text(one.published), _text(one.interval), one.text]
        shown.add_row(one.id, f"[{colour}]{one.verdict}[/]", *map(escape, cells))
    screen().print(shown)


def _text(value: Any) -> str:
    """Write a number, a pair of numbers, a text or nothing."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return " to ".join(map(_text, value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)
