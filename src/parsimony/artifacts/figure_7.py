"""Figure 7: the learned relational digraph of one query, its best paths, and the ranks of two methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.digraph_drawing import (
    SIZE,
    bends_of,
    draw_columns,
    draw_edge,
    label_edge,
    places_in_columns,
    point_of,
    relation_colours,
)
from parsimony.artifacts.explorable_digraph import explorable
from parsimony.artifacts.names import name_of
from parsimony.artifacts.reasoning_digraph import (
    IDENTITY,
    Edge,
    Layers,
    best_paths,
    columns_of,
    entity_text,
    kept_layers,
    layers_of,
    name_of_relation,
    path_text,
    relation_text,
)
from parsimony.artifacts.run_schedule import short_notes
from parsimony.artifacts.theme import blank, new_mosaic, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = ("redgnn", "drum")
DATASET = "family"
COLUMNS = ["layer", "head", "relation", "tail", "attention", "kept"]
PATHS = 5
WIDTH, ROW = 7.2, 0.85  # inches
FAINTEST = 0.25  # opacity of an edge without attention


def figure_7(archive: Archive) -> Artifact:
    """Draw the digraph of the first archived run of RED-GNN that holds one, or of a quick one."""
    import pandas

    run, rival, browsed = digraph_run(archive), exemplar_run(archive), browsed_runs(archive)
    digraph = run.record.measurements["digraph"] if run else None
    used = [one for one in ((run, rival) if run else ()) if one] + browsed
    rows = rows_of(digraph) if digraph else [dict.fromkeys(COLUMNS, "not run")]
    return Artifact(
        id="fig-7", title="A learned relational digraph", caption=_caption(run, rival), alt=_alt(digraph),
        data=pandas.DataFrame(rows, columns=COLUMNS), figure=draw(digraph, rival),
        records=tuple({one.path: one for one in used}.values()),
        graphs=explorable_graphs(run, browsed), weight="attention",
    )  # fmt: skip


def explorable_graphs(run: Filed | None, browsed: Sequence[Filed]) -> tuple[dict[str, Any], ...]:
    """Return the digraph of the figure first, then one query for each relation of every graph that was asked."""
    own = [(run, run.record.measurements["digraph"])] if run else []
    others = [(one, digraph) for one in browsed for digraph in one.record.measurements["digraphs"]]
    return tuple(explorable(digraph, one.record.specification.dataset) for one, digraph in (*own, *others))


def browsed_runs(archive: Archive) -> list[Filed]:
    """Return one run of RED-GNN for each graph on which example queries were kept, archived before quick."""
    every = [one for profile in ("paper", "quick") for one in archive.find(method="redgnn", profile=profile)]
    found = [one for one in every if "digraphs" in one.record.measurements]
    return list({one.record.specification.dataset: one for one in reversed(found)}.values())[::-1]


def digraph_run(archive: Archive) -> Filed | None:
    """Return the run of RED-GNN whose digraph is shown: archived before quick, first seed."""
    return _first(archive, "redgnn", "digraph")


def exemplar_run(archive: Archive) -> Filed | None:
    """Return the run of DRUM that ranked the same answer."""
    return _first(archive, "drum", "exemplar")


def _first(archive: Archive, method: str, measured: str) -> Filed | None:
    every = (one for profile in ("paper", "quick") for one in archive.find(method=method, profile=profile))
    return next((one for one in every if measured in one.record.measurements), None)


def rows_of(digraph: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every edge of the digraph, and whether it is drawn."""
    kept = kept_layers(digraph)
    return [
        {"layer": number, **edge._asdict(), "kept": edge in kept[number - 1]}
        for number, layer in enumerate(layers_of(digraph), start=1)
        for edge in layer
    ]


def draw(digraph: dict[str, Any] | None, rival: Filed | None) -> Figure:
    """Draw the digraph, and below it the best paths."""
    if digraph is None:
        figure, axes = new_mosaic(2.4, [["digraph"]])
        say_not_run(axes["digraph"], "RED-GNN on family")
        return figure
    layers = kept_layers(digraph)
    columns = columns_of(layers)
    height = max(2.0, ROW * max(map(len, columns)))
    figure, axes = new_mosaic(height + 1.9, [["digraph"], ["paths"]], height_ratios=[height, 1.9])
    draw_digraph(axes["digraph"], layers, columns, height, (digraph["query"][0], digraph["answer"]))
    write_paths(axes["paths"], digraph)
    write_ranks(axes["paths"], digraph, rival)
    return figure


