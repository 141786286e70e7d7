"""Which runs stand for a method: one rule for tables, figures, ledger and claims."""

from __future__ import annotations

from parsimony.artifacts.cells import numbers_of
from parsimony.artifacts.names import FILES_OF_GRAPH, NAMED_VARIANTS
from parsimony.records import Archive, Filed


def runs_of_method(
    archive: Archive, method: str, dataset: str, profile: str, variant: str = "", measure: str = ""
) -> tuple[Filed, ...]:
    """Return the runs of a method on a data set, all of one variant.

    Runs under the settings of the paper itself have no variant and come first; where there is none, those of one
    departure stand in, the first by name. A variant that has a name for readers is a method of its own: it stands in
    for nothing, and is found only when asked for. Where a graph comes in files of several names, the first with runs
    counts. A run that did not record the measure, if one is given, is no run here.
    """
    every = (
        _chosen(archive, method, name, profile, variant, measure) for name in FILES_OF_GRAPH.get(dataset, (dataset,))
    )
    return next((runs for runs in every if runs), ())


def _chosen(archive: Archive, method: str, dataset: str, profile: str, variant: str, measure: str) -> tuple[Filed, ...]:
    found = archive.find(method=method, dataset=dataset, profile=profile)
    if measure:
        found = tuple(one for one in found if measure in numbers_of(one.record))
    if not variant:
        stand_ins = {one.record.specification.variant for one in found} - NAMED_VARIANTS.keys()
        variant = min(stand_ins, default="")
    return tuple(one for one in found if one.record.specification.variant == variant)
