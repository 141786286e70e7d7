"""Figure 1: three bottlenecks of scaling up, and the three answers of parsimony."""

from __future__ import annotations

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.sections import BOTTLENECKS, METHODS
from parsimony.artifacts.theme import arrow, blank, box, new_figure, palette
from parsimony.records import Archive

TINTS = ("#d6e8f5", "#fbe8c8", "#d5efe6")


def figure_1(archive: Archive) -> Artifact:
    """Draw bottleneck, answer and methods of each kind of parsimony; no run is needed."""
    import pandas

    figure, (axes,) = new_figure(3.6)
    blank(axes, 10, 5)
    for x, heading in ((1.95, "scaling up meets"), (5.35, "parsimony answers"), (8.6, "by")):
        axes.text(x, 4.75, heading, ha="center", va="center", weight="bold")
    rows = []
    for place, (axis, bottleneck, answer, section) in enumerate(BOTTLENECKS):
        y = 3.75 - 1.5 * place
        methods = [method.name for method in METHODS if method.section.startswith(section)]
        axes.text(
            0.12, y, axis, rotation=90, ha="center", va="center", color=palette()[place], weight="bold", fontsize=9
        )
        box(axes, (1.95, y), (3.0, 1.1), bottleneck, "white", fontsize=9)
        box(axes, (5.35, y), (3.0, 1.1), answer, TINTS[place], fontsize=9)
        box(axes, (8.6, y), (2.5, 1.1), "\n".join(methods), "white", fontsize=9, weight="bold")
        arrow(axes, (3.47, y), (3.83, y))
        arrow(axes, (6.87, y), (7.33, y))
        rows.append({"axis": axis, "bottleneck": bottleneck, "answer": answer, "methods": ", ".join(methods)})
    data = pandas.DataFrame(rows).replace("\n", " ", regex=True)
    caption = (
        "Three bottlenecks of scaling up and the three answers of parsimony learning: in the model, in training and "
        "in interpretation, with the methods that section 3, 4 and 5 of the paper present for each. Section 6 "
        "(EmerGNN) unites them. Redrawn in our words after Yao et al., arXiv 2407.00478, Figure 1."
    )
    alt = "Three rows of boxes: " + "; ".join(
        f"{row['axis']}: {row['bottleneck']}, answered by {row['answer']}, with {row['methods']}"
        for row in data.to_dict("records")
    )
    return Artifact(id="fig-1", title="Bottlenecks and answers", caption=caption, alt=alt, data=data, figure=figure)
