"""What is changed on every page before it is written: scripts, buttons, tags, the line under the title, figures."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from parsimony.book.metadata import tags_of
from parsimony.book.page_facts import BINDER_NOTE, binder_address, colab_address, with_facts
from parsimony.book.pictures import with_widths
from parsimony.book.toc import CHAPTER_FOLDER


def drop_thebe_nodes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remove the scripts that sphinx-thebe appends to a page, which name another host."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or "kernelName" in node.astext():
            node.parent.remove(node)


def adapt_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Drop files that a page has no use for, announce the feed, and let every button lead to what exists."""
    for kind in ("script_files", "css_files"):
        context[kind] = [one for one in context.get(kind, []) if not names_thebe(one)]
    title, address = app.config.project, context["pathto"]("feed.xml", 1)
    feed = f'<link rel="alternate" type="application/atom+xml" title="{title}: changes" href="{address}" />'
    described = tags_of(app, pagename, plain(context["title"]), doctree) if doctree is not None else ""
    context["metatags"] = f"{context.get('metatags', '')}\n{feed}\n{described}"
    if "body" in context:
        context["body"] = adapt_body(app, pagename, context["body"], doctree)
    if 'class="math' not in context.get("body", ""):
        context["script_files"] = [one for one in context["script_files"] if "mathjax" not in describe_asset(one)]
    for group in context.get("header_buttons", []):
        if isinstance(group, dict) and group.get("label") == "launch-buttons":
            group["buttons"] = [launch_button(app, one, pagename) for one in group["buttons"]]


def adapt_body(app: Sphinx, pagename: str, body: str, doctree: Any) -> str:
    """Return a page with the line under its title and its figures in two widths; on paper neither is of use."""
    body = body.replace(' role="list"', "")  # docutils calls the references a list, but none of them an item
    if app.builder.name != "html":
        return body
    body = with_widths(body, "../" * pagename.count("/"))
    return with_facts(body, pagename, doctree, app.config.html_theme_options) if doctree is not None else body


def plain(title: str) -> str:
    """Return a title as text, without the markup that it carries on its page."""
    return unescape(re.sub(r"<[^>]+>", "", title))


def names_thebe(asset: Any) -> bool:
    """Tell whether a script or style belongs to thebe."""
    return "thebe" in describe_asset(asset)


def describe_asset(asset: Any) -> str:
    """Return name and content of a script or style in small letters."""
    body = getattr(asset, "attributes", {}).get("body") or ""
    return f"{getattr(asset, 'filename', asset)} {body}".lower()


def launch_button(app: Sphinx, button: dict[str, Any], pagename: str) -> dict[str, Any]:
    """Return a launch button that opens the notebook's source (Binder) or its published copy (Colab)."""
    name, options = pagename.removeprefix(CHAPTER_FOLDER), app.config.html_theme_options
    if button["text"] == "Binder":
        return {**button, "url": binder_address(name, options), "tooltip": f"Open on Binder ({BINDER_NOTE})"}
    if button["text"] == "Colab":
        return {**button, "url": colab_address(name, options)}
    return button
