"""The commands, in a small checkout with a task that counts."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from tests.small_checkout import SmallCheckout

from parsimony.cli.experiments import matches, possible
from parsimony.cli.screen import near_names
from parsimony.experiments import tasks
from parsimony.experiments.catalogue import SPECIFICATIONS


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> SmallCheckout:
    """A checkout in which the two quick counters have run."""
    made = SmallCheckout(tmp_path_factory.mktemp("checkout"))
    assert 0 == made.command("run", "counter").returncode
    return made


def listed(checkout: SmallCheckout) -> dict[str, dict]:
    content = json.loads(checkout.command("list", "--json").stdout)
    return {one.get("id") or one["name"]: one for one in [*content["artifacts"], *content["experiments"]]}


def test_list_gives_states(checkout: SmallCheckout) -> None:
    """The JSON has exactly the documented shape; what ran is fresh, what did not is missing."""
    content = json.loads(checkout.command("list", "--json").stdout)
    records = [f"results/Toy/{path.name}" for path in checkout.records()]
    assert {"artifacts", "experiments"} == set(content)
    assert {"id": "tab-2", "title": "Counting", "state": "fresh", "records": records} == content["artifacts"][0]
    assert {"id": "fig-3", "title": "Slowness", "state": "missing", "records": []} == content["artifacts"][1]
    expected = {
        "name": "Toy/counter-quick-seed0",
        "method": "counter",
        "dataset": "Toy",
        "profile": "quick",
        "state": "fresh",
    }
    assert expected == content["experiments"][0]
    assert "missing" == content["experiments"][2]["state"]
    shown = checkout.command("list").stdout
    assert "Toy/counter-quick-seed0" in shown and "tab-2" in shown
    assert "minutes" in shown and "0.1" in next(line for line in shown.splitlines() if "counter-quick-seed0" in line)


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("methods/counted.py", "2", "3", "code changed"),
        ("experiments/catalogue/__init__.py", '"steps": 3', '"steps": 4', "settings changed: steps"),
        ("data/cards/__init__.py", '"train.txt": "0"', '"train.txt": "1"', "data changed"),
        ("experiments/catalogue/__init__.py", '"counter", 1', '"another", 1', ""),
        ("methods/counted.py", "WEIGHT", '"""Prose."""\nWEIGHT', ""),
    ],
)
def test_change_makes_stale_and_undoing_it_fresh(
    checkout: SmallCheckout, name: str, old: str, new: str, reason: str
) -> None:
    """Code, settings and data make a record stale, with the reason; prose and strangers do not."""
    path = checkout.package / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    try:
        one = listed(checkout)["Toy/counter-quick-seed0"]
    finally:
        path.write_text(text)
    assert ("stale" if reason else "fresh", reason) == (one["state"], one.get("reason", ""))
    assert "fresh" == listed(checkout)["Toy/counter-quick-seed0"]["state"]


def test_run_skips_what_is_fresh_and_forces_if_asked(checkout: SmallCheckout) -> None:
    """A second run names what it skips; force runs it again; another seed gets its own record."""
    done = checkout.command("run", "Toy/counter-*")
    assert 0 == done.returncode and 2 == done.stdout.count("fresh  Toy/counter") and "Nothing to run" in done.stdout
    assert "1 of 1 runs filed" in checkout.command("run", "counter", "--seed", "0", "--force").stdout
    assert 0 == checkout.command("run", "counter", "--seed", "8").returncode
    (added,) = checkout.records("counter-quick-seed8-*")
    added.unlink()


def test_paper_profile_runs_only_when_asked(checkout: SmallCheckout) -> None:
    """A pattern means quick runs; an exact name or --profile paper means the paper's."""
    assert 0 == checkout.command("run", "Toy/counter-seed0").returncode
    (paper,) = checkout.records("counter-seed0-*")
    shown = checkout.command("run", "counter", "--profile", "paper").stdout
    paper.unlink()
    assert "fresh  Toy/counter-seed0" in shown
    done = checkout.command("run", "*slow*", "--profile", "paper")
    assert 1 == done.returncode and "add --profile quick" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["run", "cuonter"], "counter"),
        (["run", "counter", "--profile", "quik"], "quick"),
        (["show", "tab-3"], "tab-2"),
        (["export", "figure-3", "--to", "x.svg"], "fig-3"),
        (["export", "fig-3", "--to", "x.jpg"], "png"),
        (["cite", "tab2"], "tab-2"),
        (["cite", "--format", "bib"], "bibtex"),
        (["data", "fetch", "tois"], "toys"),
        (["bench", "tyo"], "toy"),
    ],
)
def test_wrong_names_list_near_ones(checkout: SmallCheckout, arguments: list[str], hint: str) -> None:
    """A wrong name ends in one line with the near names and status 2, never in a traceback."""
    done = checkout.command(*arguments)
    assert 2 == done.returncode
    assert done.stderr.startswith("error: no ") and hint in done.stderr
    assert 1 == done.stderr.count("\n") and "" == done.stdout


