"""The runner: what is executed, when, and what a failure leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from parsimony import paths
from parsimony.book.notebook import NotebookError, default_parameters, hide_places, normalise, read_source
from parsimony.book.run import read_parameter
from parsimony.book.sources import package_files
from small_book import SmallBook

RUN = "parsimony.book.run"
PARAMETERS = '# %% tags=["parameters"]\nprofile = "quick"\n'


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """A book whose two quick runs are filed and whose chapter was executed once."""
    made = SmallBook(tmp_path_factory.mktemp("book"))
    assert 0 == made.command("run", "*", "--profile", "quick").returncode
    done = made.module(RUN, "demo")
    assert 0 == done.returncode, done.stderr
    return made


def written(book: SmallBook) -> dict[str, bytes]:
    """Return the chapter and every file of the artifacts with their bytes."""
    files = [book.chapter, *(book.root / "results" / "artifacts").rglob("*.*")]
    return {path.name: path.read_bytes() for path in files}


def test_a_current_chapter_is_not_executed(book: SmallBook) -> None:
    """A second call with nothing changed starts no kernel."""
    assert "notebook demo: current" in book.module(RUN).stdout


def test_two_executions_give_the_same_bytes(book: SmallBook) -> None:
    """Notebook, pictures, tables and sidecars carry no time, no path and no random identifier."""
    before = written(book)
    book.chapter.unlink()
    assert "executed" in book.module(RUN, "demo").stdout
    assert before == written(book)
    assert str(book.root) not in before["demo.ipynb"].decode()


def test_the_chapter_says_what_it_was_made_from(book: SmallBook) -> None:
    """The seal holds parameters and artifacts; no trace of papermill is left."""
    metadata = json.loads(book.chapter.read_text())["metadata"]
    assert {"profile": "quick", "reads": ["Toy/counter*"]} == metadata["parsimony"]["parameters"]
    assert ["tab-2", "fig-3"] == [name for name, _ in metadata["parsimony"]["artifacts"]]
    assert "papermill" not in metadata


def test_a_lost_or_altered_file_of_an_artifact_is_made_again(book: SmallBook) -> None:
    """A chapter is current only while its artifacts are."""
    picture = book.root / "results" / "artifacts" / "fig-3" / "fig-3.png"
    original = picture.read_bytes()
    picture.write_bytes(b"")
    assert "executed" in book.module(RUN, "demo").stdout
    assert original == picture.read_bytes()


def test_an_unknown_parameter_is_refused(book: SmallBook) -> None:
    """The message names what was given and what there is."""
    done = book.module(RUN, "demo", "-p", "colour=red")
    assert (1, True) == (done.returncode, "no parameter colour; it has profile, reads" in done.stderr)


def test_a_failing_cell_leaves_the_chapter_alone(book: SmallBook) -> None:
    """Exit 1, cell and traceback on the screen, the partial notebook apart, the good chapter untouched."""
    before, source = book.chapter.read_bytes(), (book.root / "notebooks" / "demo.py").read_text()
    book.write("notebooks/demo.py", f"{source}\n# %%\nraise ValueError('seven')\n")
    done = book.module(RUN, "demo")
    book.write("notebooks/demo.py", source)
    assert 1 == done.returncode
    assert "ValueError: seven" in done.stderr and "build/failed/demo.ipynb" in done.stderr
    assert before == book.chapter.read_bytes()
    assert (book.root / "build" / "failed" / "demo.ipynb").is_file()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("src/parsimony/artifacts/catalogue.py", "import pandas", "import pandas, math", "executed"),
        ("src/parsimony/artifacts/catalogue.py", "import pandas", "import pandas  # at use", "current"),
        ("src/parsimony/cli/claims.py", "import", "import", "current"),
    ],
)
def test_only_what_the_notebook_depends_on_counts(
    name: str, old: str, new: str, expected: str, book: SmallBook
) -> None:
    """Code that the notebook imports counts; a comment, or a module that it does not import, does not."""
    assert 0 == book.module(RUN, "demo").returncode
    text = (book.root / name).read_text()
    assert old in text
    book.write(name, text.replace(old, new) + ("" if old != new else "\nUNUSED = 1\n"))
    done = book.module(RUN, "demo")
    book.write(name, text)
    assert expected in done.stdout


def test_a_changed_record_counts_only_where_it_is_read(book: SmallBook) -> None:
    """The list `reads` of the parameters cell names the records whose change matters."""
    assert 0 == book.module(RUN, "demo").returncode
    record = next((book.root / "results" / "Toy").glob("counter-quick-seed1-*.json"))
    text = record.read_text()
    record.write_text(text.replace('"parameters": 1', '"parameters": 2'))
    changed = book.module(RUN, "demo").stdout
    record.write_text(text)
    assert "executed" in changed


def test_a_changed_benchmark_counts(book: SmallBook) -> None:
    """Figures read what benchmarks left in data/measurements, so a new measurement draws them again."""
    assert 0 == book.module(RUN, "demo").returncode
    path = book.root / "data" / "measurements" / "counting.json"
    book.write("data/measurements/counting.json", '{"name": "counting"}')
    changed = book.module(RUN, "demo").stdout
    path.unlink()
    assert "executed" in changed


def test_there_is_exactly_one_parameters_cell(tmp_path: Path) -> None:
    """None and two are both refused."""
    path = tmp_path / "demo.py"
    for text, count in ((PARAMETERS.replace("parameters", "other"), 0), (PARAMETERS * 2, 2)):
        path.write_text(text)
        with pytest.raises(NotebookError, match=f"has {count} cells tagged"):
            read_source(path)


def test_a_missing_notebook_names_the_others(tmp_path: Path) -> None:
    """A misspelt name is answered with the right ones."""
    (tmp_path / "model.py").write_text(PARAMETERS)
    with pytest.raises(NotebookError, match="there are: model"):
        read_source(tmp_path / "modle.py")


def test_default_parameters_are_read_without_running(tmp_path: Path) -> None:
    """Literals with and without annotation."""
    path = tmp_path / "demo.py"
    path.write_text(PARAMETERS + "seeds: list = [0, 1]\n")
    assert {"profile": "quick", "seeds": [0, 1]} == default_parameters(read_source(path))


def test_widgets_are_refused() -> None:
    """A widget would make the page load scripts from other hosts."""
    with pytest.raises(NotebookError, match="widget"):
        normalise(new_notebook(metadata={"widgets": {}}), {})


def test_normalising_hides_this_machine() -> None:
    """Times leave the metadata, folders leave the text, identifiers follow from the content."""
    output = new_output("stream", text=f"{paths.ROOT}/data and {nbformat.__file__}\n")
    cell = new_code_cell("1 + 1", outputs=[output], metadata={"execution": {}, "papermill": {}})
    notebook = normalise(new_notebook(cells=[cell], metadata={"papermill": {}}), {"fingerprint": "f"})
    assert "<root>/data and <env>/nbformat/__init__.py\n" == notebook.cells[0].outputs[0].text
    assert {} == notebook.cells[0].metadata
    assert {"parsimony": {"fingerprint": "f", "artifacts": []}} == notebook.metadata


def test_places_are_hidden_innermost_first() -> None:
    """The environment lies below the checkout, and keeps its own name."""
    assert "<root>/book" == hide_places(f"{paths.ROOT}/book")


def test_imports_are_followed_through_the_package() -> None:
    """publish imports the sidecar, which imports paths; a sibling that nobody names is left out."""
    names = {path.name for path in package_files("def f():\n    from parsimony.book.publish import publish")}
    assert {"publish.py", "sidecar.py", "paths.py"} <= names
    assert "browser.py" not in names


@pytest.mark.parametrize(("expected", "pair"), [(("a", 1), "a=1"), (("a", "quick"), "a=quick"), (("a", ""), "a=")])
def test_parameters_are_json_or_text(expected: tuple[str, object], pair: str) -> None:
    """A number is a number, a word is a word."""
    assert expected == read_parameter(pair)
