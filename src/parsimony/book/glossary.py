"""The glossary: a page of terms, and on every other page a link from the first use of each term to its definition."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from parsimony.paths import DATA

PAGE = "book/glossary"
NOT_PROSE = (nodes.title, nodes.caption, nodes.reference, nodes.literal, nodes.math, nodes.table, nodes.figure)


@dataclass(frozen=True)
class Term:
    """A term, the forms under which it occurs, and what it means."""

    name: str
    forms: tuple[str, ...]
    text: str

    @property
    def anchor(self) -> str:
        """Return the identifier of its entry."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms of data/glossary.toml by name.

    Raises:
        ValueError: if one form stands for two terms.
    """
    path = DATA / "glossary.toml"
    if not path.is_file():
        return ()
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["term"]
    found = tuple(Term(one["name"], tuple(one["forms"]), one["text"]) for one in listed)
    forms = [form for one in found for form in one.forms]
    if twice := sorted({form for form in forms if forms.count(form) > 1}):
        raise ValueError(f"{path}: {', '.join(twice)} given for two terms; a form belongs to one.")
    return tuple(sorted(found, key=lambda one: one.name.lower()))


class GlossaryList(SphinxDirective):
    """Every term with its definition."""

    def run(self) -> list[nodes.Node]:
        """Return a list of definitions, each with an anchor."""
        self.env.note_dependency(str(DATA / "glossary.toml"))
        return [nodes.definition_list("", *map(entry, terms()), classes=["glossary"])]


def entry(term: Term) -> nodes.definition_list_item:
    """Return one term with its definition."""
    meaning = nodes.definition("", nodes.paragraph("", term.text))
    return nodes.definition_list_item("", nodes.term("", term.name, ids=[term.anchor]), meaning)


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in the prose of a page; its definition is shown to a pointer."""
    if app.builder.format != "html" or docname == PAGE or PAGE not in app.env.all_docs:
        return
    waiting = {form: term for term in terms() for form in term.forms}
    for text in list(prose(doctree)):
        replace_first_uses(app, docname, text, waiting)


def prose(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Yield the pieces of running text of a page: paragraphs, without headings, captions, code, links and tables."""
    for paragraph in doctree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            if not any(isinstance(one, NOT_PROSE) for one in ancestors(text)):
                yield text


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what a node stands in, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def replace_first_uses(app: Sphinx, docname: str, text: nodes.Text, waiting: dict[str, Term]) -> None:
    """Part a text where terms occur for the first time; a term that was linked waits no more."""
    parts, rest = [], text.astext()
    while waiting and (found := pattern(tuple(waiting)).search(rest)):
        term = waiting[found[0]]
        for form in term.forms:
            waiting.pop(form, None)
        parts += [nodes.Text(rest[: found.start()]), link(app, docname, term, found[0])]
        rest = rest[found.end() :]
    if parts:
        text.parent.replace(text, [*parts, nodes.Text(rest)])


@cache
def pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of some forms as whole words, the longest first."""
    every = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, every))})(?![\w-])")


def link(app: Sphinx, docname: str, term: Term, said: str) -> nodes.reference:
    """Return a link to the entry of a term."""
    address = f"{app.builder.get_relative_uri(docname, PAGE)}#{term.anchor}"
    return nodes.reference("", said, refuri=address, internal=True, reftitle=term.text, classes=["term"])
