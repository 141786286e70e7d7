"""Every artifact, from no record, from made-up records, and without torch."""

import subprocess
import sys

import pytest
from tests.run_samples import filed, small_archive

from parsimony.artifacts.catalogue import ARTIFACTS, build
from parsimony.artifacts.table_2 import table_2
from parsimony.records import Archive


@pytest.mark.parametrize("identifier", ARTIFACTS)
@pytest.mark.parametrize("archive", [Archive(), small_archive()], ids=["empty", "small"])
def test_every_artifact_is_made(identifier: str, archive: Archive) -> None:
    """With and without records: the caption can be read alone, a figure has an alternative text."""
    artifact = build(identifier, archive)
    assert (identifier, ARTIFACTS[identifier].title) == (artifact.id, artifact.title)
    assert len(artifact.caption) > 100
    assert len(artifact.alt) >= 40 or artifact.kind == "table"


def rows_of(archive: Archive, method: str, data: str = "UMLS") -> dict[str, dict]:
    frame = table_2(archive).data
    part = frame[(frame["Method"] == method) & (frame["Data"] == data)]
    return {row.get("Measure", "MRR"): row for row in part.to_dict("records")}


def test_a_cell_without_a_run_says_so() -> None:
    """No archived run: the word, not a blank and not the published number."""
    row = rows_of(Archive(), "AutoBLM", "WN18RR")["MRR"]
    assert ("0.490", "not run", "not run", "not run") == tuple(
        row[k] for k in ("Published", "Archived", "Quick", "Verdict")
    )


def test_a_cell_shows_mean_deviation_and_seeds() -> None:
    """0.90 and 0.91: mean 0.905, deviation 0.007, two seeds."""
    row = rows_of(small_archive(), "AutoBLM")["MRR"]
    assert "0.905 ± 0.007 (n = 2, d = 64)" == row["Archived"]


def test_a_stale_record_stays_visible() -> None:
    """A record of older code is shown and marked."""
    row = rows_of(Archive((filed("complex", 0.8, state="stale"),)), "ComplEx")["MRR"]
    assert "0.800 (n = 1, d = 64, stale)" == row["Archived"]


def test_quick_runs_stand_in_their_own_column() -> None:
    """A quick run never fills an archived cell."""
    row = rows_of(Archive((filed("complex", 0.8, profile="quick"),)), "ComplEx")["MRR"]
    assert ("not run", "0.800 (n = 1, d = 64)") == (row["Archived"], row["Quick"])


def test_an_unknown_artifact_names_the_known_ones() -> None:
    """The message lists what there is."""
    with pytest.raises(ValueError, match="known are fig-1"):
        build("fig-99", Archive())


def test_artifacts_import_no_torch() -> None:
    """Building every artifact loads no torch, so that tables rebuild in seconds."""
    code = (
        "import sys; from parsimony.artifacts.catalogue import ARTIFACTS, build; "
        "from parsimony.records import Archive; "
        "[build(name, Archive()) for name in ARTIFACTS]; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()
