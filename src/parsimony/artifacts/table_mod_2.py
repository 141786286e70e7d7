"""How samples needed grow with the dimension: fitted rates with intervals, measured, by theory and as published."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cells import ASKED as ERROR
from parsimony.artifacts.cells import NOT_AVAILABLE, NOT_RUN, NOTHING, needed_by_dimension
from parsimony.artifacts.law_points import law_runs
from parsimony.artifacts.sine_cells import KINDS, Sweep, records_of, sweeps
from parsimony.evaluation.growth import Needed, rate_interval, rate_of_growth
from parsimony.published import read_table
from parsimony.records import Archive, Filed

COLUMNS = ("Method", "Test", "Factor", "Interval", "Growth", "Published", "Beyond the grid", "Seeds")
ROW_OF_METHOD = {"monolithic": "Monolithic", "modular": "Modular", "modular-rule": "Modular, rule"}
MEASURE = "thousand samples"
UNMEASURED = "beyond the grid"


def table_mod_2(archive: Archive) -> Artifact:
    """Return one line a method and test, and the two lines of the theory."""
    import pandas

    found = [one for one in sweeps(archive) if len(one.axis("samples")) > 2 and len(one.axis("dimension")) > 1]
    runs = law_runs(archive)
    lines = [line(one, kind) for one in found for kind in KINDS] + ([*theory(runs[0])] if runs else [])
    empty = {**dict.fromkeys(COLUMNS, NOTHING), "Factor": NOT_RUN}
    return Artifact(
        id="tab-mod-2", title="Growth of the samples needed", caption=_caption(found),
        data=pandas.DataFrame(lines or [empty], columns=list(COLUMNS)), records=(*records_of(found), *runs),
        published="fig-mod-4",
    )  # fmt: skip


def line(one: Sweep, kind: str) -> dict[str, str]:
    """Fit the growth of one method."""
    seeds = [needed_by_dimension(run.record, kind) for run in one.runs]
    plain = [{m: needed.samples for m, needed in seed.items()} for seed in seeds]
    rate = statistics.fmean(rate_of_growth(list(seed), list(seed.values())) for seed in plain)
    interval = rate_interval(plain) if len(plain) > 1 else None
    printed = published_factor(ROW_OF_METHOD.get(one.method, ""))
    cells = (
        one.name, KINDS[kind], f"{math.exp(rate):.2f}", NOTHING if interval is None else text(interval),
        growth(interval) if is_measured(seeds) else UNMEASURED,
        NOT_AVAILABLE if printed is None or kind != "test" else f"{printed:.2f}", beyond(seeds), str(len(seeds)),
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def is_measured(seeds: Sequence[dict[int, Needed]]) -> bool:
    """Tell whether most values lie within the grid; ends of the grid alone would always look flat."""
    every = [needed.beyond for seed in seeds for needed in seed.values()]
    return 2 * every.count(0) >= len(every)


def text(interval: tuple[float, float]) -> str:
    """Write an interval of rates as one of factors."""
    return f"{math.exp(interval[0]):.2f} to {math.exp(interval[1]):.2f}"


def growth(interval: tuple[float, float] | None) -> str:
    """Say what an interval of the rate tells."""
    if interval is None:
        return "single run"
    return "exponential" if interval[0] > 0 else "falling" if interval[1] < 0 else "flat"


def beyond(seeds: Sequence[dict[int, Needed]]) -> str:
    """Count the values that lie below and above the grid; they stand at its ends."""
    every = [needed.beyond for seed in seeds for needed in seed.values()]
    return f"{every.count(-1)} below, {every.count(1)} above of {len(every)}"


def theory(run: Filed) -> list[dict[str, str]]:
    """Return the growth in closed form: of the smallest and the largest network drawn, and of modules."""
    curves = run.record.measurements["curves"]
    kept = [number for number, m in enumerate(curves["dimensions"]) if m > 1]
    dimensions = [curves["dimensions"][number] for number in kept]
    lines = []
    for name, needed in sorted(curves["network samples"].items(), key=lambda pair: int(pair[0])):
        rate = rate_of_growth(dimensions, [needed[number] for number in kept])
        lines.append(theory_line(f"theorem 1, p = {int(name):,}", rate))
    return [*lines, theory_line("theorem 2, modules", 0.0)]


def theory_line(name: str, rate: float) -> dict[str, str]:
    """Write one line of the theory, which has no interval."""
    kind = "exponential" if rate > 0 else "flat"
    cells = (name, "closed form", f"{math.exp(rate):.2f}", NOTHING, kind, NOTHING, NOTHING, NOTHING)
    return dict(zip(COLUMNS, cells, strict=True))


def published_factor(row: str) -> float | None:
    """Return the factor per dimension between the first and the last value read off the published curve."""
    found = {int(cell.column.rpartition(" ")[2]): cell.value for cell in read_table("fig-mod-4")
             if cell.row == row and cell.measure == MEASURE and cell.value is not None}  # fmt: skip
    if len(found) < 2:
        return None
    first, last = min(found), max(found)
    return (found[last] / found[first]) ** (1 / (last - first))


def _caption(found: Sequence[Sweep]) -> str:
    start = (
        f"Samples needed for an error of {ERROR:g} of the variance on sine waves, fitted as "
        "factor^m, by least squares on logarithms over all dimensions; interval: 95 % bootstrap over seeds. Growth "
        "with an interval above 1 is called exponential, with one that holds 1 flat. Values beyond the grid stand at "
        "its ends, which makes growth look smaller; where most are, no growth is named. Published: between the ends of "
        "the printed curve, whose threshold and target are not published in full. "
    )
    return start + (f"Runs of the {found[0].profile} profile." if found else "No network has been trained yet.")
