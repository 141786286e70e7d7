"""Module picture of the second paper: what one module of the sine task adds over its projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.sine_cells import DATASET, PROFILES
from parsimony.artifacts.theme import INK, SIZE, new_figure, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TASK = "projection search"
COLUMNS = ["projection", "wave", "value"]
LINES = ((0, (5, 2)), (0, (2, 1.5)), (0, (1, 1)))  # of the waves, for those who see no colours


def figure_mod_1(archive: Archive) -> Artifact:
    """Draw the waves of a module, their sum, and training rows."""
    import pandas

    one = first_search(archive)
    figure, (axes,) = new_figure(3.4)
    rows = [] if one is None else draw(axes, one.record.measurements["module"])
    if one is None:
        say_not_run(axes, "search for projections")
    return Artifact(
        id="fig-mod-1", title="One module of the sine task", caption=_caption(one), alt=_alt(one),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=() if one is None else (one,),
    )  # fmt: skip


def first_search(archive: Archive) -> Filed | None:
    """Return the search with the least seed, archived before quick."""
    for profile in PROFILES:
        if found := archive.find(task=TASK, dataset=DATASET, profile=profile):
            return found[0]
    return None


def draw(axes: Axes, module: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw waves, sum and rows; return what is drawn."""
    z, waves = module["z"], module["waves"]
    total = [sum(values) for values in zip(*waves, strict=True)]
    for number, wave in enumerate(waves):
        axes.plot(z, wave, color=palette()[number + 1], linewidth=1.4, linestyle=LINES[number],
                  label=f"wave {number + 1}")  # fmt: skip
    axes.plot(z, total, color=palette()[0], linewidth=2.6, label="module: their sum")
    axes.scatter(*zip(*module["points"], strict=True), s=22, facecolor="white", edgecolor=INK, linewidth=1.1, zorder=4,
                 label="training rows")  # fmt: skip
    axes.set_xlabel("projection of the input, $u^T x$", fontsize=SIZE)
    axes.set_ylabel("output of the module", fontsize=SIZE)
    axes.figure.legend(loc="outside lower center", ncols=3, fontsize=SIZE, frameon=False)
    named = {**{f"wave {number + 1}": wave for number, wave in enumerate(waves)}, "sum": total}
    return [
        dict(zip(COLUMNS, (place, name, value), strict=True))
        for name, values in named.items()
        for place, value in zip(z, values, strict=True)
    ]


def _caption(one: Filed | None) -> str:
    start = (
        "One module of a target on sine waves, over the projection of the input that it sees: three waves (dashed), "
        "their sum, and the first training rows as far as they concern this module. "
    )
    if one is None:
        return start + "No target has been drawn yet."
    return f"{start}Drawn from the target of seed {one.record.specification.seed}."


def _alt(one: Filed | None) -> str:
    if one is None:
        return "An empty panel: no target has been drawn."
    heights = [max(map(abs, wave)) for wave in one.record.measurements["module"]["waves"]]
    return (
        f"A curve that is the sum of {len(heights)} sine waves of heights "
        f"{', '.join(f'{height:.2f}' for height in heights)}, with training rows scattered along it."
    )
