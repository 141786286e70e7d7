"""Tables of the book as docutils nodes: numbers to the right, sortable where asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docutils import nodes

Cell = str | nodes.Node | Sequence[nodes.Node]
SHORT = 24  # characters that stay on one line: rows remain low, and the table scrolls in its box
_NUMBER = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?( ?± ?\d[\d.]*)?%?")


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]], classes: Sequence[str] = ()) -> nodes.table:
    """Return a table node; a cell is text, one inline node, or several."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=1) for _ in header]
    group += nodes.thead("", row(header))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group, classes=list(classes))


def row(cells: Sequence[Cell]) -> nodes.row:
    """Return one row."""
    return nodes.row("", *(entry(cell) for cell in cells))


def entry(cell: Cell) -> nodes.entry:
    """Return one cell; what reads as a number stands to the right."""
    if isinstance(cell, str):
        classes = ["text-right"] if _NUMBER.fullmatch(cell.strip()) else []
        classes += ["text-nowrap"] if len(cell) <= SHORT else ["long"]
        return nodes.entry("", nodes.paragraph("", "", nodes.Text(shown(cell))), classes=classes)
    inner = [cell] if isinstance(cell, nodes.Node) else list(cell)
    opening = [one for one in inner if is_opening(one)]  # a block may not stand in a paragraph
    text = [nodes.paragraph("", "", *rest)] if (rest := [one for one in inner if one not in opening]) else []
    return nodes.entry("", *text, *opening, classes=["text-nowrap"] if opening else [])


def is_opening(node: nodes.Node) -> bool:
    """Tell whether a node is a block that opens on demand."""
    return isinstance(node, nodes.raw) and " popover " in node.astext()


def shown(cell: str) -> str:
    """Shorten a plain decimal number to four significant digits; leave everything else as it is."""
    if re.fullmatch(r"-?\d+\.\d{5,}", cell) or re.fullmatch(r"-?\d(\.\d+)?e[-+]\d+", cell):
        return f"{float(cell):.4g}"
    return cell


def html(text: str) -> nodes.raw:
    """Return inline HTML."""
    return nodes.raw("", text, format="html")


def link(text: str, address: str) -> nodes.reference:
    """Return a link to another site or to a file of this one."""
    return nodes.reference("", text, refuri=address, internal=False)
