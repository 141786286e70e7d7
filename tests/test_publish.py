"""Publishing: files, sidecar, digest, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas
import pytest

from book_samples import SampleArtifact, sample_figure, sample_run
from parsimony import paths
from parsimony.artifacts.artifact import Behind
from parsimony.book import publish
from parsimony.book.card import CHIP_MEANINGS, card
from parsimony.book.cell_origin import cell_origin
from parsimony.book.citation import published_works
from parsimony.book.sidecar import freshness, published_sidecars, read_sidecar
from parsimony.book.values import collect_values, format_value
from parsimony.citation import as_bibtex
from parsimony.records import Archive


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Publish into a folder of the test's own."""
    monkeypatch.setattr(paths, "ARTIFACTS", tmp_path / "artifacts")
    return tmp_path / "artifacts"


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def table_of(shelf: Path) -> bytes:
    """Return the CSV file of the sample table."""
    return (shelf / "tab-own-sample" / "tab-own-sample.csv").read_bytes()


def test_a_figure_has_five_files_with_their_digests_and_two_widths(shelf: Path) -> None:
    """PNG, SVG, PDF, CSV and the sidecar, which knows the SHA-256 of each of the others; pages show WebP."""
    publish(sample_figure())
    files = contents(shelf)
    sidecar = read_sidecar("fig-own-sample")
    narrow, wide = (one["file"] for one in sidecar["pictures"])
    assert {f"fig-own-sample.{ending}" for ending in ("png", "svg", "pdf", "csv", "json")} | {narrow, wide} == set(
        files
    )
    assert "fig-own-sample-540.webp" == narrow and 540 < sidecar["pictures"][1]["width"]
    listed = sidecar["files"]
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in listed} == listed


def test_a_narrow_figure_comes_in_one_width(shelf: Path) -> None:
    """It is not blown up."""
    small = sample_figure()
    small.figure.set_size_inches(2, 1.5)
    publish(small)
    (only,) = read_sidecar("fig-own-sample")["pictures"]
    assert only["width"] < 540 and f"fig-own-sample-{only['width']}.webp" == only["file"]


def test_two_calls_write_the_same_bytes(shelf: Path) -> None:
    """Nothing in the files comes from the clock, the process or the order of a set."""
    publish(sample_figure())
    first = contents(shelf)
    publish(sample_figure())
    assert first == contents(shelf)


def test_a_table_keeps_six_digits_and_plain_line_ends(shelf: Path) -> None:
    """The CSV file is what the table shows."""
    publish(SampleArtifact("tab-own-sample"))
    assert table_of(shelf).endswith(b"\nround,MRR\n1,0.5\n2,0.666667\n")


def test_a_named_index_becomes_a_column(shelf: Path) -> None:
    """Row names of a table are not lost on the way to the file."""
    data = pandas.DataFrame({"MRR": [0.5]}, index=pandas.Index(["DistMult"], name="method"))
    publish(SampleArtifact("tab-own-sample", data=data))
    assert table_of(shelf).endswith(b"\nmethod,MRR\nDistMult,0.5\n")


def test_the_rich_output_is_the_directive_and_a_preview() -> None:
    """The book reads the directive, JupyterLab shows the picture or the table."""
    shown = publish(sample_figure())
    bundle = shown._repr_mimebundle_()
    assert f"```{{artifact}} fig-own-sample\n:digest: {shown.digest}\n```" == bundle["text/markdown"]
    assert b"\x89PNG" == bundle["image/png"][:4]
    assert "<table" in publish(SampleArtifact("tab-own-sample"))._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("artifact", "said"),
    [
        (SampleArtifact("Table 2"), "expected fig-NAME or tab-NAME"),
        (replace(sample_figure(), alt="A plot."), "expected at least 40"),
        (replace(sample_figure(), caption=" "), "no caption"),
        (SampleArtifact("fig-own-sample"), "goes with a figure"),
        (SampleArtifact("tab-own-sample", data=pandas.DataFrame()), "no data"),
    ],
)
def test_what_cannot_be_shown_is_refused(artifact: SampleArtifact, said: str, shelf: Path) -> None:
    """The error says what is expected, and nothing is written."""
    with pytest.raises(ValueError, match=said):
        publish(artifact)
    assert not shelf.exists()


def test_the_sidecar_counts_runs_seeds_and_minutes(tmp_path: Path) -> None:
    """Two runs of 90 seconds are three minutes."""
    runs = (sample_run(tmp_path, 0), sample_run(tmp_path, 1))
    publish(SampleArtifact("tab-own-sample", records=runs))
    sidecar = read_sidecar("tab-own-sample")
    assert (2, [0, 1], 3.0, ["quick"]) == tuple(sidecar[key] for key in ("runs", "seeds", "minutes", "profiles"))


def test_an_altered_sidecar_is_noticed(shelf: Path) -> None:
    """A number edited by hand does not survive, since the digest covers every field."""
    publish(SampleArtifact("tab-own-sample"))
    path = shelf / "tab-own-sample" / "tab-own-sample.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "minutes": 1}))
    with pytest.raises(ValueError, match="was altered"):
        published_sidecars()


