"""The glossary: terms, and links from their first use."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from parsimony.book import glossary


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """As much of Sphinx as a link needs, and two terms."""
    found = (
        glossary.Term("MRR", ("MRR",), "Mean."),
        glossary.Term("triple", ("triple", "triples"), "A fact."),
        glossary.Term("filtered rank", ("filtered rank",), "A rank."),
    )
    monkeypatch.setattr(glossary, "terms", lambda: found)
    builder = SimpleNamespace(format="html", get_relative_uri=lambda here, there: "../glossary.html")
    return SimpleNamespace(builder=builder, env=SimpleNamespace(all_docs={glossary.PAGE: 0}))


def page(*content: nodes.Node) -> nodes.document:
    document = new_document("page")
    document += content
    return document


def links(document: nodes.document) -> list[tuple[str, str]]:
    return [(one.astext(), one["refuri"]) for one in document.findall(nodes.reference)]


def test_only_the_first_use_is_linked_whatever_its_form(app: SimpleNamespace) -> None:
    """Triples, then a triple: one link; the text stays what it was."""
    text = "Triples: a triple, many triples and their MRR. MRR again."
    document = page(nodes.paragraph("", text), nodes.paragraph("", "The last triple."))
    glossary.link_terms(app, document, "book/chapters/model")
    assert [("triple", "../glossary.html#term-triple"), ("MRR", "../glossary.html#term-mrr")] == links(document)
    assert text == document[0].astext() and "A fact." == next(document.findall(nodes.reference))["reftitle"]


def test_words_within_words_headings_and_code_are_left_alone(app: SimpleNamespace) -> None:
    """A hyphened or longer word, a title, a link, code and a caption are no prose."""
    document = page(
        nodes.title("", "MRR"),
        nodes.paragraph("", "A triple-x and MRRs, unfiltered ranks."),
        nodes.paragraph("", "", nodes.literal("", "MRR"), nodes.reference("", "triple", refuri="x")),
        nodes.figure("", nodes.caption("", "MRR")),
    )
    glossary.link_terms(app, document, "book/chapters/model")
    assert [("triple", "x")] == links(document)


def test_the_glossary_does_not_link_to_itself(app: SimpleNamespace) -> None:
    """Nor does a book without that page."""
    for docname, pages in ((glossary.PAGE, {glossary.PAGE: 0}), ("book/intro", {})):
        app.env.all_docs = pages
        document = page(nodes.paragraph("", "MRR"))
        glossary.link_terms(app, document, docname)
        assert [] == links(document)


def test_terms_are_sorted_unlike_and_explained() -> None:
    """Every term has a definition that ends as a sentence, and an anchor of its own."""
    found = glossary.terms()
    names = [one.name.lower() for one in found]
    assert names == sorted(names) and len(found) >= 30
    assert len(found) == len({one.anchor for one in found})
    assert all(one.text.endswith(".") and one.forms for one in found)


def test_a_form_of_two_terms_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    line = '[[term]]\nname = "{}"\nforms = ["rank"]\ntext = "A."\n'
    (tmp_path / "glossary.toml").write_text(line.format("a") + line.format("b"))
    monkeypatch.setattr(glossary, "DATA", tmp_path)
    with pytest.raises(ValueError, match="rank given for two terms"):
        glossary.terms.__wrapped__()
