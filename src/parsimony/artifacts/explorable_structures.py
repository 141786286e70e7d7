"""Structures that readers compare cell by cell below Figure 3: searched, known, and published ones."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from parsimony.artifacts.artifact import best_search
from parsimony.artifacts.names import METHOD_NAMES
from parsimony.artifacts.own_structures import DATASETS as SEARCHED
from parsimony.artifacts.own_structures import searches
from parsimony.records import Archive, Filed

TRAINED = ("WN18RR", "FB15k-237")  # graphs on which structures are trained, none searched
METHODS = ("autoblm", "autoblm-plus")
KNOWN = ("distmult", "complex", "simple", "analogy")
Shown = tuple[dict[str, Any], Sequence[Filed]]


def explorable_structures(archive: Archive) -> tuple[dict[str, Any], tuple[Filed, ...]]:
    """Return what the book's explorer of structures shows, and the runs that it rests on.

    Returns:
        kind and datasets: each a name and its structures {name, note, entries}, the best searched one first; empty
        without a run.
    """
    shown = {name: [*searched(current(searches(archive, name)))] for name in SEARCHED}
    shown |= {name: [*trained(archive, name)] for name in TRAINED}
    datasets = [{"name": name, "structures": [one for one, _ in found]} for name, found in shown.items() if found]
    runs = {one.path: one for found in shown.values() for _, behind in found for one in behind}
    return ({"kind": "structures", "datasets": datasets} if datasets else {}), tuple(runs.values())


def current(runs: Sequence[Filed]) -> Sequence[Filed]:
    """Return the runs of today's code, or older ones if there are no others; the landscape shows them all."""
    return [one for one in runs if one.state == "fresh"] or runs


def searched(runs: Sequence[Filed]) -> list[Shown]:
    """Return the best structure of each search method, then the known ones under the settings of a candidate."""
    of_method = ([one for one in runs if one.record.specification.method == method] for method in METHODS)
    best = [one for part in of_method if (one := best_search(part))]
    best.sort(key=lambda one: -one.record.metrics["valid MRR"])
    return [(found_structure(one), [one]) for one in best] + [*known_structures(runs)]


def found_structure(one: Filed) -> dict[str, Any]:
    """Return the structure that a search settled on."""
    asked, metrics = one.record.specification, one.record.metrics
    stale = ", by code that has changed since" if one.state == "stale" else ""
    note = (
        f"Found by the search ({asked.profile} profile, seed {asked.seed}{stale}): validation MRR "
        f"{metrics['valid MRR']:.3f}, test MRR {metrics['MRR']:.3f}."
    )
    return {"name": METHOD_NAMES[asked.method], "note": note, "entries": one.record.measurements["structure"]}


def known_structures(runs: Sequence[Filed]) -> Iterator[Shown]:
    """Yield the known models with the mean of their validation MRR over the searches."""
    for name in KNOWN:
        found = [(one, step) for one in runs for step in one.record.measurements["known"] if step["name"] == name]
        if found:
            mean = statistics.fmean(step["score"] for _, step in found)
            note = f"Known, with the settings of a candidate: validation MRR {mean:.3f}, mean of {len(found)} searches."
            entries = found[0][1]["structure"]
            yield {"name": METHOD_NAMES[name], "note": note, "entries": entries}, [one for one, _ in found]


def trained(archive: Archive, dataset: str) -> Iterator[Shown]:
    """Yield the structures that were trained on a graph by archived runs, a published one first."""
    for method in (METHODS[0], *KNOWN):
        runs = current(archive.find(task="link prediction", method=method, dataset=dataset, profile="paper"))
        if runs:
            mean = statistics.fmean(one.record.metrics["MRR"] for one in runs)
            how = f"mean of {len(runs)} runs" if runs[1:] else "one run"
            note = f"Trained on this graph, not searched on it: test MRR {mean:.3f}, {how}."
            name = METHOD_NAMES[method] + ("" if method in KNOWN else ", published structure")
            entries = runs[0].record.measurements["structure"]
            yield {"name": name, "note": note, "entries": entries}, runs
