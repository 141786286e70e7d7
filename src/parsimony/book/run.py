"""Command line of the runner: `python -m parsimony.book.run [NAME ...] [-p key=value]`; without a name all chapters."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from parsimony.book import runner
from parsimony.book.notebook import NotebookError
from parsimony.book.toc import chapter_names

TOGETHER = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the notebooks that are named, or all that `_toc.yml` lists; 0 if every one is current at the end."""
    parser = argparse.ArgumentParser(prog="python -m parsimony.book.run", description="Execute notebooks.")
    parser.add_argument("names", nargs="*", help="notebooks; all chapters of _toc.yml if none is given")
    parser.add_argument("-p", dest="parameters", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--kernels", type=int, default=1, help="notebooks that run at the same time")
    asked = parser.parse_args(arguments)
    names = asked.names or chapter_names()
    if len(names) == 1:
        return run_here(names[0], dict(map(read_parameter, asked.parameters)), asked.kernels)
    given = [part for pair in asked.parameters for part in ("-p", pair)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        codes = list(pool.map(lambda name: run_apart(name, given, min(TOGETHER, len(names))), names))
    return max(codes, default=0)


def run_here(name: str, parameters: dict[str, Any], kernels: int) -> int:
    """Run one notebook in this process and say what happened."""
    begun = time.monotonic()
    try:
        executed = runner.run(name, parameters, kernels)
    except NotebookError as error:
        print(f"{name}: failed\n{error}", file=sys.stderr, flush=True)
        return 1
    took = f"executed in {time.monotonic() - begun:.1f} s" if executed else "current"
    print(f"notebook {name}: {took}", flush=True)
    return 0


def run_apart(name: str, given: list[str], kernels: int) -> int:
    """Run one notebook in a process of its own, since papermill changes the working directory."""
    command = [sys.executable, "-m", "parsimony.book.run", name, "--kernels", str(kernels), *given]
    return subprocess.run(command, check=False).returncode


def read_parameter(pair: str) -> tuple[str, Any]:
    """Read `key=value`, where the value is JSON if it can be read so, and text otherwise."""
    key, equals, value = pair.partition("=")
    if not equals:
        raise SystemExit(f"parameter {pair!r} given; expected KEY=VALUE, such as -p profile=quick.")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


if __name__ == "__main__":
    raise SystemExit(main())
