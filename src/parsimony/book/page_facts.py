"""The line under a page's title: how long it takes to read, and for a chapter three ways to run it.

Reading speed: 238 words a minute, the mean over 190 studies of silent reading (Brysbaert, Journal of Memory and
Language 109, 2019). Counted is the prose: no code, no cells of tables, no text inside figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from docutils import nodes

from parsimony.book.toc import CHAPTER_FOLDER

WORDS_A_MINUTE = 238
PROSE = (nodes.paragraph, nodes.caption, nodes.term)
BINDER_NOTE = "its first start installs PyTorch and may take many minutes"


def reading_minutes(doctree: nodes.document) -> int:
    """Return how many minutes the prose of a page takes, at least one."""
    told = (one for one in doctree.findall(lambda node: isinstance(node, PROSE)) if not is_in_table(one))
    words = sum(len(one.astext().split()) for one in told)
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def is_in_table(node: nodes.Node) -> bool:
    """Tell whether a node stands in a cell of a table."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.entry):
            return True
    return False


def with_facts(body: str, pagename: str, doctree: nodes.document, options: Mapping[str, Any]) -> str:
    """Return a page with the line under its title.

    Args:
        body: HTML of the page.
        pagename: such as "book/chapters/model".
        doctree: of the page.
        options: of the theme; they name repository, branch and hosts.
    """
    minutes = reading_minutes(doctree)
    read = f"<span>{minutes} minute{'s' * (minutes > 1)} to read</span>"
    run = run_this_page(pagename.removeprefix(CHAPTER_FOLDER), options) if pagename.startswith(CHAPTER_FOLDER) else ""
    head, title, rest = body.partition("</h1>")
    return f'{head}{title}<p class="page-facts">{read}{run}</p>{rest}' if title else body


def run_this_page(name: str, options: Mapping[str, Any]) -> str:
    """Return the ways to run a chapter: on two hosts, and here with a command that can be copied."""
    return (
        f'<span>Run this page: <a href="{binder_address(name, options)}" title="{BINDER_NOTE}">Binder</a>, '
        f'<a href="{colab_address(name, options)}">Colab</a>, or in a clone <code id="run-this-page">'
        f"{escape(local_command(name))}</code></span>"
        '<button type="button" class="artifact-copy" data-copy="run-this-page">Copy</button>'
    )


def local_command(name: str) -> str:
    """Return the command that executes a chapter anew where the project lies; `make env` prepares it."""
    return f".venv/bin/python -m parsimony.book.run {name}"


def binder_address(name: str, options: Mapping[str, Any]) -> str:
    """Return where Binder opens a chapter's source."""
    host, branch = options["launch_buttons"]["binderhub_url"], options["repository_branch"]
    place = quote(f"lab/tree/notebooks/{name}.py", safe="")
    return f"{host}/v2/gh/{repository_of(options)}/{branch}?urlpath={place}"


def colab_address(name: str, options: Mapping[str, Any]) -> str:
    """Return where Colab opens the published copy of a chapter."""
    host = options["launch_buttons"]["colab_url"]
    return f"{host}/github/{repository_of(options)}/blob/gh-pages/colab/{name}.ipynb"


def repository_of(options: Mapping[str, Any]) -> str:
    """Return owner and name of the repository."""
    return options["repository_url"].removeprefix("https://github.com/")
