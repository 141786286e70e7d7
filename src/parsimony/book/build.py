"""Build the book: quick experiments, notebooks, pages, checks; each step only if something that it reads has changed.

`python -m parsimony.book.build` is what `make book` calls. With `--fast` Sphinx writes only the pages whose own source
changed, which may leave an old number in a reference on another page; with `--prepare` it stops before the pages.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from parsimony import paths
from parsimony.book import checks, run, weight
from parsimony.book.chapters import publish_artifacts_in_prose
from parsimony.book.sidecar import relative, sha256
from parsimony.book.site import fill_site
from parsimony.paths import write_text_atomically

READY = "PARSIMONY_BOOK_READY"
READ_FILES = ("_config.yml", "_toc.yml", "pyproject.toml", "constraints.txt", "CHANGELOG.md", "CITATION.cff")
READ_FOLDERS = ("book", "src/parsimony", "data", "results", "build/site")


class BuildError(Exception):
    """A step of the build that failed, after it said why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the book up to date; 0 if it is whole."""
    parser = argparse.ArgumentParser(prog="python -m parsimony.book.build", description="Build the book.")
    parser.add_argument("--prepare", action="store_true", help="stop before the pages")
    parser.add_argument("--fast", action="store_true", help="write only pages whose own source changed")
    asked = parser.parse_args(arguments)
    begun = time.monotonic()
    try:
        prepare()
        if not asked.prepare:
            build_pages(full=not asked.fast)
            print(f"The book is {html_folder() / 'index.html'} ({time.monotonic() - begun:.0f} s)", flush=True)
    except BuildError as error:
        print(f"The book was not built: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def prepare() -> None:
    """Run the quick experiments and the notebooks that are not current, and fill the site's folder."""
    run_quick_experiments()
    if run.main([]):
        raise BuildError("a notebook failed; its cell and traceback stand above.")
    publish_artifacts_in_prose()
    fill_site()


def run_quick_experiments() -> None:
    """Run what the quick profile lacks, through the project's command line."""
    from parsimony.experiments.archive import states
    from parsimony.experiments.tasks import lacking

    waiting = [one for one in states() if one.specification.profile == "quick" and one.state != "fresh"]
    if left_out := [one for one in waiting if lacking(one.specification)]:
        package = lacking(left_out[0].specification)
        print(f"{len(left_out)} quick experiments left out: {package} is not installed", flush=True)
        waiting = [one for one in waiting if one not in left_out]
    print(f"quick experiments: {len(waiting)} to run", flush=True)
    if waiting:
        command = [sys.executable, "-m", "parsimony.cli", "run", "*", "--profile", "quick"]
        if subprocess.run(command, check=False).returncode:
            raise BuildError("an experiment failed; its message stands above.")


def build_pages(*, full: bool) -> None:
    """Write and check the pages, unless they were made from exactly what is on disk now."""
    stamp, digest = paths.BUILD / "book.sha256", digest_inputs()
    if stamp.is_file() and stamp.read_text() == digest and (html_folder() / "index.html").is_file():
        print("pages: current", flush=True)
        return
    stamp.unlink(missing_ok=True)
    call_jupyter_book(full=full)
    faults = [*checks.check_site(html_folder()), *weight.too_heavy(html_folder())]
    if faults:
        raise BuildError(f"{len(faults)} faults in the pages:\n" + "\n".join(faults))
    if full:
        write_text_atomically(stamp, digest)


def call_jupyter_book(*, full: bool) -> None:
    """Run Jupyter Book with warnings as errors; a full build begins from nothing.

    Pages that did not change keep old numbers of figures in an incremental build, so only a full one is published.
    """
    if full:
        shutil.rmtree(paths.ROOT / "_build", ignore_errors=True)
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", str(paths.ROOT), "-n", "-W", "--keep-going", "-q", *(["--all"] if full else [])]
    if subprocess.run(command, env={**os.environ, READY: "1"}, check=False).returncode:
        raise BuildError("Sphinx reported the warnings or errors above.")


def html_folder() -> Path:
    """Return where the built pages lie."""
    return paths.ROOT / "_build" / "html"


def digest_inputs() -> str:
    """Return the SHA-256 over every file that the pages are made from."""
    return sha256("\n".join(f"{relative(path)} {sha256(path.read_bytes())}" for path in input_files()).encode())


def input_files() -> Iterator[Path]:
    """Yield the files that the pages are made from, in a fixed order."""
    yield from (paths.ROOT / name for name in READ_FILES if (paths.ROOT / name).is_file())
    for folder in READ_FOLDERS:
        for path in sorted((paths.ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


if __name__ == "__main__":
    raise SystemExit(main())
