"""The last line of a chapter: what it read, with which versions it was computed, how long that took, and where."""

from __future__ import annotations

from parsimony import __version__
from parsimony.book.sidecar import installed_version
from parsimony.experiments import machine

# The runner executes a chapter again when one of these changes, so the line never tells of an older one.
PACKAGES = ("matplotlib", "pandas", "torch")


def colophon(records: int, seconds: float) -> str:
    """Return the line.

    Args:
        records: how many the chapter read.
        seconds: from its first import to here.
    """
    versions = ", ".join(f"{name} {installed_version(name)}" for name in PACKAGES)
    took = f"page computed in {seconds:.0f} s on {machine.describe()}"
    return f"{records} records read with Parsimony {__version__}, {versions}; {took}"
