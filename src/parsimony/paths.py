"""Where things lie in a checkout, and how a file is written so that nobody reads half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def find_root() -> Path:
    """Return the root of the checkout: `PARSIMONY_ROOT`, or the nearest folder with a pyproject.toml.

    Raises:
        FileNotFoundError: if the package runs outside a checkout and no root was given.
    """
    given = os.environ.get("PARSIMONY_ROOT")
    for folder in [Path(given)] if given else [*Path(__file__).resolve().parents, *Path.cwd().resolve().parents]:
        if (folder / "pyproject.toml").is_file():
            return folder.resolve()
    raise FileNotFoundError(
        f"no checkout of Parsimony found (PARSIMONY_ROOT is {given or 'not set'}); "
        "clone the repository, or set PARSIMONY_ROOT to the folder that holds its pyproject.toml."
    )


ROOT = find_root()
RESULTS = ROOT / "results"
DATA = ROOT / "data"
BUILD = ROOT / "build"
ARTIFACTS = RESULTS / "artifacts"


def write_bytes_atomically(path: Path, content: bytes) -> Path:
    """Write `content` beside `path`, then rename, so that a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def write_text_atomically(path: Path, text: str) -> Path:
    """Write UTF-8 text as `write_bytes_atomically` does."""
    return write_bytes_atomically(path, text.encode())
