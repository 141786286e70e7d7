"""The papers of the house: environment, citation and README in step with the code."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from book_samples import sample_run
from parsimony import __version__
from parsimony.book.badges import FOLDER, badge, badge_files
from parsimony.book.readme import fill, render, render_data, results_table
from parsimony.experiments.archive import open_archive
from parsimony.paths import ROOT
from parsimony.records import Archive

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text()


def direct_requirements() -> dict[str, Requirement]:
    extra = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extra["book"], *extra["symbolic"], *extra["test"]]
    return {one.name: one for one in map(Requirement, lines)}


def test_conda_environment_is_in_step() -> None:
    """The named packages with the ranges of pyproject.toml, the same Python, and the lock file, which is there."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert f"python{PROJECT['requires-python']}" in conda
    assert {"-c constraints.txt", "-e .[book]"} <= set(pip["pip"])
    assert (ROOT / "constraints.txt").is_file()
    named = {one.name: one for one in (Requirement(line) for line in pip["pip"] if not line.startswith("-"))}
    assert {"jupyter-book", "jupytext", "matplotlib", "papermill", "seaborn", "torch"} <= set(named)
    for name, requirement in named.items():
        assert direct_requirements()[name].specifier == requirement.specifier


def test_citation_file_is_valid_and_in_step() -> None:
    """It follows the schema and has the version of the package."""
    from cffconvert.cli.create_citation import create_citation

    create_citation(str(ROOT / "CITATION.cff"), None).validate()
    content = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert __version__ == content["version"]


def test_readme_is_rendered() -> None:
    """Its table and times are those of the committed records and measurements."""
    assert render(README, open_archive()) == README


def test_badges_are_those_of_the_records() -> None:
    """Committed as they would be drawn, each named by the README; otherwise: python -m parsimony.book.readme."""
    drawn = badge_files(open_archive())
    assert drawn == {path: path.read_text(encoding="utf-8") for path in drawn}
    assert [] == [path.name for path in drawn if f"({FOLDER}/{path.name})" not in README]
    assert not re.search(r"!\[[^\]]*\]\(https?:", README)


def test_a_badge_by_hand() -> None:
    """Ten letters and four, eight pixels beside each: 83 and 43 wide; words are escaped."""
    drawn = badge("some label", "<1.0")
    assert 'width="126" height="20"' in drawn and "<title>some label: &lt;1.0</title>" in drawn


def test_the_pictures_of_the_readme_are_light() -> None:
    """Each is committed and below its limit; the command that takes them knows them all."""
    from parsimony.book.screenshots import MOST, SHOTS

    shown = set(re.findall(r"\((docs/\w+\.webp)\)", README))
    assert {f"docs/{one.name}.webp" for one in SHOTS} == shown
    assert all(0 < (ROOT / one).stat().st_size < MOST for one in shown)


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
    assert [True, True] == [f"| {name} | UMLS | MRR |" in table for name in ("DistMult", "DistMult, d64")]
    assert 2 == table.count("(1 seed)")
