"""Directive `artifact`, which shows a published figure or table, and role `val`, which prints one number."""

from __future__ import annotations

import json
from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

from parsimony import paths
from parsimony.book.card import card
from parsimony.book.cell_origin import cell_origin
from parsimony.book.citation import published_works
from parsimony.book.embedded import read_cells
from parsimony.book.explorer import explorer
from parsimony.book.publish import SHORTEST_ALTERNATIVE
from parsimony.book.search_explorer import search_explorer
from parsimony.book.sidecar import read_sidecar
from parsimony.book.structure_explorer import structure_explorer
from parsimony.book.tables import html, table
from parsimony.book.values import VALUES, format_value

EXPLORERS = {"structures": structure_explorer, "searches": search_explorer}


class ArtifactDirective(SphinxDirective):
    """```` ```{artifact} tab-2 ```` shows an artifact with number, caption and card.

    Options: `digest`, the one that the notebook published, compared with the one on disk; `noname` for a second
    appearance, which then carries no label.
    """

    required_arguments = 1
    option_spec: ClassVar = {"digest": directives.unchanged, "noname": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return the figure or table, and its card."""
        name = self.arguments[0]
        try:
            sidecar = read_sidecar(name)
        except (FileNotFoundError, ValueError) as error:
            return [self.state.document.reporter.warning(str(error), line=self.lineno)]
        self.note(name)
        shown = self.figure(sidecar) if sidecar["kind"] == "figure" else self.table(sidecar)
        if "noname" not in self.options:
            shown["names"].append(name)
            self.state.document.note_explicit_target(shown)
        return [*self.complaints(sidecar), shown, self.card(sidecar), *self.explorer(sidecar)]

    def note(self, name: str) -> None:
        """Have the page read again when the artifact changes."""
        for ending in ("json", "csv"):
            self.env.note_dependency(str(paths.ARTIFACTS / name / f"{name}.{ending}"))

    def complaints(self, sidecar: dict[str, Any]) -> list[nodes.Node]:
        """Return a warning for each thing that keeps the artifact from being shown honestly."""
        given, found = self.options.get("digest", sidecar["digest"]), sidecar["digest"]
        said = []
        if given != found:
            said.append(f"artifact {sidecar['id']} is stale: the notebook published {given}, on disk is {found}; "
                        "run the notebook again.")  # fmt: skip
        if sidecar["kind"] == "figure" and len(sidecar["alt"]) < SHORTEST_ALTERNATIVE:
            said.append(f"artifact {sidecar['id']} has no text alternative that states its finding.")
        return [self.state.document.reporter.warning(text, line=self.lineno) for text in said]

    def caption(self, sidecar: dict[str, Any]) -> list[nodes.Node]:
        """Return title and caption; both may hold citations, references and mathematics."""
        title = sidecar["title"].rstrip(".")
        text = f"**{title}{'' if title.endswith(('?', '!')) else '.'}** {sidecar['caption']}"
        return self.state.inline_text(text, self.lineno)[0]

    def figure(self, sidecar: dict[str, Any]) -> nodes.figure:
        """Return the picture with its caption."""
        name = sidecar["id"]
        picture = f"/{(paths.ARTIFACTS / name / name).relative_to(paths.ROOT).as_posix()}.png"
        image = nodes.image(uri=picture, alt=sidecar["alt"])
        return nodes.figure("", image, nodes.caption("", "", *self.caption(sidecar)), classes=["artifact"])

    def table(self, sidecar: dict[str, Any]) -> nodes.table:
        """Return the cells of the CSV file with the caption as title."""
        name = sidecar["id"]
        header, *rows = read_cells(paths.ARTIFACTS / name / f"{name}.csv")
        repository = self.config.html_theme_options.get("repository_url", "")
        for cell in sidecar["cells"]:
            place = header.index(cell["column"])
            rows[cell["row"]][place] = html(cell_origin(rows[cell["row"]][place], cell, sidecar, repository))
        shown = table(header, rows, ["artifact"])
        shown.insert(0, nodes.title("", "", *self.caption(sidecar)))
        return shown

    def explorer(self, sidecar: dict[str, Any]) -> list[nodes.Node]:
        """Return what a reader may explore, at the figure's first appearance."""
        name, explanation, found = sidecar["id"], sidecar["explanation"], []
        if sidecar["graphs"]:
            found.append(explorer(name, sidecar["graphs"], sidecar["weight"]))
        if explanation:
            found.append(EXPLORERS[explanation["kind"]](name, explanation))
        return [] if "noname" in self.options else [html(one) for one in found]

    def card(self, sidecar: dict[str, Any]) -> nodes.raw:
        """Return the card below it."""
        page, config = self.env.docname, self.config
        works = published_works(sidecar, year=config.copyright, base_url=config.html_baseurl, page=page)
        repository = config.html_theme_options.get("repository_url", "")
        up = "../" * page.count("/")
        return html(card(sidecar, up=up, works=works, repository=repository))


class ValueRole(SphinxRole):
    """``{val}`UMLS.distmult.quick.MRR:.3f` `` prints one number from the records, with their names as tooltip."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number, or a warning if no record has it."""
        key, _, form = self.text.partition(":")
        self.env.note_dependency(str(paths.RESULTS / VALUES))
        path = paths.RESULTS / VALUES
        values = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if key not in values:
            text = f"no value {key!r} in results/{VALUES}; expected DATASET.METHOD.PROFILE.MEASURE of a finished run."
            message = self.inliner.reporter.warning(text, line=self.lineno)
            return [nodes.problematic("", self.rawtext)], [message]
        value = values[key]
        tooltip = escape(f"mean of {value['runs']}: {', '.join(value['records'])}", quote=True)
        shown = escape(format_value(value["value"], form))
        return [html(f'<span class="val" title="{tooltip}">{shown}</span>')], []
