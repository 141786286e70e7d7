"""What tests of artifacts ask of a table and of the runs behind it."""

from collections.abc import Iterable

from parsimony.artifacts.artifact import Artifact
from parsimony.records import Filed


def row_of(artifact: Artifact, **asked: object) -> dict:
    """Return the one row of a table that matches."""
    frame = artifact.data
    for name, value in asked.items():
        frame = frame[frame[name] == value]
    (row,) = frame.to_dict("records")
    return row


def names(runs: Iterable[Filed]) -> list[str]:
    """Return the names of runs."""
    return [one.record.specification.name for one in runs]
