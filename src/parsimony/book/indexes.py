"""Directives that list what the book holds: artifacts, ledger, claims, runs, data sets."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from parsimony.book.card import chip, downloads
from parsimony.book.chapters import seals, shown_artifacts
from parsimony.book.datasets import data_card
from parsimony.book.ledger import FIELDS, read_ledger
from parsimony.book.popover import popover
from parsimony.book.sidecar import COMPUTING_PACKAGES, DRAWING_PACKAGES, freshness, installed_version, relative
from parsimony.book.tables import Cell, html, table

if TYPE_CHECKING:
    from parsimony.artifacts.claims import ClaimResult
    from parsimony.records import Filed


class IndexDirective(SphinxDirective, ABC):
    """A directive that makes its content from what is on disk, anew in every build."""

    def run(self) -> list[nodes.Node]:
        """Return the list; the page is read again whenever Sphinx runs."""
        self.env.note_reread()
        return self.content_nodes()

    @abstractmethod
    def content_nodes(self) -> list[nodes.Node]:
        """Return what the directive shows."""

    @property
    def up(self) -> str:
        """Relative path from this page to the root of the site."""
        return "../" * self.env.docname.count("/")

    def inline(self, text: str) -> list[nodes.Node]:
        """Return MyST text, such as a reference, as nodes."""
        return self.state.inline_text(text, self.lineno)[0]

    def sortable(self, header: Sequence[str], rows: Sequence[Sequence[Cell]], empty: str) -> list[nodes.Node]:
        """Return a table whose columns sort on a click, or a sentence if it would be empty."""
        if not rows:
            return [nodes.paragraph("", empty)]
        return [table(header, rows, ["sortable"])]


class ArtifactIndex(IndexDirective):
    """Every figure and table of the book with its state and its files."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return one row an artifact."""
        rows = [
            [
                self.inline(f"{{numref}}`{one['id']}`"),
                one["title"],
                html(f"<code>{one['id']}</code>"),
                html(chip(freshness(one))),
                html(downloads(one, self.up)),
            ]
            for one in shown_artifacts()
        ]
        header = ["Number", "Title", "Identifier", "State", "Files"]
        return self.sortable(header, rows, "No chapter has been executed yet.")


class Ledger(IndexDirective):
    """Every published value with ours and the verdict."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return a count of the verdicts, the export, and one row a cell."""
        from parsimony.experiments.archive import open_archive

        lines = read_ledger(open_archive())
        if not lines:
            return [nodes.paragraph("", "No published values are listed yet.")]
        kinds = sorted({one["verdict"] for one in lines})
        counts = ", ".join(f"{sum(one['verdict'] == kind for one in lines)} {kind}" for kind in kinds)
        files = f'<a href="{self.up}artifacts/ledger/ledger.csv" download>CSV</a> ' + (
            f'<a href="{self.up}artifacts/ledger/ledger.json" download>JSON</a>'
        )
        given = sum(one["published"] != "not available" for one in lines)
        said = f"{len(lines)} cells, {given} with a published value: {counts}. "
        summary = nodes.paragraph("", "", nodes.Text(said), html(files))
        shown = [name for name in FIELDS if name not in ("verdict", "said", "source")]
        rows = [
            [*(one[name] for name in shown), html(verdict_chip(one["verdict"], one["said"])), one["source"]]
            for one in lines
        ]
        header = [name.capitalize() for name in (*shown, "verdict", "source")]
        return [summary, *self.sortable(header, rows, "")]


class ClaimsTable(IndexDirective):
    """Every claim of the two papers and what the records say about it."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return one row a claim."""
        from parsimony.artifacts.claims import evaluate_claims
        from parsimony.experiments.archive import open_archive

        rows = [
            [
                html(f'<code id="claim-{escape(one.id)}">{escape(one.id)}</code>'),
                self.inline(one.text),
                text_of(one.published),
                text_of(one.ours),
                text_of(one.interval),
                one.comparison,
                html(verdict_chip(one.verdict)),
                self.evidence(one),
            ]
            for one in evaluate_claims(open_archive())
        ]
        header = ["Claim", "Claim in words", "Published", "Ours", "Interval", "Compared", "Verdict", "Evidence"]
        return self.sortable(header, rows, "No claims are listed yet.")

    def evidence(self, one: ClaimResult) -> list[nodes.Node]:
        """Return the table that shows both methods, and the records that decide."""
        shown = self.inline(f"{{numref}}`{one.table}` ") if one.table else []
        repository = self.config.html_theme_options.get("repository_url", "")
        return [*shown, html(record_links(one.id, one.runs, repository))] if one.runs else shown


