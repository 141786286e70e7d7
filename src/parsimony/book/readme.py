"""Fill the generated parts of README.md (badges, results, build times) and of data/README.md (one table a data set).

python -m parsimony.book.readme
"""

from __future__ import annotations

import re
import statistics
import tomllib

from parsimony.artifacts.cells import NOT_AVAILABLE, difference_text, published_text, spread_text, values_of
from parsimony.artifacts.claims import count_verdicts
from parsimony.artifacts.names import CLOSED_FORMS, NAMED_VARIANTS, graph_of, name_of
from parsimony.artifacts.run_schedule import has_short, short_notes
from parsimony.book.badges import badge_line, write_badges
from parsimony.book.datasets import data_tables, markdown_table
from parsimony.book.ledger import TABLES
from parsimony.data.cards import DATASETS
from parsimony.data.registry import entries
from parsimony.experiments.archive import open_archive
from parsimony.paths import DATA, ROOT, write_text_atomically
from parsimony.published import Cell, read_table
from parsimony.records import Archive, Filed

MAIN_MEASURES = (  # the first that a run has stands for it
    "MRR", "MSE", "ROC-AUC", "R2", "relative MSE", "accuracy", "relative error", "found",
    "S1 macro F1", "S2 macro F1", "S0 macro F1", "S1 PR-AUC", "S2 PR-AUC",
)  # fmt: skip
DIGITS = {"MRR": 3, "R2": 3, "relative error": 3, "found": 3}  # of other measures four
HEAD = ("Method", "Data", "Measure", "Published", "Ours", "Difference", "Minutes", "Machine")
DIFFERENCE = HEAD.index("Difference")


def results_table(archive: Archive) -> str:
    """Return the archived results beside the published ones, as Markdown; what compares with nothing is folded away."""
    rows = _rows(archive)
    if not rows:
        return "No run of the paper profile is archived yet."
    compared, others = ([row for row in rows if bool(row[DIFFERENCE]) is asked] for asked in (True, False))
    shown = markdown_table(HEAD, compared) if compared else "No run compares with a published value yet."
    if not others:
        return shown
    said = f"{len(others)} more without a published value, or from runs shorter than the published ones"
    return f"{shown}\n\n<details><summary>{said}</summary>\n\n{markdown_table(HEAD, others)}\n\n</details>"


def _rows(archive: Archive) -> list[tuple[str, ...]]:
    """Return a line for each method, data set and variant."""
    cells = main_cells()
    groups: dict[tuple[str, str, str], list[Filed]] = {}
    for one in archive.find(profile="paper"):
        asked = one.record.specification
        if asked.method not in CLOSED_FORMS:
            groups.setdefault((asked.dataset, asked.method, asked.variant), []).append(one)
    rows = []
    for (dataset, method, variant), runs in sorted(groups.items()):
        column = f"{dataset}, {variant}" if variant in NAMED_VARIANTS else graph_of(dataset)
        measure = next(name for name in MAIN_MEASURES if name in runs[0].record.metrics)
        rows.append(_row(runs, measure, cells.get((method, column, measure))))
    return rows


def main_cells() -> dict[tuple[str, str, str], Cell]:
    """Return the published cells of main measures by method, column (data set and, where named, variant) and measure.

    Of two cells of one method the one that is printed first counts.
    """
    found: dict[tuple[str, str, str], Cell] = {}
    for name, module in TABLES.items():
        for cell in read_table(name):
            if cell.measure in MAIN_MEASURES:
                found.setdefault((module.METHOD_OF_ROW[cell.row], cell.column, cell.measure), cell)
    return found


def _row(runs: list[Filed], measure: str, cell: Cell | None) -> tuple[str, ...]:
    """Return the line of the runs of one method, data set and variant."""
    asked = runs[0].record.specification
    values, digits = values_of(runs, measure), DIGITS.get(measure, 4)
    has_value = cell is not None and cell.value is not None
    return (
        name_of(asked.method, asked.variant),
        asked.dataset,
        measure,
        published_text(cell) if has_value else NOT_AVAILABLE,
        f"{spread_text(values, digits)} ({', '.join(_notes(runs))})",
        difference_text(cell, values, digits) if has_value and not has_short(runs) else "",
        f"{statistics.fmean(one.record.minutes for one in runs):.1f}",
        "; ".join(dict.fromkeys(one.record.machine for one in runs)),
    )


def _notes(runs: list[Filed]) -> list[str]:
    """Return how many seeds there are, how far short runs went, and that some of their records are stale."""
    stale = sum(one.state == "stale" for one in runs)
    return [f"{len(runs)} seed{'s' * (len(runs) > 1)}", *short_notes(runs), *([f"{stale} stale"] if stale else [])]


def build_times() -> str:
    """Return the sentence about how long the commands take, from data/build-times.toml."""
    times = tomllib.loads((DATA / "build-times.toml").read_text(encoding="utf-8"))
    return (
        f"On {times['machine']}, once the packages are installed, the first `make book` took "
        f"{times['first_book_minutes']:.1f} minutes and the second, with nothing changed, "
        f"{times['second_book_seconds']:.1f} seconds; installing took {times['install_minutes']:.1f} minutes."
    )


def claims_sentence(archive: Archive) -> str:
    """Return how many claims of the papers have which verdict."""
    counts = count_verdicts(archive)
    said = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    return f"Of {sum(counts.values())} empirical claims of the papers: {said}."


def fill(text: str, name: str, content: str) -> str:
    """Replace what stands between two markers.

    Raises:
        ValueError: if the markers are missing.
    """
    pattern = re.compile(rf"(<!-- {name}:begin -->).*?(<!-- {name}:end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the README has no markers {name}:begin and {name}:end; put them back.")
    return pattern.sub(lambda found: f"{found[1]}{content}{found[2]}", text)


def render(text: str, archive: Archive) -> str:
    """Return the README with its generated parts filled."""
    filled = fill(text, "table", f"\n{results_table(archive)}\n")
    filled = fill(filled, "badges", badge_line(archive))
    return fill(fill(filled, "claims", claims_sentence(archive)), "times", build_times())


def render_data(text: str) -> str:
    """Return data/README.md with the tables of the data sets filled, from data cards and registry."""
    return fill(text, "datasets", f"\n{data_tables(DATASETS.values(), entries())}\n")


if __name__ == "__main__":
    path = ROOT / "README.md"
    write_text_atomically(path, render(path.read_text(encoding="utf-8"), open_archive()))
    write_badges(open_archive())
    path = DATA / "README.md"
    write_text_atomically(path, render_data(path.read_text(encoding="utf-8")))
