"""What changes a fingerprint, and what leaves it alone."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from parsimony.experiments import fingerprint as subject
from parsimony.experiments import tasks
from parsimony.records import Specification

ASKED = Specification(
    task="toy", method="toy", dataset="UMLS", seed=0, profile="quick", settings={"rate": 0.1, "epochs": 3}
)
FILES = {
    "__init__.py": "",
    "records.py": "FIELDS = 1\n",
    "experiments/__init__.py": "",
    "experiments/toy.py": (
        '"""Train."""\nfrom parsimony.records import FIELDS\nfrom parsimony.methods import toy\n\n'
        'def run():\n    """Run."""\n    from ..nn.block import width\n'
        "    return toy.double(width)  # twice\n"
    ),
    "methods/__init__.py": '"""Methods."""\n',
    "methods/toy.py": "def double(x):\n    return 2 * x\n",
    "methods/other.py": "def triple(x):\n    return 3 * x\n",
    "nn/__init__.py": "",
    "nn/block.py": "import parsimony.nn.deep\nwidth = 4\n",
    "nn/deep.py": "depth = 1\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(subject, "SOURCE", tmp_path)
    monkeypatch.setattr(subject, "data_digests", lambda dataset: {"train.txt": "0" * 64})
    monkeypatch.setitem(tasks.TASKS, "toy", "parsimony.experiments.toy")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_closure_is_what_the_task_imports(package: Path) -> None:
    """Imports of every form are followed, inside functions too; carriers and unused modules stay out."""
    expected = ["experiments", "experiments.toy", "methods", "methods.toy", "nn", "nn.block", "nn.deep"]
    assert [f"parsimony.{name}" for name in expected] == list(subject.modules_behind("parsimony.experiments.toy"))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experiments/toy.py", "# twice", "# two times"),
        ("experiments/toy.py", '"""Run."""', '"""Run it, and say so."""'),
        ("methods/toy.py", "2 * x", "(2  *  x)"),
        ("methods/other.py", "3", "4"),
        ("records.py", "1", "2"),
    ],
)
def test_prose_and_strangers_change_nothing(package: Path, name: str, old: str, new: str) -> None:
    """Comments, docstrings, layout, unused modules and carriers leave the fingerprint alone."""
    before = subject.fingerprint(ASKED)
    change(package / name, old, new)
    assert before == subject.fingerprint(ASKED)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("methods/toy.py", "2", "5"),
        ("nn/deep.py", "1", "2"),
        ("methods/__init__.py", '"""Methods."""', "x = 1"),
    ],
)
def test_code_that_computes_changes_it(package: Path, name: str, old: str, new: str) -> None:
    """A changed constant in any module behind the task changes it; undone, the old one is back."""
    before = subject.fingerprint(ASKED)
    change(package / name, old, new)
    assert before != subject.fingerprint(ASKED)
    change(package / name, new, old)
    assert before == subject.fingerprint(ASKED)


def test_settings_seed_and_data_change_it(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the settings does not count; their values, the seed and the data do."""
    before = subject.fingerprint(ASKED)
    assert 12 == len(before)
    assert before == subject.fingerprint(replace(ASKED, settings={"epochs": 3, "rate": 0.1}))
    assert before != subject.fingerprint(replace(ASKED, settings={"epochs": 3, "rate": 0.2}))
    assert before != subject.fingerprint(replace(ASKED, seed=1))
    monkeypatch.setattr(subject, "data_digests", lambda dataset: {"train.txt": "1" * 64})
    assert before != subject.fingerprint(ASKED)


def test_tree_text_is_the_tree() -> None:
    """Two sources have one text if and only if their trees without docstrings are equal."""
    assert subject.tree_text('def f(x):\n    """Say."""\n    return x\n') == subject.tree_text("def f(x): return x")
    assert subject.tree_text("x = 1") != subject.tree_text("x = '1'")
    assert subject.tree_text("x = 1") != subject.tree_text("x = 1.0")
    assert subject.tree_text("x = 'a'\n'b'") != subject.tree_text("x = 'a'\n'c'")
    assert "ctx=Load()" in subject.tree_text("x") and isinstance(ast.parse("x"), ast.Module)


def test_unknown_task_and_missing_module_are_named(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error says which tasks there are, or which module lacks its source."""
    with pytest.raises(ValueError, match=r"known tasks: .*toy"):
        subject.fingerprint(replace(ASKED, task="dreaming"))
    monkeypatch.setitem(tasks.TASKS, "toy", "parsimony.experiments.absent")
    with pytest.raises(ValueError, match=r"parsimony\.experiments\.absent has no source"):
        subject.fingerprint(ASKED)


def test_every_carrier_says_why() -> None:
    """Each module that is left out gives its reason."""
    assert all(reason.strip() for reason in subject.CARRIERS.values())


@pytest.mark.parametrize("module", sorted(set(tasks.TASKS.values())))
def test_no_run_depends_on_the_data_cards(module: str) -> None:
    """What a data set consists of counts by the digests of its files, so no module of cards counts by its text."""
    behind = subject.modules_behind(module)
    assert module in behind and not any(name.startswith("parsimony.data.cards") for name in behind)
