"""Fingerprint of a run: what it was asked, the data it reads, the code that computes it.

The code is the task's module and every module of the package that it imports, directly or not. Of each module
the syntax tree counts, without docstrings: comments, layout and prose change no fingerprint. No module is
imported for that, so a fingerprint takes milliseconds and no torch.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import parsimony
from parsimony.experiments.tasks import task_module
from parsimony.records import Specification, canonical_json

SOURCE = Path(parsimony.__file__).parent

CARRIERS: Mapping[str, str] = {
    "parsimony": "holds the version only",
    "parsimony.records": "files what was computed",
    "parsimony.paths": "says where files lie",
    "parsimony.data.cards": "lists the files of each data set, whose digests count by themselves",
    "parsimony.data.registry": "fetches files whose digests count by themselves",
    "parsimony.experiments.archive": "reads records",
    "parsimony.experiments.catalogue": "holds the specifications, which count by themselves",
    "parsimony.experiments.checkpoint": "keeps the state of a run, bit for bit",
    "parsimony.experiments.driver": "starts runs",
    "parsimony.experiments.fingerprint": "computes this fingerprint",
    "parsimony.experiments.journal": "keeps what a run has finished",
    "parsimony.experiments.progress": "shows how far a run is",
    "parsimony.experiments.tasks": "names the module of a task, which counts by itself",
}

_KNOWN: dict[tuple[Path, str], tuple[tuple[object, ...], Mapping[str, Path]]] = {}


def fingerprint(specification: Specification) -> str:
    """Return the first 12 hex digits of the fingerprint of a run."""
    content = {
        "specification": specification.to_dict(),
        "data": data_digests(specification.dataset),
        "source": source_digest(specification),
    }
    return _sha256(canonical_json(content))[:12]


def data_digests(dataset: str) -> Mapping[str, str]:
    """Return the SHA-256 of every file of a data set, by path."""
    from parsimony.data.cards import digests_of

    return dict(digests_of(dataset))


def source_digest(specification: Specification) -> str:
    """Return the SHA-256 of the syntax trees that compute a run."""
    modules = _known_modules(task_module(specification))
    return _sha256("\n".join(f"{name} {_module_digest(*_stamp(path))}" for name, path in modules.items()))


def _known_modules(module: str) -> Mapping[str, Path]:
    """Return `modules_behind`, found once in a process for as long as none of these files changes."""
    stamps, modules = _KNOWN.get((SOURCE, module), ((), {}))
    if not modules or stamps != _stamps(modules):
        modules = modules_behind(module)
        _KNOWN[SOURCE, module] = _stamps(modules), modules
    return modules


def _stamps(modules: Mapping[str, Path]) -> tuple[object, ...]:
    return tuple(_stamp(path) if path.is_file() else None for path in modules.values())


def modules_behind(module: str) -> Mapping[str, Path]:
    """Return the modules of the package that `module` imports, directly or not, itself included, sorted.

    Raises:
        ValueError: if `module` has no source file.
    """
    found: dict[str, Path] = {}
    waiting = [module, *_parents(module)]
    while waiting:
        name = waiting.pop()
        path = module_path(name)
        if path is None and name == module:
            raise ValueError(f"module {name} has no source file below {SOURCE}; correct experiments/tasks.py.")
        if path is None or name in found or name in CARRIERS:
            continue
        found[name] = path
        waiting += imported_modules(*_stamp(path), name)
    return dict(sorted(found.items()))


def module_path(name: str) -> Path | None:
    """Return the source file of a module of the package, or None if it has none."""
    top, *rest = name.split(".")
    if top != "parsimony":
        return None
    place = SOURCE.joinpath(*rest)
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def imported_modules(path: Path, stamp: tuple[int, int], name: str) -> tuple[str, ...]:
    """Return the names under `parsimony` that a module imports anywhere in its text, parents included."""
    tree = ast.parse(path.read_bytes())
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names = {one for node in ast.walk(tree) for one in _names(node, package)}
    names |= {parent for one in names for parent in _parents(one)}
    return tuple(sorted(one for one in names if one.partition(".")[0] == "parsimony"))


def _parents(name: str) -> list[str]:
    """Return the packages that Python imports before a module."""
    return [name.rsplit(".", cut)[0] for cut in range(1, name.count(".") + 1)]


def _names(node: ast.AST, package: str) -> Iterator[str]:
    """Return what an import statement names; `from a import b` names a and, perhaps a module, a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.rsplit(".", node.level - 1)[0] if node.level else ""
        start = ".".join(filter(None, (above, node.module)))
        yield start
        yield from (f"{start}.{alias.name}" for alias in node.names)


@cache
def _module_digest(path: Path, stamp: tuple[int, int]) -> str:
    return _sha256(tree_text(path.read_text(encoding="utf-8")))


def tree_text(source: str) -> str:
    """Write the syntax tree of a source without docstrings, alike under every version of Python."""
    return _node_text(ast.parse(source))


def _node_text(value: object) -> str:
    """Write a part of a tree; empty fields are left out, since versions differ in which of them they have."""
    if isinstance(value, list):
        return f"[{','.join(map(_node_text, value))}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    content = {name: part for name, part in ast.iter_fields(value) if part is not None and part != []}
    if isinstance(value, ast.Constant):
        content = {"value": value.value}
    if isinstance(value, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        content["body"] = _without_docstring(value.body)
    fields = ",".join(f"{name}={_node_text(part)}" for name, part in content.items())
    return f"{type(value).__name__}({fields})"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_docstring and isinstance(first.value.value, str) else body


def _stamp(path: Path) -> tuple[Path, tuple[int, int]]:
    """Return a path with time and size, so that a changed file is read again within one process."""
    status = path.stat()
    return path, (status.st_mtime_ns, status.st_size)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
