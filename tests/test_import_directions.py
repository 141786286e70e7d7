"""Imports go one way; whatever needs no torch imports none."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import parsimony

PACKAGE = Path(parsimony.__file__).parent
ROOM = ("data", "symbolic", "nn", "evaluation", "methods", "baselines")
DESCRIPTIONS = (
    "experiments.archive",
    "experiments.machine",
    "experiments.fingerprint",
    "experiments.tasks",
    "data.registry",
    "data.cards",
)
ALLOWED = {
    "paths": (),
    "records": ("paths",),
    "published": ("paths",),
    "citation": (),
    "data": ("paths",),
    "symbolic": (),
    "nn": ("paths", "symbolic"),
    "evaluation": ("paths",),
    "methods": ("data", "symbolic", "nn"),
    "baselines": ("data", "symbolic", "nn"),
    "experiments": ("paths", "records", *ROOM),
    "artifacts": (
        "paths",
        "records",
        "published",
        "evaluation.intervals",
        "evaluation.scaling_law",
        "evaluation.growth",
        "evaluation.confusion",
    ),
    "book": ("paths", "records", "published", "citation", "artifacts", *DESCRIPTIONS),
    "cli": ("paths", "records", "published", "citation", "artifacts", "book", "data", "experiments"),
}
TRAINERS = (
    "experiments.link_prediction",
    "experiments.structure_search",
    "experiments.relational_network",
    "experiments.cold_start",
    "experiments.few_shot",
    "experiments.reasoning",
    "experiments.modularity",
    "experiments.bilinear_training",
    "experiments.network_training",
    "experiments.network_objectives",
)
SOURCES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the dotted name of a source below the package, without the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of what a source imports from the package, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports from the package in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name.startswith("parsimony."):
                yield node.lineno, name.removeprefix("parsimony.")


def is_within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_go_one_way(path: Path) -> None:
    """A module imports from its own folder and from those that stand before it, nothing else."""
    own = module_name(path).partition(".")[0]
    if not own:
        pytest.skip("the package itself imports nothing of its own")
    allowed = (own, "__version__", *ALLOWED[own])
    offenders = [
        f"{path}:{line}: {own} must not import parsimony.{name}; allowed: {', '.join(allowed)}"
        for line, name in imports(path)
        if not is_within(name, allowed)
    ]
    assert [] == offenders


def test_command_line_imports_no_trainer() -> None:
    """No source of the command line names a trainer: the driver imports it when it starts a run."""
    sources = [path for path in SOURCES if is_within(module_name(path), ("cli",))]
    named = [(str(path), name) for path in sources for _, name in imports(path)]
    assert [] == [(path, name) for path, name in named if is_within(name, TRAINERS)]


@pytest.mark.parametrize(
    "code",
    [
        "import parsimony.records, parsimony.paths, parsimony.published",
        "import parsimony.artifacts.catalogue",
        "import parsimony.cli",
        "import parsimony.symbolic.engine, parsimony.symbolic.equivalence",
        "import parsimony.book",
        "import parsimony.experiments.driver",
        "from parsimony.experiments.archive import open_archive, states; states(), open_archive()",
        "from parsimony.cli.artifacts import artifact_states; artifact_states()",
    ],
)
def test_looking_needs_no_torch(code: str) -> None:
    """Reading records, states and catalogues works in a process without torch."""
    check = f"import sys; sys.modules['torch'] = None\n{code}\n"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert "" == done.stderr[-2000:]
    assert 0 == done.returncode
