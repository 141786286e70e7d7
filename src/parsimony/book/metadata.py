"""What a page says of itself to machines: Highwire tags for catalogues, schema.org for engines, a picture for cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from parsimony.book.project import read_project
from parsimony.book.sidecar import read_sidecar
from parsimony.book.toc import CHAPTER_FOLDER
from parsimony.citation import paper_of

DATA_PAGE = "book/data"


def choose_picture(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the first figure of a page be the picture of its card, under its permanent address."""
    figure = next((name for name in artifacts_on(doctree) if name.startswith("fig-")), None)
    if figure is not None:
        picture = f"{app.config.html_baseurl}artifacts/{figure}/{figure}.png"
        context["meta"] = {**(context.get("meta") or {}), "og:image": picture, "og:image:alt": alternative(figure)}


def artifacts_on(doctree: nodes.document | None) -> Iterator[str]:
    """Yield the figures and tables that a page shows, in its order."""
    for node in doctree.findall(lambda one: isinstance(one, nodes.figure | nodes.table)) if doctree else ():
        if "artifact" in node["classes"] and node["ids"]:
            yield node["ids"][0]


def alternative(name: str) -> str:
    """Return the text alternative of a figure on one line."""
    return " ".join(read_sidecar(name)["alt"].split())


def tags_of(app: Sphinx, pagename: str, title: str, doctree: nodes.document | None) -> str:
    """Return the tags that go into the head of a page."""
    address = f"{app.config.html_baseurl}{pagename}.html"
    highwire = {
        "citation_title": title,
        "citation_author": read_project().by,
        "citation_publication_date": app.config.copyright,
        "citation_public_url": address,
    }
    lines = [f'<meta name="{name}" content="{escape(value)}" />' for name, value in highwire.items()]
    described = json.dumps(describe_page(app, pagename, title, address, doctree), ensure_ascii=False)
    safe = described.replace("</", "<\\/")  # a title must not end the script
    return "\n".join([*lines, f'<script type="application/ld+json">{safe}</script>'])


def describe_page(
    app: Sphinx, pagename: str, title: str, address: str, doctree: nodes.document | None
) -> dict[str, Any]:
    """Return a page as schema.org tells it: a chapter is an article, whose parts are its figures and tables."""
    project, base = read_project(), app.config.html_baseurl
    book = {"@type": "Book", "@id": base, "name": project.title, "version": project.version}
    parts = [describe_artifact(name, base, address) for name in artifacts_on(doctree)]
    found = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle" if pagename.startswith(CHAPTER_FOLDER) else "WebPage",
        "@id": address,
        "headline": title,
        "inLanguage": app.config.language,
        "license": project.license_address,
        "author": [{"@type": "Organization", "name": name} for name in project.authors],
        "datePublished": app.config.copyright,
        "isPartOf": book,
    }
    parts += list(describe_data()) if pagename == DATA_PAGE else []
    return {**found, "hasPart": parts} if parts else found


def describe_artifact(name: str, base: str, address: str) -> dict[str, Any]:
    """Return one figure or table with the address of its file and the paper it belongs to."""
    sidecar = read_sidecar(name)
    is_figure = sidecar["kind"] == "figure"
    return {
        "@type": "ImageObject" if is_figure else "Table",
        "@id": f"{address}#{name}",
        "name": sidecar["title"],
        "identifier": name,
        "version": sidecar["version"],
        "isBasedOn": paper_of(name)["URL"],
        **({"contentUrl": f"{base}artifacts/{name}/{name}.png"} if is_figure else {}),
    }


def describe_data() -> Iterator[dict[str, Any]]:
    """Yield every data set with its licence, its citation and its files, each with digest and address."""
    from parsimony.book.datasets import files_of, once
    from parsimony.data.cards import DATASETS
    from parsimony.data.registry import entries

    for card in DATASETS.values():
        files = files_of(card, entries())
        yield {
            "@type": "Dataset",
            "name": card.name,
            "description": card.note,
            "license": once(one.licence for one in files) or read_project().license_address,
            "citation": once(one.citation for one in files),
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": one.path,
                    "contentUrl": one.url,
                    "contentSize": f"{one.bytes} B",
                    "sha256": one.sha256,
                }
                for one in files
            ],
        }
