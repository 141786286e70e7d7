"""One work is told alike in the bibliography, in CITATION.cff and by `parsimony cite`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
import yaml
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text

from parsimony.citation import companion
from parsimony.paths import ROOT

BIBLIOGRAPHY = parse_file(str(ROOT / "book" / "references.bib")).entries
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
LISTED = [CITATION["preferred-citation"], *CITATION["references"]]
CITED = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
KEY = re.compile(r"(?P<family>[a-z]+)(?P<year>\d{4})[a-z]+")


def plain(latex: str) -> str:
    """Return the text that a field of the bibliography stands for."""
    return str(Text.from_latex(latex))


def families(entry: Entry) -> list[str]:
    """Return the family names of the authors."""
    return [plain(" ".join((*one.prelast_names, *one.last_names))) for one in entry.persons["author"]]


def letters(name: str) -> str:
    """Return a name as it stands in a key: small letters without accents and hyphens."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z]", "", bare)


def entry_of(title: str) -> Entry:
    """Return the one entry of the bibliography with this title, letter by letter."""
    (found,) = (one for one in BIBLIOGRAPHY.values() if plain(one.fields["title"]) == title)
    return found


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_a_key_says_who_and_when(key: str) -> None:
    """First author, year, a word; title, authors and year are there."""
    entry, parts = BIBLIOGRAPHY[key], KEY.fullmatch(key)
    assert parts and entry.fields["title"]
    assert (letters(families(entry)[0]), entry.fields["year"]) == (parts["family"], parts["year"])


@pytest.mark.parametrize("field", ["title", "doi", "eprint"])
def test_no_work_stands_twice(field: str) -> None:
    """Two keys for one work would give it two numbers on the page of references."""
    values = [one.fields[field].lower() for one in BIBLIOGRAPHY.values() if field in one.fields]
    assert len(set(values)) == len(values) > 1


@pytest.mark.parametrize("field", ["doi", "eprint"])
def test_identifiers_have_their_form(field: str) -> None:
    """A DOI begins with its registrant, an arXiv number with year and month of the work or before it."""
    form = {"doi": r"10\.\d{4,}/\S+", "eprint": r"(?P<year>\d\d)(0[1-9]|1[0-2])\.\d{5}"}[field]
    for key, entry in BIBLIOGRAPHY.items():
        if field in entry.fields:
            found = re.fullmatch(form, entry.fields[field])
            assert found, key
            if field == "eprint":  # a late preprint of a published work follows within a year
                assert 2000 + int(found["year"]) <= int(entry.fields["year"]) + 1, key


def test_every_citation_of_a_page_has_an_entry() -> None:
    """Prose, notebooks and captions cite by keys that the bibliography holds."""
    sources = [*ROOT.glob("book/*.md"), *ROOT.glob("notebooks/*.py"), *ROOT.glob("src/parsimony/**/*.py")]
    texts = [path.read_text(encoding="utf-8") for path in sources]
    keys = {key.strip() for text in texts for found in CITED.findall(text) for key in found.split(",")}
    assert {"yao2024parsimony", "boopathy2024modularity"} <= keys
    assert set() == keys - set(BIBLIOGRAPHY)


@pytest.mark.parametrize("work", LISTED, ids=lambda work: work["title"])
def test_a_reference_of_the_citation_file_is_that_of_the_bibliography(work: dict[str, Any]) -> None:
    """Title, year, authors, and the arXiv number if one is known."""
    entry = entry_of(work["title"])
    assert entry.fields["year"] == str(work["year"])
    assert families(entry) == [one["family-names"] for one in work["authors"]]
    eprint = entry.fields.get("eprint")
    assert (eprint and f"https://arxiv.org/abs/{eprint}") == work.get("url")


def test_the_citation_file_lists_the_methods_that_the_book_shows() -> None:
    """Both papers, searches, few-shot methods, reasoners, laws, interactions, and what they are held against."""
    listed = {entry_of(work["title"]).key for work in CITATION["references"]}
    assert {
        "yao2024parsimony", "boopathy2024modularity", "zhang2022autoblm", "zhang2020autosf", "yang2015distmult",
        "trouillon2016complex", "kazemi2018simple", "liu2017analogy", "vashishth2020compgcn", "zhang2020interstellar",
        "wu2023coldnas", "lin2021tanp", "dong2020mamo", "lee2019melu", "wang2021par", "wu2024pacia", "finn2017maml",
        "snell2017prototypical", "koch2015siamese", "liu2019tpn", "kim2019egnn", "altaetran2017iterref", "chen2023adkf",
        "zhang2022redgnn", "zhu2021nbfnet", "sadeghian2019drum", "qu2021rnnlogic", "zhang2023adaprop",
        "shi2023gsr", "cranmer2020symbolic", "helbing1995social", "zhang2023emergnn", "karim2019kgddi", "liu2022csmddi",
        "tanvir2021hinddi", "zitnik2018decagon", "zhu2023textddi",
    } <= listed  # fmt: skip


@pytest.mark.parametrize("work", companion()[1:], ids=lambda work: work["id"])
def test_the_command_line_cites_as_the_book_does(work: dict[str, Any]) -> None:
    """`parsimony cite` gives a paper the key, title, authors, year and number of the bibliography."""
    entry = BIBLIOGRAPHY[work["id"]]
    assert plain(entry.fields["title"]) == work["title"]
    assert families(entry) == [one["family"] for one in work["author"]]
    assert entry.fields["year"] == str(work["issued"]["date-parts"][0][0])
    assert entry.fields["eprint"] == work["number"]
