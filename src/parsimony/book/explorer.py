"""A layered graph that readers explore: choose the query, raise the threshold, follow a path, look at a node.

Everything is drawn here, as SVG in the page; the script only hides and highlights. Without it the first graph stands
there with its paths in words and its edges as a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from parsimony.book.graph_layout import Layout

Graph = Mapping[str, Any]


def explorer(name: str, graphs: Sequence[Graph], weight: str) -> str:
    """Return the HTML of an explorer.

    Args:
        name: identifier of the figure.
        graphs: title, note, columns, edges and paths, as `artifacts.explorable_digraph` makes them; perhaps what the
            score of a path is, and fills of entities by name.
        weight: what the weight of an edge is called, such as "attention".
    """
    options = "".join(f'<option value="{place}">{escape(one["title"])}</option>' for place, one in enumerate(graphs))
    controls = (
        f'<div class="explorer-controls" hidden><label>Query <select>{options}</select></label>'
        f'<label>Least {escape(weight)} <input type="range" min="0" max="1" step="0.01" value="0" />'
        '<output>0.00</output></label><button type="button" class="opens-panel">Reset</button></div>'
    )
    shown = "".join(one_graph(f"{name}-graph-{place}", graph, weight, place) for place, graph in enumerate(graphs))
    return (
        f'<section class="explorer graphs" id="{name}-explore" aria-label="Explore {escape(name)}">{controls}{shown}'
        '<p class="explorer-said" role="status"></p></section>'
    )


def one_graph(name: str, graph: Graph, weight: str, place: int) -> str:
    """Return one graph with title, drawing, paths and table; all but the first are hidden until chosen."""
    hidden = " hidden" if place else ""
    paths = "".join(
        f'<li data-edges="{" ".join(map(str, path["edges"]))}">{escape(path["sentence"])} '
        f'<span class="explorer-weight">{path["weight"]:.3f}</span></li>'
        for path in graph["paths"]
    )
    score = escape(graph.get("score", f"the product of its {weight}"))
    return (
        f'<div class="explorer-graph" id="{name}"{hidden}><p><strong>{escape(graph["title"])}</strong> '
        f'{escape(graph["note"])}</p><div class="explorer-drawing" tabindex="0" role="region" '
        f'aria-label="Drawing: {escape(graph["title"])}">{drawing(graph, weight)}</div>'
        f"<p>Strongest paths, each with {score}:</p><ol>{paths}</ol>"
        f"{edge_table(graph, weight)}</div>"
    )


def drawing(graph: Graph, weight: str) -> str:
    """Return the SVG."""
    layout = Layout(graph["columns"])
    edges = "".join(draw_edge(layout, place, graph["edges"], weight) for place in range(len(graph["edges"])))
    nodes = "".join(
        draw_node(layout, column, label, graph.get("fills", {}).get(label))
        for column, labels in enumerate(graph["columns"])
        for label in labels
    )
    return (
        f'<svg viewBox="0 0 {layout.width} {layout.height}" role="group" '
        f'aria-label="{len(graph["edges"])} edges in {len(graph["columns"]) - 1} steps from left to right">'
        f"{edges}{nodes}</svg>"
    )


def draw_edge(layout: Layout, place: int, edges: Sequence[Mapping[str, Any]], weight: str) -> str:
    """Return one edge as a curve; parallel ones bend apart, inverse ones are dashed, identity steps dotted."""
    edge = edges[place]
    ends = (edge["layer"], edge["head"], edge["tail"])
    twins = [number for number, one in enumerate(edges) if (one["layer"], one["head"], one["tail"]) == ends]
    bend = twins.index(place) - (len(twins) - 1) / 2
    said = f"{edge['text']} ({edge['relation']}, {weight} {edge['weight']:.2f})"
    return (
        f'<path class="edge {edge["kind"]}" d="{layout.curve(*ends, bend)}" stroke="{edge["colour"]}" '
        f'stroke-width="{0.8 + 2.4 * edge["weight"]:.2f}" data-edge="{place}" data-layer="{edge["layer"]}" '
        f'data-head="{escape(edge["head"])}" data-tail="{escape(edge["tail"])}" data-weight="{edge["weight"]}">'
        f"<title>{escape(said)}</title></path>"
    )


def draw_node(layout: Layout, column: int, label: str, fill: str | None) -> str:
    """Return one entity in its column, which can be pressed; it is filled as every other if no fill is given."""
    style = f' style="fill: {fill}"' if fill else ""
    x, y = layout.place(column, label)
    width = layout.width_of(label)
    return (
        f'<g class="node" role="button" tabindex="0" aria-pressed="false" data-column="{column}" '
        f'data-label="{escape(label)}" aria-label="{escape(label)}, column {column + 1}">'
        f'<rect x="{x - width / 2:.1f}" y="{y - 13:.1f}" width="{width:.1f}" height="26" rx="7"{style} />'
        f'<text x="{x:.1f}" y="{y + 5:.1f}">{escape(layout.short(label))}</text><title>{escape(label)}</title></g>'
    )


def edge_table(graph: Graph, weight: str) -> str:
    """Return all edges as a table that opens on demand."""
    rows = "".join(
        f"<tr><td>{edge['layer'] + 1}</td><td>{escape(edge['text'])}</td><td>{escape(edge['relation'])}</td>"
        f"<td>{edge['weight']:.3f}</td></tr>"
        for edge in graph["edges"]
    )
    names = ("Step", "Says", "Relation", weight.capitalize())
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    table = f'<table class="runs"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f"<details><summary>All {len(graph['edges'])} edges as a table</summary>"
        f'<div class="explorer-table" tabindex="0">{table}</div></details>'
    )
