"""The files by which others find and cite the project: current, valid, and of one voice with pages and commands."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from parsimony import __version__, paths
from parsimony.book.citation_files import citation_files, software
from parsimony.book.project import read_project, read_works
from parsimony.book.site import book_configuration
from parsimony.citation import AUTHORS, companion
from parsimony.cli import app

FILES = citation_files()
PROJECT = read_project()
DEPOSIT, META = json.loads(FILES[".zenodo.json"]), json.loads(FILES["codemeta.json"])
RELATIONS = {"isSupplementTo", "cites"}  # of those that Zenodo knows


@pytest.mark.parametrize("name", FILES)
def test_a_committed_file_is_what_would_be_written(name: str) -> None:
    """Otherwise: parsimony metadata."""
    assert FILES[name] == (paths.ROOT / name).read_text(encoding="utf-8")


def test_the_command_writes_all_of_them(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each at the root, under its own name."""
    monkeypatch.setattr("parsimony.book.citation_files.citation_files", lambda: {"CITATION.cff": "x", "a.json": "y"})
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    done = CliRunner().invoke(app, ["metadata"])
    assert (0, "CITATION.cff\na.json\n") == (done.exit_code, done.output)
    assert ["x", "y"] == [(tmp_path / name).read_text() for name in ("CITATION.cff", "a.json")]


def test_all_of_them_say_the_same() -> None:
    """Title, version, licence, authors, keywords."""
    cff = yaml.safe_load(FILES["CITATION.cff"])
    assert {PROJECT.title} == {cff["title"], DEPOSIT["title"], META["name"], companion()[0]["title"]}
    assert {__version__} == {cff["version"], DEPOSIT["version"], META["version"]}
    assert {"MIT"} == {cff["license"], DEPOSIT["license"], META["license"].rpartition("/")[2]}
    assert cff["keywords"] == DEPOSIT["keywords"] == META["keywords"] == list(PROJECT.keywords)
    names = [[one["name"] for one in found] for found in (cff["authors"], DEPOSIT["creators"], META["author"])]
    assert [[AUTHORS]] * 3 == names and AUTHORS == PROJECT.by


def test_the_configuration_of_the_book_says_the_same() -> None:
    """Addresses and author of the pages are those of the project."""
    config = book_configuration()
    options = config["sphinx"]["config"]
    assert {PROJECT.home} == {config["html"]["baseurl"], options["ogp_site_url"]}
    assert PROJECT.repository == options["html_theme_options"]["repository_url"]
    assert PROJECT.by == config["author"]


def test_a_deposit_has_what_zenodo_asks_for() -> None:
    """Its required fields, and works related in words that it knows, both papers as those that are supplemented."""
    assert {"title", "description", "upload_type", "creators", "license"} <= set(DEPOSIT)
    related = DEPOSIT["related_identifiers"]
    assert RELATIONS == {one["relation"] for one in related}
    assert all(re.fullmatch(r"arXiv:\d{4}\.\d{5}", one["identifier"]) for one in related)
    supplemented = [one["identifier"] for one in related if one["relation"] == "isSupplementTo"]
    assert [f"arXiv:{work['number']}" for work in companion()[1:]] == supplemented


def test_the_description_of_the_source_names_what_it_needs() -> None:
    """A package with its range; both papers with all authors."""
    assert {"@type": "SoftwareApplication", "name": "torch", "version": ">=2.13"} == software("torch>=2.13")
    assert {"torch", "numpy"} <= {one["name"] for one in META["softwareRequirements"]}
    first, second = META["referencePublication"]
    assert ("Yao", "Boopathy") == (first["author"][0]["familyName"], second["author"][0]["familyName"])
    assert 6 == len(first["author"]) == len(second["author"])


def test_an_unknown_work_is_refused() -> None:
    """A key that the bibliography lacks is named."""
    with pytest.raises(KeyError, match="nobody1900nothing"):
        read_works(["nobody1900nothing"])