def draw_digraph(axes: Axes, layers: Layers, columns: Sequence[Sequence[str]], height: float, ends: tuple) -> None:
    """Draw columns of entities and the edges between them, with relation and attention."""
    blank(axes, WIDTH, height)
    axes.set_aspect("equal")
    places = places_in_columns(columns, WIDTH, height)
    boxes, colours = draw_columns(axes, places, ends), relation_colours(edge for layer in layers for edge in layer)
    for number, layer in enumerate(layers):
        share = label_share(len(columns[number]), len(columns[number + 1]))
        for edge, bend in zip(layer, bends_of(layer), strict=True):
            pair = boxes[number][edge.head], boxes[number + 1][edge.tail]
            colour = colours[name_of_relation(edge)]
            draw_edge(
                axes, pair, edge, colour, bend, linewidth=0.6 + 2 * edge.attention,
                alpha=FAINTEST + (1 - FAINTEST) * edge.attention,
            )  # fmt: skip
            where = point_of(places[number][edge.head], places[number + 1][edge.tail], bend, share)
            label_edge(axes, where, edge_text(edge))


def label_share(before: int, after: int) -> float:
    """Return how far along its edges a layer is labelled: nearer to the column with more entities."""
    return 0.5 if before == after else 0.56 if after > before else 0.44


def edge_text(edge: Edge) -> str:
    """Write attention after the relation; an identity step is known by its dots."""
    name = "" if edge.relation == IDENTITY else f"{relation_text(edge)} "
    return f"{name}{edge.attention:.2f}"


def write_paths(axes: Axes, digraph: dict[str, Any]) -> None:
    """Write the best paths of the whole digraph with the products of their attentions."""
    blank(axes, WIDTH, 1.9)
    paths = best_paths(layers_of(digraph), digraph["query"][0], digraph["answer"], PATHS)
    axes.text(0.1, 1.7, "product", fontsize=SIZE, weight="bold", va="center")
    axes.text(0.8, 1.7, f"the {len(paths)} strongest paths", fontsize=SIZE, weight="bold", va="center")
    for number, path in enumerate(paths):
        y = 1.4 - 0.3 * number
        axes.text(0.1, y, f"{path.attention:.3f}", fontsize=SIZE, va="center")
        axes.text(0.8, y, path_text(path), fontsize=SIZE, va="center")


def write_ranks(axes: Axes, digraph: dict[str, Any], rival: Filed | None) -> None:
    """Write the rank of the answer under each method."""
    other = "not run" if rival is None else f"{rival.record.measurements['exemplar']['rank']:g}"
    axes.text(5.6, 1.7, "rank of the answer", fontsize=SIZE, weight="bold", va="center")
    for number, text in enumerate((f"RED-GNN: {digraph['rank']:g}", f"DRUM: {other}")):
        axes.text(5.6, 1.4 - 0.3 * number, text, fontsize=SIZE, va="center")


def _caption(run: Filed | None, rival: Filed | None) -> str:
    start = (
        "The relational digraph that RED-GNN reads for one query: columns of entities from the head of the query "
        "(left) to the answer (right), one step a column. Numbers, width and opacity of an edge are its attention; "
        "dashed edges walk a relation backwards, dotted ones stay. "
    )
    if run is None:
        return start + "No run of RED-GNN that holds a digraph has been made yet."
    digraph, asked = run.record.measurements["digraph"], run.record.specification
    sizes = [len(layer) for layer in layers_of(digraph)]
    kept = sum(map(len, kept_layers(digraph)))
    return (
        f"{start}The query is {query_text(digraph)} on {asked.dataset}, the answer {entity_text(digraph['answer'])}. "
        f"Of the {' + '.join(map(str, sizes))} edges of the digraph, {kept} with an attention of at least "
        f"{digraph['edges kept']:g} on a path are drawn; the paper does not state its threshold. Below: the strongest "
        f"paths of the whole digraph. {ranks_text(run, rival)} Run: {run_text(run)}."
    )


def query_text(digraph: dict[str, Any]) -> str:
    """Write a query as a triple with its tail missing."""
    head, relation = digraph["query"]
    return f"({entity_text(head)}, {relation}, ?)"


def ranks_text(run: Filed, rival: Filed | None) -> str:
    """Say at which rank each method puts the answer."""
    ours = f"RED-GNN ranks the answer {run.record.measurements['digraph']['rank']:g}"
    if rival is None:
        return f"{ours}; DRUM was not run on this query."
    exemplar = rival.record.measurements["exemplar"]
    return f"{ours}, DRUM ranks it {exemplar['rank']:g}."


def run_text(run: Filed) -> str:
    """Write method, profile and seed of a run, and how short it is."""
    asked = run.record.specification
    notes = ["", *short_notes([run])]
    return f"{name_of(asked.method, asked.variant)}, {asked.profile} profile, seed {asked.seed}{', '.join(notes)}"


def _alt(digraph: dict[str, Any] | None) -> str:
    if digraph is None:
        return "An empty panel: no run of RED-GNN holds a relational digraph yet."
    layers = kept_layers(digraph)
    best = best_paths(layers_of(digraph), digraph["query"][0], digraph["answer"], 1)[0]
    return (
        f"A digraph in {len(layers) + 1} columns with {' + '.join(str(len(layer)) for layer in layers)} edges from "
        f"{entity_text(digraph['query'][0])} to {entity_text(digraph['answer'])}. Its strongest path, with a product "
        f"of attentions of {best.attention:.3f}, is {path_text(best)}."
    )