def test_a_missing_artifact_says_what_to_run() -> None:
    """The error names the runner."""
    with pytest.raises(FileNotFoundError, match=r"parsimony\.book\.run"):
        read_sidecar("tab-own-nothing")


@pytest.mark.parametrize(
    ("expected", "profile", "state"),
    [("quick profile", "quick", "fresh"), ("current", "paper", "fresh"), ("code changed", "paper", "stale")],
)
def test_freshness_follows_the_runs(expected: str, profile: str, state: str, tmp_path: Path) -> None:
    """A stale run outweighs everything else; a quick run is never called current."""
    publish(SampleArtifact("tab-own-sample", records=(sample_run(tmp_path, 0, profile, state),)))
    assert expected == freshness(read_sidecar("tab-own-sample"))
    assert expected in CHIP_MEANINGS


def test_another_release_of_torch_is_another_environment(tmp_path: Path) -> None:
    """Major and minor count; a run without any record of packages says nothing."""
    one = sample_run(tmp_path, 0, "paper")
    run = replace(one, record=replace(one.record, packages={"torch": "1.4.0"}))
    publish(SampleArtifact("tab-own-sample", records=(run,)))
    assert "environment changed" == freshness(read_sidecar("tab-own-sample"))


def test_the_card_offers_files_citation_and_origin(tmp_path: Path) -> None:
    """Every file is linked below /artifacts, and both entries can be copied."""
    publish(SampleArtifact("tab-own-sample", title="A & B", records=(sample_run(tmp_path),)))
    sidecar = read_sidecar("tab-own-sample")
    works = published_works(sidecar, year="2026", base_url="https://x.org/", page="book/chapters/model")
    text = card(sidecar, up="../../", works=works, repository="https://github.com/a/b")
    entry, paper = map(as_bibtex, ([works[0]], [works[1]]))
    assert 'href="../../artifacts/tab-own-sample/tab-own-sample.csv"' in text
    assert 4 == text.count('class="artifact-copy"') and 1 == text.count(" checked>")
    assert ["Copy BibTeX", "Copy CSL-JSON", "Copy APA", "Copy Link"] == re.findall(r">(Copy [^<]+)<", text)
    assert "@misc{parsimony-tab-own-sample," in entry and sidecar["digest"] in entry
    assert "https://x.org/book/chapters/model.html#tab-own-sample" in entry
    assert "2407.00478" in paper
    assert "A &amp; B" in text and "A & B" not in text


def test_a_cell_opens_into_its_runs(tmp_path: Path) -> None:
    """Seeds, values, minutes, data and state of both runs; the archived one is linked, and text is escaped."""
    runs = (sample_run(tmp_path, 0, "paper", "stale"), sample_run(tmp_path, 1))
    behind = {(1, "MRR"): Behind("MRR", runs)}
    publish(SampleArtifact("tab-own-sample", records=runs, behind=behind))
    sidecar = read_sidecar("tab-own-sample")
    (cell,) = sidecar["cells"]
    assert (1, "MRR", [0, 1], [0.5, 0.6]) == (cell["row"], cell["column"], cell["records"], cell["values"])
    text = cell_origin("0.55 < 1", cell, sidecar, "https://github.com/a/b")
    assert "0.55 &lt; 1" in text and "mean 0.55, deviation 0.070711, n = 2" in text
    assert 'title="MRR: seeds 0, 1; 1 of 2 stale; 3.0 minutes in all. Open for the runs."' in text
    assert ["0", "0.5", "stale", "1.5"] == re.findall(r"<td>([^<]*)</td>", text)[:4]
    (link,) = re.findall(r'href="([^"]+)"', text)
    assert link.startswith("https://github.com/a/b/blob/main/") and link.endswith("00000000.json")


def test_values_are_means_over_seeds(tmp_path: Path) -> None:
    """MRR 0.5 and 0.6 give 0.55, with the sample deviation and both records named."""
    archive = Archive((sample_run(tmp_path, 0), sample_run(tmp_path, 1)))
    values = collect_values(archive)
    value = values["UMLS.distmult.quick.MRR"]
    assert pytest.approx(0.55) == value["value"]
    assert pytest.approx(0.1 / 2**0.5) == value["sd"]
    assert ["UMLS/distmult-quick-seed0", "UMLS/distmult-quick-seed1"] == value["records"]
    assert {"seconds", "parameters", "runs"} <= {key.rpartition(".")[2] for key in values}


@pytest.mark.parametrize(
    ("expected", "value", "form"), [("0.550", 0.55, ".3f"), ("55.0%", 0.55, ".1%"), ("12,000", 12000.0, "")]
)
def test_values_are_written_as_asked(expected: str, value: float, form: str) -> None:
    """A format is Python's; without one whole numbers are grouped."""
    assert expected == format_value(value, form)
