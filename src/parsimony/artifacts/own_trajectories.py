"""Walks of people who were not used: as recorded, by the social force model, and by the formula of GSR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.law_runs import CORRIDORS, WALKERS, runs_of
from parsimony.artifacts.theme import INK, new_mosaic, palette, say_not_run
from parsimony.records import Archive, Filed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = ("Social force model", "GSR", "Formula, only if closing")
LOOKS = {"Social force model": (0, (0, (5, 2))), "GSR": (3, "-"), "Formula, only if closing": (2, (0, (1, 1.2)))}
COLUMNS = ["data", "walk", "recording", "law", "number", "x", "y"]
RECORDED = "recorded"
MOST = 8  # walks of a panel
SIZE = 9.5  # points


def own_trajectories(archive: Archive) -> Artifact:
    """Draw some walks of the first fold in each corridor, each from its start."""
    import pandas

    found = {dataset: first_runs(archive, dataset) for dataset in CORRIDORS}
    figure, axes = new_mosaic(4.6, [[dataset] for dataset in CORRIDORS])
    rows = [row for dataset in CORRIDORS for row in draw(axes[dataset], dataset, found[dataset])]
    if rows:
        key(axes)
    records = tuple({one.path: one for part in found.values() for one in part.values()}.values())
    return Artifact(
        id="fig-own-trajectories", title="Simulated walks", caption=_caption(found), alt=_alt(found),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), figure=figure,
        records=records,
    )  # fmt: skip


def first_runs(archive: Archive, dataset: str) -> dict[str, Filed]:
    """Return the run of the smallest fold that every law shown has; only those of one fold share their walks."""
    every = {name: runs_of(archive, WALKERS[name][0], dataset, "paper", WALKERS[name][1]) for name in SHOWN}
    folds = [{one.record.specification.seed for one in runs} for runs in every.values() if runs]
    fold = min(set.intersection(*folds), default=None) if folds else None
    return {
        name: one for name, runs in every.items() for one in runs if one.record.specification.seed == fold
    }  # fmt: skip


def draw(axes: Axes, dataset: str, runs: Mapping[str, Filed]) -> list[dict[str, Any]]:
    """Draw the walks of one corridor, the corridor lying; return what is drawn."""
    axes.set_title(f"corridor, {CORRIDORS[dataset]}", fontsize=SIZE + 0.5, weight="bold")
    if not runs:
        say_not_run(axes, f"walks in {dataset}")
        return []
    rows = [
        row for number, tracks in enumerate(tracks_of(runs)[:MOST]) for row in draw_walk(axes, dataset, number, tracks)
    ]
    axes.set_xlabel("along the corridor, m", fontsize=SIZE)
    axes.set_ylabel("across, m", fontsize=SIZE)
    axes.tick_params(labelsize=SIZE - 1)
    return rows


def draw_walk(axes: Axes, dataset: str, number: int, tracks: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw one walk as recorded and by each law, from a common start; return its points."""
    rows = []
    for law, track in tracks.items():
        style = {"color": INK, "linewidth": 2.6, "alpha": 0.4}
        if law != RECORDED:
            style = {"color": palette()[LOOKS[law][0]], "linestyle": LOOKS[law][1], "linewidth": 1.6}
        along, across = lying(track["points"])
        axes.plot(along, across, label=law if number == 0 else None, **style)
        axes.plot(along[:1], across[:1], "o", color=INK, markersize=4)
        points = enumerate(track["points"])
        rows += [
            dict(zip(COLUMNS, (dataset, number, track["recording"], law, n, *xy), strict=True)) for n, xy in points
        ]
    return rows


def tracks_of(runs: Mapping[str, Filed]) -> list[dict[str, Any]]:
    """Return for each walk the recorded track and that of each law."""
    every = {law: one.record.measurements["tracks"] for law, one in runs.items()}
    walks = []
    for number, first in enumerate(next(iter(every.values()))):
        walk = {RECORDED: {"recording": first["recording"], "points": first["truth"]}}
        walk |= {
            law: {"recording": first["recording"], "points": tracks[number]["walked"]} for law, tracks in every.items()
        }
        walks.append(walk)
    return walks


def lying(points: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """Return places along and across; the corridors of the recordings lie along y."""
    return [y for _, y in points], [x for x, _ in points]


def key(axes: Mapping[str, Axes]) -> None:
    """Name the lines once, below both panels."""
    named: dict[str, Any] = {}
    for one in axes.values():
        named |= dict(zip(*one.get_legend_handles_labels()[::-1], strict=True))
    figure = next(iter(axes.values())).figure
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=2, fontsize=SIZE, frameon=False)


def _caption(found: Mapping[str, Mapping[str, Filed]]) -> str:
    start = (
        "Walks of some people who were not used for fitting, 4.8 s each from the point on: as recorded, and simulated "
        "by each law among everyone else's recorded tracks. Axes have unlike scales, so that steps aside show. "
    )
    said = [f"{CORRIDORS[dataset]}: {errors(runs)}" for dataset, runs in found.items() if runs]
    return start + (
        f"Mean final displacement error over all walks of the fold, {'; '.join(said)}." if said else "Not run."
    )


def errors(runs: Mapping[str, Filed]) -> str:
    """Write the final displacement error of each law."""
    return ", ".join(f"{law} {one.record.metrics['FDE']:.2f} m" for law, one in runs.items())


def _alt(found: Mapping[str, Mapping[str, Filed]]) -> str:
    said = [f"{CORRIDORS[dataset]}, final error: {errors(runs)}" for dataset, runs in found.items() if runs]
    if not said:
        return "Two empty panels: no walk in a corridor has been simulated."
    return f"Lines of recorded and simulated walks, seen from above. {'; '.join(said)}."
