"""Figure 5: what PAR and PACIA share between properties, and what each of them adapts to one property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.theme import INK, arrow, blank, box, new_mosaic
from parsimony.records import Archive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARED, STEPPED, MADE = KINDS = (
    "the same for all properties",
    "adapted by one gradient step",
    "made from the support set by a hypernetwork",
)
COLOURS = {SHARED: "#d6e8f5", STEPPED: "#fbe3bd", MADE: "#bfe6d8"}
LINES = {SHARED: 0.8, STEPPED: 2.4, MADE: 2.4}  # what is adapted has a thick frame, for those who see no colours
SIZE, SMALL = 10, 9  # points; the page may show the figure at half its size
PARTS = (
    ("PAR", "molecular encoder", "GIN", SHARED),
    ("PAR", "property-aware embedding", "W_p", STEPPED),
    ("PAR", "relation graph, two layers", "W_a, W_r", SHARED),
    ("PAR", "classifier", "W_c", STEPPED),
    ("PACIA", "molecular encoder, five layers", "GIN", SHARED),
    ("PACIA", "scale and shift after each encoder layer", "gamma, beta", MADE),
    ("PACIA", "embedding", "MLP", SHARED),
    ("PACIA", "relation graph, five layers", "W_a, W_r", SHARED),
    ("PACIA", "depth of each query", "l*", MADE),
    ("PACIA", "classifier", "w, b", MADE),
)


def figure_5(archive: Archive) -> Artifact:
    """Draw both methods, PAR above PACIA; no run is needed."""
    import pandas

    figure, axes = new_mosaic(6.2, [["PAR"], ["PACIA"]], height_ratios=[1, 1.25])
    draw_par(axes["PAR"])
    draw_pacia(axes["PACIA"])
    draw_key(axes["PACIA"])
    return Artifact(
        id="fig-5", title="Adapting few parameters", caption=_caption(), alt=_alt(),
        data=pandas.DataFrame(PARTS, columns=["method", "part", "symbol", "to a property"]), figure=figure,
    )  # fmt: skip


def part(axes: Axes, centre: tuple[float, float], size: tuple[float, float], text: str, kind: str) -> None:
    """Draw one part in the colour and with the frame of its kind."""
    box(axes, centre, size, text, COLOURS[kind], fontsize=SMALL)
    axes.patches[-1].set_linewidth(LINES[kind])


def note(axes: Axes, place: tuple[float, float], text: str, **font: object) -> None:
    """Write centred words."""
    axes.text(*place, text, ha="center", va="center", **{"fontsize": SMALL, **font})


def draw_par(axes: Axes) -> None:
    """Draw the parts left to right, and the step that returns from the loss on the support set."""
    blank(axes, 40, 13)
    axes.set_title("PAR: one gradient step on two parts", fontsize=SIZE, weight="bold")
    note(axes, (3, 6.5), "support\n$\\mathcal{S}_\\tau$\nand query\n$x_q$")
    part(axes, (10, 6.5), (5.4, 4.6), "encoder\n(GIN)", SHARED)
    part(axes, (18.2, 6.5), (6.4, 4.6), "property-aware\nembedding\n$W_p$", STEPPED)
    part(axes, (26.8, 6.5), (6, 4.6), "relation graph\n$W_a,\\ W_r$", SHARED)
    part(axes, (34.6, 6.5), (5, 4.6), "classifier\n$W_c$", STEPPED)
    for start, end in ((5.3, 7.2), (12.8, 14.9), (21.5, 23.7), (29.9, 32), (37.2, 39)):
        arrow(axes, (start, 6.5), (end, 6.5))
    note(axes, (39.4, 6.5), "$\\hat y_q$", fontsize=SIZE)
    for x, place in ((13.9, "$g$"), (22.6, "$p$"), (30.9, "$x$")):
        note(axes, (x, 7.6), place)
    draw_step(axes)


def draw_step(axes: Axes) -> None:
    """Draw the way back from the loss on the support set to the two parts that it changes."""
    axes.plot([39.4, 39.4, 18.2], [7.8, 11.2, 11.2], color=INK, linewidth=1.1)
    arrow(axes, (18.2, 11.2), (18.2, 8.9))
    arrow(axes, (34.6, 11.2), (34.6, 8.9))
    note(axes, (26.4, 12.2), r"$\Phi' = \Phi - \alpha\,\nabla_\Phi\,\mathcal{L}(\mathcal{S}_\tau)$", fontsize=SIZE)
    note(axes, (26.4, 2.2), r"$\Phi = \{W_p, W_c\}$;  encoder, $W_a$ and $W_r$ wait for the outer loss", fontsize=SMALL)


def draw_pacia(axes: Axes) -> None:
    """Draw the parts left to right, with the hypernetworks above them."""
    blank(axes, 40, 16)
    axes.set_title("PACIA: no step; hypernetworks read the support set", fontsize=SIZE, weight="bold")
    note(axes, (2.6, 5), "support\n$\\mathcal{S}_\\tau$\nand query\n$x_q$")
    draw_encoder(axes)
    part(axes, (21, 5), (4.2, 3.6), "MLP", SHARED)
    part(axes, (27.8, 5), (5.8, 3.6), "relation graph\n$l = 1, \\dots, 5$", SHARED)
    part(axes, (35, 5), (5.2, 3.6), "classifier\n$w^c,\\ b^c$", MADE)
    for start, end in ((4.7, 6), (17.2, 18.8), (23.2, 24.8), (30.8, 32.3), (37.7, 39)):
        arrow(axes, (start, 5), (end, 5))
    note(axes, (39.4, 5), "$\\hat y_q$", fontsize=SIZE)
    draw_hypernetworks(axes)


def draw_encoder(axes: Axes) -> None:
    """Draw the encoder as a layer and its modulation, five times over."""
    axes.add_patch(_frame((6.1, 2.1), 11, 5.8))
    part(axes, (8.8, 5), (4.2, 3.6), "GIN\nlayer", SHARED)
    arrow(axes, (11, 5), (11.9, 5))
    part(axes, (14.4, 5), (4.8, 3.6), "$h \\odot (1 + \\gamma)$\n$+\\ \\beta$", MADE)
    note(axes, (11.6, 1.2), "five times, each with its own $\\gamma$ and $\\beta$ of 300 numbers")


def _frame(corner: tuple[float, float], width: float, height: float) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, fill=False, edgecolor=INK, linestyle=(0, (3, 2)), linewidth=0.9)


def draw_hypernetworks(axes: Axes) -> None:
    """Draw, above what they make, the networks that read molecules and labels of the support set."""
    part(axes, (14.4, 12), (8, 3.4), "hypernetworks:\nmolecules, labels", SHARED)
    part(axes, (27.8, 12), (6.6, 3.4), "depth controller\n$[r\\,;x_q^{(l)}] \\to u_l$", SHARED)
    part(axes, (36, 12), (6.6, 3.4), "$\\mathrm{MLP}_w, \\mathrm{MLP}_b$\nof prototypes", SHARED)
    arrow(axes, (14.4, 10.2), (14.4, 7))
    arrow(axes, (27.8, 10.2), (27.8, 7))
    arrow(axes, (35.4, 10.2), (35.4, 7))
    part(axes, (30.6, 8.6), (4.2, 1.9), "depth $l^*$", MADE)
    note(axes, (3.4, 12), "$\\mathcal{S}_\\tau$", fontsize=SIZE + 1)
    arrow(axes, (4.4, 12), (10.2, 12))


def draw_key(axes: Axes) -> None:
    """Say below the drawing what colours and frames mean."""
    from matplotlib.patches import Patch

    keys = [Patch(facecolor=COLOURS[kind], edgecolor=INK, linewidth=LINES[kind], label=kind) for kind in KINDS]
    axes.figure.legend(handles=keys, loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)


def _caption() -> str:
    return (
        "Two ways to adapt to a property from a few labelled molecules. PAR (above) takes one gradient step on "
        f"{listed('PAR', STEPPED)}; {listed('PAR', SHARED)} keep their weights inside a property. PACIA (below) takes "
        f"no step: networks that read the support set make {listed('PACIA', MADE)}, and all weights stay. Thick "
        "frames: what differs between properties. A schematic in our words, after Yao et al., arXiv 2407.00478, "
        "section 4 and Figure 5; it needs no run."
    )


def listed(method: str, kind: str) -> str:
    """Return the parts of a method that are of one kind, in words."""
    names = [name for owner, name, _, sort in PARTS if (owner, sort) == (method, kind)]
    return ", ".join(names[:-1]) + " and " + names[-1]


def _alt() -> str:
    return (
        "Two chains of boxes from molecules to a prediction. In PAR an arrow returns from the loss on the support set "
        f"to {listed('PAR', STEPPED)} only. In PACIA arrows come down from networks that read the support set to "
        f"{listed('PACIA', MADE)}."
    )
