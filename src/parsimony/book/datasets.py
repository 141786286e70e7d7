"""One card a data set as HTML: counts, licence, citation, and each file with address and digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsimony.data.cards import Card
    from parsimony.data.registry import Entry


def data_card(card: Card, entries: Mapping[str, Entry]) -> str:
    """Return the card of one data set.

    Args:
        card: what the data set consists of.
        entries: the registry, by group and path.
    """
    files = [entries[name] for name in card.files if name in entries]
    facts = {
        "Profile": card.profile,
        "Kind": card.kind,
        "Counts": ", ".join(f"{value:,} {name}" for name, value in card.counts.items()),
        "Licence": once(one.licence for one in files),
        "Cite": once(one.citation for one in files),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    items = "".join(file_line(one) for one in files)
    return (
        f'<div class="data-card" id="data-{escape(card.name)}">'
        f'<p class="data-card-name">{escape(card.name)}</p>'
        f'<p>{escape(card.note)}</p><dl class="artifact-facts">{rows}</dl>'
        f'<details><summary>{len(files)} files</summary><ul class="artifact-records">{items}</ul></details></div>'
    )


def file_line(entry: Entry) -> str:
    """Return one file with its size, its source and its digest."""
    source = escape(entry.url)
    if entry.url.startswith("http"):
        source = f'<a href="{source}">{escape(entry.path)}</a>'
    return f"<li>{source}, {entry.bytes:,} bytes, SHA-256 <code>{entry.sha256}</code></li>"


def once(texts: Iterable[str]) -> str:
    """Join texts, each named once."""
    return "; ".join(dict.fromkeys(text for text in texts if text))
