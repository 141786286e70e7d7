"""Numbers that prose may quote, by key, computed from the records.

A key is `DATASET.METHOD.PROFILE.MEASURE`, such as `WN18RR.autoblm.paper.MRR` or `UMLS.distmult.quick.seconds`.
METHOD carries the variant after a hyphen: `WN18RR.complex-published.paper.H@1`. MEASURE is a metric of the records
("MRR", "H@1", "H@3", "H@10", "valid MRR", ...), or "parameters", "seconds", or "runs". The value is the mean over
seeds; `sd` is the sample deviation, or null for one run; `records` are the names of the runs.
"""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from parsimony import paths
from parsimony.paths import write_text_atomically
from parsimony.records import Archive, Filed, Record

VALUES = "values.json"


def collect_values(archive: Archive) -> dict[str, dict[str, Any]]:
    """Return every value by key, sorted."""
    groups: dict[str, list[Filed]] = defaultdict(list)
    for one in archive.find():
        groups[key_of(one.record)].append(one)
    found = {
        f"{key}.{measure}": summarise(numbers, filed)
        for key, filed in groups.items()
        for measure, numbers in measures(one.record for one in filed).items()
    }
    return dict(sorted(found.items()))


def key_of(record: Record) -> str:
    """Return the key of a run without the measure; all seeds of an experiment share it."""
    asked = record.specification
    method = f"{asked.method}-{asked.variant}" if asked.variant else asked.method
    return f"{asked.dataset}.{method}.{asked.profile}"


def measures(records: Iterable[Record]) -> dict[str, list[float]]:
    """Return the numbers of all seeds by measure; one that a seed lacks is left out."""
    runs = list(records)
    shared = [name for name in runs[0].metrics if all(name in run.metrics for run in runs)]
    found = {name: [float(run.metrics[name]) for run in runs] for name in shared}
    found["parameters"] = [float(run.parameters) for run in runs]
    found["seconds"] = [run.seconds for run in runs]
    found["runs"] = [float(len(runs))] * len(runs)
    return found


def summarise(numbers: list[float], filed: list[Filed]) -> dict[str, Any]:
    """Return mean, deviation and provenance."""
    return {
        "value": statistics.fmean(numbers),
        "sd": statistics.stdev(numbers) if len(numbers) > 1 else None,
        "runs": len(numbers),
        "records": [one.record.specification.name for one in filed],
        "state": "fresh" if all(one.state == "fresh" for one in filed) else "stale",
    }


def format_value(value: float, form: str) -> str:
    """Write a number in a format such as ".3f" or ".1%"; whole numbers with thin groups without one."""
    if form:
        return format(value, form)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def write_values(archive: Archive) -> None:
    """Write `results/values.json`."""
    text = json.dumps(collect_values(archive), indent=1, ensure_ascii=False) + "\n"
    write_text_atomically(paths.RESULTS / VALUES, text)