def test_show_prints_a_table_and_describes_a_figure(checkout: SmallCheckout) -> None:
    """A table shows its cells and runs; a figure its text alternative and where the picture is."""
    shown = checkout.command("show", "tab-2").stdout
    assert "counter" in shown and "0.5" in shown and "2 (all fresh), seeds 0, 1" in shown
    shown = checkout.command("show", "fig-3").stdout
    assert "whatever the seed" in shown and "parsimony export fig-3" in shown
    content = json.loads(checkout.command("show", "tab-2", "--json").stdout)
    assert ("tab-2", [{"method": "counter", "MRR": 0.5}]) == (content["id"], content["data"])
    assert [0, 1] == content["provenance"]["seeds"]


def fingerprints(checkout: SmallCheckout) -> list[str]:
    return [json.loads(path.read_text())["fingerprint"] for path in checkout.records("counter-quick*")]


def exported(checkout: SmallCheckout, identifier: str, name: str) -> bytes:
    path = checkout.root / "exported" / name
    done = checkout.command("export", identifier, "--to", str(path))
    assert (0, "") == (done.returncode, done.stderr)
    return path.read_bytes()


def test_exported_csv_and_json_say_where_they_come_from(checkout: SmallCheckout) -> None:
    """Comment lines of the csv and the field of the json name the records; the rest is the data."""
    lines = exported(checkout, "tab-2", "table.csv").decode().splitlines()
    comments = [line for line in lines if line.startswith("# ")]
    assert ["method,MRR", "counter,0.5"] == lines[len(comments) :]
    assert all(any(one in line for line in comments) for one in fingerprints(checkout))
    assert [["method", "MRR"]] == list(csv.reader(io.StringIO("\n".join(lines[len(comments) :]))))[:1]
    content = json.loads(exported(checkout, "tab-2", "table.json"))
    assert fingerprints(checkout) == [one["fingerprint"] for one in content["provenance"]["records"]]


def test_exported_pictures_say_where_they_come_from(checkout: SmallCheckout) -> None:
    """The metadata of svg, png and pdf name the records, and two exports are the same bytes."""
    first, *_ = fingerprints(checkout)
    svg = exported(checkout, "fig-3", "figure.svg")
    assert first in "".join(ElementTree.fromstring(svg).itertext())
    assert svg == exported(checkout, "fig-3", "again.svg")
    png = exported(checkout, "fig-3", "figure.png")
    assert png.startswith(b"\x89PNG") and re.search(rb"[tz]EXtSource|iTXtSource", png)
    assert first.encode() in png
    pdf = exported(checkout, "fig-3", "figure.pdf")
    assert pdf.startswith(b"%PDF") and first.encode() in pdf.replace(b"\\", b"")
    done = checkout.command("export", "tab-2", "--to", "table.svg")
    assert 1 == done.returncode and "ends in .csv or .json" in done.stderr


def test_cite_has_three_formats(checkout: SmallCheckout) -> None:
    """An artifact is cited with its key, version, fingerprints and the original paper, in every format."""
    bibtex = checkout.command("cite", "tab-2").stdout
    assert bibtex.startswith("@misc{parsimony-tab-2,") and "2407.00478" in bibtex
    assert bibtex.count("{") == bibtex.count("}")
    assert all(one[:8] in bibtex for one in fingerprints(checkout))
    works = json.loads(checkout.command("cite", "tab-2", "--format", "csl-json").stdout)
    assert ["parsimony-tab-2", "yao2024parsimony"] == [one["id"] for one in works]
    apa = checkout.command("cite", "--format", "apa").stdout.splitlines()
    assert apa[0].startswith("The Parsimony contributors. (n.d.). Parsimony: ") and "[Computer software]" in apa[0]
    assert apa[1].startswith("Yao, Q., Zhang, Y., Wang, Y., Yin, N., Kwok, J., & Yang, Q. (2024). Beyond Scaleup")
    plain = checkout.command("cite", "--format", "plain").stdout
    assert 3 == plain.count("\n") and "Boopathy" in plain


