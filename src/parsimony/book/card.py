"""The card under each figure and table: download, cite, how it was made, and whether it is fresh."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from parsimony.book.citation import cite_panel
from parsimony.book.popover import popover
from parsimony.book.sidecar import freshness
from parsimony.citation import Work

CHIP_MEANINGS = {
    "current": "made from paper-profile runs of the present code and libraries",
    "quick profile": "made from the short runs on embedded data, not from the paper's benchmarks",
    "code changed": "at least one run was made by code or settings that have changed since",
    "environment changed": "at least one run was made under another release of PyTorch or NumPy",
    "no runs": "no run lies behind it: it shows published values, or a run is still missing",
}


def card(sidecar: Mapping[str, Any], *, up: str, works: list[Work], repository: str) -> str:
    """Return the HTML of the card: three buttons that open panels, and the state of the runs.

    Args:
        sidecar: of the artifact.
        up: relative path from the page to the root of the site, such as "../../".
        works: what cites the artifact, and the original paper.
        repository: address of the source repository.
    """
    name = sidecar["id"]
    panels = {
        "Cite": cite_panel(name, works),
        "Download": f'<p class="artifact-downloads">{downloads(sidecar, up)}</p>',
        "How it was made": how_made(sidecar, repository),
    }
    shown = "".join(
        popover(f"{name}-{label.split()[0].lower()}", label, panel, heading=f"{label}: {sidecar['title']}")
        for label, panel in panels.items()
    )
    return f'<div class="artifact-card">{shown}{chip(freshness(sidecar))}</div>'


def chip(word: str) -> str:
    """Return the freshness chip; its tooltip says what the word means."""
    return f'<span class="chip chip-{word.replace(" ", "-")}" title="{escape(CHIP_MEANINGS[word])}">{word}</span>'


def downloads(sidecar: Mapping[str, Any], up: str) -> str:
    """Return links to every file of an artifact under its permanent address."""
    name = sidecar["id"]
    files = [*sidecar["files"], f"{name}.json"]
    return " ".join(
        f'<a href="{up}artifacts/{name}/{file}" download>{file.rpartition(".")[2].upper()}</a>' for file in files
    )


def how_made(sidecar: Mapping[str, Any], repository: str) -> str:
    """Return the list of what it took: command, commit, seeds, runs, minutes, machine, records."""
    notebook = sidecar["notebook"]
    source = f"{repository}/blob/main/notebooks/{notebook}.py"
    facts = {
        "Notebook": f'<a href="{source}">notebooks/{escape(notebook)}.py</a>' if notebook else "",
        "Command": f"<code>{escape(sidecar['command'])}</code>",
        "Commit": f"<code>{escape(sidecar['commit'][:12])}</code>",
        "Runs": f"{sidecar['runs']} ({', '.join(sidecar['profiles'])})" if sidecar["runs"] else "none",
        "Seeds": ", ".join(map(str, sidecar["seeds"])),
        "Minutes": f"{sidecar['minutes']:g}" if sidecar["runs"] else "",
        "Machine": escape("; ".join(sidecar["machines"])),
        "Drawn with": escape(", ".join(f"{name} {version}" for name, version in sidecar["packages"].items())),
        "Digest": f"<code>{sidecar['digest']}</code>",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items() if value)
    return f'<dl class="artifact-facts">{rows}</dl>{record_list(sidecar)}'


def record_list(sidecar: Mapping[str, Any]) -> str:
    """Return the runs behind an artifact, each with its fingerprint and its state."""
    items = "".join(f"<li><code>{escape(one['path'])}</code> ({one['state']})</li>" for one in sidecar["records"])
    return f'<p><strong>Records</strong></p><ul class="artifact-records">{items}</ul>' if items else ""
