"""Figure 4: how ColdNAS adapts to a user, what its search keeps, and the gates that it measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.modulation_gates import (
    OPERATIONS,
    POSITIONS,
    SIGNS,
    best_of,
    best_searches,
    chosen_gates,
    colour_of,
    found_cells,
)
from parsimony.artifacts.theme import INK, arrow, blank, box, new_mosaic, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL, SIZE = 9, 10  # points; the page may show the figure at half its size
EXAMPLE = ("max", "plus")  # operations that the sketch of a position keeps
ROW = 3.1  # height of a layer of the predictor
COLUMNS = ["dataset", "profile", "seed", "position", "operation", "gate", "kept"]


def figure_4(archive: Archive) -> Artifact:
    """Draw framework, search and gates; the gates are those of the search with the least validation MSE."""
    import pandas

    best = best_of(best_searches(archive))
    figure, axes = new_mosaic(
        6.6, [["framework"] * 2, ["search", "gates"]], height_ratios=[1.15, 1], width_ratios=[1.15, 1]
    )
    draw_framework(axes["framework"])
    draw_search(axes["search"])
    rows = draw_gates(axes["gates"], best)
    return Artifact(
        id="fig-4", title="Searching where to modulate", caption=_caption(best), alt=_alt(rows, best),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=() if best is None else (best,),
    )  # fmt: skip


def pale(operation: str) -> str:
    """Return a tint of the operation's colour on which dark letters can be read."""
    import seaborn
    from matplotlib.colors import to_hex

    return to_hex(seaborn.light_palette(colour_of(operation), 10)[5])


def draw_framework(axes: Axes) -> None:
    """Draw, left to right: embedding, adaptation network, vectors of the user, modulated predictor."""
    blank(axes, 40, 17)
    axes.set_title("one user, one modulated predictor", fontsize=SIZE, weight="bold")
    draw_embedding(axes)
    draw_adaptation(axes)
    draw_vectors(axes)
    draw_predictor(axes)


def draw_embedding(axes: Axes) -> None:
    """Draw the embedding layer, which support rows and the query item pass."""
    box(axes, (4, 8.5), (7.4, 7.2), "", "#eef3f7")
    axes.text(4, 11.2, "embedding", ha="center", va="center", fontsize=SIZE, weight="bold")
    box(axes, (4, 9.1), (6, 2), "item: $e_v$", "#d6e8f5", fontsize=SIZE)
    box(axes, (4, 6.4), (6, 2), "user: $e_u$", "#d6e8f5", fontsize=SIZE)
    axes.text(4, 15.4, "support set\n$(v_j, y_j)$", ha="center", va="center", fontsize=SIZE)
    axes.text(4, 2, "query item $v$", ha="center", va="center", fontsize=SIZE)
    arrow(axes, (4, 14.2), (4, 12.2))
    arrow(axes, (4, 2.8), (4, 4.8))


def draw_adaptation(axes: Axes) -> None:
    """Draw the set encoder and the hypernetwork."""
    box(axes, (14, 11.2), (8, 9.6), "", "#fdf4e3")
    axes.text(14, 14.7, "adaptation", ha="center", va="center", fontsize=SIZE, weight="bold")
    box(axes, (14, 12.3), (7, 2.4), "encode pairs,\nmean: $c_u$", "#fbe3bd", fontsize=SMALL)
    box(axes, (14, 8.3), (7, 2.4), "$p_u = W_p c_u + b_p$", "#fbe3bd", fontsize=SMALL)
    arrow(axes, (7.8, 11.2), (10.4, 12.3))
    arrow(axes, (14, 11), (14, 9.6))
    axes.text(14, 4.6, "$h^0 = [e_v, e_u]$", ha="center", va="center", fontsize=SIZE)
    arrow(axes, (7.8, 6), (10.6, 4.8))


def draw_vectors(axes: Axes) -> None:
    """Draw the four rows of numbers, each with one part for every position."""
    axes.text(23.4, 16.2, "numbers of user $u$", ha="center", va="center", fontsize=SIZE)
    for number, name in enumerate(OPERATIONS):
        y = 14.3 - 2.4 * number
        box(axes, (23.4, y), (5.2, 1.7), f"$p^{{{name}}}$" if name in ("max", "min") else _power(name),
            pale(name), fontsize=SIZE)  # fmt: skip
        arrow(axes, (18.1, 10.7), (20.7, y))


def _power(name: str) -> str:
    return {"times": r"$p^{\times}$", "plus": "$p^{+}$"}[name]


def draw_predictor(axes: Axes) -> None:
    """Draw the layers, first at the bottom; a small box in front of each activation modulates."""
    axes.text(34.3, 16.4, r"$\hat y = R\,\sigma(\cdot)$", ha="center", va="center", fontsize=SIZE)
    for position in range(POSITIONS):
        y = 2 + ROW * position
        box(axes, (30.3, y), (3, 1.9), f"$M^{position}$", "#f6d5e3", fontsize=SIZE)
        box(axes, (34.6, y), (3.4, 1.9), "LReLU", "white", fontsize=SMALL - 1)
        box(axes, (38.3, y), (2.6, 1.9), f"$W_{position + 1}$", "#d6e8f5", fontsize=SIZE)
        arrow(axes, (31.8, y), (32.9, y))
        arrow(axes, (36.3, y), (37, y))
        arrow(axes, (26.1, 10.7), (28.8, y + 0.3))
        end = (30.3, y + ROW - 0.95) if position < POSITIONS - 1 else (36.6, 15.6)
        arrow(axes, (38.3, y + 0.95), end)
    arrow(axes, (18, 4.4), (28.8, 2))


