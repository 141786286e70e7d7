"""What the documents say can be done: commands that run, files that exist, no number typed from memory."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jupytext
import pytest
from typer import BadParameter
from typer.main import get_command

from parsimony.artifacts.catalogue import ARTIFACTS
from parsimony.book.embedded import READERS
from parsimony.citation import FORMATS
from parsimony.cli import app
from parsimony.cli.data import select
from parsimony.cli.experiments import choose
from parsimony.cli.export import check_ending
from parsimony.cli.screen import UnknownName
from parsimony.paths import ROOT

PAGES = [*sorted((ROOT / "book").glob("*.md")), *sorted((ROOT / "notebooks").glob("*.py"))]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md", *PAGES]
FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`((?:src|data|results|notebooks|book|tests|benchmarks)/[\w./-]*|[\w-]+\.(?:cff|md|toml|tsv))`")
LINK = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")
MEASURES = r"(?:MRR|H@\d+|Hits@\d+|AUC|accuracy|F1|MSE|MAE|nDCG\S*)"
RESULT = re.compile(rf"{MEASURES}[^.\n]{{0,20}}?\b\d*\.\d{{2,}}|\d*\.\d{{2,}}\S*\s+{MEASURES}")

UsageError = BadParameter.__base__  # typer carries its own copy of click, and gives it no public name


def prose(path: Path) -> str:
    """Return the Markdown of a document; of a notebook its Markdown cells."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")


def commands() -> list[tuple[str, str]]:
    """Return every command line of every document, with the document's name."""
    found = []
    for path in DOCUMENTS:
        plain = [block["body"] for block in FENCE.finditer(prose(path)) if not block["kind"]]
        found += [(path.name, line) for body in plain for line in body.splitlines() if line.strip()]
    return found


def parse(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Return name and parameters of a call of parsimony, as the program itself reads them."""
    command, names = get_command(app), []
    while hasattr(command, "commands"):
        names.append(words.pop(0))
        assert names[-1] in command.commands, f"parsimony has no command {' '.join(names)}"
        command = command.commands[names[-1]]
    return " ".join(names), command.make_context(names[-1], words).params  # an unknown option raises


def check_call(words: list[str]) -> None:
    """Check that a call of parsimony names artifacts, runs, files and formats that exist."""
    name, given = parse(words)
    if given.get("identifier") is not None:
        ending = Path(given["identifier"]).suffix[1:]
        assert given["identifier"] in ARTIFACTS or (name == "cite" and ending in READERS)
    if name == "run":
        assert choose(given["pattern"], given["profile"], given["seed"])
    elif name == "export":
        check_ending(given["identifier"], given["to"])
    elif name == "cite":
        assert given["form"] in FORMATS
    elif name.startswith("data "):
        assert select(given["name"])


@pytest.mark.parametrize(("document", "line"), commands())
def test_a_command_can_be_given(document: str, line: str) -> None:
    """A target of the Makefile, a module, or a call that parsimony accepts."""
    program, *words = shlex.split(line, comments=True)
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words and set(words) <= set(targets)
    elif Path(program).name == "python":
        assert "-m" == words[0] and find_spec(words[1]) is not None
    else:
        assert program in (".venv/bin/parsimony", "parsimony")
        check_call(words)


def test_the_readme_shows_every_front_door() -> None:
    """Were no command found in it, the test above would hold of nothing."""
    assert {("README.md", line) for line in ("make test", "make book", ".venv/bin/parsimony list")} <= set(commands())


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("shown tab-2", AssertionError),
        ("show tab-99", AssertionError),
        ("export fig-3", UsageError),
        ("cite fig-3 --from bibtex", UsageError),
        ("cite picture.docx", AssertionError),
        ("run Nothing", UnknownName),
        ("data fetch nothing", UnknownName),
    ],
)
def test_a_call_that_would_fail_is_refused(call: str, error: type[Exception]) -> None:
    """An unknown command, artifact, option, run or file, and a missing option."""
    with pytest.raises(error):
        check_call(call.split())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_folders_that_a_document_names_exist(path: Path) -> None:
    """Seen from the root or from the document's folder; links of pages are checked in the built book."""
    text = prose(path)
    links = LINK.findall(text) if path.parent.name not in ("book", "notebooks") else []
    named = [*SPAN.findall(text), *links]
    missing = [one for one in named if not any((folder / one).exists() for folder in (ROOT, path.parent))]
    assert set() == set(missing) - {"results/artifacts"}


def test_every_folder_of_the_map_is_there() -> None:
    """The README's map names every top folder that a reader meets, and the package's rooms."""
    rows = re.findall(r"^\| (`[^|]+`) \|", (ROOT / "README.md").read_text().partition("## Map")[2], re.MULTILINE)
    spans = [span for row in rows for span in re.findall(r"`([^`]+)`", row)]
    places = (ROOT, ROOT / "src" / "parsimony")
    assert [] == [span for span in spans if not any((place / span).is_dir() for place in places)]
    assert {"src/parsimony/data", "data/published", "results", "notebooks", "tests"} <= set(spans)


def test_environment_variables_of_the_documents_are_read() -> None:
    """What a document tells to set, some module asks for."""
    said = {name for path in DOCUMENTS for name in re.findall(r"PARSIMONY_[A-Z]+", prose(path))}
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert "PARSIMONY_MIRROR" in said
    assert set() == {name for name in said if not re.search(rf"[\"']{name}[\"']", code)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_result_is_typed_into_prose(path: Path) -> None:
    """A number with two decimals beside a measure comes from a record, through an artifact or the role `val`."""
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "", FENCE.sub("", prose(path)))
    assert [] == RESULT.findall(text)


@pytest.mark.parametrize("text", ["an MRR of 0.91", "MRR: 0.912 on UMLS", "reaches 0.45 H@1", "accuracy is 93.25"])
def test_a_typed_result_would_be_found(text: str) -> None:
    """The pattern of the test above sees what it should."""
    assert RESULT.search(text)
