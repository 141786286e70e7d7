"""Why archived records are stale."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.run_samples import filed

from parsimony import paths
from parsimony.book import drift


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one module: written, then only commented, then changed."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    run(tmp_path, "init", "--quiet")
    for subject, text in {"Write": "a = 1\n", "Comment": "# one\na = 1\n", "Change": "# one\na = 2\n"}.items():
        (tmp_path / "module.py").write_text(text)
        run(tmp_path, "add", "module.py")
        run(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", subject)
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_only_what_is_computed_counts_as_changed(history: Path) -> None:
    """Since its first commit the module computes something else; since that before the last as well; now no more."""
    last, commented, first = run(history, "log", "--format=%H").split()
    changed = [drift.has_changed(commit, history / "module.py") for commit in (first, commented, last)]
    assert [True, True, False] == changed
    (history / "module.py").write_text("a = 1  # as at first\n")
    assert not drift.has_changed(first, history / "module.py")
    (history / "new.py").write_text("")
    assert drift.has_changed(first, history / "new.py")


def test_commits_are_told_from_the_latest_on(history: Path) -> None:
    """Hash, date and subject of those after the given one."""
    first = run(history, "log", "--format=%H").split()[-1]
    told = drift.commits_since(first, [history / "module.py"])
    assert ["Change", "Comment"] == [one.split(": ")[1] for one in told]
    assert () == drift.commits_since(first, [])


def test_a_stale_record_names_what_changed(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its commit in the history the modules, without it only the reason; settings have no modules."""
    first = run(history, "log", "--format=%H").split()[-1]
    monkeypatch.setattr(drift, "modules_behind", lambda module: {"parsimony.module": history / "module.py"})
    monkeypatch.setattr(drift, "reason_for_stale", lambda record: drift.CODE)
    one = filed("autoblm", 0.5, 0)
    known = replace(one, record=replace(one.record, commit=f"{first}-dirty"))
    found = drift.explained(known)
    assert ("parsimony.module",) == found.modules and 2 == len(found.commits)
    lost = drift.explained(replace(one, record=replace(one.record, commit="0" * 40)))
    assert () == lost.modules and lost.reason.endswith(drift.UNKNOWN)
    monkeypatch.setattr(drift, "reason_for_stale", lambda record: "settings changed: width")
    assert drift.Drift(known, "settings changed: width") == drift.explained(known)