def draw_search(axes: Axes) -> None:
    """Draw one position twice: all four operations with gates, and what is left after the top K."""
    blank(axes, 20, 20)
    axes.set_title("one position of the search", fontsize=SIZE, weight="bold")
    axes.text(10, 18.4, r"supernet: $x \leftarrow \beta\,(x \circ p) + (1 - \beta)\,x$", ha="center", fontsize=SIZE)
    draw_chain(axes, 13.4, OPERATIONS, is_gated=True)
    axes.text(10, 7.5, "keep the $K$ largest $\\beta$, train anew", ha="center", fontsize=SIZE)
    arrow(axes, (10, 10.6), (10, 8.7))
    draw_chain(axes, 3.4, EXAMPLE, is_gated=False)


def draw_chain(axes: Axes, y: float, kept: tuple[str, ...], *, is_gated: bool) -> None:
    """Draw the four operations one after the other; those that are not kept only as an outline."""
    arrow(axes, (0, y), (1.4, y))
    for number, name in enumerate(OPERATIONS):
        x = 3 + 4.7 * number
        is_kept = name in kept
        text, colour = (SIGNS[name], pale(name)) if is_kept else ("", "white")
        box(axes, (x, y), (3.2, 2.8), text, colour, fontsize=SIZE + 1, weight="bold")
        arrow(axes, (x + 1.6, y), (x + 3.1, y))
        if is_gated:
            arrow(axes, (x - 2.2, y + 0.2), (x + 2.3, y + 0.2), bend=-1.3)
            axes.text(x, y - 2.2, f"$\\beta_{{{number + 1}}}$", ha="center", va="center", fontsize=SIZE)
        elif not is_kept:
            axes.plot([x - 1.6, x + 1.6], [y, y], color=INK, linewidth=1.1)


def draw_gates(axes: Axes, best: Filed | None) -> list[dict[str, Any]]:
    """Draw the gates as a map with a frame around each cell that was kept; return what is drawn."""
    axes.set_title("gates as measured", fontsize=SIZE, weight="bold")
    if best is None:
        say_not_run(axes, "modulation search")
        return []
    gates, kept = chosen_gates(best), found_cells(best)
    reach = max(abs(value - 0.5) for row in gates for value in row) or 1e-6
    axes.imshow(gates, cmap="vlag", vmin=0.5 - 1.5 * reach, vmax=0.5 + 1.5 * reach, aspect="auto")
    rows = [
        _gate(axes, best, position, column, name, value=gates[position][column], is_kept=(position, name) in kept)
        for position in range(POSITIONS)
        for column, name in enumerate(OPERATIONS)
    ]
    axes.set_xticks(range(len(OPERATIONS)), [SIGNS[name] for name in OPERATIONS], fontsize=SIZE)
    axes.set_yticks(range(POSITIONS), [f"$M^{position}$" for position in range(POSITIONS)], fontsize=SIZE)
    axes.tick_params(length=0)
    return rows


def _gate(
    axes: Axes, best: Filed, position: int, column: int, name: str, *, value: float, is_kept: bool
) -> dict[str, Any]:
    """Write one gate into its cell; return its row of the data."""
    from matplotlib.patches import Rectangle

    font = {"weight": "bold"} if is_kept else {}
    axes.text(column, position, f"{value:.3f}", ha="center", va="center", fontsize=SMALL, **font)
    if is_kept:
        corner = (column - 0.45, position - 0.43)
        axes.add_patch(Rectangle(corner, 0.9, 0.86, fill=False, edgecolor=INK, linewidth=2.4))
    asked = best.record.specification
    named = {"dataset": asked.dataset, "profile": asked.profile, "seed": asked.seed}
    return {**named, "position": position, "operation": name, "gate": value, "kept": is_kept}


def _caption(best: Filed | None) -> str:
    start = (
        "ColdNAS. Top: the adaptation network reads the support set of a user and makes four rows of numbers; a "
        "modulation M in front of each activation of the predictor applies some of max, min, times and plus with them. "
        "Bottom left: the search trains all four at every position, each with a gate; the largest gates of all "
        "positions together are kept (as an example, two). Bottom right: the gates as measured, the kept cells framed. "
    )
    if best is None:
        return start + "No search has been run yet."
    asked, kept = best.record.specification, found_cells(best)
    values = [value for row in chosen_gates(best) for value in row]
    return (
        f"{start}Shown is the search on {asked.dataset} ({asked.profile} profile, seed {asked.seed}) with the least "
        f"validation MSE, {best.record.metrics['valid MSE']:.4f}; its gates lie between {min(values):.3f} and "
        f"{max(values):.3f}, and {len(kept)} of {len(values)} are kept."
    )


def _alt(rows: list[dict[str, Any]], best: Filed | None) -> str:
    start = (
        "Top, boxes from embedding over adaptation network and four coloured rows to a predictor of four layers, each "
        "with a modulation box; below, a chain of four gated operations and the two that are left; "
    )
    if best is None:
        return start + "no search has been run, so the map of gates is empty."
    kept = ", ".join(f"{row['operation']} at position {row['position']}" for row in rows if row["kept"])
    return f"{start}a map of {len(rows)} gates with frames around {kept or 'none'}."
