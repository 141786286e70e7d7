"""What a built page names: addresses that it loads and links to, and anchors that it offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
POINTERS = {"canonical", "alternate", "next", "prev", "author", "license"}  # links that a browser does not load


@dataclass
class Page:
    """What one page names: addresses it loads, addresses it links to, and the anchors it offers.

    `spare` are those of `loads` that a browser fetches instead of others: narrow pictures, and what old browsers show.
    """

    loads: list[str] = field(default_factory=list)
    spare: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


class PageReader(HTMLParser):
    """Collect the addresses and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.in_picture = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag loads, links to and offers."""
        given = {name: value or "" for name, value in attrs}
        self.page.anchors.update(given[name] for name in ("id", "name") if given.get(name))
        relation = set(given.get("rel", "").split())
        self.note_picture(tag, given)
        if tag in LOADING and given.get(LOADING[tag]) and not (tag == "link" and relation & POINTERS):
            self.page.loads.append(given[LOADING[tag]])
        elif tag in ("a", "area") and "href" in given:
            self.page.links.append(given["href"])

    def note_picture(self, tag: str, given: dict[str, str]) -> None:
        """Note the widths in which a picture is offered; the last is the widest."""
        offered = [one.split()[0] for one in given.get("srcset", "").split(",") if one.strip()]
        self.page.loads += offered
        self.page.spare.update(offered[:-1], [given["src"]] if self.in_picture and tag == "img" else [])
        self.in_picture = tag == "picture" or (self.in_picture and tag == "source")


@cache
def read_page(path: Path) -> Page:
    """Read one built page."""
    reader = PageReader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def is_elsewhere(address: str) -> bool:
    """Tell whether an address names a host or a scheme of its own; embedded data do not count."""
    parts = urlsplit(address)
    return bool(parts.netloc or parts.scheme) and parts.scheme != "data"
