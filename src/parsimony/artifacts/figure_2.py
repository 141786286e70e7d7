"""Figure 2: the duality of knowledge and data."""

from __future__ import annotations

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.theme import arrow, blank, box, new_figure
from parsimony.records import Archive

BOXES = (
    ("knowledge space", "symbols: structures,\ngraphs, formulas", (2.1, 3.55), "#fbe8c8"),
    ("function space", "neural functions:\nscores, encoders, messages", (7.9, 3.55), "#d6e8f5"),
    ("data", "triples, ratings, molecules,\ntrajectories", (5.0, 0.85), "#eef1f4"),
)
LINKS = (
    ("knowledge space", "function space", "restricts and shapes", (3.75, 3.85), (6.25, 3.85)),
    ("function space", "knowledge space", "is read back as", (6.25, 3.2), (3.75, 3.2)),
    ("function space", "data", "is fitted to", (7.6, 2.8), (6.3, 1.55)),
    ("knowledge space", "data", "explains", (2.4, 2.8), (3.7, 1.55)),
)


def figure_2(archive: Archive) -> Artifact:
    """Draw the two spaces, the data below them, and what passes between; no run is needed."""
    import pandas

    figure, (axes,) = new_figure(3.2)
    blank(axes, 10, 4.6)
    for name, text, centre, colour in BOXES:
        box(axes, centre, (3.2, 1.35), "", colour)
        axes.text(centre[0], centre[1] + 0.37, name, ha="center", va="center", weight="bold", fontsize=9.5)
        axes.text(centre[0], centre[1] - 0.2, text, ha="center", va="center", fontsize=9, linespacing=1.25)
    labels = ((5.0, 4.08), (5.0, 2.93), (7.95, 2.05), (2.3, 2.05))
    for (_, _, words, start, end), place in zip(LINKS, labels, strict=True):
        arrow(axes, start, end)
        axes.text(*place, words, ha="center", va="center", fontsize=9, style="italic")
    data = pandas.DataFrame([{"from": a, "to": b, "link": words} for a, b, words, *_ in LINKS])
    caption = (
        "The duality of knowledge and data. Knowledge restricts and shapes the functions that are fitted to data; what "
        "was fitted is read back as knowledge, which explains the data. A method is parsimonious when the link is "
        "short. Redrawn in our words after Yao et al., arXiv 2407.00478, Figure 2."
    )
    alt = "A triangle of boxes: " + "; ".join(
        f"{row['from']} {row['link']} {row['to']}" for row in data.to_dict("records")
    )
    return Artifact(id="fig-2", title="Knowledge and data", caption=caption, alt=alt, data=data, figure=figure)
