"""The rules that a trained model uses, read as sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.names import name_of
from parsimony.artifacts.reasoning_digraph import IDENTITY, INVERSE
from parsimony.artifacts.reasoning_runs import profiles_of, runs_with
from parsimony.artifacts.run_schedule import short_notes
from parsimony.artifacts.table_6 import GENERATED
from parsimony.records import Archive, Filed

SIZES = {"redgnn": "share", "drum": "weight"}  # what each method records of a rule
MOST = 2  # rules a relation and method
COLUMNS = ["Relation", "Method", "Rule", "Share or weight"]
BETWEEN = "zwvuts"  # names of the persons between x and y


def own_rules(archive: Archive) -> Artifact:
    """List for each relation of the generated families the rules that RED-GNN's evidence and DRUM's weights tell."""
    import pandas

    found = {method: runs_with(archive, "rules", method, GENERATED) for method in SIZES}
    rows = [row for method, runs in found.items() for row in rows_of(method, runs)]
    rows.sort(key=lambda row: row["Relation"])
    used = tuple(one for runs in found.values() for one in runs)
    return Artifact(
        id="tab-own-rules", title="Rules that were learned", caption=_caption(used),
        data=pandas.DataFrame(rows or [dict.fromkeys(COLUMNS, "not run")], columns=COLUMNS), records=used,
    )  # fmt: skip


def rows_of(method: str, runs: Sequence[Filed]) -> list[dict[str, str]]:
    """Return the rules of a method with the largest mean over seeds, for each relation."""
    rows = []
    for relation in dict.fromkeys(name for one in runs for name in one.record.measurements["rules"]):
        sizes = sizes_of([one.record.measurements["rules"].get(relation, []) for one in runs], SIZES[method])
        for body, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]:
            rows.append(
                dict(zip(COLUMNS, (relation, name_of(method), sentence(relation, body), f"{size:.2f}"), strict=True))
            )
    return rows


def sizes_of(rules: Sequence[Sequence[dict[str, Any]]], size: str) -> dict[tuple[str, ...], float]:
    """Return the mean size of each rule over seeds; rules that differ only in identity steps are one."""
    sizes: dict[tuple[str, ...], float] = defaultdict(float)
    for of_seed in rules:
        for rule in of_seed:
            body = tuple(name for name in rule["body"] if name != IDENTITY)
            sizes[body] += rule[size] / len(rules)
    return sizes


def sentence(relation: str, body: Sequence[str]) -> str:
    """Read a rule aloud: a chain of relations as "a brother of a parent", one with an inverse clause by clause.

    A triple (x, r, y) is read "x is an r of y".
    """
    start = f"x is {with_article(relation)} of y if"
    if not body:
        return f"{start} x is y"
    if not any(name.startswith(INVERSE) for name in body):
        return f"{start} x is {' of '.join(map(with_article, body))} of y"
    persons = ["x", *BETWEEN[: len(body) - 1], "y"]
    return f"{start} {' and '.join(map(clause, body, persons, persons[1:]))}"


def clause(relation: str, head: str, tail: str) -> str:
    """Read one step, an inverse one from its tail."""
    if relation.startswith(INVERSE):
        head, relation, tail = tail, relation.removeprefix(INVERSE), head
    return f"{head} is {with_article(relation)} of {tail}"


def with_article(relation: str) -> str:
    """Put "a" or "an" before a relation."""
    return f"{'an' if relation[0].lower() in 'aeiou' else 'a'} {relation.replace('_', ' ')}"


def _caption(runs: Sequence[Filed]) -> str:
    start = (
        f"The {MOST} rules used most for each relation, read as sentences; steps that stay are left out. RED-GNN: the "
        "share of the facts asked whose strongest path has this form. DRUM: the weight of the rule in its mixture, "
        "among those rules that some path of the graph follows. "
    )
    if not runs:
        return start + "No run has recorded rules yet."
    seeds = f"{len(runs)} run{'s' * (len(runs) > 1)} of the {profiles_of(runs)} profile"
    short = dict.fromkeys(
        f"{name_of(one.record.specification.method)} {note}" for one in runs for note in short_notes([one])
    )
    return f"{start}Mean over seeds of {seeds} on {GENERATED}{f' ({joined})' if (joined := ', '.join(short)) else ''}."