class ClaimsSummary(IndexDirective):
    """How many claims have which verdict, as chips that lead to the page of claims."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return one sentence."""
        from parsimony.artifacts.claims import count_verdicts
        from parsimony.experiments.archive import open_archive

        counts = count_verdicts(open_archive())
        chips = [verdict_chip(kind, f"{number} {kind}") for kind, number in counts.items()]
        said = f"Of {sum(counts.values())} empirical claims of the papers: "
        return [nodes.paragraph("", "", nodes.Text(said), html(" ".join(chips)), *self.inline(" ({ref}`ch-claims`)."))]


def record_links(name: str, runs: Sequence[Filed], repository: str) -> str:
    """Return a button that opens the records of some runs, each with its state."""
    items = "".join(
        f'<li><a href="{repository}/blob/main/{relative(one.path)}">{escape(one.record.specification.name)}</a> '
        f"({one.state})</li>"
        for one in runs
    )
    heading = f"Records behind {name}"
    return popover(f"records-{name}", f"{len(runs)} runs", f"<ul>{items}</ul>", heading=heading, kind="cell")


class RunsTable(IndexDirective):
    """What every experiment and every artifact took."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return the environment, one row an experiment, and one row an artifact."""
        versions = {name: installed_version(name) for name in (*COMPUTING_PACKAGES, *DRAWING_PACKAGES)}
        said = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        environment = nodes.paragraph("", f"This book was built under Python {platform.python_version()} with {said}.")
        return [
            environment,
            *titled("Experiments", self.experiments()),
            *titled("Figures and tables", self.artifacts()),
        ]

    def experiments(self) -> list[nodes.Node]:
        """Return one row a specification, those without a run included."""
        from parsimony.experiments.archive import open_archive, states

        filed = {one.record.specification.name: one.record for one in open_archive().find()}
        rows = []
        for one in states():
            name, record = one.specification.name, filed.get(one.specification.name)
            cost = ["", "", "", "", ""]
            if record is not None:
                torch = record.packages.get("torch", "")
                cost = [f"{record.minutes:.1f}", f"{record.parameters}",
                        f"{record.peak_memory_bytes / 2**20:.0f}", record.machine, torch]  # fmt: skip
            rows.append([html(f"<code>{escape(name)}</code>"), one.state, one.reason, *cost])
        header = ["Experiment", "State", "Reason", "Minutes", "Parameters", "Peak MiB", "Machine", "PyTorch"]
        return self.sortable(header, rows, "The catalogue is empty.")

    def artifacts(self) -> list[nodes.Node]:
        """Return one row an artifact: how it was executed and what its runs took."""
        parameters = {name: seal.get("parameters", {}) for name, seal in seals().items()}
        rows = [
            [
                self.inline(f"{{numref}}`{one['id']}`"),
                one["notebook"],
                parameters.get(one["notebook"], {}).get("profile", ""),
                str(one["runs"]),
                f"{one['minutes']:g}",
                html(chip(freshness(one))),
            ]
            for one in shown_artifacts()
        ]
        header = ["Artifact", "Notebook", "Profile", "Runs", "Minutes", "State"]
        return self.sortable(header, rows, "No chapter has been executed yet.")


class DriftTable(IndexDirective):
    """The archived records that are stale, each with the change that made it so."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return how many there are, and one row each."""
        from parsimony.book.drift import drifted
        from parsimony.experiments.archive import open_archive

        archive = open_archive()
        found, runs = drifted(archive), len(archive.find(profile="paper"))
        rows = [
            [
                html(f"<code>{escape(one.filed.record.specification.name)}</code>"),
                one.filed.record.finished[:10],
                one.reason,
                html("<br />".join(f"<code>{escape(name)}</code>" for name in one.modules)),
                html("<br />".join(map(escape, one.commits))),
            ]
            for one in found
        ]
        said = nodes.paragraph("", f"{len(found)} of {runs} archived records are stale.")
        return [said, *(self.sortable(["Record", "Made", "Reason", "Modules", "Commits"], rows, "") if rows else [])]


def titled(title: str, content: list[nodes.Node]) -> list[nodes.Node]:
    """Return nodes under a heading that is no section, since a directive may stand inside one."""
    return [nodes.rubric("", title), *content]


def verdict_chip(kind: str, said: str = "") -> str:
    """Return the verdict as a coloured word, with its direction if it has one."""
    return f'<span class="chip verdict-{escape(kind.replace(" ", "-"))}">{escape(said or kind)}</span>'


def text_of(value: object) -> str:
    """Write an advantage: nothing as a dash, a number with its sign and three decimals, a pair as an interval."""
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:+.3f}"
    if isinstance(value, tuple | list):
        return " to ".join(map(text_of, value))
    return str(value)


class DataCards(IndexDirective):
    """One card a data set: what it holds, where it comes from, under which terms."""

    def content_nodes(self) -> list[nodes.Node]:
        """Return the cards in the order of the loaders' list."""
        from parsimony.data.cards import DATASETS
        from parsimony.data.registry import entries

        return [html(data_card(one, entries())) for one in DATASETS.values()]
