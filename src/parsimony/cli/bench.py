"""`parsimony bench`: how much faster than a plain reference, measured in pairs on this machine.

A benchmark is a file of benchmarks/ with NAME, TARGET and `run(pairs)`; a file without NAME helps others.
"""

from __future__ import annotations

import ast
import importlib
import sys
from contextlib import nullcontext
from typing import Annotated, Any

import typer

from parsimony import paths
from parsimony.cli.screen import UnknownName, print_json, screen, table


def bench(
    name: Annotated[str | None, typer.Argument(help="Benchmark to run; lists them if left out.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="How often both are timed, one after the other.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run a benchmark, or list them."""
    known = benchmarks()
    if name is None:
        _list(known, as_json)
        return
    if name not in known:
        raise UnknownName("benchmark", name, known)
    result = measure(known[name]["module"], pairs, as_json)
    if as_json:
        print_json(result)
        return
    shown = table(f"{name}, on {result['machine']}", ">ratio", ">target", ">pairs")
    shown.add_row(f"{result['ratio']:.2f}", f"{result['target']:.2f}", str(result["pairs"]))
    screen().print(shown)


def benchmarks() -> dict[str, dict[str, Any]]:
    """Return module and target of each benchmark by its name; nothing is imported for that."""
    found = {}
    for path in sorted((paths.ROOT / "benchmarks").glob("*.py")):
        constants = _constants(ast.parse(path.read_text(encoding="utf-8")))
        if "NAME" in constants:
            found[constants["NAME"]] = {
                "module": f"benchmarks.{path.stem}",
                "target": constants.get("TARGET"),
            }
    return found


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Return the constants that a module assigns at its top level."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.targets[0], ast.Name)
    }


def measure(module: str, pairs: int, quiet: bool) -> dict[str, Any]:
    """Import one benchmark and run it."""
    sys.path.insert(0, str(paths.ROOT))
    try:
        with nullcontext() if quiet else screen().status(f"timing {pairs} pairs"):
            return importlib.import_module(module).run(pairs)
    finally:
        sys.path.remove(str(paths.ROOT))


def _list(known: dict[str, dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json([{"name": name, "target": one["target"]} for name, one in known.items()])
        return
    shown = table("Benchmarks", "name", ">target ratio")
    for name, one in known.items():
        shown.add_row(name, str(one["target"]))
    screen().print(shown)
