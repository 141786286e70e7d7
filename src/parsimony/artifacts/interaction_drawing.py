"""How drugs and what lies between them are drawn: a fill a kind, a colour a relation, interactions grey."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from parsimony.artifacts.digraph_drawing import DASHED, DOTTED, SIZE, draw_entity
from parsimony.artifacts.reasoning_digraph import IDENTITY, Edge, name_of_relation
from parsimony.artifacts.theme import INK, SOFT, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

Place = tuple[float, float]
GREY = "#7d8a96"
FILLS = {
    "drug": "#fbe3bd", "gene": "#cfe4f5", "disease": "#f8d3cb", "side effect": "#e6daf3", "class": "#d5ecd9",
    "other": SOFT,
}  # fmt: skip
GROUPS = {  # of the kinds of Hetionet, and of those of the generated network
    "Compound": "drug", "Gene": "gene", "Enzyme": "gene", "Transporter": "gene", "Target": "gene",
    "Disease": "disease", "Symptom": "disease", "Side Effect": "side effect", "Pharmacologic Class": "class",
}  # fmt: skip
VERBS = {  # of the biomedical relations, as head and tail are read
    "GiG": "interacts with", "CrC": "resembles", "DdG": "downregulates", "DpS": "presents", "DlA": "localizes to",
    "CtD": "treats", "CbG": "binds", "CuG": "upregulates", "DrD": "resembles", "DaG": "is associated with",
    "CpD": "palliates", "AdG": "downregulates", "AuG": "upregulates", "GcG": "covaries with",
    "GpMF": "participates in", "PCiC": "includes", "GpCC": "participates in", "Gr>G": "regulates",
    "CdG": "downregulates", "DuG": "upregulates", "GpPW": "participates in", "CcSE": "causes", "AeG": "expresses",
    "CiG": "inhibits", "CeG": "induces", "CmG": "is broken down by", "CkG": "blocks", "CcG": "is carried by",
    "CaG": "acts on",
}  # fmt: skip


def group_of(kind: str) -> str:
    """Return the group of a kind of entity, which has one fill."""
    return GROUPS.get(kind, "other")


def verb_of(relation: str) -> str:
    """Return what a relation says; an interaction is known by its number, such as #39."""
    return VERBS.get(relation, relation)


def is_interaction(edge: Edge) -> bool:
    """Tell whether an edge is a known interaction rather than a biomedical fact."""
    return name_of_relation(edge).startswith("#")  # the number of its type


def colours_of(edges: Iterable[Edge]) -> dict[str, str]:
    """Return a colour for what each biomedical relation says; interactions are grey, identity steps ink if any."""
    used = list(edges)
    said = dict.fromkeys(
        verb_of(name_of_relation(edge)) for edge in used if edge.relation != IDENTITY and not is_interaction(edge)
    )
    strong = [palette()[number] for number in (0, 2, 4, 1, 5, 9, 3)]
    colours = {name: strong[number % len(strong)] for number, name in enumerate(said)}
    if any(edge.relation == IDENTITY for edge in used):
        colours[IDENTITY] = INK
    return colours | {name_of_relation(edge): GREY for edge in used if is_interaction(edge)}


def colour_of(edge: Edge, colours: Mapping[str, str]) -> str:
    """Return the colour of an edge."""
    return colours[edge.relation if edge.relation == IDENTITY else verb_of(name_of_relation(edge))]


def draw_named(axes: Axes, place: Place, name: str, kind: str, *, is_asked: bool = False) -> FancyBboxPatch:
    """Write an entity into a box with the fill of its kind; the two drugs of the pair have a thick rim."""
    box = draw_entity(axes, place, name, FILLS[group_of(kind)])
    box.set_linewidth(1.9 if is_asked else 0.7)
    return box


def draw_key(axes: Axes, groups: Collection[str], colours: Mapping[str, str]) -> None:
    """Say which fill is which kind, which colour which relation, and what the style of a line means."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = [group for group in FILLS if group in groups]
    marks: list[object] = [Patch(facecolor=FILLS[one], edgecolor=INK, linewidth=0.7, label=one) for one in shown]
    named = {name: colour for name, colour in colours.items() if name != IDENTITY and not name.startswith("#")}
    marks += [Line2D([], [], color=colour, linewidth=1.8, label=name) for name, colour in named.items()]
    marks += [
        Line2D([], [], color=GREY, linewidth=1.8, label="known interaction"),
        Line2D([], [], color=INK, linestyle=DASHED, label="inverse"),
    ]
    if IDENTITY in colours:
        marks.append(Line2D([], [], color=INK, linestyle=DOTTED, label="identity"))
    axes.set_axis_off()
    axes.legend(handles=marks, loc="center", ncols=5, fontsize=SIZE, frameon=False)