def test_data_reports_each_file(checkout: SmallCheckout) -> None:
    """A file that cannot be had is named with what to do, the others are fetched all the same."""
    entries = json.loads(checkout.command("data", "list", "--json").stdout)
    assert [("train.txt", "present"), ("lost.txt", "absent")] == [(one["path"], one["state"]) for one in entries]
    assert {"group", "path", "sha256", "bytes", "url", "licence", "citation", "state"} == set(entries[0])
    done = checkout.command("data", "fetch")
    assert 1 == done.returncode
    assert "1 of 2 files fetched" in done.stdout and "PARSIMONY_MIRROR" in done.stdout
    assert 0 == checkout.command("data", "fetch", "embedded/train").returncode
    assert "1 of 1 files verified" in checkout.command("data", "verify").stdout


def test_claims_and_benchmarks_speak_json(checkout: SmallCheckout) -> None:
    """Both give exactly the documented fields."""
    expected = {"id": "counts", "verdict": "not run", "ours": None, "published": 0.5, "interval": None}
    assert [expected] == json.loads(checkout.command("claims", "--json").stdout)
    assert "Counting counts." in checkout.command("claims").stdout
    assert [{"name": "toy", "target": 2.0}] == json.loads(checkout.command("bench", "--json").stdout)
    result = json.loads(checkout.command("bench", "toy", "--pairs", "4", "--json").stdout)
    assert {"name": "toy", "ratio": 3.0, "target": 2.0, "pairs": 4, "machine": "a machine"} == result


def test_unreadable_record_is_named_and_left_out(checkout: SmallCheckout) -> None:
    """A broken record gives a warning and counts as missing; list still works."""
    path: Path = checkout.records("counter-quick-seed1-*")[0]
    text = path.read_text()
    path.write_text(text[:100])
    try:
        done = checkout.command("list", "--json")
    finally:
        path.write_text(text)
    states = {one["name"]: one["state"] for one in json.loads(done.stdout)["experiments"]}
    assert "missing" == states["Toy/counter-quick-seed1"]
    assert "warning: " in done.stderr and path.name in done.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("umls", True),
        ("UMLS/*", True),
        ("*-seed0", True),
        ("distmult-quick", True),
        ("*seed1", False),
        ("wn", False),
    ],
)
def test_patterns(pattern: str, expected: bool) -> None:
    """A pattern is a part of the name or a glob over all of it, in any letter case."""
    assert expected == matches("UMLS/distmult-quick-seed0", pattern)


def test_near_names_come_nearest_first() -> None:
    """A swapped letter finds its name; what is unlike everything finds nothing."""
    assert ["complex", "simple"][:1] == near_names("compelx", ["simple", "complex", "analogy"])[:1]
    assert [] == near_names("zzz", ["simple", "complex"])


def test_runs_of_a_package_that_is_not_here_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Operon no formula is read; forms are fitted, networks trained; a run asked by name tells by itself."""
    laws = [one for one in SPECIFICATIONS if one.task in ("law recovery", "pedestrian law") and one.seed == 0]
    read = {one.name for one in laws if one.method in tasks.READ_BY_OPERON and "form" not in one.settings["options"]}
    monkeypatch.setattr(tasks, "find_spec", lambda name: None)
    kept = {one.name for one in possible(laws, "*")}
    assert {one.name for one in laws} - read == kept
    assert {"springs/black-box-seed0", "corridor-bi/gsr-closing-seed0"} <= kept
    assert "left out  springs/gsr-seed0: pyoperon is not installed" in capsys.readouterr().out
    assert "springs/gsr-seed0" in {one.name for one in possible(laws, "springs/gsr-seed0")}
    monkeypatch.setattr(tasks, "find_spec", lambda name: object())
    assert laws == possible(laws, "*")
