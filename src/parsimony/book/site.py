"""What is copied to the root of the site as it is: artifacts, feed, page for missing addresses, notebooks for Colab.

`python -m parsimony.book.site` writes `results/values.json` and fills `build/site`.
"""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

from parsimony import paths
from parsimony.book.chapters import shown_artifacts
from parsimony.book.crate import write_crate
from parsimony.book.ledger import read_ledger, write_ledger
from parsimony.book.runner import chapter_path
from parsimony.book.toc import chapter_names
from parsimony.book.values import write_values
from parsimony.paths import write_text_atomically

_RELEASE = re.compile(r"^## \[?(?P<version>[^\]\s]+)\]?(?: - (?P<date>\d{4}-\d\d-\d\d))?\s*$", re.MULTILINE)


def fill_site() -> Path:
    """Write the values that prose quotes and everything that lies beside the pages; return the folder."""
    from parsimony.experiments.archive import open_archive

    site = paths.BUILD / "site"
    shutil.rmtree(site, ignore_errors=True)
    archive = open_archive()
    write_values(archive)
    copy_artifacts(site / "artifacts")
    write_ledger(read_ledger(archive), site / "artifacts" / "ledger")
    write_crate(site, book_configuration())
    write_text_atomically(site / "feed.xml", feed())
    write_text_atomically(site / "404.html", missing_page())
    for name in chapter_names():
        if chapter_path(name).is_file():
            write_text_atomically(site / "colab" / f"{name}.ipynb", colab_notebook(name))
    return site


def copy_artifacts(target: Path) -> None:
    """Copy the folder of every artifact that a chapter shows."""
    for sidecar in shown_artifacts():
        shutil.copytree(paths.ARTIFACTS / sidecar["id"], target / sidecar["id"])


def book_configuration() -> dict[str, Any]:
    """Return the content of `_config.yml`."""
    import yaml

    return yaml.safe_load((paths.ROOT / "_config.yml").read_text(encoding="utf-8"))


def feed() -> str:
    """Return the releases of CHANGELOG.md that carry a date as an Atom feed."""
    config = book_configuration()
    address = config["html"]["baseurl"]
    changes = paths.ROOT / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8") if changes.is_file() else ""
    heads = [*_RELEASE.finditer(text)]
    ends = [*(head.start() for head in heads), len(text)][1:]  # where the next release begins
    dated = [(head, text[head.end() : end].strip()) for head, end in zip(heads, ends, strict=True) if head["date"]]
    entries = "".join(feed_entry(head["version"], head["date"], body, address) for head, body in dated)
    updated = max((head["date"] for head, _ in dated), default=f"{config['copyright']}-01-01")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{escape(config['title'])}: changes</title>\n<id>{address}</id>\n"
        f'<link href="{address}"/>\n<link rel="self" href="{address}feed.xml"/>\n'
        f"<author><name>{escape(config['author'])}</name></author>\n"
        f"<updated>{updated}T00:00:00Z</updated>\n{entries}</feed>\n"
    )


def feed_entry(version: str, date: str, body: str, address: str) -> str:
    """Return one release as an entry of the feed."""
    return (
        f"<entry><title>{escape(version)}</title><id>{address}#{escape(version)}</id>"
        f'<link href="{address}"/><updated>{date}T00:00:00Z</updated>'
        f'<content type="text">{escape(body)}</content></entry>\n'
    )


def missing_page() -> str:
    """Return the page for addresses that do not exist; it stands alone, since it is served at any depth."""
    config = book_configuration()
    title, home = escape(config["title"]), config["html"]["baseurl"]
    style = (
        ":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;"
        "margin:18vh auto;padding:0 1.2rem}"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Not found: {title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head>'
        "<body><h1>There is no page here</h1><p>The address may be misspelt. Figures and tables keep theirs for ever: "
        f'start from the <a href="{home}">front page</a> or from the '
        f'<a href="{home}book/figures.html">index of figures and tables</a>.</p></body></html>\n'
    )


def colab_notebook(name: str) -> str:
    """Return an executed chapter with a first cell that fetches and installs the project."""
    from nbformat import reads, writes
    from nbformat.v4 import new_code_cell

    repository = book_configuration()["sphinx"]["config"]["html_theme_options"]["repository_url"]
    folder = repository.rpartition("/")[2]
    source = f"!git clone --depth 1 {repository}\n%cd {folder}\n%pip install -q -c constraints.txt -e .[book]"
    notebook = reads(chapter_path(name).read_text(encoding="utf-8"), as_version=4)
    cell = new_code_cell(source)
    cell["id"] = "install-the-project"
    notebook.cells.insert(0, cell)
    return writes(notebook) + "\n"


def main() -> None:
    """Fill the site and say where it is."""
    print(json.dumps({"site": str(fill_site())}))


if __name__ == "__main__":
    main()
