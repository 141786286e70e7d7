"""Configuration of the book, pins, and the front door agree with one another."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from parsimony.book.colophon import PACKAGES, colophon
from parsimony.book.notebook import default_parameters, read_source
from parsimony.book.toc import chapter_names, page_names
from parsimony.paths import ROOT

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LISTED = (*PROJECT["dependencies"], *EXTRAS["book"], *EXTRAS["symbolic"], *EXTRAS["test"])
DIRECT = [Requirement(one) for one in LISTED]


def pins() -> dict[str, str]:
    """Return the version of each package in constraints.txt."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def test_every_key_is_one_that_jupyter_book_knows() -> None:
    """Jupyter Book only prints a message for an unknown or misshapen key, so the schema is asked here."""
    from jupyter_book.config import get_validator, validate_yaml

    validate_yaml(CONFIG, raise_on_errors=True)
    known = get_validator().schema["properties"]
    assert set() == set(CONFIG) - set(known) - {"title", "only_build_toc_files"}


def test_the_theme_options_that_replace_others_are_complete() -> None:
    """What stands here replaces the derived options: without the repository the buttons vanish."""
    options = CONFIG["sphinx"]["config"]["html_theme_options"]
    assert {"repository_url", "repository_branch", "launch_buttons", "navbar_persistent"} <= set(options)
    assert CONFIG["html"]["baseurl"] == CONFIG["sphinx"]["config"]["ogp_site_url"]
    assert CONFIG["html"]["baseurl"].endswith("/")


def test_every_folder_that_is_no_page_is_excluded() -> None:
    """A stray page elsewhere would be read on each build."""
    kept = {"book"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert set() == {name for name in folders - kept if not name.endswith("egg-info")} - set(CONFIG["exclude_patterns"])


def test_every_page_of_the_contents_has_a_source() -> None:
    """Prose stands in book/, chapters in notebooks/."""
    chapters = {f"book/chapters/{name}": ROOT / "notebooks" / f"{name}.py" for name in chapter_names()}
    sources = {page: chapters.get(page, ROOT / f"{page}.md") for page in page_names()}
    assert [] == [page for page, path in sources.items() if not path.is_file()]


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda one: one.name)
def test_every_direct_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    """constraints.txt says which version of each is installed."""
    version = pins()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def test_no_pin_carries_a_local_tag_or_a_path() -> None:
    """`torch==2.13.0` is met by PyPI's build and by a CPU wheel; `2.13.0+cpu` is not on PyPI."""
    assert [] == [name for name, version in pins().items() if not re.fullmatch(r"[0-9][0-9a-z.]*(post\d+)?", version)]


def test_the_front_door_has_every_command() -> None:
    """make knows the commands that README and CI call."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"env", "book", "book-fast", "pdf", "serve", "test", "status", "records", "check", "clean"} <= set(targets)
    script = (ROOT / ".ci" / "run").read_text()
    assert script.index("make test") < script.index("make book")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_the_workflow_runs_the_same_script() -> None:
    """What is published has passed what every submission passes."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text())["jobs"]
    steps = [step.get("run", "") for step in jobs["build"]["steps"]]
    assert "bash .ci/run" in steps and "make pdf" in steps
    assert ["build", "build"] == [jobs[name]["needs"] for name in ("deploy", "release")]
    assert all("timeout-minutes" in job and "permissions" in job for job in jobs.values())


def test_the_workflow_is_sound() -> None:
    """The linter of workflows finds nothing: no right too many, no text of others in a shell."""
    program = Path(sys.executable).with_name("zizmor")
    arguments = ("--offline", "--no-progress", "--config", ".github/zizmor.yml", ".github/workflows")
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_container_installs_as_the_makefile_does() -> None:
    """What its first layers copy is what `make env` reads, and nothing generated travels into the image."""
    text = (ROOT / "Containerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for name in line.split()}
    assert {"pyproject.toml", "constraints.txt", "Makefile", "README.md", "LICENSE"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    assert {".venv", "_build", "build"} <= set((ROOT / ".dockerignore").read_text().splitlines())


def test_mathjax_lies_in_the_environment() -> None:
    """Pages load it from the site, so the package that brings it must be installed."""
    from parsimony.book.assets import MATHJAX_PARTS, mathjax_folder

    assert find_spec("sphinx-mathjax-offline") is not None
    assert [] == [part for part in MATHJAX_PARTS if not (Path(mathjax_folder()) / part).exists()]


@pytest.mark.parametrize("name", chapter_names())
def test_a_chapter_opens_with_its_title_and_closes_with_its_cost(name: str) -> None:
    """Label, title and question first; versions and seconds last; profile `quick` unless another is asked."""
    notebook = read_source(ROOT / "notebooks" / f"{name}.py")
    first, last = notebook.cells[0], notebook.cells[-1]
    assert "markdown" == first.cell_type
    assert re.match(rf"\(ch-{name.replace('_', '-')}\)=\n# \S", first.source)
    assert "code" == last.cell_type and "print(colophon(" in last.source
    assert "quick" == default_parameters(notebook)["profile"]


def test_the_colophon_names_versions_seconds_and_machine() -> None:
    """Every package whose change makes the runner execute a chapter again."""
    said = colophon(3, 4.4)
    assert said.startswith("3 records read") and re.search(r"in 4 s on \S.*, \d+ cores?$", said)
    assert all(re.search(rf"{name} \d", said) for name in ("Parsimony", *PACKAGES))
