"""Execute a notebook into the book, only when something that it depends on has changed.

A notebook is current when its executed form carries the fingerprint of today's source, parameters, records, published
values, kept benchmarks, package modules and drawing libraries, and every artifact that it shows lies on disk with its
digest.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import nbformat

from parsimony import paths
from parsimony.book.colophon import PACKAGES
from parsimony.book.notebook import (
    NotebookError,
    default_parameters,
    normalise,
    read_source,
    with_parameters_shown,
)
from parsimony.book.sidecar import installed_version, read_sidecar, relative, sha256
from parsimony.book.sources import package_files
from parsimony.experiments import machine
from parsimony.paths import write_text_atomically
from parsimony.records import Filed

SECONDS_PER_CELL = 600


def run(name: str, given: Mapping[str, Any] | None = None, kernels: int = 1) -> bool:
    """Bring one chapter up to date.

    Args:
        name: of the notebook, such as "model".
        given: parameters that replace those of the notebook's `parameters` cell.
        kernels: how many notebooks run at the same time; they share the cores.

    Returns:
        True if the notebook was executed, False if the chapter was current.

    Raises:
        NotebookError: if a parameter is unknown or a cell fails; the chapter stays as it was.
    """
    path = paths.ROOT / "notebooks" / f"{name}.py"
    notebook = read_source(path)
    parameters = {**default_parameters(notebook), **known_parameters(notebook, given or {}, name)}
    seal = {"fingerprint": fingerprint(path, parameters), "parameters": parameters}
    if is_current(name, seal["fingerprint"]):
        return False
    executed = execute(name, notebook, dict(given or {}), kernels)
    sealed = with_parameters_shown(normalise(executed, seal), parameters)
    write_text_atomically(chapter_path(name), nbformat.writes(sealed) + "\n")
    return True


def chapter_path(name: str) -> Path:
    """Return the place of the executed notebook in the book."""
    return paths.ROOT / "book" / "chapters" / f"{name}.ipynb"


def known_parameters(notebook: Any, given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the given parameters, if the notebook has all of them."""
    defined = default_parameters(notebook)
    unknown = sorted(set(given) - set(defined))
    if unknown:
        raise NotebookError(
            f"notebook {name} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(defined))}."
        )
    return given


def fingerprint(path: Path, parameters: Mapping[str, Any]) -> str:
    """Return the SHA-256 of everything that the executed notebook depends on."""
    import jupytext

    notebook = jupytext.read(path)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    parts = {
        "source": path.read_text(encoding="utf-8"),
        "parameters": dict(parameters),
        "records": digest_records(parameters.get("reads", ["*"])),
        "published": digest_files(paths.DATA / "published"),
        "measurements": digest_files(paths.DATA / "measurements"),
        "modules": {relative(one): digest_code(one) for one in package_files(code)},
        "packages": {package: installed_version(package) for package in PACKAGES},
    }
    return sha256(json.dumps(parts, sort_keys=True).encode())


def digest_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder; nothing if there is no such folder."""
    return {one.name: sha256(one.read_bytes()) for one in sorted(folder.glob("*")) if one.is_file()}


def digest_code(path: Path) -> str:
    """Return the SHA-256 of a module's syntax tree: comments and layout change no output."""
    return sha256(ast.dump(ast.parse(path.read_text(encoding="utf-8"))).encode())


def digest_records(patterns: list[str]) -> list[list[str]]:
    """Return name, state and content digest of each record that a pattern such as `UMLS/distmult*` matches."""
    return [
        [one.record.specification.name, one.state, sha256(one.path.read_bytes())]
        for one in archived()
        if any(fnmatchcase(one.record.specification.name, pattern) for pattern in patterns)
    ]


def archived() -> tuple[Filed, ...]:
    """Return every record that counts, in a fixed order."""
    from parsimony.experiments.archive import open_archive

    return open_archive().find()


def is_current(name: str, expected: str) -> bool:
    """Tell whether the executed chapter and all artifacts that it shows are those of this fingerprint."""
    path = chapter_path(name)
    if not path.is_file():
        return False
    seal = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("parsimony", {})
    return seal.get("fingerprint") == expected and all(
        is_on_disk(artifact, digest) for artifact, digest in seal["artifacts"]
    )


def is_on_disk(artifact: str, digest: str) -> bool:
    """Tell whether an artifact lies on disk, whole and with this digest."""
    try:
        sidecar = read_sidecar(artifact)
    except (FileNotFoundError, ValueError):
        return False
    files = {paths.ARTIFACTS / artifact / file: sha for file, sha in sidecar["files"].items()}
    pictures = [paths.ARTIFACTS / artifact / one["file"] for one in sidecar["pictures"]]
    return (
        sidecar["digest"] == digest
        and all(one.is_file() for one in pictures)
        and all(file.is_file() and sha256(file.read_bytes()) == sha for file, sha in files.items())
    )


def execute(name: str, notebook: Any, given: dict[str, Any], kernels: int) -> Any:
    """Execute a notebook in a fresh kernel of this environment.

    Raises:
        NotebookError: if a cell fails; the partial notebook is kept in `build/failed`.
    """
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    failed = paths.BUILD / "failed" / f"{name}.ipynb"
    failed.parent.mkdir(parents=True, exist_ok=True)
    try:
        with kernel_environment(name, kernels):
            executed = execute_notebook(
                notebook,
                str(failed),
                parameters=given,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                cwd=str(paths.ROOT),
                execution_timeout=SECONDS_PER_CELL,
            )
    except PapermillExecutionError as error:
        raise NotebookError(
            f"notebook {name}, cell {error.cell_index}:\n{error.source}\n{error.ename}: {error.evalue}\n"
            + "\n".join(error.traceback)
            + f"\nThe partial notebook is {relative(failed)}; the chapter was left as it was."
        ) from error
    failed.unlink(missing_ok=True)  # papermill wrote it on the way
    return executed


@contextmanager
def kernel_environment(name: str, kernels: int) -> Iterator[None]:
    """Set the variables that a kernel inherits, and put the old ones back."""
    wanted = {
        "PARSIMONY_NOTEBOOK": name,
        "PARSIMONY_ROOT": str(paths.ROOT),
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TQDM_DISABLE": "1",
        "OMP_NUM_THREADS": str(machine.cores_of_one(kernels)),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})
