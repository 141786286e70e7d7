"""What downloaded files say of themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from book_samples import SampleArtifact, sample_figure, sample_run
from parsimony import citation, paths
from parsimony.book import embedded, publish
from parsimony.cli.artifacts import works_of


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Publish into a folder of the test's own."""
    monkeypatch.setattr(paths, "ARTIFACTS", tmp_path / "artifacts")
    return tmp_path / "artifacts"


def published(shelf: Path, tmp_path: Path) -> dict[str, Path]:
    """Publish a figure of two runs; return its files by their endings."""
    runs = (sample_run(tmp_path, 0), sample_run(tmp_path, 1, "paper", "stale"))
    sample = sample_figure()
    publish(SampleArtifact(sample.id, title='Rise "and" fall', figure=sample.figure, records=runs))
    return {path.suffix[1:]: path for path in (shelf / sample.id).iterdir()}


def test_every_kind_of_file_tells_the_same(shelf: Path, tmp_path: Path) -> None:
    """Picture, table and sidecar agree on what they hold, from which commit and from which runs."""
    files = published(shelf, tmp_path)
    assert {"png", "webp", "svg", "pdf", "csv", "json"} == set(files) == set(embedded.READERS)
    origins = {ending: embedded.read_origin(path) for ending, path in files.items()}
    origin = origins["png"]
    assert all(origins[ending] == origin for ending in ("webp", "svg", "pdf", "csv"))
    assert all(origins["json"][name] == origin[name] for name in ("id", "title", "version", "commit", "runs"))
    assert ("fig-own-sample", 'Rise "and" fall', 2) == (origin["id"], origin["title"], origin["runs"])
    assert "arXiv 2407.00478" == origin["paper"] and citation.AUTHORS == origin["authors"]
    assert [("fresh", "000000000000"), ("stale", "000000000001")] == [
        (one["state"], one["fingerprint"]) for one in origin["records"]
    ]


def test_the_second_paper_has_its_own_figures() -> None:
    """A figure of the modularity chapter names the paper it belongs to."""
    assert "arXiv 2409.05780" == embedded.origin_of(sample_figure("fig-mod-1"))["paper"]


def test_a_renamed_download_is_cited_as_what_it_is(shelf: Path, tmp_path: Path) -> None:
    """The name of the file plays no part; version and commit are those of the file, not of today."""
    path = published(shelf, tmp_path)["csv"]
    copy = tmp_path / "thesis-figure-12.csv"
    copy.write_text(re.sub(r'"version": "[^"]*"', '"version": "0.0.7"', path.read_text()))
    works = works_of(str(copy))
    assert ["parsimony-fig-own-sample", "yao2024parsimony"] == [one["id"] for one in works]
    assert "0.0.7" == works[0]["version"] and "2 runs, fingerprints 00000000" in works[0]["note"]


def test_comments_are_no_cells(shelf: Path, tmp_path: Path) -> None:
    """The table below the comment lines is the data alone, in two columns."""
    rows = embedded.read_cells(published(shelf, tmp_path)["csv"])
    assert [["round", "MRR"], ["1", "0.5"], ["2", "0.666667"]] == rows


@pytest.mark.parametrize("ending", embedded.READERS)
def test_a_foreign_or_damaged_file_is_refused(ending: str, tmp_path: Path) -> None:
    """The error names the file and says what to do; no library's own error escapes."""
    path = tmp_path / f"foreign.{ending}"
    for content in (b"", b"\x00\x01nonsense\n", json.dumps({"id": "tab-2"}).encode()):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"foreign\.{ending} holds no provenance of this book.*download it again"):
            embedded.read_origin(path)


def test_wrong_names_of_files_are_refused(tmp_path: Path) -> None:
    """A kind of file that the book does not offer, and a file that is not there."""
    with pytest.raises(ValueError, match=r"poster\.jpg given; expected .* \.svg, \.png, \.webp, \.pdf, \.csv, \.json"):
        embedded.read_origin(tmp_path / "poster.jpg")
    with pytest.raises(FileNotFoundError, match="give a downloaded file, or an identifier"):
        embedded.read_origin(tmp_path / "tab-2.csv")
