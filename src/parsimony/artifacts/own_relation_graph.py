"""The relation graph that PAR learned around one query molecule, drawn with its molecules."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.few_shot_methods import DATASETS, SHOTS, Setting, runs_in
from parsimony.artifacts.run_schedule import iterations_text
from parsimony.artifacts.theme import INK, blank, new_figure, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

ACTIVE = 1
COLUMNS = ["molecule", "role", "label", "smiles", "similarity to the query", "weight"]
PIXELS = (420, 300)  # of one molecule
SIZE = 9.5  # points
WIDTH, HEIGHT = 40.0, 42.0  # of the sheet
QUERY = (20.0, 19.5)  # place of the query molecule
COLUMNS_OF_CLASS = {0: (3.2, 9.6), 1: (36.8, 30.4)}  # outer and inner column, inactive to the left
LOWEST, HIGHEST = 3.0, 38.0  # rows of a column lie between these
HALF_QUERY, HALF_SUPPORT = 3.2, 2.0  # half the height of a card


def own_relation_graph(archive: Archive) -> Artifact:
    """Draw the example of the first archived run of PAR, or of a quick one where none is archived."""
    import pandas

    run = example_run(archive)
    figure, (axes,) = new_figure(7.4 if run else 2.4)
    rows = [] if run is None else rows_of(run.record.measurements["example"])
    if run is None:
        say_not_run(axes, "PAR")
    else:
        draw(axes, run.record.measurements["example"], rows)
    return Artifact(
        id="fig-own-relation-graph", title="A relation graph of molecules", caption=_caption(run, rows),
        alt=_alt(run, rows), data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS),
        figure=figure, records=() if run is None else (run,),
    )  # fmt: skip


def example_run(archive: Archive) -> Filed | None:
    """Return the run of PAR whose example is shown: archived before quick, ten shots before one, first seed."""
    for profile in ("paper", "quick"):
        for shots in SHOTS:
            for dataset in DATASETS:
                for one in runs_in(archive, "par", "", Setting(dataset, shots), profile):
                    return one
    return None


def rows_of(example: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the support molecules in their order, then the query; a weight is a share of the query's row."""
    to_query = example["adjacency"][-1]
    total = sum(to_query) or 1.0
    pairs = zip(example["smiles"], example["labels"], to_query, strict=True)
    rows = [
        dict(zip(COLUMNS, (number, "support", label, smiles, similarity, similarity / total), strict=True))
        for number, (smiles, label, similarity) in enumerate(pairs)
    ]
    rows[-1]["role"] = "query"
    return rows


