"""Companion of Table 3: what formulas reach that train nothing, beside what was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import NOT_RUN, NOTHING, mean_text
from parsimony.artifacts.cold_start_methods import Method, best_trained, methods_on, records_of, reference_mse
from parsimony.artifacts.table_3 import digits_of
from parsimony.published import advantage
from parsimony.records import Archive

DATASETS = ("MovieLens-1M", "Book-Crossing", "Last.fm", "Last.fm-fresh", "Planted-users")
MEASURES = ("MSE", "MAE", "nDCG@5")


def own_closed_forms(archive: Archive) -> Artifact:
    """Return all methods of each data set, sorted by MSE, with the gain over the item mean."""
    import pandas

    found = {dataset: methods_on(archive, dataset) for dataset in DATASETS}
    rows = [row for dataset, methods in found.items() for row in rows_of(dataset, methods)]
    return Artifact(
        id="tab-own-closed-forms", title="Cold-start users: what needs no training", caption=_caption(found),
        data=pandas.DataFrame(rows), records=tuple(run for methods in found.values() for run in records_of(methods)),
    )  # fmt: skip


def rows_of(dataset: str, methods: Sequence[Method]) -> list[dict[str, Any]]:
    """Return the rows of one data set, or the one row that says that nothing was run."""
    if not methods:
        names = ("Method", "Kind", *MEASURES, "Gain over item mean", "Profile")
        return [{"Data": dataset, **dict.fromkeys(names, NOTHING), "MSE": NOT_RUN}]
    reference, digits = reference_mse(methods), digits_of(dataset)
    return [
        {
            "Data": dataset,
            "Method": one.name,
            "Kind": "closed form" if one.is_closed_form else "trained",
            **{measure: mean_text(one.runs, measure, digits) for measure in MEASURES},
            "Gain over item mean": gain_text(one, reference, digits),
            "Profile": one.profile,
        }
        for one in methods
    ]


def gain_text(one: Method, reference: float | None, digits: int) -> str:
    """Write by how much the MSE of a method is below that of the item mean."""
    return NOTHING if reference is None else f"{advantage('MSE', one.mean('MSE'), reference):+.{digits}f}"


def _caption(found: Mapping[str, Sequence[Method]]) -> str:
    said = [_finding(dataset, methods) for dataset, methods in found.items() if methods]
    return (
        "Closed forms and trained methods side by side, sorted by MSE within each data set; mean and deviation over n "
        "seeds, on generated users those that all methods share. The gain is the MSE of the item mean minus that of "
        "the row. In the episodes of Last.fm nearly every user has as many ones as zeros, so that the support set "
        "gives the query mean away: the half-ones forms read it off. "
        f"Last.fm-fresh draws new negatives without this leak. {' '.join(said) or 'Nothing has been run yet.'}"
    )


def _finding(dataset: str, methods: Sequence[Method]) -> str:
    """Say where the best trained method stands among all."""
    best, first, digits = best_trained(methods), methods[0], digits_of(dataset)
    if best is None:
        return f"On {dataset} {first.name} is first ({first.mean('MSE'):.{digits}f}); no trained method has been run."
    place = sum(one.is_closed_form and one.mean("MSE") < best.mean("MSE") for one in methods)
    closed = sum(one.is_closed_form for one in methods)
    return (
        f"On {dataset} the best trained method, {best.name}, has an MSE of {best.mean('MSE'):.{digits}f}; "
        f"{place} of {closed} closed forms are better."
    )
