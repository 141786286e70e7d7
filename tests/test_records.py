"""Specifications, records and the archive."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from parsimony import paths
from parsimony.records import (
    Archive,
    Filed,
    Record,
    Specification,
    canonical_json,
    read_record,
    record_path,
    write_record,
)

ASKED = Specification(
    task="link prediction",
    method="distmult",
    dataset="UMLS",
    seed=0,
    profile="quick",
    settings={"width": [8, 4]},
)
RECORD = Record(
    specification=ASKED,
    fingerprint="3f9a1c2b04de",
    metrics={"MRR": 0.5, "H@1": 0.25, "H@3": 0.5, "H@10": 1.0},
    measurements={"ranks": {"tail": [1.0, 2.5], "head": [4.0]}, "losses": []},
    parameters=10,
    seconds=1.5,
    peak_memory_bytes=1024,
    machine="a processor, 2 cores",
    packages={"python": "3.11"},
    commit="abc",
    data_sha256={"train.txt": "0" * 64},
    source_sha256="1" * 64,
    finished="2026-01-01T00:00:00+00:00",
)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "RESULTS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("profile", "variant", "expected"),
    [
        ("quick", "", "UMLS/distmult-quick-seed0"),
        ("paper", "", "UMLS/distmult-seed0"),
        ("paper", "d64", "UMLS/distmult-d64-seed0"),
        ("quick", "d64", "UMLS/distmult-d64-quick-seed0"),
    ],
)
def test_names(profile: str, variant: str, expected: str) -> None:
    """A name carries variant and profile, and its identity is all but the seed."""
    one = replace(ASKED, profile=profile, variant=variant)
    assert expected == one.name
    assert expected.removesuffix("-seed0") == one.identity == replace(one, seed=7).identity
    assert expected.partition("/")[2] == one.stem


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "fast"},
        {"seed": -1},
        {"seed": True},
        {"method": "a/b"},
        {"dataset": "../x"},
        {"variant": "a b"},
    ],
)
def test_specification_refuses_what_no_file_name_can_hold(change: dict) -> None:
    """A wrong profile, seed or name is refused with the value that was given."""
    with pytest.raises(ValueError, match="given"):
        replace(ASKED, **change)


def test_settings_are_json_values() -> None:
    """Tuples become lists as they would in the file, and NaN is refused."""
    assert {"width": [1, 2]} == replace(ASKED, settings={"width": (1, 2)}).settings
    with pytest.raises(ValueError, match="finite"):
        replace(ASKED, settings={"rate": float("nan")})


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    """Two mappings with the same content have one text."""
    assert '{"a":[1,2.0],"b":null}' == canonical_json({"b": None, "a": [1, 2.0]})


def test_record_survives_its_file(results: Path) -> None:
    """What is read equals what was written, under the name that specification and fingerprint give."""
    path = write_record(RECORD)
    assert results / "UMLS" / "distmult-quick-seed0-3f9a1c2b.json" == path
    assert RECORD == read_record(path)
    assert {"quick"} == {json.loads(path.read_text())["specification"]["profile"]}
    assert [path] == list(path.parent.iterdir())


def test_minutes_are_the_processors_where_it_was_watched() -> None:
    """Two minutes by the clock count as one if the processor worked for one; without a measurement as two."""
    assert [2.0, 1.0] == [replace(RECORD, seconds=120.0, processor_seconds=one).minutes for one in (None, 60.0)]


def test_record_under_a_wrong_name_is_refused(results: Path) -> None:
    """A renamed record, a truncated one and a foreign one are told apart from records."""
    path = write_record(RECORD)
    moved = path.rename(path.with_name("distmult-quick-seed1-3f9a1c2b.json"))
    with pytest.raises(ValueError, match="holds the record of UMLS/distmult-quick-seed0"):
        read_record(moved)
    moved.write_text(RECORD.to_json()[:-40])
    with pytest.raises(ValueError, match="Restore the file"):
        read_record(moved)
    moved.write_text('{"specification": {}}')
    with pytest.raises(ValueError, match="not a record"):
        read_record(moved)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"MRR": 0.36, "H@1": 0.38}, "cannot come from one list"),
        ({"MRR": 36.0, "H@1": 30.0}, "check the units"),
        ({"MRR": float("nan")}, "finite"),
        ({"MRR": 0.5, "H@1": 0.4, "H@3": 0.3}, "never fall"),
    ],
)
def test_impossible_metrics_are_refused(metrics: dict, message: str) -> None:
    """No record holds metrics that no list of ranks can give."""
    with pytest.raises(ValueError, match=message):
        replace(RECORD, metrics=metrics)


def test_archive_prefers_fresh_and_then_late_records() -> None:
    """Of several records for one name the fresh one counts, or else the latest; the seeds come in order."""
    later = replace(RECORD, finished="2026-02-02T00:00:00+00:00", fingerprint="a" * 12)
    tenth = replace(RECORD, specification=replace(ASKED, seed=10))
    second = replace(RECORD, specification=replace(ASKED, seed=2))
    other = replace(RECORD, specification=replace(ASKED, method="complex"))
    path = record_path(ASKED, RECORD.fingerprint)
    states = [(RECORD, "fresh"), (later, "stale"), (tenth, "stale"), (second, "fresh"), (other, "fresh")]
    archive = Archive(tuple(Filed(record, path, state) for record, state in states))
    assert [0, 2, 10] == [one.record.specification.seed for one in archive.find(method="distmult")]
    assert RECORD == archive.find(method="distmult")[0].record
    stale = Archive(tuple(replace(one, state="stale") for one in archive.filed))
    assert later == stale.find(method="distmult", dataset="UMLS", profile="quick", variant="")[0].record
    assert () == archive.find(profile="paper")
    assert 5 == len(archive.paths)