def draw(axes: Axes, example: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Draw edges first, then molecules over them, then words."""
    blank(axes, WIDTH, HEIGHT)
    places = places_of([row["label"] for row in rows[:-1]])
    draw_edges(axes, example["adjacency"], places, rows[-1]["label"])
    for place, row in zip(places, rows, strict=True):
        draw_molecule(axes, place, row, HALF_QUERY if row["role"] == "query" else HALF_SUPPORT)
    bold = {"ha": "center", "fontsize": SIZE + 1, "weight": "bold"}
    for x, words in ((6.4, "inactive support"), (20, example["property"]), (33.6, "active support")):
        axes.text(x, 40, words, **bold)
    said = f"query: {class_of(rows[-1])}, score {example['score']:.2f}\n{weight_on_class(rows):.0%} of the weight\n"
    axes.text(20, 3, f"{said}on its own class", ha="center", fontsize=SIZE)


def places_of(labels: Sequence[int]) -> list[tuple[float, float]]:
    """Return the place of each support molecule, two columns a class, and last that of the query.

    The outer column stands half a row higher than the inner one, so that its lines pass between the cards.
    """
    places = []
    for number, label in enumerate(labels):
        index, rows = labels[:number].count(label), math.ceil(labels.count(label) / 2)
        column, row = divmod(index, rows)
        step = (HIGHEST - LOWEST) / (rows + 0.5)
        places.append((COLUMNS_OF_CLASS[label][column], HIGHEST - step * (row + 0.5 + 0.5 * column)))
    return [*places, QUERY]


def draw_edges(
    axes: Axes, adjacency: Sequence[Sequence[float]], places: Sequence[tuple[float, float]], label: int
) -> None:
    """Draw what the query keeps in the colour of the class, and thin grey lines between support molecules."""
    last = len(places) - 1
    largest = max(adjacency[last]) or 1.0
    for i in range(last):
        for j in range(i):
            if adjacency[i][j] or adjacency[j][i]:
                axes.plot(*zip(places[i], places[j], strict=True), color="#dfe5ea", linewidth=0.8, zorder=1)
    for j, similarity in enumerate(adjacency[last][:last]):
        if similarity:
            colour = palette()[2] if (places[j][0] > QUERY[0]) == (label == ACTIVE) else palette()[1]
            axes.plot(
                *zip(QUERY, places[j], strict=True), color=colour, linewidth=0.5 + 4 * similarity / largest, zorder=2,
                alpha=0.85, solid_capstyle="round",
            )  # fmt: skip


def draw_molecule(axes: Axes, place: tuple[float, float], row: dict[str, Any], half: float) -> None:
    """Draw one molecule on a white card, with its similarity to the query below."""
    from matplotlib.patches import FancyBboxPatch

    (x, y), wide = place, half * PIXELS[0] / PIXELS[1]
    style = "round,pad=0,rounding_size=0.5"
    frame = {"facecolor": "white", "edgecolor": INK, "linewidth": 2 if row["role"] == "query" else 0.7}
    axes.add_patch(FancyBboxPatch((x - wide, y - half), 2 * wide, 2 * half, boxstyle=style, zorder=3, **frame))
    picture = picture_of(row["smiles"])
    if picture is None:
        axes.text(x, y, row["smiles"][:12], ha="center", va="center", fontsize=6, zorder=4)
    else:
        axes.imshow(picture, extent=(x - wide, x + wide, y - half, y + half), zorder=4, aspect="auto")
    axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))  # an image would set its own
    if row["role"] != "query" and row["similarity to the query"]:
        text = f"{row['similarity to the query']:.2f}"
        axes.text(x, y - half - 0.2, text, ha="center", va="top", fontsize=SIZE - 1, zorder=5)


def picture_of(smiles: str) -> NDArray[Any] | None:
    """Return a picture of a molecule on clear ground, or None if RDKit cannot read it."""
    from matplotlib.image import imread
    from rdkit import Chem, rdBase
    from rdkit.Chem.Draw import rdMolDraw2D

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return None
    canvas = rdMolDraw2D.MolDraw2DCairo(*PIXELS)
    canvas.drawOptions().clearBackground = False
    canvas.drawOptions().bondLineWidth = 3
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule)
    canvas.FinishDrawing()
    return imread(io.BytesIO(canvas.GetDrawingText()))


def class_of(row: dict[str, Any]) -> str:
    """Return the class of a molecule in words."""
    return "active" if row["label"] == ACTIVE else "inactive"


def weight_on_class(rows: Sequence[dict[str, Any]]) -> float:
    """Return the share of the query's weight on support molecules of its own class."""
    return sum(row["weight"] for row in rows[:-1] if row["label"] == rows[-1]["label"])


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    """Say how many support molecules the query keeps, which class they are of, and how alike their weights are."""
    kept = [row for row in rows[:-1] if row["weight"] > 0]
    if not kept:
        return "The query keeps no support molecule"
    same = sum(row["label"] == rows[-1]["label"] for row in kept)
    values = [row["similarity to the query"] for row in kept]
    return (
        f"The query is {class_of(rows[-1])}; of the {len(kept)} support molecules that it keeps {same} are of its "
        f"class, with {weight_on_class(rows):.0%} of the weight; the similarities lie between {min(values):.3f} and "
        f"{max(values):.3f}"
    )


def _caption(run: Filed | None, rows: Sequence[dict[str, Any]]) -> str:
    start = (
        "The last layer of PAR's relation graph around one query molecule (centre), with its inactive (left) and "
        "active (right) support molecules. Lines from the query: neighbours that it keeps, as wide as the learned "
        "similarity, which stands below their cards, green to its own class and orange to the other; grey lines: "
        "neighbours among support molecules. "
    )
    if run is None:
        return start + "PAR has not been run yet."
    asked, example = run.record.specification, run.record.measurements["example"]
    return (
        f"{start}Shown is the first active query of {example['property']} on {asked.dataset} ({asked.profile} profile, "
        f"seed {asked.seed}, {iterations_text([run])}), scored {example['score']:.2f}. {_finding(rows)}."
    )


def _alt(run: Filed | None, rows: Sequence[dict[str, Any]]) -> str:
    if run is None:
        return "An empty panel: PAR has not been run, so that no relation graph is known."
    return f"Drawings of {len(rows)} molecules with lines from the one in the centre. {_finding(rows)}."
