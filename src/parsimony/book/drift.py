"""Which archived records are stale, and by which change of the code: modules, and the commits that changed them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from parsimony import paths
from parsimony.experiments.archive import reason_for_stale
from parsimony.experiments.fingerprint import modules_behind, tree_text
from parsimony.experiments.tasks import task_module
from parsimony.records import Archive, Filed

CODE = "code changed"
UNKNOWN = "the history that would tell is not in this checkout"


@dataclass(frozen=True)
class Drift:
    """A stale record.

    Attributes:
        filed: the record in its file.
        reason: what changed: settings, data or code.
        modules: of the run's code that differ from its commit.
        commits: that touched them since, the latest first, as hash, date and subject.
    """

    filed: Filed
    reason: str
    modules: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()


def drifted(archive: Archive) -> list[Drift]:
    """Return every stale record of the paper profile, in the order of their names."""
    stale = [one for one in archive.find(profile="paper") if one.state == "stale"]
    return sorted(map(explained, stale), key=lambda one: one.filed.record.specification.name)


def explained(one: Filed) -> Drift:
    """Say why a record is stale; where the history is not at hand, without modules and commits."""
    reason, commit = reason_for_stale(one.record), one.record.commit.removesuffix("-dirty")
    if reason != CODE:
        return Drift(one, reason)
    if git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        return Drift(one, f"{reason}; {UNKNOWN}")
    behind = modules_behind(task_module(one.record.specification))
    changed = {name: path for name, path in behind.items() if has_changed(commit, path)}
    return Drift(one, reason, tuple(changed), commits_since(commit, list(changed.values())))


def has_changed(commit: str, path: Path) -> bool:
    """Tell whether the syntax tree of a module differs from that of a commit; a new module has changed."""
    before = git("show", f"{commit}:{path.relative_to(paths.ROOT).as_posix()}")
    return before is None or tree_text(before) != tree_text(path.read_text(encoding="utf-8"))


def commits_since(commit: str, files: list[Path]) -> tuple[str, ...]:
    """Return hash, date and subject of the commits since one that touched any of some files, the latest first."""
    if not files:
        return ()
    said = git("log", "--format=%h, %as: %s", f"{commit}..HEAD", "--", *map(str, files))
    return tuple((said or "").splitlines())


def git(*arguments: str) -> str | None:
    """Return what git prints, or None if it fails or is not there."""
    command = ["git", *arguments]
    try:
        return subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
