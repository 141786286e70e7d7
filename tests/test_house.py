"""The papers of the house: environment, citation and README in step with the code."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from book_samples import sample_run
from parsimony import __version__
from parsimony.book.readme import fill, render, render_data, results_table
from parsimony.cli import app
from parsimony.experiments.archive import open_archive
from parsimony.paths import ROOT
from parsimony.records import Archive

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text()


def direct_requirements() -> dict[str, Requirement]:
    extra = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extra["book"], *extra["test"]]
    return {one.name: one for one in map(Requirement, lines)}


def test_every_direct_dependency_is_pinned_within_its_range() -> None:
    """The lock file holds one exact version of each, which its range admits."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    for name, requirement in direct_requirements().items():
        assert requirement.specifier.contains(Version(pins[name.lower()])), name


def test_conda_environment_is_in_step() -> None:
    """Same names, same ranges, same Python, and the lock file is named."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert f"python{PROJECT['requires-python']}" in conda
    assert "-c constraints.txt" in pip["pip"]
    for line in pip["pip"]:
        if not line.startswith("-"):
            requirement = Requirement(line)
            assert direct_requirements()[requirement.name].specifier == requirement.specifier


def test_citation_file_is_valid_and_in_step() -> None:
    """It follows the schema and has the version of the package."""
    from cffconvert.cli.create_citation import create_citation

    create_citation(str(ROOT / "CITATION.cff"), None).validate()
    content = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert __version__ == content["version"]


def shell_lines() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.mark.parametrize("line", shell_lines())
def test_readme_commands_exist(line: str) -> None:
    """Every command of the README is a target of the Makefile or a command of parsimony."""
    program, word = line.split()[:2]
    if program == "make":
        assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    else:
        names = [command.name or command.callback.__name__ for command in app.registered_commands]
        assert ".venv/bin/parsimony" == program and word in names


def test_readme_is_rendered() -> None:
    """Its table and times are those of the committed records and measurements."""
    assert render(README, open_archive()) == README


def test_data_readme_is_rendered() -> None:
    """Its tables are those of the data cards and the registry."""
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert render_data(text) == text


def test_missing_markers_are_named() -> None:
    """A README without its markers is refused."""
    with pytest.raises(ValueError, match="no markers table:begin"):
        fill("nothing", "table", "x")


def test_a_variant_has_a_line_of_its_own(tmp_path: Path) -> None:
    """The README never averages runs with different settings."""
    plain, other = sample_run(tmp_path, 0, "paper"), sample_run(tmp_path, 1, "paper")
    asked = replace(other.record.specification, variant="d64")
    narrow = replace(other, record=replace(other.record, specification=asked))
    table = results_table(Archive((plain, narrow)))
    assert [True, True] == [f"| {name} | UMLS | MRR |" in table for name in ("DistMult", "DistMult (d64)")]
    assert 2 == table.count("(1 seed)")
